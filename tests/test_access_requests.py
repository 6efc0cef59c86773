"""Requests as edits: what they say changes, nothing else does, and the inverse gives the bytes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erpsync.access_requests import (
    Asked,
    Why,
    assignments,
    extend,
    grant,
    held_beyond,
    home_of,
    join,
    leave,
    move,
    revoke,
    stand,
)
from erpsync.draft import Draft, draft
from erpsync.errors import UsageError
from erpsync.files import File, read_directory
from erpsync.model import Access, Status
from erpsync.proposal import Declared, propose

ROOT = Path(__file__).parent.parent
DAY = date(2026, 11, 28)
WHY = Why("because: it is needed", "REQ-1")
FILES = tuple(read_directory(ROOT / "access")[0])
SHOWN = (ROOT / "access").as_posix()


def built(files: tuple[File, ...]) -> Access:
    return Draft(files, {}).valid().build()


ACCESS = built(FILES)


def after(asked: Asked, files: tuple[File, ...] = FILES) -> tuple[File, ...]:
    """The files as a request would leave them."""
    made = draft(files, {asked.file: asked.edits})
    return tuple(file._replace(data=made.changed.get(file.path, file.data)) for file in made.files)


def undone(asked: Asked, back: Callable[[Access], Asked]) -> tuple[File, ...]:
    files = after(asked)
    return after(back(built(files)), files)


# --- each of them -----------------------------------------------------------------------------------


def test_grant_adds_one_assignment_and_touches_no_other_line() -> None:
    asked = grant(ACCESS, ACCESS.users["feng.lei"], "quality.returns_clerk", WHY, None, date(2026, 12, 31))
    text = next(file for file in after(asked) if file.shown == asked.file).data.decode()
    before = next(file for file in FILES if file.shown == asked.file).data.decode()
    added = (
        "    assignments:\n      - role: quality.returns_clerk\n        valid_to: 2026-12-31\n"
        '        reason: "because: it is needed"\n        request: REQ-1\n'
    )
    assert text.replace(added, "") == before
    assert asked.title == "Grant quality.returns_clerk to feng.lei until 2026-12-31"


@pytest.mark.parametrize("user", ["feng.lei", "chen.jing", "cao.jun"])
def test_revoking_what_was_granted_gives_the_bytes_back(user: str) -> None:
    asked = grant(ACCESS, ACCESS.users[user], "quality.inspector", WHY, DAY, DAY + timedelta(9))
    assert undone(asked, lambda access: revoke(access, access.users[user], "quality.inspector", DAY)) == FILES


def test_assignments_that_are_over_stay_as_the_record() -> None:
    asked = revoke(ACCESS, ACCESS.users["chen.jing"], "purchasing.approver_standin", DAY)
    (left,) = built(after(asked)).users["chen.jing"].assignments
    assert left.valid_to == date(2025, 8, 31)


def test_revoke_on_a_later_day_ends_it_then() -> None:
    user = ACCESS.users["cao.jun"]
    asked = revoke(ACCESS, user, "purchasing.approver", DAY, date(2026, 12, 15))
    (item,) = built(after(asked)).users["cao.jun"].assignments
    assert (item.valid_to, item.reason) == (date(2026, 12, 15), user.assignments[0].reason)


def test_assignment_that_would_begin_after_its_last_day_goes() -> None:
    asked = revoke(ACCESS, ACCESS.users["xie.ting"], "equipment.parts_buyer", DAY, date(2026, 12, 15))
    assert built(after(asked)).users["xie.ting"].assignments == ()


def test_extension_moves_the_last_day_alone() -> None:
    user = ACCESS.users["chen.jing"]
    asked = extend(user, "purchasing.approver_standin", date(2027, 1, 29))
    first, second = built(after(asked)).users["chen.jing"].assignments
    assert (first.valid_to, second.valid_to) == (date(2025, 8, 31), date(2027, 1, 29))


def test_temporary_user_is_extended_as_such() -> None:
    user = next(user for user in ACCESS.users.values() if user.valid_to and user.valid_to > DAY)
    assert user.valid_to
    later = user.valid_to + timedelta(1)
    asked = extend(user, None, later)
    assert asked.edits[0].path == ("users", user.key, "valid_to")


def test_move_takes_position_department_and_what_is_dropped() -> None:
    user = ACCESS.users["deng.xiaoyan"]
    beyond = [item.role for item in held_beyond(ACCESS, user, "quality_inspector", DAY)]
    assert beyond == ["materials.warehouse_keeper"]
    moved = built(after(move(ACCESS, user, "quality_inspector", DAY, beyond))).users["deng.xiaoyan"]
    position = ACCESS.positions["quality_inspector"]
    assert (moved.position, moved.department) == ("quality_inspector", position.department)
    assert (moved.position_since, moved.assignments) == (DAY, ())


def test_move_of_the_past_takes_only_what_holds_today() -> None:
    user = ACCESS.users["chen.jing"]
    since = date(2025, 8, 1)
    asked = move(ACCESS, user, "quality_inspector", DAY, ["purchasing.approver_standin"], since)
    moved = built(after(asked)).users["chen.jing"]
    assert (moved.position_since, asked.first) == (since, since)
    # What was over by today stays as the record, though it was not over on the first day.
    assert [item.valid_to for item in moved.assignments] == [date(2025, 8, 31)]


def test_moving_back_keeps_only_the_day() -> None:
    user = ACCESS.users["zeng.li"]
    back = undone(
        move(ACCESS, user, "buyer", DAY),
        lambda access: move(access, access.users["zeng.li"], user.position or "", DAY),
    )
    changed = [(old.data, new.data) for old, new in zip(FILES, back, strict=True) if old != new]
    assert [new.replace(b"    position_since: 2026-11-28\n", b"") == old for old, new in changed] == [True]


def test_unlocking_what_was_locked_gives_the_bytes_back() -> None:
    asked = stand(ACCESS.users["chen.jing"], Status.LOCKED)
    assert undone(asked, lambda access: stand(access.users["chen.jing"], Status.ACTIVE)) == FILES


def test_leaver_of_today_works_until_the_evening() -> None:
    user = ACCESS.users["chen.jing"]
    today, before = leave(user, DAY, DAY), leave(user, DAY - timedelta(1), DAY)
    assert built(after(today)).users["chen.jing"].valid_to == DAY
    left = built(after(before)).users["chen.jing"]
    assert (left.status, left.left_on) == (Status.LEFT, DAY - timedelta(1))


def test_leaver_whose_access_is_over_gets_none_back() -> None:
    user = ACCESS.users["luo.yi"]
    ended = date(2025, 12, 31)
    assert user.valid_to == ended
    for last, left_on in ((DAY, ended), (ended - timedelta(9), ended - timedelta(9))):
        asked = leave(user, last, DAY)
        left = built(after(asked)).users["luo.yi"]
        assert (left.status, left.left_on, left.valid_to) == (Status.LEFT, left_on, ended)
        assert asked.title == f"luo.yi leaves on {left_on}"


def test_leaver_with_a_last_day_may_leave_before_it() -> None:
    user = ACCESS.users["he.qi"]
    ends = replace(user, valid_to=date(2026, 12, 15))
    assert leave(ends, DAY, DAY).edits == leave(user, DAY, DAY).edits


def test_joiner_stands_with_the_department() -> None:
    values = {
        "name": "王小明",
        "type": "dedicated",
        "department": "purchasing",
        "position": "buyer",
        "email": None,
    }
    home = home_of(ACCESS, "purchasing", SHOWN)
    assert home.endswith("users/purchasing.yaml")
    user = built(after(join(ACCESS, "wang.xiaoming", values, home))).users["wang.xiaoming"]
    assert (user.name, user.at.file) == ("王小明", home)
    assert home_of(ACCESS, "new", SHOWN) == f"{SHOWN}/users/new.yaml"


def test_new_user_may_bring_roles() -> None:
    given = assignments(["quality.inspector"], WHY, None, DAY)
    values = {
        "name": "x",
        "type": "dedicated",
        "department": "quality",
        "assignments": given,
        "valid_to": "2026-11-28",
    }
    asked = join(ACCESS, "x", values, home_of(ACCESS, "quality", SHOWN))
    assert (asked.roles, asked.last) == (("quality.inspector",), DAY)
    assert assignments([], WHY, None, None) is None


# --- what cannot be ---------------------------------------------------------------------------------


def refusals() -> dict[str, Callable[[], Asked]]:
    users = ACCESS.users
    last = date(2026, 12, 31)
    return {
        "has left": lambda: grant(ACCESS, users["peng.fei"], "quality.inspector", WHY, None, None),
        "by an assignment already": lambda: grant(
            ACCESS, users["cao.jun"], "purchasing.approver", WHY, None, last
        ),
        "by position": lambda: grant(ACCESS, users["cao.jun"], "purchasing.buyer", WHY, None, None),
        "before the first": lambda: grant(ACCESS, users["cao.jun"], "quality.inspector", WHY, last, DAY),
        "comes by position": lambda: revoke(ACCESS, users["cao.jun"], "purchasing.buyer", DAY),
        "no assignment gives quality": lambda: revoke(ACCESS, users["cao.jun"], "quality.inspector", DAY),
        "ends by": lambda: revoke(
            ACCESS, users["chen.jing"], "purchasing.approver_standin", DAY, date(2030, 1, 1)
        ),
        "no last day": lambda: extend(users["tang.wei"], "quality.returns_clerk", last),
        "has no last day": lambda: extend(users["tang.wei"], None, last),
        "holds until": lambda: extend(users["cao.jun"], "purchasing.approver", last),
        "no assignment gives": lambda: extend(users["cao.jun"], "quality.inspector", last),
        "is buyer already": lambda: move(ACCESS, users["cao.jun"], "buyer", DAY),
        "is still to come": lambda: move(
            ACCESS, users["cao.jun"], "quality_inspector", DAY, (), DAY + timedelta(1)
        ),
        "left already": lambda: leave(users["peng.fei"], DAY, DAY),
        "ends on 2025-12-31 already": lambda: leave(users["luo.yi"], DAY + timedelta(1), DAY),
        "ends on 2026-12-15 already": lambda: leave(
            replace(users["he.qi"], valid_to=date(2026, 12, 15)), last, DAY
        ),
        "active already": lambda: stand(users["cao.jun"], Status.ACTIVE),
        "joins again": lambda: stand(users["peng.fei"], Status.ACTIVE),
        "a user 'cao.jun' already": lambda: join(ACCESS, "Cao.Jun", {}, "x"),
        "employee number": lambda: join(ACCESS, "new", {"employee_no": "10031"}, "x"),
    }


@pytest.mark.parametrize("words", list(refusals()))
def test_what_makes_no_sense_is_refused_with_a_reason(words: str) -> None:
    with pytest.raises(UsageError) as error:
        refusals()[words]()
    assert words in str(error.value)


# --- any sequence -----------------------------------------------------------------------------------

SMALL = (
    File("settings.yaml", "access/settings.yaml", b"settings: {timezone: Asia/Shanghai}\n"),
    File("base.yaml", "access/base.yaml", b"""\
