"""The journal: every way in which it is not as it was written is found, and a kill leaves it sound."""

from __future__ import annotations

import json
import os
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpsync.codec import canonical, digest
from erpsync.errors import ErpsyncError
from erpsync.journal import (
    FIRST,
    Journal,
    Problem,
    check,
    head_path,
    keep,
    read_entries,
    read_head,
    whole_lines,
)

NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
Event = dict[str, Any]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal" / "erp.jsonl"


def opened(path: Path, run: str = "run-1") -> Journal:
    """The journal, at a fixed time."""
    return Journal(path, run, lambda: NOW)


def write(path: Path, *events: Event, run: str = "run-1") -> None:
    """Open the journal, record each event by itself, and close it."""
    with opened(path, run) as journal:
        for event in events:
            journal.append(event)


def lines_of(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines()


def problems_of(path: Path) -> list[Problem]:
    """What is wrong with a journal as it lies there."""
    return check(lines_of(path), read_head(path))


def chained(events: list[Event]) -> list[bytes]:
    """The lines of a journal of these events, made without the journal."""
    lines, last = [], FIRST
    for number, event in enumerate(events, start=1):
        body = {"n": number, "run": "run-1", "at": NOW.isoformat(), **event, "prev": last}
        last = digest(body)
        lines.append(canonical({**body, "hash": last}).encode())
    return lines


def head_of(lines: list[bytes]) -> tuple[int, str]:
    return len(lines), json.loads(lines[-1])["hash"]


# --- written ------------------------------------------------------------------------------------------


def test_entries_say_which_run_when_and_in_which_order(path: Path) -> None:
    write(path, {"event": "begin"}, {"event": "end"})
    first, second = read_entries(path)
    assert (first["n"], first["run"], first["at"], first["event"]) == (1, "run-1", NOW.isoformat(), "begin")
    assert (second["n"], second["prev"]) == (2, first["hash"])
    assert first["prev"] == FIRST


def test_the_clock_is_read_for_every_entry_in_utc(path: Path) -> None:
    with Journal(path, "run-1") as journal:
        journal.append({"event": "begin"})
    (entry,) = read_entries(path)
    assert datetime.fromisoformat(entry["at"]).utcoffset() == datetime.now(UTC).utcoffset()


@given(events=st.lists(st.dictionaries(st.sampled_from(["event", "login"]), st.text()), max_size=4))
def test_what_is_recorded_is_the_plain_chain_of_its_entries(
    events: list[Event], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("journal") / "erp.jsonl"
    write(path, *events)
    assert path.read_bytes().split(b"\n") == [*chained(events), b""]


def test_several_events_are_recorded_in_their_order(path: Path) -> None:
    with opened(path) as journal:
        journal.append({"event": "a"}, {"event": "b"})
        journal.append()
        journal.append({"event": "c"})
    assert [entry["event"] for entry in read_entries(path)] == ["a", "b", "c"]
    assert problems_of(path) == []


def test_a_journal_goes_on_over_several_runs(path: Path) -> None:
    for number in range(3):
        write(path, {"event": "begin"}, {"event": "end"}, run=f"run-{number}")
    entries = list(read_entries(path))
    assert [entry["n"] for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert [entry["run"] for entry in entries] == ["run-0"] * 2 + ["run-1"] * 2 + ["run-2"] * 2
    assert problems_of(path) == []
    assert read_head(path) == head_of(lines_of(path))


def test_only_its_owner_may_read_a_journal(path: Path) -> None:
    before = os.umask(0)
    try:
        write(path, {"event": "begin"})
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(head_path(path).stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_only_its_owner_may_look_into_the_folders_of_the_journals_of_runs(tmp_path: Path) -> None:
    path = tmp_path / "state" / "journal" / "erp" / "run-1.jsonl"
    before = os.umask(0)
    try:
        write(path, {"event": "begin"})
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700


def test_what_a_killed_run_left_half_written_as_head_becomes_private_too(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.with_name("erp.jsonl.head.new").touch(0o644)
    write(path, {"event": "begin"})
    assert stat.S_IMODE(head_path(path).stat().st_mode) == 0o600


def test_entries_are_on_disk_when_the_call_returns(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bytes] = []
    monkeypatch.setattr(os, "fsync", lambda _: synced.append(path.read_bytes()))
    write(path, {"event": "begin"})
    assert synced == [path.read_bytes()]
    assert synced[0].count(b"\n") == 1


def test_the_head_is_written_after_the_entries(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heads: list[tuple[int, str] | None] = []
    monkeypatch.setattr(os, "fsync", lambda _: heads.append(read_head(path)))
    write(path, {"event": "begin"}, {"event": "end"})
    assert [head[0] if head else 0 for head in heads] == [0, 1]


# --- cannot be opened or written ----------------------------------------------------------------------


def test_a_journal_in_a_place_that_is_no_folder_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ErpsyncError, match="the journal cannot be opened: ") as caught:
        opened(tmp_path / "file" / "erp.jsonl")
    assert caught.value.where == str(tmp_path / "file" / "erp.jsonl")


def test_a_full_disk_is_an_error_that_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with opened(path) as journal:
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(ErpsyncError, match="the journal cannot be written: No space left") as caught:
            journal.append({"event": "begin"})
    assert caught.value.where == str(path)


def test_a_journal_that_is_not_sound_is_not_opened_and_not_changed(path: Path) -> None:
    write(path, {"event": "a"}, {"event": "b"})
    changed = path.read_bytes().replace(b'"a"', b'"x"')
    path.write_bytes(changed)
    with pytest.raises(ErpsyncError, match="the journal is not sound: the entry was changed") as caught:
        opened(path)
    assert caught.value.where == f"{path}:1"
    assert caught.value.hint
    assert path.read_bytes() == changed


def test_what_cannot_be_read_has_no_entries_to_show(path: Path) -> None:
    with pytest.raises(ErpsyncError, match="the journal cannot be read: No such file"):
        list(read_entries(path))


def test_lines_that_are_no_entries_are_passed_over_when_shown(path: Path) -> None:
    write(path, {"event": "a"})
    path.write_bytes(b"[]\n{}\nnot JSON\n\n" + path.read_bytes() + b'{"torn')
    assert [entry["event"] for entry in read_entries(path)] == ["a"]


# --- killed -------------------------------------------------------------------------------------------


@given(data=st.data())
def test_a_line_torn_by_a_kill_is_dropped_and_the_journal_goes_on(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("journal") / "erp.jsonl"
    write(path, {"event": "a"}, {"event": "b"})
    whole = path.read_bytes()
    torn = chained([{"event": "a"}, {"event": "b"}, {"event": "陈静"}])[-1]
    path.write_bytes(whole + torn[: data.draw(st.integers(0, len(torn)))])
    write(path, {"event": "after"}, run="run-2")
    assert path.read_bytes().startswith(whole)
    assert [entry["event"] for entry in read_entries(path)] == ["a", "b", "after"]
    assert problems_of(path) == []


def test_a_journal_whose_first_line_was_torn_begins_anew(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b'{"at":"2026')
    write(path, {"event": "a"})
    assert [entry["n"] for entry in read_entries(path)] == [1]
    assert problems_of(path) == []


@pytest.mark.parametrize("lag", [0, 1, 2, 3])
def test_a_head_that_lags_behind_is_sound_and_the_journal_goes_on(path: Path, lag: int) -> None:
    write(path, {"event": "a"})
    head = head_path(path).read_bytes()
    write(path, *[{"event": "b"}] * lag)
    head_path(path).write_bytes(head)
    assert problems_of(path) == []
    write(path, {"event": "c"})
    assert read_head(path) == (lag + 2, json.loads(lines_of(path)[-1])["hash"])


def test_a_kill_before_the_first_entry_leaves_the_journal_sound(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.touch()
    write(path, {"event": "begin"})
    assert problems_of(path) == []


# --- tampered with ------------------------------------------------------------------------------------

texts = st.text(st.characters(codec="utf-8"), max_size=8)
journals = st.lists(
    st.fixed_dictionaries(
        {"event": st.sampled_from(["intend", "outcome"])},
        optional={"login": texts, "message": texts, "accounts": st.integers(0, 1000), "commit": st.none()},
    ),
    min_size=1,
    max_size=6,
).map(chained)


@given(journals)
def test_a_journal_as_it_was_written_is_sound(lines: list[bytes]) -> None:
    assert check(lines, head_of(lines)) == []


def test_an_empty_journal_is_sound() -> None:
    assert check([], None) == []


@given(journals, st.data())
def test_any_changed_byte_is_found(lines: list[bytes], data: st.DataObject) -> None:
    content = bytearray(b"\n".join(lines) + b"\n")
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[place]))
    # As it is read: what stands after the last line break is no entry.
    kept = [line for line in bytes(content).rpartition(b"\n")[0].split(b"\n") if line]
    assert check(kept, head_of(lines)) != []


@given(journals, st.data())
def test_any_removed_entry_is_found(lines: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(lines) - 1))
    assert check(lines[:place] + lines[place + 1 :], head_of(lines)) != []


@given(journals, st.data())
def test_entries_cut_off_at_the_end_are_found(lines: list[bytes], data: st.DataObject) -> None:
    left = data.draw(st.integers(0, len(lines) - 1))
    (problem,) = check(lines[:left], head_of(lines))
    assert problem == Problem(left + 1, f"the journal had {len(lines)} entries, it has {left} now")


@given(journals, st.data())
def test_any_other_order_is_found(lines: list[bytes], data: st.DataObject) -> None:
    other = data.draw(st.permutations(lines).filter(lambda order: order != lines)) if lines[1:] else []
    assert check(other, head_of(lines)) != []


@given(journals, st.data())
def test_any_entry_that_stands_twice_is_found(lines: list[bytes], data: st.DataObject) -> None:
    copied = data.draw(st.sampled_from(lines))
    place = data.draw(st.integers(0, len(lines)))
    assert check([*lines[:place], copied, *lines[place:]], head_of(lines)) != []


@given(journals, journals, st.data())
def test_an_entry_from_elsewhere_is_found(
    lines: list[bytes], others: list[bytes], data: st.DataObject
) -> None:
    # The last entry of a longer journal follows nothing here.
    foreign = chained([{"event": "foreign"}, *[{"event": "x"}] * len(others)])[-1]
    place = data.draw(st.integers(0, len(lines)))
    assert check([*lines[:place], foreign, *lines[place:]], head_of(lines)) != []


@given(
    journals, st.sampled_from([b"{}", b"[]", b"null", b'"text"', b"\xff", b'{"hash": 1}', b"{"]), st.data()
)
def test_a_line_that_is_no_entry_is_found(lines: list[bytes], junk: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(lines)))
    problems = check([*lines[:place], junk, *lines[place:]], head_of(lines))
    assert Problem(place + 1, "the line is not an entry") in problems


@pytest.mark.parametrize(
    "junk", [b"[" * 100_000, b'{"a":"\\ud800","hash":"sha256:0","prev":"sha256:0"}', b"9" * 5000]
)
def test_a_line_made_to_break_the_reader_is_found_like_any_other(junk: bytes) -> None:
    assert check([junk], None) != []


def test_a_journal_written_anew_with_a_chain_of_its_own_does_not_fit_the_head() -> None:
    true = chained([{"event": "a"}, {"event": "b"}])
    forged = chained([{"event": "x"}, {"event": "b"}])
    assert check(forged, head_of(true)) != []


def test_a_journal_written_anew_and_longer_does_not_fit_the_head_either() -> None:
    true = chained([{"event": "a"}, {"event": "b"}])
    forged = chained([{"event": "x"}, {"event": "b"}, {"event": "c"}])
    assert check(forged, head_of(true)) != []


def test_a_journal_that_was_removed_is_missed(path: Path) -> None:
    write(path, {"event": "a"})
    path.unlink()
    with pytest.raises(ErpsyncError, match="the journal had 1 entries, it has 0 now"):
        opened(path)


@pytest.mark.parametrize("spoilt", [b"", b"many entries", b"\xff\xfe", b"2"])
def test_a_head_that_is_none_any_more_is_found(path: Path, spoilt: bytes) -> None:
    write(path, {"event": "a"}, {"event": "b"})
    head_path(path).write_bytes(spoilt)
    assert problems_of(path) != []


def test_a_head_that_was_removed_with_the_end_of_the_journal_is_missed(path: Path) -> None:
    write(path, *[{"event": "a"}] * 5)
    path.write_bytes(b"\n".join(lines_of(path)[:3]) + b"\n")
    head_path(path).unlink()
    assert problems_of(path) != []


# --- from elsewhere -----------------------------------------------------------------------------------


def test_a_journal_from_elsewhere_is_sound_here_and_may_go_on(tmp_path: Path, path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.jsonl"
    write(elsewhere, {"event": "begin"}, {"event": "end"})
    keep(path, elsewhere.read_bytes())
    assert problems_of(path) == []
    assert read_head(path) == read_head(elsewhere)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    write(path, {"event": "after"})
    assert [entry["event"] for entry in read_entries(path)] == ["begin", "end", "after"]


def test_a_journal_from_elsewhere_that_is_kept_only_half_is_found_and_can_be_kept_again(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere.jsonl"
    write(elsewhere, {"event": "begin"}, {"event": "end"})
    replace = Path.replace

    def stopped(new: Path, name: Path) -> Path:
        if name == path:
            raise KeyboardInterrupt
        return replace(new, name)

    keep(path, lines_of(elsewhere)[0] + b"\n")
    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        keep(path, elsewhere.read_bytes())
    monkeypatch.undo()
    assert problems_of(path) == [Problem(2, "the journal had 2 entries, it has 1 now")]
    keep(path, elsewhere.read_bytes())
    assert problems_of(path) == []


def test_a_journal_without_entries_from_elsewhere_is_sound(path: Path) -> None:
    keep(path, b"")
    assert problems_of(path) == []
    assert read_head(path) == (0, FIRST)


def test_a_journal_from_elsewhere_that_cannot_be_kept_is_an_error_that_names_the_place(
    tmp_path: Path,
) -> None:
    (tmp_path / "journal").touch()
    with pytest.raises(ErpsyncError, match="the journal cannot be kept: ") as failed:
        keep(tmp_path / "journal" / "erp.jsonl", b"")
    assert failed.value.where == str(tmp_path / "journal" / "erp.jsonl")


@pytest.mark.parametrize(
    ("content", "lines"),
    [(b"", []), (b"a", []), (b"a\n", [b"a"]), (b"a\n\nb\nc", [b"a", b"b"])],
)
def test_a_line_that_is_not_whole_yet_is_none(content: bytes, lines: list[bytes]) -> None:
    assert whole_lines(content) == lines
