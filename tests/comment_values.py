"""A pull request for the tests of its comment: an ordinary one, one made to do harm, a huge one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from erpsync.approvals import Requirement, Verdict
from erpsync.model import (
    Access,
    Account,
    ApprovalRule,
    Approver,
    ChangeKind,
    Department,
    Grant,
    Location,
    Oversight,
    Risk,
    Role,
    Subsystem,
    User,
    Way,
)
from erpsync.plan import Plan, TargetPlan
from erpsync.proposal import ACCOUNT, ENTRY, KEY, WORDING, EntryChange, Proposal, Proposed
from erpsync.review import Reviewed
from tests.builders import assign, declare, user
from tests.rendered_values import change, plan_of

PEOPLE = Location("access/users/purchasing.yaml", 12, 9)
ROLES = Location("access/roles/materials.yaml", 7, 3)
FULL = "https://forge.example/huaxin/access/actions/runs/42"
UNTIL = (None, date(2026, 12, 31))
LATER = (date(2027, 3, 1), date(2027, 4, 30))


def named(key: str, name: str, handle: str | None = None, *held: str) -> User:
    """A user with a handle, who holds roles by assignment."""
    made = user(key, name=name, assignments=[assign(role) for role in held])
    return replace(made, forge={"github": handle} if handle else {})


def titled(key: str, title: str, title_zh: str | None, risk: Risk, entitlement: str, **more: object) -> Role:
    """A role of the materials subsystem."""
    made = Role(key, title, ROLES, title_zh=title_zh, risk=risk, subsystem="materials", owner="wu.lan")
    return replace(made, entitlements={"erp": (entitlement,)}, **more)  # type: ignore[arg-type]


def base() -> Access:
    """What holds before the pull request."""
    declared = declare(
        users=[
            named("chen.jing", "陈静", "chenjing", "purchasing.buyer"),
            named("lin.tao", "林涛", None, "purchasing.buyer"),
            named("wu.lan", "吴兰", "wulan"),
            named("he.qi", "何琪", "heqi"),
            named("gu.xin", "顾欣", "guxin", "purchasing.buyer"),
        ],
        roles=[
            titled("purchasing.buyer", "Buyer", "采购员", Risk.MEDIUM, "Buyer"),
            titled("purchasing.approver", "Purchase approver", "采购审批人", Risk.HIGH, "Purchase Approver"),
        ],
    )
    rule = ApprovalRule("roles", "A role is approved by the key user", (Approver.KEY_USER,), ROLES)
    return replace(
        declared,
        departments={"purchasing": Department("purchasing", "Purchasing", ROLES, "采购部", "wu.lan")},
        subsystems={"materials": Subsystem("materials", ROLES, "Materials", "物资系统", "wu.lan")},
        oversight={"office": Oversight("office", "Operations office", ("he.qi",), ROLES)},
        approvals={"roles": rule},
    )


def head() -> Access:
    """What the pull request proposes, as far as the tests of the plan need it."""
    before = base()
    chen = replace(
        before.users["chen.jing"],
        assignments=(assign("purchasing.buyer"), assign("purchasing.approver", None, UNTIL[1])),
    )
    users = {**before.users, "chen.jing": chen, "zhou.yi": named("zhou.yi", "周毅", None, "purchasing.buyer")}
    return replace(before, users=users)


def proposal() -> Proposal:
    """One change of each kind, and entries that are no users."""

    def to(key: str, kind: ChangeKind, subject: str = "", **more: object) -> Proposed:
        return Proposed(key, kind, PEOPLE, subject, **more)  # type: ignore[arg-type]

    by_assignment, by_position = Way.ASSIGNMENT, Way.POSITION
    return Proposal(
        (
            to(
                "chen.jing",
                ChangeKind.GRANT,
                "purchasing.approver",
                after=(UNTIL,),
                way=by_assignment,
                reason="stands in for the approver on leave",
                request="REQ-2026-0417",
            ),
            to("chen.jing", ChangeKind.RESCOPE, "company", before=("Huaxin Group", "A"), after=("all",)),
            to("gu.xin", ChangeKind.LOCK, before=("active",), after=("left",)),
            to("gu.xin", ChangeKind.REVOKE, "purchasing.buyer", before=((None, None),), way=by_position),
            to("he.qi", ChangeKind.UNLOCK, before=("locked",), after=("active",)),
            to("he.qi", ChangeKind.UPDATE, WORDING),
            to("lin.tao", ChangeKind.LOCK, before=("active",), after=("locked",)),
            to("lin.tao", ChangeKind.RESCOPE, "company", before=("Huaxin Group",), after=()),
            to("lin.tao", ChangeKind.RETIME, ACCOUNT, before=((None, None),), after=(UNTIL,)),
            to(
                "wu.lan",
                ChangeKind.RETIME,
                "purchasing.buyer",
                before=(UNTIL,),
                after=(UNTIL, LATER),
                way=by_assignment,
            ),
            to(
                "wu.lan", ChangeKind.UPDATE, "email", before=("wu@old.example",), after=("wu@huaxin.example",)
            ),
            to("wu.lan", ChangeKind.UPDATE, KEY, before=("wu",), after=("wu.lan",)),
            to("xu.min", ChangeKind.UPDATE, ENTRY, before=("declared",)),
            to("zhou.yi", ChangeKind.CREATE),
            to("zhou.yi", ChangeKind.GRANT, "purchasing.buyer", after=((None, None),), way=by_position),
        ),
        (
            EntryChange("approvals", "roles", "changed", ROLES),
            EntryChange("roles", "purchasing.buyer", "changed", ROLES),
            EntryChange("new_section", "PO", "added", ROLES),
        ),
    )


def verdicts() -> tuple[Verdict, ...]:
    """One approval that is given, one that is missing, one that nobody can give."""
    changes = proposal().changes
    given = Requirement(
        Approver.KEY_USER, "materials", ("wu.lan", "lin.tao"), changes=changes[:1], entries=proposal().entries
    )
    asked = Requirement(Approver.OVERSIGHT, "", ("he.qi",), "nobody holds this part", files=("Makefile",))
    nobody = Requirement(Approver.OWNER, "zhou.yi", (), changes=changes[-2:])
    unknown = Requirement(Approver.ERP_ADMIN, "", ("he.qi",), changes=changes[:1])
    head_of = Requirement(Approver.DEPARTMENT_HEAD, "purchasing", ("wu.lan",), changes=changes[-1:])
    return (
        Verdict(given, ("wu.lan",)),
        *(Verdict(item, ()) for item in (asked, nobody, unknown)),
        Verdict(head_of, ("wu.lan",)),
    )


def reviewed(made: Proposal | None = None, held: Sequence[Verdict] | None = None) -> Reviewed:
    """The ordinary pull request, or one with another proposal or other approvals."""
    return Reviewed(made or proposal(), tuple(verdicts() if held is None else held))


def plan() -> Plan:
    """Two accounts that change with the pull request, one of them with drift, and one that drifted."""
    chen = Account("chen.jing", "陈静", grants=(Grant("Buyer"), Grant("Hand-made")))
    gained = replace(chen, grants=(Grant("Buyer"), Grant("Purchase Approver", None, UNTIL[1])))
    lin = Account("lin.tao", "林涛", grants=(Grant("Buyer"),))
    return plan_of(
        TargetPlan(
            "erp",
            "tryton",
            "instance-1",
            (
                change("chen.jing", chen, gained, Risk.HIGH),
                change("zhou.yi", None, Account("zhou.yi", "周毅", grants=(Grant("Buyer"),)), Risk.MEDIUM),
                change("lin.tao", replace(lin, active=False), lin, Risk.LOW),
            ),
            (),
            (Account("stranger", None),),
            unmanaged_is_drift=False,
            excess=("accounts that gain a role of high risk: 1, at most 0",),
        ),
        TargetPlan("wms", "tryton", "instance-2", (), (), (), unmanaged_is_drift=False),
    )


def many(count: int) -> Proposal:
    """A proposal with this many changes, two for each user."""
    return Proposal(
        tuple(
            Proposed(
                f"user.{number // 2:05}",
                ChangeKind.GRANT,
                PEOPLE,
                f"role.{number % 2}",
                after=(UNTIL,),
                way=Way.ASSIGNMENT,
                reason="代理休假的审批人",
                request=f"REQ-{number}",
            )
            for number in range(count)
        ),
        (),
    )
