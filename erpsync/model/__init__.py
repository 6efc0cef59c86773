"""The values that flow through erpsync: frozen, comparable, free of I/O.

Declared values (`User`, `Role`, …) say what the files say. `Account`, `Grant` and `Snapshot` are
the same type for the desired and for the live side, so that comparing them is plain ``==``.
"""

from erpsync.model.accounts import (
    ALL_ATTRIBUTES,
    EVERYBODY,
    Account,
    Capabilities,
    Catalogue,
    Description,
    Descriptions,
    Grant,
    LastChange,
    Snapshot,
    fold,
)
from erpsync.model.basic import (
    ALL,
    LIFETIME,
    Approver,
    Finding,
    LimitKind,
    Location,
    Mode,
    Risk,
    Severity,
    Status,
    UserType,
    Way,
    When,
)
from erpsync.model.changes import AccountChange, Change, ChangeKind, HeldBack, Reason, Value
from erpsync.model.declared import Access
from erpsync.model.emergencies import Emergency, Report
from erpsync.model.governance import Function, Mitigation, OwnRule, Policy, Response, SodRisk, Training
from erpsync.model.hr import HrList
from erpsync.model.organisation import ApprovalRule, Department, Oversight, Subsystem
from erpsync.model.people import Absence, Assignment, Birthright, Position, Role, User
from erpsync.model.targets import Limit, Manage, Target, Waiver

__all__ = [
    "ALL",
    "ALL_ATTRIBUTES",
    "EVERYBODY",
    "LIFETIME",
    "Absence",
    "Access",
    "Account",
    "AccountChange",
    "ApprovalRule",
    "Approver",
    "Assignment",
    "Birthright",
    "Capabilities",
    "Catalogue",
    "Change",
    "ChangeKind",
    "Department",
    "Description",
    "Descriptions",
    "Emergency",
    "Finding",
    "Function",
    "Grant",
    "HeldBack",
    "HrList",
    "LastChange",
    "Limit",
    "LimitKind",
    "Location",
    "Manage",
    "Mitigation",
    "Mode",
    "Oversight",
    "OwnRule",
    "Policy",
    "Position",
    "Reason",
    "Report",
    "Response",
    "Risk",
    "Role",
    "Severity",
    "Snapshot",
    "SodRisk",
    "Status",
    "Subsystem",
    "Target",
    "Training",
    "User",
    "UserType",
    "Value",
    "Waiver",
    "Way",
    "When",
    "fold",
]
