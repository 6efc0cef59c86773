"""A target as it was recorded: plan, review and test without the ERP."""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path

from erpsync.codec import (
    Json,
    account_from_json,
    account_reader,
    account_to_json,
    implies_from_json,
    implies_to_json,
)
from erpsync.connectors.base import Reader, descriptions, permissions
from erpsync.connectors.recording import CHUNK, Hashed, Index, batched, parts
from erpsync.errors import RefusedError
from erpsync.model import (
    ALL_ATTRIBUTES,
    Account,
    Capabilities,
    Catalogue,
    Description,
    Descriptions,
    Snapshot,
    Target,
    fold,
)
from erpsync.pages import FORGETFUL, Memory
from erpsync.schema import load_schema

FORMAT = "erpsync-snapshot/1"


class RecordedReader:
    """Reads a snapshot document instead of an ERP. It can plan, and it cannot write."""

    def __init__(
        self,
        document: Mapping[str, Json],
        accounts: Mapping[str, Account] | None = None,
        seen: bytes = b"",
    ) -> None:
        """Take a document; its accounts apart, by folded login, where they have been read already.

        ``seen`` is the digest of its file.
        """
        self.seen = seen
        self.target: str = document["target"]
        self._document = document
        if accounts is None:
            accounts = {fold(value["login"]): account_from_json(value) for value in document["accounts"]}
        self._accounts = accounts

    @property
    def capabilities(self) -> Capabilities:
        """Those of the ERP that was recorded."""
        value = self._document["capabilities"]
        attributes = frozenset(value.get("attributes", ALL_ATTRIBUTES))
        return Capabilities(
            value["validity"],
            frozenset(value["scopes"]),
            attributes,
            implies="implies" in self._document["catalogue"],
            unbounded=frozenset(value.get("unbounded", ())),
            renames=value.get("renames", True),
        )

    def instance(self) -> str:
        """The ERP that was recorded."""
        return str(self._document["instance"])

    def catalogue(self) -> Catalogue:
        """What existed there."""
        value = self._document["catalogue"]
        return Catalogue(
            entitlements=frozenset(value["entitlements"]),
            scopes={kind: tuple(names) for kind, names in value["scopes"].items()},
            languages=frozenset(value["languages"]),
            fixed=value["fixed"],
            implies=implies_from_json(value.get("implies", {})),
        )

    def snapshot(self, logins: Collection[str] | None = None) -> Snapshot:
        """The accounts as they were."""
        accounts: Mapping[str, Account] = self._accounts
        if logins is not None:
            accounts = {login: accounts[login] for login in logins if login in accounts}
        return Snapshot(accounts, self._document["protected"])

    def descriptions(self) -> Descriptions:
        """What the ERP told beyond access, where that was recorded."""
        recorded = self._document.get("descriptions", {})
        people = {login: Description(**value) for login, value in recorded.get("people", {}).items()}
        return Descriptions(people, recorded.get("titles", {}))

    def permissions(self) -> Mapping[str, frozenset[str]]:
        """What the entitlements allowed, where that was recorded.

        Raises:
            RefusedError: it was not.
        """
        recorded = self._document.get("permissions")
        if recorded is None:
            raise RefusedError(
                "the snapshot does not tell what entitlements really allow",
                where=f"target {self.target!r}",
                hint=f"record it with: erpsync snapshot {self.target} --deep -o FILE",
            )
        return {name: frozenset(words) for name, words in recorded.items()}


def record(target: str, reader: Reader) -> dict[str, Json]:
    """Everything a plan needs to know of a target, as JSON values. It holds no secret."""
    capabilities, catalogue, snapshot = reader.capabilities, reader.catalogue(), reader.snapshot()
    told, unbounded = capabilities.attributes, capabilities.unbounded
    # A snapshot without them is one of an ERP that tells all, and can do what most can.
    special: dict[str, Json] = {} if told == ALL_ATTRIBUTES else {"attributes": sorted(told)}
    special |= {"unbounded": sorted(unbounded)} if unbounded else {}
    special |= {} if capabilities.renames else {"renames": False}
    return {
        "format": FORMAT,
        "target": target,
        "instance": reader.instance(),
        "capabilities": {
            "validity": capabilities.validity,
            "scopes": sorted(capabilities.scopes),
            **special,
        },
        "catalogue": {
            "entitlements": sorted(catalogue.entitlements),
            "scopes": {kind: list(names) for kind, names in catalogue.scopes.items()},
            "languages": sorted(catalogue.languages),
            "fixed": dict(catalogue.fixed),
            **({"implies": implies_to_json(catalogue.implies)} if catalogue.implies else {}),
        },
        "protected": dict(snapshot.protected),
        "accounts": [account_to_json(account) for _, account in sorted(snapshot.accounts.items())],
    }