departments: {purchasing: {title: P}, quality: {title: Q}}  # both
subsystems: {s: {title: S}}
positions:
  buyer: {title: Buyer, department: purchasing, roles: [buyer]}
  inspector: {title: Inspector, department: quality, roles: [inspector]}
roles:
  buyer: {title: B, subsystem: s, owner: wu.lan, entitlements: {}}
  inspector: {title: I, subsystem: s, owner: wu.lan, entitlements: {}}
  approver: {title: A, subsystem: s, owner: wu.lan, entitlements: {}}
"""),
    File("quality.yaml", "access/quality.yaml", """\
users:
  # heads it
  wu.lan: {name: 吴岚, department: quality, type: dedicated, status: active}  # in one line

  he.qi:
    name: 何琪   # as in the passport
    department: quality
    position: inspector
    type: dedicated
    assignments:
      # for the holidays
      - role: approver
        valid_to: 2026-12-31  # the last one
        reason: stands in
      - {role: buyer, reason: helps}
""".encode()),
    File("purchasing.yaml", "access/purchasing.yaml", """\
# Buyers.
users:
    lin.tao:
        name: 林涛
        department: purchasing
        position: buyer
        type: dedicated
        status: locked   # since May
""".encode()),
)  # fmt: skip
"""A small company in all the styles that people use."""
SOME = ["wu.lan", "he.qi", "lin.tao"]


@st.composite
def steps(draw: st.DrawFn) -> tuple[str, str, str, int]:
    verb = draw(st.sampled_from(["grant", "revoke", "extend", "move", "lock", "unlock", "leave", "join"]))
    days = draw(st.integers(-3, 400))
    user = draw(st.sampled_from(SOME))
    return (
        verb,
        user,
        draw(st.sampled_from(["inspector", "approver", "buyer"])),
        days,
    )


def asked_for(access: Access, step: tuple[str, str, str, int], number: int) -> Asked:
    verb, key, role, days = step
    user, last = access.users[key], DAY + timedelta(days)
    makers: dict[str, Callable[[], Asked]] = {
        "grant": lambda: grant(access, user, role, WHY, None, last),
        "revoke": lambda: revoke(access, user, role, DAY),
        "extend": lambda: extend(user, role, last),
        "move": lambda: move(access, user, "buyer", DAY),
        "lock": lambda: stand(user, Status.LOCKED),
        "unlock": lambda: stand(user, Status.ACTIVE),
        "leave": lambda: leave(user, last, DAY),
        "join": lambda: join(
            access, f"new{number}", {"name": "新人", "type": "dedicated", "department": "quality"},
            home_of(access, "quality", "access"),
        ),
    }  # fmt: skip
    return makers[verb]()


@settings(max_examples=30)
@given(st.lists(steps(), min_size=1, max_size=4))
def test_any_sequence_stays_valid_and_changes_only_whom_it_is_about(
    sequence: list[tuple[str, str, str, int]],
) -> None:
    files = tuple(sorted(SMALL))
    for number, step in enumerate(sequence):
        made = Draft(files, {}).valid()
        access = made.build()
        try:
            asked = asked_for(access, step, number)
        except UsageError:
            continue
        new = after(asked, files)
        then = Draft(new, {}).validate()
        if then.errors:
            # What no request can know is for the validator, such as a role held longer than it may be.
            assert {finding.rule for finding in then.findings if finding.severity == "error"} <= {
                "assignment/too-long", "assignment/open-ended", "dates/reversed",
            }  # fmt: skip
            continue
        proposal = propose(Declared(access, made.merged), Declared(then.build(), then.merged))
        assert {change.user for change in proposal.changes} == {asked.user}
        assert not proposal.entries
        changed = [file.shown for file, old in zip(new, files, strict=True) if file != old]
        assert changed == [asked.file]
        if step[0] != "revoke":  # an assignment goes with the comment above it
            assert comments(new) == comments(files)
        files = new


def comments(files: tuple[File, ...]) -> list[str]:
    text = b"\n".join(file.data for file in files).decode()
    return sorted(line.partition("#")[2] for line in text.splitlines() if "#" in line)
