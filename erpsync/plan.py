"""The plan document: what will be done to each target, bound to what it was computed from.

A plan is JSON (``erpsync-plan/1``, schema in ``schemas/plan.schema.json``). Its digest is over the
canonical form of everything else in it, so an edited plan is noticed. It holds no secret.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from erpsync import __version__
from erpsync.approval_rules import part_from_text, part_to_text
from erpsync.codec import (
    Json,
    account_from_json,
    account_to_json,
    digest,
    digest_of_pieces,
    grant_from_json,
    grant_to_json,
    implies_from_json,
    implies_to_json,
)
from erpsync.diff import Difference
from erpsync.errors import RefusedError, StaleError
from erpsync.gaps import Gap, GapKind, Instead
from erpsync.json_pieces import Items, compact, pretty
from erpsync.limits import excess_of
from erpsync.model import (
    LIFETIME,
    Account,
    AccountChange,
    Change,
    ChangeKind,
    Grant,
    HeldBack,
    Location,
    Reason,
    Risk,
    Value,
    Way,
)
from erpsync.reasons import annotate, annotate_held
from erpsync.resolve import Resolver

FORMAT = "erpsync-plan/1"


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """What will be done to one target, what is held back there, and which accounts git does not know.

    ``instance`` identifies the ERP behind the target, whatever its address; ``population`` is how many
    accounts it has; ``excess`` says in words which limits the plan goes over, which refuses it.
    ``implies`` tells of the entitlements that roles grant or that change what comes with them there;
    ``gaps`` what the ERP cannot do of what is declared.
    """

    target: str
    connector: str
    instance: str
    accounts: tuple[AccountChange, ...]
    held: tuple[HeldBack, ...]
    unmanaged: tuple[Account, ...]
    unmanaged_is_drift: bool
    population: int = 0
    excess: tuple[str, ...] = ()
    implies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()

    @property
    def drift(self) -> bool:
        """Whether the target differs from what is declared, also where erpsync may not change it."""
        return bool(self.accounts or self.held or (self.unmanaged and self.unmanaged_is_drift))


@dataclass(frozen=True, slots=True)
class Unread:
    """A target that the plan was made for, and that could not be read: why, and what to do about it."""

    target: str
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes of all targets, the declared state they come from, and the day they are for.

    ``unread`` are targets of which it says nothing, since they could not be read. ``shard`` says of which
    shard it is, such as 2/4, if it is not whole.
    """

    as_of: date
    created: datetime
    expires: datetime
    access_digest: str
    commit: str | None
    targets: tuple[TargetPlan, ...]
    tool: str = f"erpsync {__version__}"
    unread: tuple[Unread, ...] = ()
    shard: str | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not any(target.accounts for target in self.targets)

    @property
    def told(self) -> tuple[TargetPlan | Unread, ...]:
        """Every target that it was made for, by name."""
        return tuple(sorted((*self.targets, *self.unread), key=lambda item: item.target))

    @property
    def excess(self) -> tuple[str, ...]:
        """The limits that the plan goes over, in words."""
        return tuple(f"{target.target}: {words}" for target in self.targets for words in target.excess)

    @property
    def drift(self) -> bool:
        """Whether any target differs from what is declared."""
        return any(target.drift for target in self.targets)


def target_plan(
    difference: Difference,
    resolver: Resolver,
    instance: str,
    population: int,
    gaps: tuple[Gap, ...] = (),
) -> TargetPlan:
    """The plan of one target, from the difference found there, with reasons, risks and limits."""
    access = resolver.access
    target = access.targets[resolver.target]
    accounts = tuple(annotate(change, resolver) for change in difference.accounts)
    return TargetPlan(
        target=target.name,
        connector=target.connector,
        instance=instance,
        accounts=accounts,
        held=tuple(annotate_held(held, resolver) for held in difference.held),
        unmanaged=difference.unmanaged,
        unmanaged_is_drift=target.unmanaged_is_drift,
        population=population,
        excess=excess_of(accounts, population, access, target.name, resolver.as_of),
        implies=_implies(accounts, resolver),
        gaps=gaps,
    )


def _implies(accounts: Iterable[AccountChange], resolver: Resolver) -> dict[str, frozenset[str]]:
    """What comes with the entitlements that matter to a plan: ERPs have hundreds of others."""
    if not resolver.implies:
        return {}
    roles = resolver.access.roles.values()
    names = {name for role in roles for name in role.entitlements.get(resolver.target, ())}
    names |= {change.subject for account in accounts for change in account.changes}
    return {name: brought for name, brought in sorted(resolver.implies.items()) if name in names and brought}


