"""A SCIM service: pages of at most 1,000, filters by login, PATCH of Groups, bulk of 1,000 operations."""

from __future__ import annotations

import re
from typing import Any

from bench.erps.people import NEW_ROLE, ROLES, people
from bench.erps.server import Answered, Asked

MOST = 1000
CONFIG = {
    "patch": {"supported": True},
    "bulk": {"supported": True, "maxOperations": MOST, "maxPayloadSize": 1_048_576},
    "filter": {"supported": True, "maxResults": MOST},
    "sort": {"supported": True},
    "etag": {"supported": True},
}
LOGIN = re.compile('userName eq "([^"]+)"')
MEMBER = re.compile('members\\[value eq "([^"]+)"\\]')

Json = dict[str, Any]


class ScimErp:
    """Users, and Groups with their members."""

    def __init__(self, count: int) -> None:
        everybody = people(count)
        self.users = {f"u{person.number}": _user(f"u{person.number}", person) for person in everybody}
        self.by_login = {user["userName"]: user for user in self.users.values()}
        self.groups = {f"g{n}": name for n, name in enumerate((*ROLES, NEW_ROLE))}
        ids = {name: number for number, name in self.groups.items()}
        self.members: dict[str, dict[str, None]] = {number: {} for number in self.groups}
        for person in everybody:
            for role in person.roles:
                self.members[ids[role]][f"u{person.number}"] = None

    def answer(self, asked: Asked) -> Answered:
        """One request, or several in bulk."""
        kind, _, number = asked.path.strip("/").partition("/")
        if kind == "ServiceProviderConfig":
            return Answered(200, CONFIG)
        if kind == "Bulk":
            return Answered(200, {"Operations": [self._one(item) for item in asked.body["Operations"]]})
        if kind == "Users":
            return self._of_users(asked, number)
        if kind == "Groups":
            return self._of_groups(asked, number)
        return Answered(501, {"status": "501"})

    def _one(self, item: Json) -> Json:
        done = self.answer(Asked(item["method"], item["path"], {}, item["data"]))
        return {"method": item["method"], "location": item["path"], "status": str(done.status)}

    def _of_users(self, asked: Asked, number: str) -> Answered:
        if number == ".search":
            return self._listed(asked.body)
        if not number:
            return self._listed(dict(asked.query))
        user = self.users[number]
        if asked.verb == "PATCH":
            for operation in asked.body["Operations"]:
                user[operation["path"]] = operation["value"]
            user["meta"]["version"] += "+"
            return Answered(204)
        return Answered(200, user)

    def _listed(self, query: Json) -> Answered:
        wanted = LOGIN.findall(query.get("filter", ""))
        if wanted:
            return _page([self.by_login[login] for login in wanted if login in self.by_login], query)
        return _page(list(self.users.values()), query)

    def _of_groups(self, asked: Asked, number: str) -> Answered:
        if asked.verb == "PATCH":
            self._change(self.members[number], asked.body["Operations"])
            return Answered(204)
        shown = [
            self._group(each, with_members="members" in asked.query["attributes"]) for each in self.groups
        ]
        return _page(shown, dict(asked.query))

    @staticmethod
    def _change(members: dict[str, None], operations: list[Json]) -> None:
        for operation in operations:
            if operation["op"] == "add":
                members |= dict.fromkeys(member["value"] for member in operation["value"])
            else:
                for member in MEMBER.findall(operation["path"]):
                    members.pop(member, None)

    def _group(self, number: str, *, with_members: bool) -> Json:
        members = [{"value": member} for member in self.members[number]] if with_members else []
        return {"id": number, "displayName": self.groups[number], "members": members}


def _user(number: str, person: Any) -> Json:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": number,
        "userName": person.login,
        "displayName": person.name,
        "name": {"formatted": person.name},
        "emails": [{"value": person.email, "type": "work", "primary": True}],
        "preferredLanguage": "zh-CN",
        "active": person.active,
        "meta": {"resourceType": "User", "version": f'W/"{number}"'},
    }


def _page(found: list[Json], query: Json) -> Answered:
    start, count = int(query["startIndex"]) - 1, min(int(query["count"]), MOST)
    return Answered(200, {"totalResults": len(found), "Resources": found[start : start + count]})


make = ScimErp
