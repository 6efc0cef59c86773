"""One change of a proposal in words: each kind, in both languages, by the titles of the base."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from erpsync.model import Access, ChangeKind, Location, Risk, Way
from erpsync.proposal import ACCOUNT, ENTRY, KEY, WORDING, EntryChange, Proposed
from erpsync.render.proposal_words import Wording, direction, moved, tell, tell_entry, weight, wording
from erpsync.render.vocabulary import vocabulary
from tests.comment_values import LATER, UNTIL, base, head, named, titled

AT = Location("access/a.yaml", 4, 1)
OPEN = (None, None)
BY = Way.ASSIGNMENT
APPROVER = "purchasing.approver"
FROM = (date(2026, 12, 1), None)


def words_of(lang: str = "en", before: Access | None = None, after: Access | None = None) -> Wording:
    return wording(before or base(), after or head(), vocabulary(lang))


def proposed(kind: ChangeKind, subject: str = "", **more: object) -> Proposed:
    return Proposed("chen.jing", kind, AT, subject, **more)  # type: ignore[arg-type]


GRANT = proposed(ChangeKind.GRANT, APPROVER, after=(UNTIL,), way=BY, reason="stands in", request="REQ-1")
CASES = [
    (
        GRANT,
        "gains *Purchase approver* until 2026-12-31 (**high risk**, by assignment): stands in, REQ-1",
        "获得 「采购审批人」 至 2026-12-31（**高风险**、单独授权）：stands in、REQ-1",
    ),
    (
        proposed(ChangeKind.GRANT, "purchasing.buyer", after=(OPEN,), way=Way.POSITION),
        "gains *Buyer* (medium risk, by position)",
        "获得 「采购员」（中风险、随岗位）",
    ),
    (
        proposed(ChangeKind.REVOKE, APPROVER, before=(FROM,), way=Way.RULE),
        "loses *Purchase approver* from 2026-12-01 (by rule)",
        "失去 「采购审批人」 自 2026-12-01 起（按规则）",
    ),
    (
        proposed(ChangeKind.RETIME, APPROVER, before=(OPEN,), after=(UNTIL,), way=BY),
        "holds *Purchase approver* until 2026-12-31 instead of without end (**high risk**, by assignment)",
        "「采购审批人」 有效期：长期 → 至 2026-12-31（**高风险**、单独授权）",
    ),
    (
        proposed(ChangeKind.RETIME, "purchasing.buyer", before=(UNTIL,), after=(UNTIL, LATER), way=BY),
        (
            "holds *Buyer* until 2026-12-31 and from 2027-03-01 until 2027-04-30 instead of until 2026-12-31 "
            "(medium risk, by assignment)"
        ),
        "「采购员」 有效期：至 2026-12-31 → 至 2026-12-31和自 2027-03-01 至 2027-04-30（中风险、单独授权）",
    ),
    (
        proposed(ChangeKind.RETIME, APPROVER, before=(OPEN,), after=(OPEN,), way=BY),
        "holds *Purchase approver* in another way (**high risk**, by assignment)",
        "「采购审批人」 的来源改变（**高风险**、单独授权）",
    ),
    (
        proposed(ChangeKind.RETIME, ACCOUNT, before=(OPEN,), after=()),
        "may work never instead of without end",
        "账号有效期：长期 → 无",
    ),
    (proposed(ChangeKind.CREATE), "joins", "入职"),
    (
        proposed(ChangeKind.LOCK, before=("active",), after=("left",)),
        "is locked (active → left)",
        "账号锁定（启用 → 离职）",
    ),
    (
        proposed(ChangeKind.UNLOCK, before=("locked",), after=("active",)),
        "is unlocked (locked → active)",
        "账号解锁（锁定 → 启用）",
    ),
    (
        proposed(ChangeKind.RESCOPE, "company", before=("A", "B"), after=("B", "C")),
        "gains company C; loses company A",
        "授权范围 company 增加 C；授权范围 company 减少 A",
    ),
    (
        proposed(ChangeKind.RESCOPE, "company", before=("A",), after=("all",)),
        "company: A → **all**",
        "company：A → **全部**",
    ),
    (
        proposed(ChangeKind.RESCOPE, "company", before=("A", "B"), after=("B", "A")),
        "company: A, B → B, A",
        "company：A、B → B、A",
    ),
    (
        proposed(ChangeKind.UPDATE, "department", before=("sales",)),
        "department: sales → none",
        "department：sales → 无",
    ),
    (
        proposed(ChangeKind.UPDATE, ENTRY, before=("declared",)),
        "is no longer declared; accounts stay as they are",
        "不再纳管，系统中的账号保持原样",
    ),
    (
        proposed(ChangeKind.UPDATE, KEY, before=("chen",), after=("chen.jing",)),
        "was chen until now",
        "原用户标识为 chen",
    ),
    (
        proposed(ChangeKind.UPDATE, WORDING),
        "only words of the entry change, no access",
        "只有文字说明变更，权限不变",
    ),
]


@pytest.mark.parametrize(("change", "english", "chinese"), CASES)
def test_change_in_words(change: Proposed, english: str, chinese: str) -> None:
    assert tell(change, words_of("en")) == f"{english} (access/a.yaml:4)"
    assert tell(change, words_of("zh")) == f"{chinese}（access/a.yaml:4）"


def test_a_title_that_the_pull_request_changes_hides_nothing() -> None:
    harmless = titled(APPROVER, "Canteen", "食堂", Risk.LOW, "Purchase Approver")
    after = replace(head(), roles={**head().roles, APPROVER: harmless})
    assert "*Purchase approver*" in tell(GRANT, words_of(after=after))
    assert "**high risk**" in tell(GRANT, words_of(after=after))


def test_a_role_is_as_risky_as_what_it_includes_on_either_side() -> None:
    outer = titled("outer", "Outer", None, Risk.LOW, "X", includes=("inner", "gone"))
    inner = titled("inner", "Inner", None, Risk.CRITICAL, "Y", includes=("outer",))
    before = replace(base(), roles={"outer": replace(outer, includes=())})
    after = replace(base(), roles={"outer": outer, "inner": inner})
    assert words_of(before=before, after=after).risk("outer") is Risk.CRITICAL
    assert words_of(before=before, after=before).risk("outer") is Risk.LOW


def test_role_that_nobody_declares_counts_as_high_and_is_shown_by_its_key() -> None:
    unknown = proposed(ChangeKind.GRANT, "no_such", after=(OPEN,), way=BY)
    assert tell(unknown, words_of()).startswith(r"gains *no\_such* (**high risk**")


def test_name_that_several_bear_comes_with_the_key() -> None:
    after = replace(head(), users={**head().users, "chen.jing2": named("chen.jing2", "陈静")})
    assert words_of().user("chen.jing") == "陈静"
    assert words_of(after=after).user("chen.jing") == "陈静 (chen.jing)"


def test_user_without_a_name_is_shown_by_the_key() -> None:
    blank = replace(base(), users={"x": named("x", " ")})
    assert words_of(before=blank, after=blank).user("x") == "x"
    assert words_of().user("nobody") == "nobody"


def test_entry_by_title_key_and_place() -> None:
    entry = EntryChange("roles", APPROVER, "removed", AT)
    assert tell_entry(entry, words_of()) == (
        "role Purchase approver (purchasing.approver) removed (access/a.yaml:4)"
    )
    unknown = EntryChange("settings", "timezone", "added", AT)
    assert tell_entry(unknown, words_of("zh")) == "设置 timezone（timezone）新增（access/a.yaml:4）"


def test_scope_of_everything_covers_its_parts() -> None:
    wider = proposed(ChangeKind.RESCOPE, "company", before=("A",), after=("all",))
    narrower = proposed(ChangeKind.RESCOPE, "company", before=("all",), after=("A",))
    same = proposed(ChangeKind.RESCOPE, "company", before=("A", "B"), after=("B", "A"))
    assert [moved(item) for item in (wider, narrower, same)] == [(["all"], []), ([], ["all"]), ([], [])]
    assert [direction(item) for item in (wider, narrower, same)] == [1, -1, 0]


def test_direction_of_days() -> None:
    def days(*after: object, before: object = UNTIL) -> int:
        return direction(proposed(ChangeKind.RETIME, APPROVER, before=(before,), after=after, way=BY))

    assert [days(OPEN), days(UNTIL, LATER), days(UNTIL), days(UNTIL, before=OPEN)] == [1, 1, 0, -1]


def test_risk_weighs_more_than_the_direction_and_gains_more_than_losses() -> None:
    lose = proposed(ChangeKind.REVOKE, APPROVER, before=(OPEN,), way=BY)
    low = proposed(ChangeKind.GRANT, "purchasing.buyer", after=(OPEN,), way=BY)
    lock = proposed(ChangeKind.LOCK, before=("active",), after=("left",))
    update = proposed(ChangeKind.UPDATE, "email", before=("a",), after=("b",))
    told = proposed(ChangeKind.UPDATE, WORDING)
    changes = [lock, told, low, update, lose, GRANT]
    ordered = sorted(changes, key=lambda item: weight(item, words_of()), reverse=True)
    assert ordered == [GRANT, lose, low, update, told, lock]
