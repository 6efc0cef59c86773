"""Writes the company and what its ERP holds, once: ``python -m bench.generate USERS``.

Two recordings of the ERP come with the access files: ``same.json``, where nothing has to change, and
``changed.json``, where one account in a hundred has. Both keep what a real ERP keeps and a plan must
see through: the day on which a running grant began, and grants that have ended.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import erpsync
from bench.company import AS_OF, COMPANIES, SEED, TARGET, WAREHOUSES, company_files, entitlements
from erpsync.access import load_valid
from erpsync.connectors.recorded import record
from erpsync.model import ALL, Account, Capabilities, Catalogue, Grant, Snapshot, fold
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
    for name, text in company_files(users).items():
        path = place / "access" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    same = _live(place / "access")
    _write_recording(place / "same.json", same)
    _write_recording(place / "changed.json", _changed(same))
    mark.write_text(stamp, encoding="ascii")
    return place


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


def _live(access_dir: Path) -> list[Account]:
    """The accounts as declared, written the way an ERP has them after some years."""
    random = Random(SEED)
    access = load_valid(access_dir)
    prepared = resolver(access, TARGET, AS_OF, validity=True)
    accounts = []
    for user in access.users.values():
        account = prepared.account(user)
        scope = {kind: SCOPES[kind] if names == (ALL,) else names for kind, names in account.scope.items()}
        grants = [_begun_on_a_day(grant, random) for grant in account.grants]
        grants += [
            Grant(way.entitlement, way.valid_from, way.valid_to)
            for way in prepared.entitled(user)
            if way.ended(AS_OF) and random.random() < 0.5
        ]
        grants.sort(key=lambda grant: grant.order)
        accounts.append(replace(account, scope=scope, grants=tuple(grants)))
    return accounts


def _begun_on_a_day(grant: Grant, random: Random) -> Grant:
    """The same grant; a third of those without a beginning get one that has passed."""
    if grant.valid_from is None and random.random() < 1 / 3:
        begun = AS_OF - timedelta(days=random.randrange(1, 400))
        return Grant(grant.entitlement, begun, grant.valid_to)
    return grant


def _changed(accounts: list[Account]) -> Iterator[Account]:
    """One account in a hundred as nobody declared it, each time in another way."""
    due = 0
    for index, account in enumerate(accounts):
        due += index % CHANGED_EVERY == CHANGED_EVERY // 2
        running = any(grant.valid_from is None and grant.valid_to is None for grant in account.grants)
        if due and account.active and running:
            due -= 1
            yield from _break(account, index // CHANGED_EVERY % 6)
        else:
            yield account


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
    """The ERP of the company, as far as a recording needs one."""

    capabilities = Capabilities(validity=True, scopes=frozenset(SCOPES))

    def __init__(self, accounts: Iterable[Account]) -> None:
        self.accounts = {fold(account.login): account for account in accounts}

    def instance(self) -> str:
        return "bench"

    def catalogue(self) -> Catalogue:
        return Catalogue(frozenset([*entitlements(), UNDECLARED]), SCOPES, frozenset({"en", "zh_CN"}))

    def snapshot(self, logins: Collection[str] | None = None) -> Snapshot:  # noqa: ARG002 - the signature of Reader
        return Snapshot(self.accounts, {"erpsync": "the login of erpsync itself"})


def _write_recording(path: Path, accounts: Iterable[Account]) -> None:
    text = json.dumps(record(TARGET, _Erp(accounts)), ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    print(generate(int(sys.argv[1])))
