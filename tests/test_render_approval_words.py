"""The approvals of a pull request as a table: who must, who can, who did; and nobody is mentioned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from erpsync.approvals import Requirement, Verdict
from erpsync.model import Access, Approver
from erpsync.render.approval_words import Approvals, approvals_section
from erpsync.render.proposal_words import wording
from erpsync.render.vocabulary import vocabulary
from tests.comment_values import base, head, named, proposal, verdicts

NEED = Requirement(Approver.KEY_USER, "materials", ("wu.lan",), changes=proposal().changes[:1])


def section(
    held: Sequence[Verdict],
    *approved_by: str,
    lang: str = "en",
    before: Access | None = None,
    handles: str = "github",
) -> str:
    named_so = wording(before or base(), head(), vocabulary(lang))
    made = approvals_section(Approvals(held, approved_by, handles), named_so)
    return "".join([made.opening, *(entry() for entry in made.entries), made.closing])


def row(need: Requirement, *given_by: str, lang: str = "en", before: Access | None = None) -> list[str]:
    """The cells of the one row."""
    line = section([Verdict(need, given_by)], lang=lang, before=before).splitlines()[4]
    return [cell.strip() for cell in line.strip("|").split(" | ")]


def test_given_approval_names_who_gave_it() -> None:
    assert row(NEED, "wu.lan") == ["key user of Materials", "陈静", "吴兰 (@\u200bwulan)", "given by 吴兰"]


def test_missing_approval_says_whom_to_ask() -> None:
    assert row(NEED)[2:] == ["吴兰 (@\u200bwulan)", "**missing**: ask one of them"]
    assert row(NEED, lang="zh")[0] == "物资系统关键用户"


def test_approval_that_nobody_can_give_says_so() -> None:
    assert row(replace(NEED, people=()))[2:] == ["", "**nobody can give it**: declare who holds this part"]


def test_others_than_those_who_hold_the_part_are_asked_for_a_reason() -> None:
    told = row(replace(NEED, instead="wu.lan is away"))[2]
    assert told == "吴兰 (@\u200bwulan) (wu.lan is away)"


def test_user_without_a_handle_cannot_approve_here_and_that_is_said() -> None:
    assert row(replace(NEED, people=("lin.tao", "gone")))[2] == (
        "林涛 (has no handle here), gone (has no handle here)"
    )
    assert "(has no handle here)" in section([Verdict(NEED, ())], handles="gitlab")


def test_handle_is_that_of_the_base_so_that_nobody_puts_another_in_its_place() -> None:
    assert "impostor" not in section([Verdict(NEED, ())])
    after = replace(head(), users={**head().users, "wu.lan": named("wu.lan", "吴兰", "impostor")})
    made = approvals_section(
        Approvals([Verdict(NEED, ())], (), "github"), wording(base(), after, vocabulary("en"))
    )
    assert "impostor" not in "".join(entry() for entry in made.entries)


def test_every_part_is_named_by_what_it_is_about() -> None:
    parts = {
        Approver.KEY_USER: ("materials", "key user of Materials"),
        Approver.BUSINESS_ADMIN: ("materials", "business admin of Materials"),
        Approver.ERP_ADMIN: ("", "ERP admin of an area that is not declared"),
        Approver.DEPARTMENT_HEAD: ("purchasing", "head of Purchasing"),
        Approver.ROLE_OWNER: ("purchasing.approver", "owner of Purchase approver"),
        Approver.OWNER: ("lin.tao", "person answering for 林涛"),
        Approver.OVERSIGHT: ("", "oversight office"),
    }
    assert set(parts) == set(Approver)
    for approver, (of, words) in parts.items():
        assert row(replace(NEED, approver=approver, of=of))[0] == words


def test_what_it_is_for_is_told_once_and_not_at_any_length() -> None:
    changes = proposal().changes
    need = replace(NEED, changes=changes, entries=proposal().entries, files=("Makefile",))
    assert row(need)[1] == "陈静, 顾欣, 何琪, 林涛, 吴兰 and 6 more"
    assert row(replace(NEED, changes=(), files=("a|b",)))[1] == r"file a\|b"
    entries = proposal().entries[1:2]
    assert row(replace(NEED, changes=(), entries=entries))[1] == "role Buyer"


def test_people_are_named_up_to_ten() -> None:
    need = replace(NEED, people=tuple(f"p{number}" for number in range(12)))
    assert row(need)[2].endswith("p9 (has no handle here) and 2 more")


def test_figures_stand_above_and_what_is_missing_comes_first() -> None:
    told = section(verdicts())
    assert told.startswith("#### Approvals: 2 of 5 given\n")
    states = re.findall(r"(nobody can|\*missing|given by)", told)
    assert states == ["nobody can", "*missing", "*missing", "given by", "given by"]


def test_approval_that_was_not_asked_for_is_told_too() -> None:
    told = section([Verdict(NEED, ("wu.lan",))], "wu.lan", "he.qi")
    assert "Also approved, but not asked for: 何琪 (@\u200bheqi).\n" in told
    assert "not asked for" not in section([Verdict(NEED, ("wu.lan",))], "wu.lan")


def test_no_need_is_told_apart_from_no_rule() -> None:
    assert "No approval rule of the base asks for one." in section(())
    assert "declares no approval rule" in section((), before=replace(base(), approvals={}))
