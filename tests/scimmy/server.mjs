// A SCIM service on SCIMMY, kept in memory: node server.mjs NODE_MODULES PORT TOKEN OWNER
// The library speaks the protocol; here is only what it leaves to a product: to keep, to find, to refuse twins.
import { createRequire } from "node:module";
import { randomUUID } from "node:crypto";

const [modules, port, token, owner] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const express = require("express");
const { default: Routers, SCIMMY } = require("scimmy-routers");

const kept = { users: new Map(), groups: new Map() };

const withGroups = (user) => ({
  ...user,
  groups: [...kept.groups.values()]
    .filter(({ members }) => members.some(({ value }) => value === user.id))
    .map(({ id, displayName }) => ({ value: id, display: displayName, type: "direct" })),
});

function keep(store, unique) {
  return (resource, instance) => {
    const known = resource.id && store.get(resource.id);
    if (resource.id && !known) throw new SCIMMY.Types.Error(404, null, `Resource ${resource.id} not found`);
    const body = JSON.parse(JSON.stringify(instance));
    const twin = [...store.values()].find(
      (other) => other.id !== resource.id && unique && other[unique].toLowerCase() === body[unique].toLowerCase(),
    );
    if (twin) throw new SCIMMY.Types.Error(409, "uniqueness", `${unique} is taken`);
    const now = new Date().toISOString();
    const meta = { created: known?.meta.created ?? now, lastModified: now };
    const made = { members: [], ...body, id: known?.id ?? randomUUID(), meta };
    store.set(made.id, made);
    return made;
  };
}

const found = (store, show) => (resource) => {
  if (resource.id) {
    const one = store.get(resource.id);
    if (!one) throw new SCIMMY.Types.Error(404, null, `Resource ${resource.id} not found`);
    return show(one);
  }
  const all = [...store.values()].map(show);
  return resource.filter ? resource.filter.match(all) : all;
};

const gone = (store) => (resource) => {
  if (!store.delete(resource.id)) throw new SCIMMY.Types.Error(404, null, `Resource ${resource.id} not found`);
  for (const group of kept.groups.values()) {
    group.members = group.members.filter(({ value }) => value !== resource.id);
  }
};

SCIMMY.Resources.declare(SCIMMY.Resources.User)
  .ingress(keep(kept.users, "userName"))
  .egress(found(kept.users, withGroups))
  .degress(gone(kept.users));
SCIMMY.Resources.declare(SCIMMY.Resources.Group)
  .ingress(keep(kept.groups))
  .egress(found(kept.groups, (group) => group))
  .degress(gone(kept.groups));

const first = keep(kept.users, "userName")({}, { userName: owner, displayName: owner, active: true });

const service = express();
service.use("/scim", new Routers({
  type: "bearer",
  handler: (request) => {
    if (request.header("Authorization") !== `Bearer ${token}`) throw new Error("who is there?");
    return first.id;
  },
}));
service.listen(Number(port), "127.0.0.1");

// Ends when the process that started it ends, however that ended: its standard input is a pipe from there.
process.stdin.on("end", () => process.exit());
process.stdin.resume();
