"""What must be done before somebody uses a role: trained, verified, signed. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from erpsync.model import Risk, Training, User
from erpsync.policy.base import Facts, Rule, Violation
from erpsync.policy.holdings import declared
from erpsync.policy.people import closures, held, later, listed, listed_zh, present


def _trained(facts: Facts) -> Iterator[Violation]:
    for user, training, roles, last in _required(facts):
        if last is not None and last >= facts.as_of:
            continue
        ended = f"ended on {last}" if last is not None else "was not done"
        ended_zh = f"已于 {last} 过期" if last is not None else "尚未完成"
        yield Violation(
            f"{user.key}/{training.key}",
            f"training {training.key} of {user.key} {ended}, and {listed(roles)} requires it",
            f"{user.key} 的培训{training.title_zh or training.title}{ended_zh}，角色 "
            f"{listed_zh(roles)} 要求该培训",
            user.at,
            (user.key,),
            "let the key user train, then write the day into trainings",
            "由关键用户培训后在 trainings 中填写日期",
        )


def _training_ends(facts: Facts) -> Iterator[Violation]:
    for user, training, roles, last in _required(facts):
        if last is not None and facts.as_of <= last <= later(facts.as_of, facts.access.policy.soon):
            yield Violation(
                f"{user.key}/{training.key}",
                f"training {training.key} of {user.key} counts until {last}; {listed(roles)} requires it",
                f"{user.key} 的培训{training.title_zh or training.title}将于 {last} 过期，"
                f"角色 {listed_zh(roles)} 要求该培训",
                user.at,
                (user.key,),
                "train again before that day",
                "在此之前安排复训",
            )


def _required(facts: Facts) -> Iterator[tuple[User, Training, list[str], date | None]]:
    """Each training that the roles of a user require, the roles, and the last day it counts for the user."""
    access, brings = facts.access, closures(facts.access)
    asking = {
        key for key in access.roles if any(access.roles[name].requires_training for name in brings[key])
    }
    known = declared(access, facts.as_of).roles
    for user, holdings in held(access, facts.as_of, lambda user: not asking.isdisjoint(known(user))):
        roles: dict[str, dict[str, None]] = {}
        for item in holdings:
            for key in sorted(brings[item.role]):
                for training in access.roles[key].requires_training:
                    roles.setdefault(training, {})[item.role] = None
        for key, by in roles.items():
            yield user, access.trainings[key], list(by), _counts_until(user, access.trainings[key], facts)


def _counts_until(user: User, training: Training, facts: Facts) -> date | None:
    done = user.trainings.get(training.key)
    if done is None or done > facts.as_of:
        return None
    if training.valid_for is None:
        return date.max
    return later(done, training.valid_for - timedelta(days=1))


def _verified(facts: Facts) -> Iterator[Violation]:
    for user in present(facts.access, facts.as_of):
        asked = user.type in facts.access.policy.verify_identity
        if asked and not _done(user.identity_verified, facts):
            yield Violation(
                user.key,
                f"nobody verified the identity of {user.key}",
                f"{user.key} 的身份尚未核实",
                user.at,
                (user.key,),
                "verify it, then write the day into identity_verified",
                "核实后在 identity_verified 中填写日期",
            )


def _acknowledged(facts: Facts) -> Iterator[Violation]:
    for user in present(facts.access, facts.as_of):
        if user.type in facts.access.policy.acknowledge and not _done(user.acknowledged, facts):
            yield Violation(
                user.key,
                f"{user.key} has not signed the statement of responsibility",
                f"{user.key} 尚未签署运行责任书",
                user.at,
                (user.key,),
                "have it signed, then write the day into acknowledged",
                "签署后在 acknowledged 中填写日期",
            )


def _done(day: date | None, facts: Facts) -> bool:
    return day is not None and day <= facts.as_of


RULES = (
    Rule(
        id="gates/training",
        title="Roles are used by the trained",
        title_zh="未完成所需培训",
        level=Risk.MEDIUM,
        why="Who was never shown how a role is used does harm without wanting to.",
        example="A new keeper posts a count without knowing that it changes the books.",
        mend="Train, then write the day into trainings; until then assign a role that needs no training.",
        controls=("ISO27001:A.6.3", "NIST800-53:AT-3", "F0:1.3"),
        check=_trained,
    ),
    Rule(
        id="gates/training-ends",
        title="Trainings are repeated in time",
        title_zh="培训即将过期",
        level=Risk.LOW,
        why="A training that ends unannounced stops somebody's work from one day to the next.",
        example="The basics of purchasing were learned two years ago; in a week they no longer count.",
        mend="Train again before the day.",
        controls=("ISO27001:A.6.3", "NIST800-53:AT-3", "F0:1.3"),
        check=_training_ends,
    ),
    Rule(
        id="gates/identity",
        title="Identities are verified",
        title_zh="身份未核实",
        level=Risk.HIGH,
        why="A login for somebody whom nobody has seen may be a login for somebody else.",
        example="A call announces a new consultant, and the login is sent to the caller.",
        mend="Verify who it is, then write the day into identity_verified.",
        controls=("ISO27001:A.5.16", "NIST800-53:IA-4", "F0:1.1"),
        check=_verified,
    ),
    Rule(
        id="gates/acknowledged",
        title="The statement of responsibility is signed",
        title_zh="未签署责任书",
        level=Risk.LOW,
        why="Who has signed what he answers for cannot say that nobody told him.",
        example="After a shared password comes to light, nobody can show that sharing was ever forbidden.",
        mend="Have it signed, then write the day into acknowledged.",
        controls=("ISO27001:A.6.2", "NIST800-53:PS-6", "F2:statement"),
        check=_acknowledged,
    ),
)
