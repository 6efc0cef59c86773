"""Joiners, movers and leavers, as the files tell of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from erpsync.model import Risk, Status, User
from erpsync.policy.base import Facts, Rule, Violation
from erpsync.policy.charges import charges
from erpsync.policy.people import assigned, gone, present
from erpsync.resolve import included


def _left_undated(facts: Facts) -> Iterator[Violation]:
    for user in facts.access.users.values():
        if user.status is Status.LEFT and user.left_on is None:
            yield Violation(
                user.key,
                f"{user.key} has left, but left_on does not say when",
                f"{user.key} 已离职，但未填写离职日期 left_on",
                user.at,
                (user.key,),
                "write the day into left_on",
                "在 left_on 中填写离职日期",
            )


def _left_open(facts: Facts) -> Iterator[Violation]:
    for user in facts.access.users.values():
        past = user.left_on is not None and user.left_on < facts.as_of
        if past and user.status is not Status.LEFT:
            yield Violation(
                user.key,
                f"{user.key} left on {user.left_on}, but the status is still {user.status}",
                f"{user.key} 已于 {user.left_on} 离职，但状态仍为 {user.status}",
                user.at,
                (user.key,),
                "set status: left, which locks the account and takes everything away",
                "将状态改为 left，账号随之锁定并收回全部权限",
            )


def _joiner(facts: Facts) -> Iterator[Violation]:
    for user in present(facts.access, facts.as_of):
        for item in user.assignments:
            if user.valid_from and item.valid_from and item.valid_from < user.valid_from:
                yield Violation(
                    assigned(user, item),
                    f"{user.key} is to have {item.role} from {item.valid_from}, but begins on "
                    f"{user.valid_from}",
                    f"{user.key} 自 {user.valid_from} 起生效，授权 {item.role} 却始于 {item.valid_from}",
                    item.at,
                    (user.key,),
                    "correct one of the two days",
                    "更正其中一个日期",
                )


def _mover(facts: Facts) -> Iterator[Violation]:
    for user in present(facts.access, facts.as_of):
        since = user.position_since
        if since is None or facts.as_of - since <= facts.access.policy.mover_grace:
            continue
        explained = _explained(user, facts)
        for item in user.assignments:
            current = item.valid_to is None or item.valid_to >= facts.as_of
            before = item.valid_from is None or item.valid_from < since
            if current and before and item.role not in explained:
                yield Violation(
                    assigned(user, item),
                    f"{user.key} is {user.position} since {since} and still has {item.role} from before",
                    f"{user.key} 自 {since} 起任 {user.position}，仍保留此前的角色 {item.role}",
                    item.at,
                    (user.key,),
                    "take the role away, or assign it anew with a reason of the new position",
                    "收回该角色，或按新岗位重新申请",
                )


def _explained(user: User, facts: Facts) -> set[str]:
    """The roles that the user's position and the birthright rules bring, with all they include."""
    access = facts.access
    position = access.positions.get(user.position or "")
    given = [*(position.roles if position else ())]
    given += [key for rule in access.birthright.values() if rule.matches(user) for key in rule.roles]
    return {key for role in given for key in included(role, access.roles)}


def _owner_left(facts: Facts) -> Iterator[Violation]:
    for charge in charges(facts.access, facts.as_of):
        user = facts.access.users.get(charge.user)
        if user is not None and gone(user, facts.as_of):
            yield Violation(
                f"{charge.subject}/{charge.user}",
                f"{charge.user} has left, but is {charge.words}",
                f"{charge.user} 已离开，但仍是{charge.words_zh}",
                charge.at,
                (charge.user,),
                "name somebody who is there",
                "改为在职人员",
            )


RULES = (
    Rule(
        id="lifecycle/leaver-undated",
        title="Leavers have a day",
        title_zh="离职人员须有离职日期",
        level=Risk.LOW,
        why="Without the day nobody can tell whether access ended in time, which is the first "
        "thing that auditors ask.",
        example="A user is marked as left; whether that was done on the last day or weeks later, "
        "no record says.",
        mend="Write the last working day into left_on.",
        controls=("ISO27001:A.5.18", "SOX:ITGC-Deprovisioning", "NIST800-53:PS-4"),
        check=_left_undated,
    ),
    Rule(
        id="lifecycle/leaver-open",
        title="Leavers are marked as left",
        title_zh="离职后状态未更新",
        level=Risk.HIGH,
        why="Somebody who has left and is not marked as left keeps the account and everything it may do.",
        example="HR writes the last day into the entry and forgets the status, so the login goes on working.",
        mend="Set status: left.",
        controls=("ISO27001:A.5.18", "GB/T22239:8.1.8", "NIST800-53:PS-4"),
        check=_left_open,
    ),
    Rule(
        id="lifecycle/joiner-early",
        title="Nobody has a role before the first day",
        title_zh="授权不得早于入职",
        level=Risk.LOW,
        why="A role that is to begin before its holder does was asked for with a wrong day, so the "
        "approval was for other days.",
        example="An assignment begins in March for somebody who joins in May.",
        mend="Correct the day of the assignment, or that of the user.",
        controls=("ISO27001:A.5.18", "SOX:ITGC-Provisioning"),
        check=_joiner,
    ),
    Rule(
        id="lifecycle/mover",
        title="Movers leave old roles behind",
        title_zh="调岗后须收回旧权限",
        level=Risk.HIGH,
        why="Who changes jobs and keeps the roles of each gathers, over the years, what nobody may "
        "have together.",
        example="The former buyer, now in accounts payable, can still order.",
        mend="Take the role away, or ask for it anew with a reason of the present job.",
        controls=("ISO27001:A.5.18", "SOX:ITGC-Review", "NIST800-53:PS-5"),
        check=_mover,
    ),
    Rule(
        id="lifecycle/owner-left",
        title="Nobody who has left answers for anything",
        title_zh="责任人已离职",
        level=Risk.HIGH,
        why="What belongs to somebody who is gone is approved, looked at and closed by nobody.",
        example="The owner of a role left in spring; its requests wait, or are approved by whoever "
        "is at hand.",
        mend="Name a successor who is there.",
        controls=("ISO27001:A.5.2", "ISO27001:A.5.18", "NIST800-53:AC-2"),
        check=_owner_left,
    ),
)
