"""Somebody answers for everything, and nobody watches over himself. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from erpsync.model import Access, Location, Risk, Status, User
from erpsync.policy.base import Facts, Rule, Violation
from erpsync.policy.charges import KINDS_ZH, PARTS_ZH, Charge, charges
from erpsync.policy.people import gone, later, listed, listed_zh, present, works


def _answered_for(facts: Facts) -> Iterator[Violation]:
    for part, kind, key, user, at in _seats(facts.access):
        if user is None:
            yield Violation(
                f"{kind}/{key}/{part.replace(' ', '_')}",
                f"{kind} {key} has no {part}",
                f"{KINDS_ZH[kind]} {key} 没有{PARTS_ZH[part]}",
                at,
                (),
                "name somebody who answers for it",
                "指定责任人",
            )
        elif user in facts.access.users and _unable(facts.access.users[user], facts):
            charge = Charge(part, kind, key, user, at)
            yield Violation(
                charge.subject,
                f"{user} is {charge.words}, but cannot act: {_unable(facts.access.users[user], facts)}",
                f"{user} 是{charge.words_zh}，但目前不能履职",
                at,
                (user,),
                "name somebody who is there",
                "改为在职人员",
            )


def _seats(access: Access) -> Iterator[tuple[str, str, str, str | None, Location]]:
    """What always has somebody: the part, the kind and key of the entry, who it is, and the place."""
    for department in access.departments.values():
        yield "manager", "department", department.key, department.manager, department.at
    for item in access.subsystems.values():
        yield "business admin", "subsystem", item.key, item.business_admin, item.at
        yield "ERP admin", "subsystem", item.key, item.erp_admin, item.at
    for role in access.roles.values():
        yield "owner", "role", role.key, role.owner, role.at


def _unable(user: User, facts: Facts) -> str:
    """Why a user who has not left cannot act; who has left is told by the rule about leavers."""
    if gone(user, facts.as_of) or works(user, facts.as_of):
        return ""
    return "is locked" if user.status is Status.LOCKED else f"begins on {user.valid_from}"


def _two_lines(facts: Facts) -> Iterator[Violation]:
    for subsystem in facts.access.subsystems.values():
        admin = subsystem.business_admin
        if admin is not None and admin == subsystem.erp_admin:
            yield Violation(
                subsystem.key,
                f"{admin} is business admin and ERP admin of {subsystem.key}: there is one line of authority",
                f"{admin} 同时是 {subsystem.key} 的业务管理员和ERP管理员，缺少两条独立的管理线",
                subsystem.at,
                (admin,),
                "let the department appoint the business admin, information management the ERP admin",
                "业务管理员由业务部门指定，ERP管理员由信息管理部指定",
            )


def _oversees_himself(facts: Facts) -> Iterator[Violation]:
    access = facts.access
    # Members of an office of operations are those who do the work; only its head watches over them.
    watching = [(office, office.members) for office in access.oversight.values()]
    watching += [(office, (office.head,) if office.head else ()) for office in access.operations.values()]
    for office, people in watching:
        overseen = [
            item for item in access.subsystems.values() if item.key in office.oversees or not office.oversees
        ]
        for key in people:
            own = [item.key for item in overseen if key in (item.business_admin, item.erp_admin)]
            if own:
                yield Violation(
                    f"{office.key}/{key}",
                    f"{key} of {office.key} administers {listed(own)}, and so oversees himself",
                    f"{office.key} 的 {key} 管理{listed_zh(own)}，形成自我监督",
                    office.at,
                    (key,),
                    "let somebody else administer them, or oversee them",
                    "由他人担任管理员，或由他人监督",
                )


def _deputies(facts: Facts) -> Iterator[Violation]:
    access = facts.access
    offices = (*access.oversight.values(), *access.operations.values())
    heads = [("office", office.key, office.head, office.at) for office in offices]
    heads += [("department", item.key, item.manager, item.at) for item in access.departments.values()]
    for kind, key, head, at in heads:
        user = access.users.get(head or "")
        if user is None or gone(user, facts.as_of):
            continue
        deputy = access.users.get(user.deputy or "")
        if deputy is None or not works(deputy, facts.as_of):
            yield Violation(
                f"{kind}/{key}",
                f"{user.key} heads {kind} {key} and has no deputy who is there",
                f"{KINDS_ZH[kind]} {key} 的负责人 {user.key} 没有在岗代理人",
                at,
                (user.key,),
                "name a deputy in the user's entry",
                "在该用户条目中填写 deputy",
            )


def _last_one(facts: Facts) -> Iterator[Violation]:
    access, last = facts.access, later(facts.as_of, facts.access.policy.soon)
    held: dict[str, list[Charge]] = {}
    others: dict[tuple[str, str, str], set[str]] = {}
    for charge in charges(access, facts.as_of):
        held.setdefault(charge.user, []).append(charge)
        if charge.user in access.users and works(access.users[charge.user], last):
            others.setdefault((charge.part, charge.kind, charge.key), set()).add(charge.user)
    for user in present(access, facts.as_of):
        days = [day for day in (user.valid_to, user.left_on) if day is not None and day <= last]
        alone = [
            charge
            for charge in held.get(user.key, ())
            if not others.get((charge.part, charge.kind, charge.key), set()) - {user.key}
        ]
        if days and alone:
            yield Violation(
                user.key,
                f"{user.key} leaves on {min(days)} and is the last {listed([item.words for item in alone])}",
                f"{user.key} 将于 {min(days)} 离开，是最后一位{listed_zh([item.words_zh for item in alone])}",
                alone[0].at,
                (user.key,),
                "name the successor before that day",
                "在此之前指定接任人",
            )


RULES = (
    Rule(
        id="responsibility/answered-for",
        title="Somebody answers for everything",
        title_zh="责任人缺位",
        level=Risk.HIGH,
        why="What nobody answers for nobody approves with care, and nobody notices when it goes wrong.",
        example="A department without a manager: its requests are approved by an office that does "
        "not know the people.",
        mend="Name a manager, an admin or an owner who is there and not locked.",
        controls=("ISO27001:A.5.2", "NIST800-53:AC-2", "F0:1.2"),
        check=_answered_for,
    ),
    Rule(
        id="responsibility/two-lines",
        title="Two lines of authority",
        title_zh="业务与系统两条管理线",
        level=Risk.HIGH,
        why="The business says what is needed, information management gives it. One person in both "
        "places asks and gives alone.",
        example="The ERP admin of a subsystem is its business admin too, and approves what he then sets up.",
        mend="Let the department appoint the business admin and information management the ERP admin.",
        controls=("ISO27001:A.5.3", "NIST800-53:AC-5", "F4:appointment"),
        check=_two_lines,
    ),
    Rule(
        id="responsibility/oversees-himself",
        title="Nobody oversees himself",
        title_zh="不得自我监督",
        level=Risk.HIGH,
        why="Who watches over the admins and is one of them reports on himself.",
        example="The head of the operations office assesses eleven subsystems and administers five of them.",
        mend="Let somebody else administer those subsystems, or let another office oversee them.",
        controls=("ISO27001:A.5.3", "NIST800-53:AC-5", "GB/T22239:8.1.5"),
        check=_oversees_himself,
    ),
    Rule(
        id="responsibility/head-without-deputy",
        title="Heads have deputies",
        title_zh="负责人须有代理人",
        level=Risk.MEDIUM,
        why="When the only one who may approve is away, work waits, or the password is passed on.",
        example="The head of the operations office is on leave, and no request of five subsystems "
        "is looked at.",
        mend="Name a deputy who is there in the entry of the head.",
        controls=("ISO27001:A.5.2", "F0:key-user-backup"),
        check=_deputies,
    ),
    Rule(
        id="responsibility/last-one-leaves",
        title="Successors come before leavers go",
        title_zh="离职前须有接任人",
        level=Risk.MEDIUM,
        why="On the day after the last key user has left, nobody can check what is asked for.",
        example="The only key user of sales leaves in two weeks, and nobody was named.",
        mend="Name the successor while the leaver is still there to explain.",
        controls=("ISO27001:A.5.2", "ISO27001:A.6.5", "F0:key-user-backup"),
        check=_last_one,
    ),
)
