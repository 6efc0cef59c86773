"""The whole declared state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from erpsync.model.basic import LIFETIME
from erpsync.model.emergencies import Emergency
from erpsync.model.governance import Function, Mitigation, OwnRule, Policy, SodRisk, Training
from erpsync.model.hr import HrList
from erpsync.model.organisation import ApprovalRule, Department, Oversight, Subsystem
from erpsync.model.people import Birthright, Position, Role, User
from erpsync.model.targets import Target, Waiver


@dataclass(frozen=True, slots=True)
class Access:
    """The whole declared state, with the digest of the files it was read from."""

    timezone: str
    targets: Mapping[str, Target]
    positions: Mapping[str, Position]
    roles: Mapping[str, Role]
    birthright: Mapping[str, Birthright]
    users: Mapping[str, User]
    digest: str
    waivers: Mapping[str, Waiver] = field(default_factory=dict)
    emergencies: Mapping[str, Emergency] = field(default_factory=dict)
    departments: Mapping[str, Department] = field(default_factory=dict)
    subsystems: Mapping[str, Subsystem] = field(default_factory=dict)
    oversight: Mapping[str, Oversight] = field(default_factory=dict)
    """The offices that watch over the rules; one of their members approves."""
    operations: Mapping[str, Oversight] = field(default_factory=dict)
    """The offices that watch over those who run the subsystems; they approve nothing."""
    approvals: Mapping[str, ApprovalRule] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)
    risks: Mapping[str, SodRisk] = field(default_factory=dict)
    mitigations: Mapping[str, Mitigation] = field(default_factory=dict)
    trainings: Mapping[str, Training] = field(default_factory=dict)
    rules: Mapping[str, OwnRule] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    plan_lifetime: timedelta = LIFETIME
    shared_journal: bool = False
    hr: HrList | None = None
    """How the list of the personnel department is read, where there is one."""
