"""A pull request as its approval sees it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from erpsync.access import Validated, validate_loaded
from erpsync.files import File, load_files
from erpsync.forge.base import PullRequest, Review, ReviewState
from erpsync.review import Reviewed, review
from tests.builders import TODAY
from tests.support.declared import COMPANY, Document, edited

HEAD = "a" * 40
PULL = PullRequest(7, "Change", "chen-jing", HEAD, "change", "b" * 40, "main", "https://forge.example/7")
WITH_HANDLES = COMPANY
for _key in ("chen.jing", "lin.tao", "wu.lan", "ruan.ling"):
    WITH_HANDLES = edited(WITH_HANDLES, "users", _key, forge={"github": _key.replace(".", "-")})
GIVEN = edited(
    WITH_HANDLES,
    "users",
    "ma.li",
    assignments=[{"role": "marker", "reason": "helps out", "request": "REQ-1"}],
)


def side(document: Document) -> Validated:
    data = json.dumps(document, indent=1).encode()
    return validate_loaded(load_files([File("all.yaml", "access/all.yaml", data)], []))


def approval(handle: str, of: str = HEAD) -> Review:
    return Review(handle, ReviewState.APPROVED, of, datetime(2026, 11, 20, 9, tzinfo=UTC))


def reviewed(
    head: Document, *reviews: Review, pull: PullRequest | None = PULL, files: tuple[str, ...] = ()
) -> Reviewed:
    return review(
        side(WITH_HANDLES), side(head), TODAY, pull=pull, reviews=reviews, handles="github", files=files
    )


def words(found: Reviewed) -> list[str]:
    return [requirement.words for requirement in found.missing]


def test_without_a_change_nothing_is_missing() -> None:
    assert reviewed(WITH_HANDLES) == Reviewed(reviewed(WITH_HANDLES).proposal, (), "chen.jing", {})


def test_what_is_missing_is_named_until_somebody_gives_it() -> None:
    assert words(reviewed(GIVEN)) == ["head of purchasing", "key user of oa"]
    assert words(reviewed(GIVEN, approval("wu-lan"))) == ["key user of oa"]
    found = reviewed(GIVEN, approval("wu-lan"), approval("ruan-ling"))
    assert found.missing == ()
    assert set(found.given) == {"wu.lan", "ruan.ling"}


def test_an_approval_of_another_commit_is_none() -> None:
    assert words(reviewed(GIVEN, approval("wu-lan", "c" * 40))) == ["head of purchasing", "key user of oa"]


def test_before_there_is_a_pull_request_nobody_has_approved() -> None:
    found = reviewed(GIVEN, approval("wu-lan"), pull=None)
    assert (found.author, found.given) == (None, {})
    assert words(found) == ["head of purchasing", "key user of oa"]


def test_another_file_needs_the_office() -> None:
    assert words(reviewed(WITH_HANDLES, files=("README.md",))) == ["oversight office"]
