"""The one file in an archive, whatever the archive says of itself."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile

import pytest

from erpsync.forge.base import ForgeError
from erpsync.forge.github_archive import single_file
from tests.support.github_state import zipped

WHERE = "artifact 'erpsync-plan'"


def archive(
    name: str = "plan.json", content: bytes = b"the plan", method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """An archive with one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as opened:
        opened.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("name", ["plan.json", "../../etc/passwd", "计划.json"])
def test_the_file_is_read_whatever_its_name(method: int, name: str) -> None:
    assert single_file(archive(name, method=method), WHERE) == b"the plan"


def test_directories_are_no_files() -> None:
    assert single_file(zipped({"out/": b"", "out/plan.json": b"the plan"}), WHERE) == b"the plan"


@pytest.mark.parametrize(("files", "count"), [({}, 0), ({"a": b"1", "b": b"2"}, 2), ({"out/": b""}, 0)])
def test_an_archive_of_none_or_several_files_is_refused(files: dict[str, bytes], count: int) -> None:
    with pytest.raises(ForgeError, match=f"the archive holds {count} files instead of one") as caught:
        single_file(zipped(files), WHERE)
    assert caught.value.where == WHERE
    assert caught.value.hint


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"PK\x03\x04", archive()[:-30], archive()[30:]],
    # An archive holds the time at which it was made, which is no name for a test.
    ids=["nothing", "a page", "a beginning", "no end", "no beginning"],
)
def test_what_is_no_archive_or_half_of_one_is_refused(content: bytes) -> None:
    with pytest.raises(ForgeError, match="is no zip archive, or a broken one"):
        single_file(content, WHERE)


def test_a_damaged_file_is_refused() -> None:
    damaged = bytearray(archive(content=bytes(range(256)) * 8, method=zipfile.ZIP_STORED))
    damaged[200] ^= 1
    with pytest.raises(ForgeError, match="is no zip archive, or a broken one"):
        single_file(bytes(damaged), WHERE)


def test_a_damaged_stream_is_refused() -> None:
    packed = bytearray(archive(content=bytes(range(256)) * 64))
    packed[45:60] = b"\xff" * 15
    with pytest.raises(ForgeError, match="is no zip archive, or a broken one"):
        single_file(bytes(packed), WHERE)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_packing_that_github_does_not_use_is_refused(method: int) -> None:
    with pytest.raises(ForgeError, match="is packed in a way that GitHub does not use"):
        single_file(archive(method=method), WHERE)


def test_an_encrypted_file_is_refused() -> None:
    locked = bytearray(archive())
    entry = locked.index(b"PK\x01\x02")
    locked[entry + 8] |= 1
    with pytest.raises(ForgeError, match="is packed in a way that GitHub does not use"):
        single_file(bytes(locked), WHERE)


def test_a_file_of_just_the_size_allowed_is_read() -> None:
    assert len(single_file(archive(content=bytes(2**20)), WHERE, most=2**20)) == 2**20


def test_a_file_that_unpacks_to_more_is_refused() -> None:
    with pytest.raises(ForgeError, match="unpacks to more than 1 MB"):
        single_file(archive(content=bytes(2**20 + 1)), WHERE, most=2**20)


def test_a_bomb_that_lies_about_its_size_does_not_eat_the_memory() -> None:
    bomb = bytearray(archive(content=bytes(64 * 2**20)))
    for record, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = bomb.index(record) + offset
        bomb[at : at + 4] = struct.pack("<I", 100)
    tracemalloc.start()
    try:
        with pytest.raises(ForgeError):
            single_file(bytes(bomb), WHERE, most=2**20)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 2**20
