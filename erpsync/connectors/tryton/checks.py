"""Is a Tryton set up as docs/tryton.md says? Asked of its own access rights; nothing is tried.

``ir.model.access.get_access`` answers for the user of the session, and reading ``_write`` of a record
tells whether record rules let that user write it. Source: trytond 8.2, ir/model.py and model/modelsql.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from erpsync.connectors.checks import Check, Needed, Purpose, Right, Verdict, clock, judge, named
from erpsync.connectors.tryton.directory import Directory
from erpsync.connectors.tryton.rpc import Rpc, RpcError
from erpsync.errors import TargetError

TESTED = "8.2"
"""The series that erpsync is tested with."""
HINT = "see docs/tryton.md on the two service accounts"
WRITES = ("create", "write", "delete")
SAMPLE = 200
"""How many other accounts are asked whether they may be written."""

EVERYBODYS = {
    "create ir.email",
    "write res.notification",
    "create res.user.warning",
    "write res.user.warning",
}
"""What Tryton itself leaves to every user: messages sent and seen, and warnings not to be shown again."""
SECRET = ("password", "password_hash", "password_reset", "password_reset_expire")


def look_around(rpc: Rpc, directory: Directory, purpose: Purpose) -> Iterator[Check]:
    """Version, clock, and the rights of the login of a session.

    Raises:
        TargetError: the ERP cannot be reached any more, or does not tell.
    """
    try:
        yield _version(rpc)
        yield clock(rpc.http.ahead)
        yield from _models(rpc, directory, purpose)
        if purpose is Purpose.APPLY:
            yield from judge(_powers(rpc), purpose, HINT)
            yield from _records(rpc)
    except RpcError as error:
        message = f"Tryton does not tell what {rpc.username!r} may do: {error.message}"
        raise TargetError(message, where=rpc.where, hint=HINT) from error


def _version(rpc: Rpc) -> Check:
    """The modules of Tryton have its version; the kernel tells none to a session."""
    active = [["state", "in", ["activated", "to upgrade"]]]
    modules = rpc.call("model.ir.module.search_read", active, 0, None, None, ["name", "version"], {})
    versions = sorted({module["version"] for module in modules if module["version"]})
    if not versions:
        return Check("version", Verdict.UNKNOWN, "no module tells its version")
    told = f"modules of Tryton {named(versions)}"
    if all(version.startswith(f"{TESTED}.") for version in versions):
        return Check("version", Verdict.OK, told)
    return Check("version", Verdict.WARN, told, f"erpsync is tested with {TESTED}: try it on a copy first")


def _needs(directory: Directory) -> tuple[frozenset[str], frozenset[str]]:
    """What is needed to plan, and what beside that to apply."""
    reads = {"res.user", "res.group", "ir.module", "ir.lang"}
    writes = {"create res.user", "write res.user", "create res.user-res.group", "delete res.user-res.group"}
    if directory.kind == "roles":
        reads |= {"res.role", "res.user.role"}
        writes |= {f"{mode} res.user.role" for mode in WRITES}
    if directory.companies is not None:
        reads |= {"company.company"}
        writes |= {"create res.user-company.company", "delete res.user-company.company"}
    keys = {"read res.user.application", "write res.user.application"}
    return frozenset(f"read {model}" for model in reads), frozenset(writes | keys)


_GO_ALONG = {"write res.user-res.group", "write res.user-company.company"}
"""What goes with making links and taking them away."""


def _models(rpc: Rpc, directory: Directory, purpose: Purpose) -> Iterator[Check]:
    """Access to models: what is needed, and everything else that the login may write."""
    models = [record["name"] for record in _search(rpc, "ir.model", [], ["name"])]
    access = rpc.ask("model.ir.model.access.get_access", models, {})
    held = {f"{mode} {model}" for model, modes in access.items() for mode in ("read", *WRITES) if modes[mode]}
    to_plan, to_apply = _needs(directory)
    rights = [Right(what, Needed.ALWAYS, what in held) for what in sorted(to_plan)]
    rights += [Right(what, Needed.TO_APPLY, what in held) for what in sorted(to_apply)]
    # The plan may see whose keys there are; it need not.
    yield from judge((right for right in rights if _matters(right, purpose)), purpose, HINT)
    known = to_plan | to_apply | EVERYBODYS | _GO_ALONG
    beyond = sorted(what for what in held - known if not what.startswith("read "))
    yield _beyond(beyond, purpose)


def _matters(right: Right, purpose: Purpose) -> bool:
    return right.needed.by(purpose) or not right.what.startswith("read ")


def _beyond(words: Sequence[str], purpose: Purpose) -> Check:
    if not words:
        return Check("rights", Verdict.OK, "may write nothing else")
    hint = f"let its group only read those models: what no record speaks of, everybody writes; {HINT}"
    return Check("rights", Verdict.FAIL, f"may {named(words)}: not needed to {purpose}", hint)


def _powers(rpc: Rpc) -> Iterator[Right]:
    """What the right to write users must not include."""
    fields = rpc.ask("model.res.user.fields_get", [], {})
    for name in ("administrator", *SECRET):
        if name in fields:
            yield Right(f"write {name} of res.user", Needed.NEVER, not fields[name].get("readonly"))
    own = frozenset(_read(rpc, "res.user", [rpc.user_id], ["groups"])[0]["groups"])
    for button in _search(rpc, "ir.model.button", [["model", "=", "res.user"]], ["name", "groups"]):
        if button["name"] == "reset_password":
            held = not button["groups"] or bool(own & set(button["groups"]))
            yield Right("send new passwords", Needed.NEVER, held)


def _records(rpc: Rpc) -> Iterator[Check]:
    """Whether record rules keep administrators and erpsync itself from being written, and nobody else."""
    order, shown = [["id", "ASC"]], {"active_test": False}
    ids = [number for number in rpc.call("model.res.user.search", [], 0, SAMPLE, order, shown) if number]
    users = _read(rpc, "res.user", sorted({*ids, rpc.user_id}), ["login", "administrator", "_write"])
    kept = [user for user in users if user["administrator"] or user["id"] == rpc.user_id]
    others = [user for user in users if user not in kept]
    if unguarded := [user["login"] for user in kept if user["_write"]]:
        message = f"may change {named(unguarded)}: administrators, or the login of erpsync itself"
        yield Check("record rules", Verdict.FAIL, message, f"add the record rules; {HINT}")
    else:
        yield Check("record rules", Verdict.OK, "neither administrators nor its own account can be changed")
    if shut := [user["login"] for user in others if not user["_write"]]:
        hint = f"correct the domains of the record rules; {HINT}"
        yield Check("record rules", Verdict.FAIL, f"may not change {named(shut)}", hint)


def _search(rpc: Rpc, model: str, domain: list[Any], fields: list[str]) -> list[Mapping[str, Any]]:
    return list(rpc.call(f"model.{model}.search_read", domain, 0, None, None, fields, {}))


def _read(rpc: Rpc, model: str, ids: list[int], fields: list[str]) -> list[Mapping[str, Any]]:
    return list(rpc.call(f"model.{model}.read", ids, fields, {}))
