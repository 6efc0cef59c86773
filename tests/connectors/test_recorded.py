"""A target as it was recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from erpsync.connectors.recorded import (
    RecordedReader,
    open_recorded,
    record,
    record_deep,
    record_described,
)
from erpsync.errors import RefusedError
from erpsync.model import EVERYBODY, Account, Description, Descriptions, Grant
from erpsync.schema import load_schema
from tests.builders import make_target
from tests.support.memory import MemoryErp


@pytest.fixture
def erp() -> MemoryErp:
    """An ERP with one account that has everything, and a protected one."""
    made = MemoryErp(protected={"boss": "an administrator of the ERP"})
    instant = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    made.put(Account(
        "Chen.Jing", "陈静", "chen.jing@huaxin.example", "zh_CN", active=False,
        scope={"company": ("Huaxin Trading",)},
        grants=(Grant("Buyer", date(2026, 1, 1), date(2026, 12, 31)), Grant("Clerk", instant)),
    ))  # fmt: skip
    made.put(Account("boss"))
    return made


def save(document: Any, directory: Path) -> Path:
    """Write a document to a file."""
    file = directory / "live.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def test_what_is_recorded_reads_as_the_erp_did(erp: MemoryErp, tmp_path: Path) -> None:
    recorded = open_recorded(save(record("erp", erp), tmp_path))
    assert recorded.target == "erp"
    assert recorded.instance() == erp.instance()
    assert recorded.catalogue() == erp.catalogue()
    assert recorded.capabilities == erp.capabilities
    assert recorded.snapshot() == erp.snapshot()


def test_what_an_erp_does_not_tell_is_recorded_too(erp: MemoryErp, tmp_path: Path) -> None:
    assert "attributes" not in record("erp", erp)["capabilities"]
    erp.capabilities = replace(erp.capabilities, attributes=frozenset({"name"}))
    document = record("erp", erp)
    jsonschema.Draft202012Validator(load_schema("snapshot")).validate(document)
    assert open_recorded(save(document, tmp_path)).capabilities == erp.capabilities


def test_what_comes_with_entitlements_is_recorded_too(erp: MemoryErp, tmp_path: Path) -> None:
    assert "implies" not in record("erp", erp)["catalogue"]
    erp.implies = {"Buyer": frozenset({"Staff", "Clerk"})}
    erp.capabilities = replace(erp.capabilities, implies=True)
    document = record("erp", erp)
    jsonschema.Draft202012Validator(load_schema("snapshot")).validate(document)
    recorded = open_recorded(save(document, tmp_path))
    assert recorded.catalogue() == erp.catalogue()
    assert recorded.capabilities == erp.capabilities


def test_what_an_erp_can_do_otherwise_than_most_is_recorded_too(erp: MemoryErp, tmp_path: Path) -> None:
    assert record("erp", erp)["capabilities"].keys() == {"validity", "scopes"}
    erp.capabilities = replace(erp.capabilities, unbounded=frozenset({"company"}), renames=False)
    document = record("erp", erp)
    jsonschema.Draft202012Validator(load_schema("snapshot")).validate(document)
    assert open_recorded(save(document, tmp_path)).capabilities == erp.capabilities


def test_single_accounts_can_be_read(erp: MemoryErp, tmp_path: Path) -> None:
    recorded = open_recorded(save(record("erp", erp), tmp_path))
    assert recorded.snapshot(["chen.jing", "nobody"]) == erp.snapshot(["chen.jing"])


def test_a_record_has_its_own_schema(erp: MemoryErp) -> None:
    jsonschema.Draft202012Validator(load_schema("snapshot")).validate(record("erp", erp))


class TellingErp(MemoryErp):
    """An ERP that tells what its entitlements allow."""

    def permissions(self) -> Mapping[str, frozenset[str]]:
        """What the test's one entitlement allows, and what everybody may do."""
        return {"Buyer": frozenset({"write order", "read order"}), EVERYBODY: frozenset({"read order"})}


def test_what_entitlements_allow_reads_as_the_erp_told_where_it_was_recorded(tmp_path: Path) -> None:
    erp = TellingErp()
    document = record_deep(make_target(), erp)
    jsonschema.Draft202012Validator(load_schema("snapshot")).validate(document)
    assert document["permissions"] == {EVERYBODY: ["read order"], "Buyer": ["read order", "write order"]}
    assert open_recorded(save(document, tmp_path)).permissions() == erp.permissions()


def test_what_entitlements_allow_is_refused_where_it_was_not_recorded(erp: MemoryErp, tmp_path: Path) -> None:
    recorded = open_recorded(save(record("erp", erp), tmp_path))
    with pytest.raises(RefusedError, match="does not tell what entitlements really allow") as caught:
        recorded.permissions()
    assert "erpsync snapshot erp --deep" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"live: state", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[]", "not a snapshot of the format erpsync-snapshot/1: at the top"),
        (b'{"format": "erpsync-plan/1"}', "not a snapshot of the format erpsync-snapshot/1"),
    ],
)
def test_what_is_no_snapshot_is_refused(content: bytes | None, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "live.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(RefusedError, match=sentence) as caught:
        open_recorded(file)
    assert caught.value.where == str(file)


def test_a_mistake_in_a_snapshot_is_named_with_its_place(erp: MemoryErp, tmp_path: Path) -> None:
    document = record("erp", erp)
    document["accounts"][0]["active"] = "yes"
    with pytest.raises(RefusedError, match="at accounts/0/active:") as caught:
        open_recorded(save(document, tmp_path))
    assert caught.value.hint == "make one: erpsync snapshot TARGET -o FILE"


@pytest.mark.parametrize("day", ["2026-13-45", "2026-02-30", "tomorrow"])
def test_a_day_that_is_none_is_refused(erp: MemoryErp, tmp_path: Path, day: str) -> None:
    document = record("erp", erp)
    document["accounts"][0]["grants"] = [{"entitlement": "Buyer", "valid_from": day}]
    document["accounts"][1]["grants"] = [{"entitlement": "Buyer", "valid_from": day}]
    with pytest.raises(RefusedError, match=r"live\.json: .*(a day in it is none|not a snapshot)"):
        open_recorded(save(document, tmp_path)).snapshot()


class DescribedErp(MemoryErp):
    """Knows who its people are, and what it calls its entitlements."""

    def descriptions(self) -> Descriptions:
        """One person, one title."""
        return Descriptions({"wu.lan": Description("采购部", None, "10001")}, {"Buyer": "采购员"})


def test_what_an_erp_tells_beyond_access_is_recorded_for_an_import(tmp_path: Path) -> None:
    recorded = open_recorded(save(record_described("erp", DescribedErp()), tmp_path))
    assert recorded.descriptions() == DescribedErp().descriptions()


def test_of_an_erp_that_tells_nothing_beyond_access_nothing_is_recorded(erp: MemoryErp) -> None:
    assert record_described("erp", erp) == record("erp", erp)
    assert RecordedReader(record("erp", erp)).descriptions() == Descriptions()