def make_plan(
    targets: Iterable[TargetPlan],
    *,
    as_of: date,
    now: datetime,
    access_digest: str,
    commit: str | None,
    lifetime: timedelta = LIFETIME,
    unread: Iterable[Unread] = (),
) -> Plan:
    """The plan of all targets, made now, good for a lifetime."""
    created = now.astimezone(UTC).replace(microsecond=0)
    end = created + lifetime
    return Plan(as_of, created, end, access_digest, commit, tuple(targets), unread=tuple(unread))


def verify(plan: Plan, *, access_digest: str, today: date, now: datetime) -> None:
    """Check that a plan still belongs to the declared state, the day and the hour.

    Raises:
        StaleError: it does not.
    """
    again = "make a new plan"
    if plan.access_digest != access_digest:
        raise StaleError("the access files are not those the plan was made from", hint=again)
    if plan.as_of != today:
        raise StaleError(f"the plan is for {plan.as_of}, today is {today}", hint=again)
    if now > plan.expires:
        raise StaleError(f"the plan expired at {plan.expires.isoformat()}", hint=again)


# --- JSON -----------------------------------------------------------------------------------------


def dump(plan: Plan) -> str:
    """The plan document as text, with its digest."""
    return "".join(dump_pieces(plan))


def dump_pieces(plan: Plan) -> Iterator[str]:
    """The same text in pieces: of a large plan no more than one account is there as JSON at a time."""
    body = _body(plan, Items)
    yield from pretty({**body, "digest": digest_of_plan(plan)})
    yield "\n"


def digest_of_plan(plan: Plan) -> str:
    """The digest of a plan: over the canonical form of everything else in its document."""
    return digest_of_pieces(compact(_body(plan, Items)))


def load(text: str) -> Plan:
    """Read a plan document back.

    Raises:
        RefusedError: it is no plan document, or not as erpsync wrote it.
    """
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"the plan file is not JSON: {error}") from error
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise RefusedError(
            f"the file is not a plan of the format {FORMAT}", hint="make one: erpsync plan -o FILE"
        )
    try:
        if body.pop("digest", None) == digest(body):
            return _of_some_target(plan_from_json(body))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise RefusedError(f"the plan file is not complete: {type(error).__name__} {error}") from error
    raise RefusedError(
        "the plan file was changed after it was made: its digest does not match",
        hint="make a new plan; only what was planned and shown can be applied",
    )


def _of_some_target(plan: Plan) -> Plan:
    """The same plan. One without any target is none of ours, and applying it would succeed on nothing."""
    if not plan.targets:
        raise RefusedError("the plan names no target", hint="make one: erpsync plan -o FILE")
    return plan


def plan_to_json(plan: Plan) -> dict[str, Json]:
    """The plan as JSON values, without its digest."""
    return _body(plan, lambda make: list(make()))


Listed = Callable[[Callable[[], Iterable[Json]]], Json]
"""How a long list is told: at once, or as its items are asked for."""


def _body(plan: Plan, listed: Listed) -> dict[str, Json]:
    return {
        "format": FORMAT,
        "tool": plan.tool,
        "as_of": plan.as_of.isoformat(),
        "created": plan.created.isoformat(),
        "expires": plan.expires.isoformat(),
        "access_digest": plan.access_digest,
        "commit": plan.commit,
        "targets": [_target_to_json(target, listed) for target in plan.targets],
        **({"unread": [_unread_to_json(item) for item in plan.unread]} if plan.unread else {}),
        **({"shard": plan.shard} if plan.shard else {}),
    }


def plan_from_json(body: Mapping[str, Json]) -> Plan:
    """The inverse of `plan_to_json`."""
    return Plan(
        as_of=date.fromisoformat(body["as_of"]),
        created=datetime.fromisoformat(body["created"]),
        expires=datetime.fromisoformat(body["expires"]),
        access_digest=body["access_digest"],
        commit=body["commit"],
        targets=tuple(_target_from_json(target) for target in body["targets"]),
        tool=body["tool"],
        unread=tuple(_unread_from_json(item) for item in body.get("unread", ())),
        shard=body.get("shard"),
    )


def _unread_to_json(unread: Unread) -> dict[str, Json]:
    return {"target": unread.target, "message": unread.message, "hint": unread.hint}


def _unread_from_json(value: Mapping[str, Json]) -> Unread:
    hint = value["hint"]
    return Unread(str(value["target"]), str(value["message"]), None if hint is None else str(hint))


