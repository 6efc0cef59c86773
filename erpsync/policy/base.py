"""What a rule is, what it looks at, and what it finds. Pure.

A rule is a function from facts to violations, with everything that people need to know about it.
It says what is wrong, never what follows: the company's policy decides that, afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase

from erpsync.model import Access, Account, Location, Response, Risk, Severity, Status
from erpsync.policy.days import Spans, without


@dataclass(frozen=True, slots=True)
class LiveTarget:
    """One target as it is: its accounts by folded login, and the users whose they are.

    ``last_login`` has the accounts of which the ERP tells it, None for one that was never used.
    """

    name: str
    accounts: Mapping[str, Account]
    owners: Mapping[str, str]
    builtin: Mapping[str, str] = field(default_factory=dict)
    last_login: Mapping[str, date | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules look at: the declared state, a day, and the targets as far as they were read.

    ``permissions`` has, by target and entitlement, everything that it really allows, each as one text.
    """

    access: Access
    as_of: date
    live: Mapping[str, LiveTarget] = field(default_factory=dict)
    permissions: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a rule is broken.

    ``subject`` names it among those of its rule, the same in every run, so that runs can be
    compared. ``rule`` and ``level`` stand here where one rule has many (each risk is one). ``days``
    are those on which it holds, where the rule knows: on more of them it is a new one.
    """

    subject: str
    message: str
    message_zh: str
    at: Location
    users: tuple[str, ...] = ()
    hint: str | None = None
    hint_zh: str | None = None
    rule: str | None = None
    level: Risk | None = None
    said: Response | None = None
    controls: tuple[str, ...] = ()
    days: Spans = ()


Check = Callable[[Facts], Iterable[Violation]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, with its page of the reference: why it is there, an example, and how to mend what it finds.

    ``live`` says that it looks at what targets have, so it finds nothing in the files alone.
    """

    id: str
    title: str
    title_zh: str
    level: Risk
    why: str
    example: str
    mend: str
    controls: tuple[str, ...]
    check: Check
    live: bool = False


@dataclass(frozen=True, slots=True)
class PolicyFinding:
    """What a rule found, and what follows.

    ``made_up`` says by what the finding is made up for: a mitigation or a waiver that holds.
    """

    rule: str
    title: str
    title_zh: str
    violation: Violation
    level: Risk
    response: Response
    controls: tuple[str, ...] = ()
    made_up: str | None = None

    @property
    def id(self) -> str:
        """What the same finding is called in every run."""
        return f"{self.rule}:{self.violation.subject}"

    @property
    def blocks(self) -> bool:
        """Whether it refuses."""
        return self.made_up is None and self.response in (Response.BLOCK, Response.MITIGATE)

    @property
    def severity(self) -> Severity:
        """How it is told."""
        if self.blocks:
            return Severity.ERROR
        return Severity.WARNING if self.made_up is None and self.response is Response.WARN else Severity.NOTE

    @property
    def order(self) -> tuple[Location, str, str]:
        """Sort key: by place, then by rule."""
        return (self.violation.at, self.rule, self.violation.subject)


def evaluate(facts: Facts, rules: Iterable[Rule]) -> tuple[PolicyFinding, ...]:
    """Everything that the rules find, sorted, with what follows from the company's policy."""
    found = [_finding(rule, violation, facts) for rule in rules for violation in rule.check(facts)]
    return tuple(sorted(found, key=lambda finding: finding.order))


def _finding(rule: Rule, violation: Violation, facts: Facts) -> PolicyFinding:
    name = violation.rule or rule.id
    level = violation.level or rule.level
    response = facts.access.policy.response_of(name, level, violation.said)
    made_up = _made_up(name, violation.users, response, facts)
    controls = violation.controls or rule.controls
    return PolicyFinding(name, rule.title, rule.title_zh, violation, level, response, controls, made_up)


def _made_up(rule: str, users: Collection[str], response: Response, facts: Facts) -> str | None:
    """The mitigation or waiver that makes up for a finding about these users, all of them; or None."""
    if not users:
        return None
    access, day = facts.access, facts.as_of
    for waiver in access.waivers.values():
        holds = waiver.valid_to >= day and _active(waiver.owner, access) and waiver.users >= set(users)
        if holds and any(fnmatchcase(rule, pattern) for pattern in waiver.rules):
            return f"waiver {waiver.key} until {waiver.valid_to}"
    if response is not Response.MITIGATE:
        return None
    for item in access.mitigations.values():
        named = rule in item.rules or _risk(rule) in item.risks
        people = (item.owner, item.performer)
        # Nobody watches over himself: one that the performer himself would need does not count.
        able = item.performer not in users and all(_active(key, access) for key in people)
        if named and able and item.valid_to >= day and item.users >= set(users):
            return f"mitigation {item.key} until {item.valid_to}"
    return None


def _risk(rule: str) -> str | None:
    """The risk that a rule is about, whether git brings it, the ERP, or its real permissions."""
    family, _, risk = rule.partition("/")
    return risk if family in ("sod", "sod-live", "sod-deep") else None


def _active(key: str, access: Access) -> bool:
    user = access.users.get(key)
    return user is not None and user.status is Status.ACTIVE


def introduced(before: Iterable[PolicyFinding], after: Iterable[PolicyFinding]) -> Iterator[PolicyFinding]:
    """The findings that a change brings: not there before, or made up for, or not on as many days."""
    known = {finding.id: finding.violation.days for finding in before if finding.made_up is None}
    for finding in after:
        grown = finding.id in known and without(finding.violation.days, known[finding.id])
        if finding.made_up is None and (finding.id not in known or grown):
            yield finding
