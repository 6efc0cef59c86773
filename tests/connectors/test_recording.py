"""A recording is read account by account as it would be whole, wherever the pieces end."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from erpsync.connectors import recording
from erpsync.connectors.recorded import RecordedReader, open_recorded
from erpsync.connectors.recording import Hashed, Index, batched, parts
from erpsync.errors import RefusedError
from erpsync.model import Account
from tests.support.memory import MemoryErp
from tests.test_unlike import Remembering

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(
    st.sampled_from(["a", "陈", "b"]), json_values, max_size=3
) | st.fixed_dictionaries(
    {"accounts": st.lists(json_values, max_size=4)}, optional={"a": json_values, "z": json_values}
)


def _read(data: bytes) -> tuple[dict[str, Any], list[Any], list[bytes]]:
    found = list(parts(Hashed(io.BytesIO(data))))
    accounts = [part for part in found if not part.key]
    members = {part.key: part.value for part in found if part.key}
    return (
        members,
        [part.value for part in accounts],
        [data[part.start : part.start + part.size] for part in accounts],
    )


@given(documents, st.sampled_from([None, 0, 1]), st.integers(1, 9), st.booleans())
@example({"a": 12345, "accounts": [1234567, "x"]}, None, 3, True)
def test_a_document_is_read_the_same_in_pieces(
    document: dict[str, Any], indent: int | None, size: int, plain: bool
) -> None:
    data = json.dumps(document, indent=indent, ensure_ascii=plain).encode("utf-8", "replace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recording, "CHUNK", size)
        members, accounts, pieces = _read(data)
    whole = json.loads(data)
    expected = whole.pop("accounts", None)
    assert members == whole | ({} if expected is None else {"accounts": []})
    assert accounts == (expected or [])
    assert [json.loads(piece) for piece in pieces] == accounts


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "{}x", '{"a"}', '{"a": }', '{"a": 1,}', "{1: 2}", '{"accounts": {}}',
     '{"": {}}', '{"accounts": [1,]}', '{"accounts": [1 2]}', '{"accounts": [1'],
)  # fmt: skip
def test_what_is_no_such_document_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        list(parts(Hashed(io.BytesIO(text.encode()))))


def test_parts_come_in_batches() -> None:
    assert [
        len(batch) for batch in batched(iter(parts(Hashed(io.BytesIO(b'{"accounts": [1,2,3]}')))), 3)
    ] == [3, 1]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A recording of two accounts."""
    erp = MemoryErp()
    erp.put(Account("Chen.Jing", "陈静", scope={"company": ("X",)}))
    erp.put(Account("wu.lan", "吴兰"))
    path = tmp_path / "live.json"
    path.write_text(json.dumps(recorded(erp), ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def recorded(erp: MemoryErp) -> dict[str, Any]:
    """What is recorded of an ERP."""
    from erpsync.connectors.recorded import record

    return record("erp", erp)


def test_a_recording_that_is_known_reads_the_same_account_by_account(file: Path) -> None:
    memory = Remembering()
    first, second = open_recorded(file, memory), open_recorded(file, memory)
    accounts = second.snapshot().accounts
    assert isinstance(accounts, Index)
    assert dict(accounts) == first.snapshot().accounts == open_recorded(file).snapshot().accounts
    assert (len(accounts), "wu.lan" in accounts, "nobody" in accounts) == (2, True, False)
    assert first.seen == second.seen != b""
    assert (second.catalogue(), second.capabilities) == (first.catalogue(), first.capabilities)
    assert second.snapshot(["wu.lan", "nobody"]) == first.snapshot(["wu.lan"])


@pytest.mark.parametrize("text", ['{"login": "', "x" * 1000, " "])
def test_a_recording_that_changes_while_it_is_read_ends_the_command(file: Path, text: str) -> None:
    memory = Remembering()
    open_recorded(file, memory)
    accounts = open_recorded(file, memory).snapshot().accounts
    file.write_text(text * 100)
    with pytest.raises(RefusedError, match="changed while it was read"):
        accounts["wu.lan"]


def test_accounts_that_change_places_while_they_are_read_end_the_command(file: Path) -> None:
    memory = Remembering()
    open_recorded(file, memory)
    accounts = open_recorded(file, memory).snapshot().accounts
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"wu.lan"', '"li.lan"'), encoding="utf-8")
    with pytest.raises(RefusedError, match="changed while it was read"):
        accounts["wu.lan"]


def test_of_two_accounts_of_one_login_the_last_counts_as_json_says(file: Path) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    document["accounts"].append({**document["accounts"][0], "login": "CHEN.JING", "name": "Last"})
    file.write_text(json.dumps(document))
    found = open_recorded(file, Remembering())
    assert found.snapshot() == RecordedReader(document).snapshot()
    assert found.snapshot().accounts["chen.jing"].name == "Last"


def test_a_recording_without_accounts_is_refused_in_words(file: Path) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    del document["accounts"]
    file.write_text(json.dumps(document))
    with pytest.raises(RefusedError, match="accounts"):
        open_recorded(file)
