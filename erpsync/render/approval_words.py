"""Approvals that are needed and given, as a section of a comment. Nobody is mentioned: names only. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from erpsync.approvals import Requirement, Verdict
from erpsync.model import Approver
from erpsync.render.escape import Safe
from erpsync.render.page import Section
from erpsync.render.proposal_words import Wording

_SECTION_OF = {
    Approver.KEY_USER: "subsystems",
    Approver.BUSINESS_ADMIN: "subsystems",
    Approver.ERP_ADMIN: "subsystems",
    Approver.DEPARTMENT_HEAD: "departments",
    Approver.ROLE_OWNER: "roles",
}
"""Where the entry stands that a part is about; that of an owner is a user, the oversight office is one."""


@dataclass(frozen=True, slots=True)
class Approvals:
    """How the approvals stand: each one needed, and all users who approved.

    ``handles`` is the key under a user's ``forge:`` that holds the handle of this forge.
    """

    verdicts: Sequence[Verdict]
    approved_by: Collection[str]
    handles: str


def approvals_section(approvals: Approvals, wording: Wording) -> Section:
    """A table of every approval: needed of whom, for what, who can give it, and how it stands."""
    words = wording.words
    verdicts = approvals.verdicts
    if not verdicts:
        why = words.say("approvals.unneeded.why" if wording.base.approvals else "approvals.unruled")
        return Section(f"#### {words.say('approvals.unneeded')}\n\n{why}\n\n")
    given = sum(bool(verdict.given_by) for verdict in verdicts)
    title = words.say("approvals.title", given=given, n=len(verdicts))
    heading = f"#### {title}\n\n{words.say('approvals.columns')}\n|---|---|---|---|\n"
    counted = {person for verdict in verdicts for person in verdict.given_by}
    others = [_person(key, approvals, wording) for key in approvals.approved_by if key not in counted]
    closing = f"\n{words.say('approvals.others', people=words.listed(others))}\n\n" if others else "\n"
    # What is still missing is read first, and is the last to be cut.
    rows = sorted(verdicts, key=lambda verdict: (bool(verdict.given_by), bool(verdict.requirement.people)))
    return Section(heading, (partial(_row, verdict, approvals, wording) for verdict in rows), closing)


def _row(verdict: Verdict, approvals: Approvals, wording: Wording) -> str:
    words, need = wording.words, verdict.requirement
    people = words.listed([_person(key, approvals, wording) for key in need.people], 10)
    can = words.say("approvals.instead", people=people, why=need.instead) if need.instead else people
    if verdict.given_by:
        state = words.say(
            "approvals.given", people=words.listed([wording.user(key) for key in verdict.given_by])
        )
    else:
        state = words.say("approvals.missing" if need.people else "approvals.nobody")
    subjects = words.listed(list(dict.fromkeys(_subjects(need, wording))))
    return f"| {part(need, wording)} | {subjects} | {can} | {state} |\n"


def part(need: Requirement, wording: Wording) -> Safe:
    """The part in the organisation, by its title: ``key user of Materials``."""
    section = _SECTION_OF.get(need.approver)
    of: object = wording.words.say("part.unknown")
    if need.of:
        of = wording.entry(section, need.of) if section else wording.user(need.of)
    return wording.words.say(f"part.{need.approver.value}", of=of)


def _person(key: str, approvals: Approvals, wording: Wording) -> Safe:
    user = wording.base.users.get(key)
    handle = user.forge.get(approvals.handles) if user else None
    if handle is None:
        return wording.words.say("person.no_handle", name=wording.user(key))
    return wording.words.say("person", name=wording.user(key), handle=f"@{handle}")


def _subjects(need: Requirement, wording: Wording) -> Iterator[Safe]:
    words = wording.words
    for change in need.changes:
        yield wording.user(change.user)
    for entry in need.entries:
        section = words.name("section", entry.section)
        yield words.say("approvals.entry", section=section, entry=wording.entry(entry.section, entry.key))
    for file in need.files:
        yield words.say("approvals.file", file=file)
