"""Builders of values for tests, and a whole case: declared, live, settings and day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from erpsync.diff import Difference, diff
from erpsync.model import (
    Access,
    Account,
    Assignment,
    Birthright,
    Capabilities,
    Catalogue,
    Location,
    Manage,
    Mode,
    Position,
    Risk,
    Role,
    Snapshot,
    Status,
    Target,
    User,
    UserType,
    fold,
)
from erpsync.plan import Plan, TargetPlan, make_plan, target_plan
from erpsync.resolve import Resolver, resolver

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
DIGEST = "sha256:" + "0" * 64
AT = Location("access/users.yaml", 3, 5)
ERP = "erp"
ENFORCE = Manage(Mode.ENFORCE, Mode.ENFORCE, Mode.ENFORCE, Mode.ENFORCE)
OBSERVE = Manage()
ADDITIVE = Manage(Mode.ADDITIVE, Mode.ADDITIVE, Mode.ADDITIVE, Mode.ADDITIVE)
CAN = Capabilities(validity=True, scopes=frozenset({"company"}))


# --- builders -------------------------------------------------------------------------------------


def user(
    key: str = "chen.jing",
    *,
    kind: UserType = UserType.DEDICATED,
    status: Status = Status.ACTIVE,
    department: str | None = "purchasing",
    position: str | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
    assignments: Sequence[Assignment] = (),
    previously: Sequence[str] = (),
    logins: Mapping[str, str] | None = None,
    scope: Mapping[str, tuple[str, ...]] | None = None,
    email: str | None = None,
    language: str | None = None,
    name: str = "陈静",
) -> User:
    return User(
        key=key,
        name=name,
        type=kind,
        at=AT,
        status=status,
        department=department,
        position=position,
        position_at=AT if position else None,
        valid_from=valid_from,
        valid_to=valid_to,
        assignments=tuple(assignments),
        previously=tuple(previously),
        logins=logins or {},
        scope=scope or {},
        email=email,
        language=language,
    )


def assign(role: str, first: date | None = None, last: date | None = None, **more: str) -> Assignment:
    return Assignment(role, "stands in", AT, first, last, more.get("request"))


def role(
    key: str, *entitlements: str, includes: Sequence[str] = (), risk: Risk = Risk.MEDIUM, target: str = ERP
) -> Role:
    return Role(
        key, key.title(), AT, risk=risk, includes=tuple(includes), entitlements={target: entitlements}
    )


def position(key: str, *roles: str) -> Position:
    return Position(key, key.title(), "purchasing", roles, AT)


def make_target(
    manage: Manage = ENFORCE,
    *,
    protected: Sequence[str] = (),
    ignore: Sequence[str] = (),
    unmanaged_is_drift: bool = False,
) -> Target:
    return Target(
        ERP,
        "tryton",
        "https://erp.huaxin.example/",
        "env:ERP_USERNAME",
        "env:ERP_PASSWORD",
        AT,
        manage=manage,
        protected=tuple(protected),
        ignore=tuple(ignore),
        unmanaged_is_drift=unmanaged_is_drift,
    )


def declare(
    *,
    users: Sequence[User] = (),
    roles: Sequence[Role] = (),
    positions: Sequence[Position] = (),
    birthright: Sequence[Birthright] = (),
    target: Target | None = None,
) -> Access:
    return Access(
        timezone="Asia/Shanghai",
        targets={ERP: target or make_target()},
        positions={item.key: item for item in positions},
        roles={item.key: item for item in roles},
        birthright={item.key: item for item in birthright},
        users={item.key: item for item in users},
        digest=DIGEST,
    )


def snapshot(*accounts: Account, protected: Mapping[str, str] | None = None) -> Snapshot:
    return Snapshot({fold(account.login): account for account in accounts}, protected or {})


# --- one whole case: declared, live, settings, day --------------------------------------------------


@dataclass(frozen=True)
class Case:
    """Everything a plan is computed from."""

    access: Access
    live: Snapshot
    catalogue: Catalogue
    capabilities: Capabilities
    as_of: date = TODAY

    @property
    def target(self) -> Target:
        return self.access.targets[ERP]

    @property
    def resolver(self) -> Resolver:
        can, implies = self.capabilities, self.catalogue.implies
        return resolver(self.access, ERP, self.as_of, validity=can.validity, implies=implies)

    def diff(self) -> Difference:
        return diff(
            self.resolver.desired(),
            self.live,
            target=self.target,
            catalogue=self.catalogue,
            capabilities=self.capabilities,
            as_of=self.as_of,
        )

    def target_plan(self) -> TargetPlan:
        return target_plan(self.diff(), self.resolver, "instance-1", len(self.live.accounts))

    def plan(self) -> Plan:
        return make_plan(
            [self.target_plan()], as_of=self.as_of, now=NOW, access_digest=DIGEST, commit="0123456789abcdef"
        )

    def with_manage(self, manage: Manage) -> Case:
        target = replace(self.target, manage=manage)
        return replace(self, access=replace(self.access, targets={ERP: target}))

    def applied(self) -> Case:
        """The case after its plan was carried out by an ERP that does exactly what it is told."""
        accounts = dict(self.live.accounts)
        for change in self.diff().accounts:
            if change.before is not None:
                del accounts[fold(change.before.login)]
            accounts[fold(change.after.login)] = change.after
        return replace(self, live=replace(self.live, accounts=accounts))
