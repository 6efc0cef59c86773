"""Which approvals a proposal needs, from whom, and which of them were given. Pure.

The rules and the people come from the base: what a pull request itself says cannot lower its own bar.
Nobody approves what he proposes or what he would gain by. Where nobody who holds a part can approve,
the oversight office is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from erpsync.approval_rules import OFFICE, Part, part_in_words, parts_for_change, parts_for_entry
from erpsync.model import Access, Approver, Status, UserType
from erpsync.proposal import EntryChange, Proposal, Proposed
from erpsync.resolve import included, roles_of


@dataclass(frozen=True, slots=True)
class Requirement:
    """One approval that is needed: which part in the organisation gives it, who can, and what for.

    ``of`` says which department, subsystem, role or user the part is about. ``instead`` tells why
    others than those who hold the part are asked. Where ``people`` is empty nobody can approve.
    """

    approver: Approver
    of: str
    people: tuple[str, ...]
    instead: str = ""
    changes: tuple[Proposed, ...] = ()
    entries: tuple[EntryChange, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """``key user of materials``."""
        return part_in_words((self.approver, self.of))


@dataclass(frozen=True, slots=True)
class Verdict:
    """A requirement and those who fulfilled it, empty while it is missing."""

    requirement: Requirement
    given_by: tuple[str, ...]


def required(
    proposal: Proposal,
    base: Access,
    head: Access,
    *,
    authors: Collection[str],
    as_of: date,
    files: Iterable[str] = (),
) -> tuple[Requirement, ...]:
    """Every approval that a proposal needs.

    Args:
        proposal: what would be different.
        base: holds the rules, the organisation and the people; without any rule nothing is needed.
        head: what is proposed; it tells of roles and users that the base lacks, and can only add.
        authors: the users who propose: who opened it, and who wrote its commits.
        as_of: the day on which absences are looked at.
        files: files outside the access directory that the pull request changes too.
    """
    if not base.approvals:
        return ()
    asked: dict[tuple[Approver, str, tuple[str, ...], str], _Subjects] = {}

    def subjects(part: Part, gaining: Collection[str] = ()) -> _Subjects:
        excluded = {*gaining, *authors}
        people, instead = _People(base, head, excluded, as_of).of(part)
        return asked.setdefault((*part, people, instead), _Subjects())

    for change in proposal.changes:
        gaining = _same_person(change.user, head)
        for part in parts_for_change(change, base, head):
            subjects(part, gaining).changes.append(change)
    for entry in proposal.entries:
        gaining = _holders_of_role(entry.key, base, head) if entry.section == "roles" else set()
        for part in parts_for_entry(entry, base, head):
            subjects(part, gaining).entries.append(entry)
    for file in files:
        subjects(OFFICE).files.append(file)
    return tuple(
        Requirement(*key, tuple(what.changes), tuple(what.entries), tuple(what.files))
        for key, what in sorted(asked.items(), key=lambda item: item[0])
    )


def _same_person(key: str, head: Access) -> set[str]:
    """The keys under which the user of a change is or was known."""
    return {key, *(head.users[key].previously if key in head.users else ())}


def _holders_of_role(key: str, base: Access, head: Access) -> set[str]:
    """The users who gain when a role grants or includes something else: all who hold it, in any way."""
    before, after = base.roles.get(key), head.roles.get(key)
    if before and after and (before.entitlements, before.includes) == (after.entitlements, after.includes):
        return set()
    found: set[str] = set()
    for access in (base, head):
        granting = {role for role in access.roles if key in included(role, access.roles)}
        for user in access.users.values():
            held = (role for role, *_ in roles_of(user, access.positions, access.birthright.values()))
            if not granting.isdisjoint(held):
                found.update((user.key, *user.previously))
    return found


@dataclass(slots=True)
class _Subjects:
    """What one approval is asked for, while it is collected."""

    changes: list[Proposed] = field(default_factory=list)
    entries: list[EntryChange] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def judge(requirements: Iterable[Requirement], approved_by: Collection[str]) -> tuple[Verdict, ...]:
    """Hold the requirements against the users who approved."""
    return tuple(
        Verdict(item, tuple(person for person in item.people if person in approved_by))
        for item in requirements
    )


def missing(verdicts: Iterable[Verdict]) -> tuple[Requirement, ...]:
    """The requirements that nobody has fulfilled yet."""
    return tuple(verdict.requirement for verdict in verdicts if not verdict.given_by)


# --- which people -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _People:
    """Finds those who may approve: by the base, without those who are excluded, on a day."""

    base: Access
    head: Access
    excluded: Collection[str]
    as_of: date

    def of(self, part: Part) -> tuple[tuple[str, ...], str]:
        """Who can give an approval, and why others than those who hold the part, if so.

        Asked are those who hold it and the deputies of those who are away; if there is nobody, the
        oversight office.
        """
        holders = self.holders(part)
        able = self.able(holders)
        away = [key for key in able if self.base.users[key].is_away(self.as_of)]
        deputies = self.able(self.base.users[key].deputy for key in away)
        if deputies or len(away) < len(able):
            verb = "is" if len(away) == 1 else "are"
            return _without_repeats(able, deputies), f"{', '.join(away)} {verb} away" if away else ""
        if part == OFFICE:
            return tuple(able), ""
        why = f"{', '.join(holders)} cannot" if holders else "nobody holds this part"
        office, _ = self.of(OFFICE)
        return _without_repeats(able, office), f"{why}, so the oversight office"

    def able(self, keys: Iterable[str | None]) -> list[str]:
        """Those of some users who may approve: people who work, no author, nobody who would gain."""
        return [key for key in dict.fromkeys(keys) if key and key not in self.excluded and self.works(key)]

    def works(self, key: str) -> bool:
        user = self.base.users.get(key)
        return (
            user is not None
            and (user.status, user.type) == (Status.ACTIVE, UserType.DEDICATED)
            and (user.valid_from or date.min) <= self.as_of <= (user.valid_to or date.max)
        )

    def holders(self, part: Part) -> tuple[str, ...]:
        """The users who hold a part in the organisation."""
        approver, of = part
        subsystem = self.base.subsystems.get(of)
        found: tuple[str | None, ...] = ()
        match approver:
            case Approver.KEY_USER:
                found = subsystem.key_users if subsystem else ()
            case Approver.BUSINESS_ADMIN:
                found = (subsystem.business_admin,) if subsystem else ()
            case Approver.ERP_ADMIN:
                found = (subsystem.erp_admin,) if subsystem else ()
            case Approver.DEPARTMENT_HEAD:
                found = (self.base.departments[of].manager,) if of in self.base.departments else ()
            case Approver.ROLE_OWNER:
                found = (self.base.roles[of].owner,) if of in self.base.roles else ()
            case Approver.OWNER:
                # Who is new is answered for by whom the proposal names; nobody else knows of him yet.
                user = self.base.users.get(of) or self.head.users.get(of)
                found = (user.owner,) if user else ()
            case _:
                found = tuple(key for office in self.base.oversight.values() for key in office.members)
        return tuple(key for key in found if key)


def _without_repeats(*groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for group in groups for key in group))
