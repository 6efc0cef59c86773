"""The headline of a pull request: the most important first, like with like, and never long."""

from __future__ import annotations

import pytest

from erpsync.model import ChangeKind, Location, Way
from erpsync.proposal import ACCOUNT, ENTRY, WORDING, EntryChange, Proposal, Proposed, Span
from erpsync.render.headline import headline, reading_order
from erpsync.render.proposal_words import wording
from erpsync.render.vocabulary import vocabulary
from tests.comment_values import LATER, UNTIL, base, head, many

AT = Location("access/a.yaml", 4, 1)
OPEN: Span = (None, None)
APPROVER, BUYER = "purchasing.approver", "purchasing.buyer"


def say(*changes: Proposed, entries: tuple[EntryChange, ...] = (), lang: str = "en") -> str:
    return headline(Proposal(changes, entries), wording(base(), head(), vocabulary(lang)))


def role(user: str, kind: ChangeKind, key: str, before: object = (), after: object = ()) -> Proposed:
    return Proposed(user, kind, AT, key, before, after, Way.ASSIGNMENT)  # type: ignore[arg-type]


def gain(user: str, key: str = APPROVER, *spans: Span) -> Proposed:
    return role(user, ChangeKind.GRANT, key, after=spans or (OPEN,))


def lose(user: str, key: str = APPROVER) -> Proposed:
    return role(user, ChangeKind.REVOKE, key, before=(OPEN,))


def retime(user: str, before: Span, after: Span) -> Proposed:
    return role(user, ChangeKind.RETIME, APPROVER, (before,), (after,))


def other(
    user: str, kind: ChangeKind, subject: str = "", before: object = (), after: object = ()
) -> Proposed:
    return Proposed(user, kind, AT, subject, before, after)  # type: ignore[arg-type]


def lock(user: str, status: str = "left") -> Proposed:
    return other(user, ChangeKind.LOCK, "", ("active",), (status,))


def test_a_gain_with_its_end_and_locks_as_a_manager_would_say_it() -> None:
    changes = (lock("gu.xin"), lock("lin.tao", "locked"), gain("chen.jing", APPROVER, UNTIL))
    assert say(*changes) == "陈静 gains *Purchase approver* until 2026-12-31; 2 accounts locked"
    assert say(*changes, lang="zh") == "陈静 获得 「采购审批人」 至 2026-12-31；2 个账号锁定"


@pytest.mark.parametrize(
    ("change", "one"),
    [
        (other("zhou.yi", ChangeKind.CREATE), "周毅 joins"),
        (gain("lin.tao", APPROVER), "林涛 gains *Purchase approver*"),
        (gain("lin.tao", BUYER, (LATER[0], None)), "林涛 gains *Buyer* from 2027-03-01"),
        (lose("lin.tao"), "林涛 loses *Purchase approver*"),
        (retime("lin.tao", UNTIL, OPEN), "林涛 holds *Purchase approver* on more days: without end"),
        (retime("lin.tao", OPEN, UNTIL), "林涛 holds *Purchase approver* on fewer days: until 2026-12-31"),
        (retime("lin.tao", OPEN, OPEN), "林涛 holds *Purchase approver* in another way"),
        (
            other("lin.tao", ChangeKind.RETIME, ACCOUNT, (UNTIL,), (OPEN,)),
            "林涛 may work on more days: without end",
        ),
        (
            other("lin.tao", ChangeKind.RETIME, ACCOUNT, (OPEN,), (UNTIL,)),
            "林涛 may work on fewer days: until 2026-12-31",
        ),
        (other("lin.tao", ChangeKind.RESCOPE, "company", ("A",), ("A", "B")), "林涛 gains company B"),
        (other("lin.tao", ChangeKind.RESCOPE, "company", ("A",), ("all",)), "林涛 gains company **all**"),
        (other("lin.tao", ChangeKind.RESCOPE, "company", ("all",), ("A",)), "林涛 loses company **all**"),
        (other("lin.tao", ChangeKind.RESCOPE, "company", ("A", "B"), ("B", "A")), "company of 林涛 changes"),
        (lock("lin.tao"), "林涛 is locked"),
        (other("lin.tao", ChangeKind.UNLOCK, "", ("locked",), ("active",)), "林涛 is unlocked"),
        (other("lin.tao", ChangeKind.UPDATE, ENTRY, ("declared",)), "林涛 is no longer declared"),
        (other("lin.tao", ChangeKind.UPDATE, "forge", ("a",), ("b",)), "forge of 林涛 changes"),
        (other("lin.tao", ChangeKind.UPDATE, WORDING), "wording of 林涛 changes"),
    ],
)
def test_one_change(change: Proposed, one: str) -> None:
    assert say(change) == one


def test_the_same_of_several_users_is_told_once() -> None:
    assert say(gain("chen.jing"), gain("lin.tao")) == "2 users gain *Purchase approver*"
    assert say(other("a", ChangeKind.CREATE), other("b", ChangeKind.CREATE)) == "2 users join"


def test_the_same_role_for_other_days_is_told_apart() -> None:
    told = say(gain("chen.jing", APPROVER, UNTIL), gain("lin.tao"))
    assert told == "陈静 gains *Purchase approver* until 2026-12-31; 林涛 gains *Purchase approver*"


def test_risk_comes_first_then_gains_before_losses() -> None:
    told = say(lock("gu.xin"), gain("a", BUYER), lose("b", BUYER), lose("c"), gain("d"))
    assert told == (
        "d gains *Purchase approver*; c loses *Purchase approver*; "
        "a gains *Buyer*; b loses *Buyer*; 顾欣 is locked"
    )


def test_what_does_not_fit_is_counted() -> None:
    changes = [gain("a", f"role.{number}") for number in range(7)]
    assert say(*changes).endswith("*role.4*; and 2 more changes")
    assert say(*changes[:6]).endswith("; and 1 more change")
    assert "more change" not in say(*changes[:5])


def test_what_guards_the_rest_comes_before_any_gain() -> None:
    told = say(gain("chen.jing"), entries=(EntryChange("approvals", "roles", "removed", AT),))
    assert told.startswith("approval rule *A role is approved by the key user* removed; 陈静 gains")


def test_entries_of_one_section_are_counted_together_by_their_highest_risk() -> None:
    entries = (EntryChange("roles", BUYER, "changed", AT), EntryChange("roles", APPROVER, "changed", AT))
    assert say(gain("a", BUYER), entries=entries) == "2 changes of role; a gains *Buyer*"
    assert say(gain("a", BUYER), entries=entries[:1]) == "a gains *Buyer*; role *Buyer* changed"


def test_nothing_says_why() -> None:
    assert say() == "Nothing changes: the files differ only in comments and layout, or not at all"
    assert say(lang="zh").startswith("没有变更")


def test_users_are_read_in_the_order_of_what_they_gain_then_by_key() -> None:
    changes = (lock("a"), gain("b", BUYER), lose("b"), gain("c"), lose("d"), lock("e"))
    named = wording(base(), head(), vocabulary("en"))
    assert [user for user, _ in reading_order(changes, named)] == ["c", "b", "d", "a", "e"]


def test_each_change_is_told_under_its_user() -> None:
    proposal = many(7)
    told = reading_order(proposal.changes, wording(base(), head(), vocabulary("en")))
    assert [len(changes) for _, changes in told] == [2, 2, 2, 1]
    assert [change for _, changes in told for change in changes] == list(proposal.changes)