def record_described(target: str, reader: Reader) -> dict[str, Json]:
    """The same, and what the ERP tells beyond access, for an import; left out where it tells nothing."""
    told = descriptions(reader)
    people = {
        login: {key: value for key, value in asdict(item).items() if value}
        for login, item in sorted(told.people.items())
    }
    found = {"people": people, "titles": dict(sorted(told.titles.items()))}
    more = {key: value for key, value in found.items() if value}
    return record(target, reader) | ({"descriptions": more} if more else {})


def record_deep(target: Target, reader: Reader) -> dict[str, Json]:
    """The same, and what entitlements really allow.

    Raises:
        RefusedError: the connector cannot tell.
    """
    allowed = permissions(reader, target)
    return {
        **record_described(target.name, reader),
        "permissions": {name: sorted(allowed[name]) for name in sorted(allowed)},
    }


def open_recorded(path: Path, memory: Memory = FORGETFUL) -> RecordedReader:
    """Read a snapshot document.

    Args:
        path: its file.
        memory: may know where in it each account stands, so that only some need to be read.

    Raises:
        RefusedError: there is none, or it is not one.
    """
    try:
        with path.open("rb") as file:
            hashed = Hashed(file)
            known = _known(path, hashed, memory)
            if known is None:
                file.seek(0)
                known = _read(path, Hashed(file), memory)
    except OSError as error:
        raise RefusedError(f"cannot be read: {error.strerror}", where=str(path)) from error
    return known or _whole(path)


KIND = "recorded"
"""What is remembered of a recording: its document without accounts, and where each of those stands."""


def _known(path: Path, file: Hashed, memory: Memory) -> RecordedReader | None:
    """The reader of a recording that an earlier run has read."""
    if memory is FORGETFUL:
        return None
    while file.read(CHUNK):
        pass
    known = memory.recall(KIND, path.name, file.digest())
    if known is None:
        return None
    document, logins, starts, sizes = known
    places = zip(array("Q", starts), array("L", sizes), strict=True)
    return RecordedReader(document, Index(path, dict(zip(logins, places, strict=True))), file.digest())


AT_ONCE = 500
"""Accounts that are held against the schema together."""


def _read(path: Path, file: Hashed, memory: Memory) -> RecordedReader | None:
    """Read a document that is as it should be, account by account; None if it is not."""
    import jsonschema_rs

    schema = load_schema("snapshot")
    items = jsonschema_rs.Draft202012Validator({**schema["properties"]["accounts"], "$defs": schema["$defs"]})
    document: dict[str, Json] = {}
    accounts: dict[str, Account] = {}
    starts, sizes = array("Q"), array("L")
    account = account_reader()
    try:
        for batch in batched(parts(file), AT_ONCE):
            found = [part for part in batch if not part.key]
            if not items.is_valid([part.value for part in found]):
                return None
            for part in found:
                accounts[fold(part.value["login"])] = account(part.value)
                starts.append(part.start)
                sizes.append(part.size)
            members = [part for part in batch if part.key]
            document.update((part.key, part.value) for part in members)
    except (ValueError, RecursionError):
        return None
    right = jsonschema_rs.Draft202012Validator(schema).is_valid(document)
    # Two accounts of one login, or a member that is there twice, are read as JSON says: the last one counts.
    if not right or len(starts) != len(accounts):
        return None
    memory.keep(
        KIND, path.name, file.digest(), (document, tuple(accounts), starts.tobytes(), sizes.tobytes())
    )
    memory.keep_only(KIND, {path.name})
    return RecordedReader(document, accounts, file.digest())


def _whole(path: Path) -> RecordedReader:
    """Read a document that something is wrong with, to say what.

    Raises:
        RefusedError: something is.
    """
    import jsonschema_rs

    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise RefusedError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except ValueError as error:
        raise RefusedError(f"not JSON: {error}", where=str(path)) from error
    validator = jsonschema_rs.Draft202012Validator(load_schema("snapshot"))
    wrong = next(validator.iter_errors(document), None)
    if wrong is not None:
        place = "/".join(str(part) for part in wrong.instance_path)
        raise RefusedError(f"not a snapshot of the format {FORMAT}: at {place or 'the top'}: {wrong.message}",
                           where=str(path), hint="make one: erpsync snapshot TARGET -o FILE")  # fmt: skip
    try:
        return RecordedReader(document)
    except ValueError as error:
        raise RefusedError(f"a day in it is none: {error}", where=str(path)) from error
