"""Writes the company and what its ERP holds, once: ``python -m bench.generate USERS``.

The company is written in three layouts, each a git repository of its own: one file a department
(``departments``), one file a user (``users``), and one file a department with all risks of the example
company (``policy``). Three recordings of the ERP come with them: ``same.json``, where nothing has to
change, ``changed.json``, where one account in a hundred has, and ``all.json``, where nearly every one
has. All keep what a real ERP keeps and a plan must see through: the day on which a running grant began,
and grants that have ended.

Users and accounts are written one by one, so that 100,000 fit wherever erpsync itself does.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from random import Random

import erpsync
from bench.company import AS_OF, COMPANIES, SEED, TARGET, WAREHOUSES, Company, company, entitlements
from bench.measure import DEPARTMENTS, POLICY, USERS
from erpsync.access import load_valid
from erpsync.codec import account_to_json
from erpsync.connectors.recorded import record
from erpsync.model import ALL, Access, Account, Capabilities, Catalogue, Grant, Snapshot, fold
from erpsync.resolve import resolver

ROOT = Path(__file__).parent.parent
SCOPES = {"company": COMPANIES, "warehouse": WAREHOUSES}
UNDECLARED = "Administration"
"""What the ERP can grant and no role does."""
CHANGED_EVERY = 100
"""One account of so many differs in ``changed.json``."""


def directory(users: int) -> Path:
    """Where the company of a size is kept."""
    return ROOT / ".erpsync" / "bench" / str(users)


def generate(users: int) -> Path:
    """Write the company of a size, unless it is there already; its directory."""
    place, stamp = directory(users), _stamp()
    mark = place / "stamp"
    if mark.is_file() and mark.read_text(encoding="ascii") == stamp:
        return place
    shutil.rmtree(place, ignore_errors=True)
    made = company(users)
    write_files(made, place)
    for layout in (DEPARTMENTS, USERS, POLICY):
        _commit(place / layout)
    access = load_valid(place / DEPARTMENTS / "access")
    write_recording(place / "same.json", _live(access))
    write_recording(place / "changed.json", _changed(_live(access)))
    write_recording(place / "all.json", _all(_live(access)))
    mark.write_text(stamp, encoding="ascii")
    return place


def write_files(made: Company, place: Path) -> None:
    """Write the access files of a company in every layout."""
    for layout in (DEPARTMENTS, USERS, POLICY):
        (place / layout / "access" / "users").mkdir(parents=True)
        for name, text in made.base_files(functions=layout == POLICY):
            (place / layout / "access" / name).write_text(text, encoding="utf-8")
    _write_policies(place / POLICY / "access")
    for department, staff in groupby(made.users(), key=lambda user: user[0].department):
        own = place / USERS / "access" / "users" / department
        own.mkdir()
        with ExitStack() as stack:
            paths = [
                place / layout / "access" / "users" / f"{department}.yaml" for layout in (DEPARTMENTS, POLICY)
            ]
            files = [stack.enter_context(path.open("w", encoding="utf-8")) for path in paths]
            for file in files:
                file.write(f"# {department}\nusers:\n")
            for person, text in staff:
                for file in files:
                    file.write(text)
                (own / f"{person.key}.yaml").write_text(f"users:\n{text}", encoding="utf-8")


def _write_policies(access_dir: Path) -> None:
    """All functions and risks of the example company, which at first record what they find.

    A company that has never looked has conflicts by the hundred; blocking is for later.
    """
    example = ROOT / "access" / "policies"
    (access_dir / "functions.yaml").write_bytes((example / "functions.yaml").read_bytes())
    lines = (example / "risks.yaml").read_text("utf-8").splitlines(keepends=True)
    recorded = [line for line in lines if line.strip() != "response: block"]
    (access_dir / "risks.yaml").write_text("".join(recorded), encoding="utf-8")
    (access_dir / "policy.yaml").write_text("policy:\n  default: record\n", encoding="utf-8")


def _commit(repository: Path) -> None:
    """Put a layout under git, as it would be: a plan asks git for its commit."""
    (repository / ".gitignore").write_text(".erpsync/\n", encoding="ascii")
    # Nothing of this is worth waiting for the disk.
    settings = ("gc.auto=0", "core.fsync=none", "core.looseCompression=0",
                "user.name=Huashan", "user.email=it@huashan.example")  # fmt: skip
    git = ["git", *(part for setting in settings for part in ("-c", setting))]
    for command in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", "All users")):
        subprocess.run([*git, *command], cwd=repository, check=True)


def _stamp() -> str:
    """Moves with everything that decides what is written: the generator, and how erpsync resolves."""
    package = Path(erpsync.__file__).parent
    sources = [
        Path(__file__).with_name("company.py"),
        Path(__file__),
        *(package / name for name in ("access.py", "resolve.py", "codec.py")),
        *sorted((package / "model").glob("*.py")),
        *sorted((package / "building").glob("*.py")),
        package / "connectors" / "recorded.py",
    ]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()


def _live(access: Access) -> Iterator[Account]:
    """The accounts as declared, in the order of their logins, the way an ERP has them after some years."""
    random = Random(SEED)
    prepared = resolver(access, TARGET, AS_OF, validity=True)
    for key in sorted(access.users, key=fold):
        user = access.users[key]
        account = prepared.account(user)
        scope = {kind: SCOPES[kind] if names == (ALL,) else names for kind, names in account.scope.items()}
        grants = [_begun_on_a_day(grant, random) for grant in account.grants]
        grants += [
            Grant(way.entitlement, way.valid_from, way.valid_to)
            for way in prepared.entitled(user)
            if way.ended(AS_OF) and random.random() < 0.5
        ]
        grants.sort(key=lambda grant: grant.order)
        yield replace(account, scope=scope, grants=tuple(grants))


def _begun_on_a_day(grant: Grant, random: Random) -> Grant:
    """The same grant; a third of those without a beginning get one that has passed."""
    if grant.valid_from is None and random.random() < 1 / 3:
        begun = AS_OF - timedelta(days=random.randrange(1, 400))
        return Grant(grant.entitlement, begun, grant.valid_to)
    return grant


def _changed(accounts: Iterable[Account]) -> Iterator[Account]:
    """One account in a hundred as nobody declared it, each time in another way."""
    due = 0
    for index, account in enumerate(accounts):
        due += index % CHANGED_EVERY == CHANGED_EVERY // 2
        if due and account.active and _has_open_grants(account):
            due -= 1
            yield from _break(account, index // CHANGED_EVERY % 6)
        else:
            yield account


def _all(accounts: Iterable[Account]) -> Iterator[Account]:
    """Every account as nobody declared it."""
    for index, account in enumerate(accounts):
        if not account.active:  # nobody locked it
            yield replace(account, active=True, grants=(Grant(UNDECLARED),))
        elif _has_open_grants(account):
            yield from _break(account, index % 5)
        else:
            yield from _break(account, 1)


def _has_open_grants(account: Account) -> bool:
    return any(grant.valid_from is None and grant.valid_to is None for grant in account.grants)


def _break(account: Account, way: int) -> Iterator[Account]:
    kept = tuple(grant for grant in account.grants if grant.valid_from or grant.valid_to)
    match way:
        case 0:  # grants were taken away
            yield replace(account, grants=kept)
        case 1:  # one was added that nobody approved
            yield replace(account, grants=(*account.grants, Grant(UNDECLARED)))
        case 2:  # they were given an end
            end = AS_OF + timedelta(days=9)
            short = [Grant(grant.entitlement, None, end) for grant in account.grants if grant not in kept]
            yield replace(account, grants=(*kept, *short))
        case 3:
            yield replace(account, active=False)
        case 4:
            yield replace(account, name=f"{account.name}（旧）", scope={})
        case _:  # it is missing
            return


class _Erp:
    """The ERP of the company without its accounts, as far as a recording needs one."""

    capabilities = Capabilities(validity=True, scopes=frozenset(SCOPES))

    def instance(self) -> str:
        return "bench"

    def catalogue(self) -> Catalogue:
        return Catalogue(frozenset([*entitlements(), UNDECLARED]), SCOPES, frozenset({"en", "zh_CN"}))

    def snapshot(self, logins: Collection[str] | None = None) -> Snapshot:  # noqa: ARG002 - the signature of Reader
        return Snapshot({}, {"erpsync": "the login of erpsync itself"})


def write_recording(path: Path, accounts: Iterable[Account]) -> None:
    """Write a snapshot document, one account a line, as they come."""
    document = record(TARGET, _Erp())
    del document["accounts"]
    head = json.dumps(document, ensure_ascii=False, indent=1)
    with path.open("w", encoding="utf-8") as file:
        file.write(head.removesuffix("\n}") + ',\n "accounts": [')
        for number, account in enumerate(accounts):
            text = json.dumps(account_to_json(account), ensure_ascii=False)
            file.write(f"{',' if number else ''}\n  {text}")
        file.write("\n ]\n}\n")


if __name__ == "__main__":
    print(generate(int(sys.argv[1])))
