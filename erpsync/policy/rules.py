"""Every rule that comes with erpsync, in a fixed order. Pure."""

from __future__ import annotations

from erpsync.policy import (
    bounds,
    deep_rules,
    gates,
    lifecycle,
    lifecycle_assignments,
    lifecycle_changes,
    lifecycle_identities,
    lifecycle_live,
    responsibility,
    responsibility_key_users,
)
from erpsync.policy.base import Rule
from erpsync.policy.live import SOD_LIVE
from erpsync.policy.sod_rule import SOD

RULES: tuple[Rule, ...] = (
    SOD,
    SOD_LIVE,
    *lifecycle.RULES,
    *lifecycle_changes.RULES,
    *lifecycle_assignments.RULES,
    *lifecycle_identities.RULES,
    *lifecycle_live.RULES,
    *responsibility.RULES,
    *responsibility_key_users.RULES,
    *gates.RULES,
    *bounds.RULES,
    *deep_rules.RULES,
)
