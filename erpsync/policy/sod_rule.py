"""Separation of duties as a rule: which conflicts count, and what is said of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from erpsync.model import Access, Risk, SodRisk
from erpsync.policy.base import Facts, PolicyFinding, Rule, Violation, evaluate
from erpsync.policy.duties import Rulebook, rulebook
from erpsync.policy.holdings import declared
from erpsync.policy.sod import Conflict, conflicts, over_limit, role_conflicts
from erpsync.policy.sod_words import MENDS, message, role_message


@dataclass(frozen=True, slots=True)
class Told:
    """A finding, with the conflict of a person that it tells of; None where it tells of a role."""

    finding: PolicyFinding
    conflict: Conflict | None


def check(facts: Facts) -> Iterator[Violation]:
    """Every conflict that git brings about, from the day on: in roles first, then of people."""
    return (violation for violation, _ in _violations(facts))


def tell(facts: Facts) -> tuple[Told, ...]:
    """Everything that the rule finds, sorted, with what follows from the policy."""
    return _told(_violations(facts), facts)


def tell_of(found: Iterable[Conflict], book: Rulebook, facts: Facts) -> tuple[Told, ...]:
    """The same of some conflicts of people."""
    return _told(_of_people(found, book, facts), facts)


def _told(found: Iterable[tuple[Violation, Conflict | None]], facts: Facts) -> tuple[Told, ...]:
    pairs = list(found)
    conflicts_by_id = {f"{violation.rule}:{violation.subject}": conflict for violation, conflict in pairs}
    rule = replace(SOD, check=lambda _: [violation for violation, _ in pairs])
    return tuple(Told(finding, conflicts_by_id[finding.id]) for finding in evaluate(facts, [rule]))


def _violations(facts: Facts) -> Iterator[tuple[Violation, Conflict | None]]:
    access = facts.access
    book = rulebook(access)
    found = list(conflicts(access, book, declared(access, facts.as_of)))
    for role, risk in role_conflicts(access, book):
        yield role_violation(role, risk, holders(role, risk, found, book), access), None
    yield from _of_people(found, book, facts)


def _of_people(
    found: Iterable[Conflict], book: Rulebook, facts: Facts
) -> Iterator[tuple[Violation, Conflict]]:
    """Conflicts in words; those of a risk that some may have only where too many do."""
    return ((violation(conflict, book, facts), conflict) for conflict in over_limit(found))


def violation(conflict: Conflict, book: Rulebook, facts: Facts) -> Violation:
    """A conflict in words. It stands where the holding is that came last."""
    risk = conflict.risk
    last = max((item for side in conflict.sides for item in side), key=lambda item: (item.first, item.at))
    text, text_zh = message(conflict, book, facts)
    hint, hint_zh = MENDS[conflict.seat]
    return Violation(
        subject=conflict.person,
        message=text,
        message_zh=text_zh,
        at=last.at,
        users=conflict.users,
        hint=f"{hint}, or make up for it with a mitigation",
        hint_zh=f"{hint_zh}，或增加补偿控制",
        rule=f"sod/{risk.key}",
        level=risk.level,
        said=risk.response,
        controls=risk.controls,
        days=conflict.spans,
    )


def role_violation(role: str, risk: SodRisk, users: Iterable[str], access: Access) -> Violation:
    """A role that brings a risk by itself. It is made up for only for all who have it."""
    text, text_zh = role_message(access.roles[role], risk)
    return Violation(
        subject=f"role:{role}",
        message=text,
        message_zh=text_zh,
        at=access.roles[role].at,
        users=tuple(users),
        hint="split the role: clean roles come before clean users",
        hint_zh="拆分该角色：先理清角色，再理清用户",
        rule=f"sod/{risk.key}",
        level=risk.level,
        said=risk.response,
        controls=risk.controls,
    )


def holders(role: str, risk: SodRisk, found: Iterable[Conflict], book: Rulebook) -> tuple[str, ...]:
    """The users who have a role, directly or included, and its risk."""
    held = (item for conflict in found if conflict.risk is risk for side in conflict.sides for item in side)
    return tuple(sorted({item.user for item in held if role in book.closures[item.role]}))


SOD = Rule(
    id="sod",
    title="Separation of duties",
    title_zh="职责分离",
    level=Risk.HIGH,
    why="Two steps that check each other are no check when one person does both.",
    example="The buyer who orders also books the receipt of goods that never came.",
    mend="Take one side away, split the role, or name a mitigation: somebody else who looks at it.",
    controls=("ISO27001:A.5.3", "SOX:ITGC-SoD", "NIST800-53:AC-5"),
    check=check,
)