def _target_to_json(plan: TargetPlan, listed: Listed) -> dict[str, Json]:
    return {
        "target": plan.target,
        "connector": plan.connector,
        "instance": plan.instance,
        "accounts": listed(lambda: map(_account_change_to_json, plan.accounts)),
        "held": listed(lambda: map(_held_to_json, plan.held)),
        "unmanaged": listed(lambda: map(account_to_json, plan.unmanaged)),
        "unmanaged_is_drift": plan.unmanaged_is_drift,
        "population": plan.population,
        "excess": list(plan.excess),
        **({"implies": implies_to_json(plan.implies)} if plan.implies else {}),
        **({"gaps": [_gap_to_json(gap) for gap in plan.gaps]} if plan.gaps else {}),
    }


def _target_from_json(value: Mapping[str, Json]) -> TargetPlan:
    return TargetPlan(
        target=value["target"],
        connector=value["connector"],
        instance=value["instance"],
        accounts=tuple(_account_change_from_json(item) for item in value["accounts"]),
        held=tuple(_held_from_json(item) for item in value["held"]),
        unmanaged=tuple(account_from_json(item) for item in value["unmanaged"]),
        unmanaged_is_drift=value["unmanaged_is_drift"],
        population=value["population"],
        excess=tuple(value["excess"]),
        implies=implies_from_json(value.get("implies", {})),
        gaps=tuple(_gap_from_json(item) for item in value.get("gaps", ())),
    )


def _gap_to_json(gap: Gap) -> dict[str, Json]:
    return {"kind": gap.kind.value, "instead": gap.instead.value, "count": gap.count, "subject": gap.subject}


def _gap_from_json(value: Mapping[str, Json]) -> Gap:
    return Gap(GapKind(value["kind"]), Instead(value["instead"]), value["count"], value["subject"])


def _account_change_to_json(change: AccountChange) -> dict[str, Json]:
    return {
        "user": change.user,
        "login": change.login,
        "risk": change.risk.value,
        "fingerprint": change.fingerprint,
        "before": account_to_json(change.before) if change.before else None,
        "after": account_to_json(change.after),
        "changes": [change_to_json(item) for item in change.changes],
    }


def _account_change_from_json(value: Mapping[str, Json]) -> AccountChange:
    return AccountChange(
        user=value["user"],
        login=value["login"],
        before=account_from_json(value["before"]) if value["before"] else None,
        after=account_from_json(value["after"]),
        fingerprint=value["fingerprint"],
        changes=tuple(_change_from_json(item) for item in value["changes"]),
    )


def _held_to_json(held: HeldBack) -> dict[str, Json]:
    changes = [change_to_json(change) for change in held.changes]
    return {"user": held.user, "login": held.login, "why": held.why, "changes": changes}


def _held_from_json(value: Mapping[str, Json]) -> HeldBack:
    changes = tuple(_change_from_json(item) for item in value["changes"])
    return HeldBack(value["user"], value["login"], value["why"], changes)


def change_to_json(change: Change) -> dict[str, Json]:
    """One change, with its reasons."""
    return {
        "kind": change.kind.value,
        "subject": change.subject,
        "before": _value_to_json(change.before),
        "after": _value_to_json(change.after),
        "risk": change.risk.value,
        "reasons": [_reason_to_json(reason) for reason in change.reasons],
        "approvals": list(change.approvals),
    }


def _change_from_json(value: Mapping[str, Json]) -> Change:
    kind = ChangeKind(value["kind"])
    return Change(
        kind=kind,
        subject=value["subject"],
        before=_value_from_json(kind, value["before"]),
        after=_value_from_json(kind, value["after"]),
        risk=Risk(value["risk"]),
        reasons=tuple(_reason_from_json(reason) for reason in value["reasons"]),
        approvals=tuple(part_to_text(part_from_text(text)) for text in value["approvals"]),
    )


def _value_to_json(value: Value) -> Json:
    if value is None or isinstance(value, str):
        return value
    return [grant_to_json(item) if isinstance(item, Grant) else item for item in value]


def _value_from_json(kind: ChangeKind, value: Json) -> Value:
    if value is None or isinstance(value, str):
        return value
    if kind is ChangeKind.RESCOPE:
        return tuple(value)
    return tuple(grant_from_json(item) for item in value)


def _reason_to_json(reason: Reason) -> dict[str, Json]:
    at = str(reason.at) if reason.at else None
    way = reason.way.value if reason.way else None
    return {"text": reason.text, "at": at, "role": reason.role, "request": reason.request, "way": way}


def _reason_from_json(value: Mapping[str, Json]) -> Reason:
    at: Location | None = None
    if value["at"] is not None:
        file, line, column = value["at"].rsplit(":", 2)
        at = Location(file, int(line), int(column))
    way = Way(value["way"]) if value["way"] else None
    return Reason(value["text"], at, value["role"], value["request"], way)
