"""The one comment of a pull request: what it gives and takes, who must approve, what the ERP will see.

A comment is found by its marker and written anew in place, so a marker stands in its first line.
Everything that comes from the files, the ERP or a forge is escaped. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from functools import partial
from urllib.parse import quote

from erpsync.errors import ErpsyncError
from erpsync.model import Access, AccountChange, Finding
from erpsync.origin import split
from erpsync.plan import Plan, TargetPlan, digest_of_plan
from erpsync.policy.report import NO_FINDINGS, Comparison
from erpsync.proposal import EntryChange, Proposal, Proposed
from erpsync.render.approval_words import Approvals, approvals_section
from erpsync.render.escape import Safe, fill, html, short
from erpsync.render.gaps import in_markdown
from erpsync.render.headline import headline, reading_order
from erpsync.render.markdown import account_entry, unread_section, untouched_entries
from erpsync.render.page import LIMIT, Entry, Section, fit, size
from erpsync.render.policy import comparison_sections, new_findings
from erpsync.render.proposal_words import NAME, Wording, tell, tell_entry, wording
from erpsync.render.vocabulary import Vocabulary, vocabulary
from erpsync.render.words import PLAN
from erpsync.review import Reviewed

MARKER = "<!-- erpsync: access plan -->"
"""What the comment with the plan is found by."""
RESULT_MARKER = "<!-- erpsync: access applied -->"
"""What the comment with the result is found by; another one, so that what was approved stays to be read."""

MOST_FINDINGS = 50
MOST_LINES = 20
"""Changes told of one user before its name is told again: entries are shown whole or not at all."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What is the same in every comment: its language and marker, what holds everything, and its address."""

    words: Vocabulary
    marker: str
    whole: str
    full: str

    def page(self, heading: str, sections: Sequence[Section], foot: Sequence[Safe]) -> str:
        """A whole comment. Where it had to be cut, its first visible line says so."""
        top, title = f"{self.marker}\n", f"### {heading}\n\n"
        last = [*foot, *([self._whole()] if self.full else [])]
        bottom = f"---\n{self.words.joined(last, 'list.foot')}\n" if last else ""
        room = LIMIT - sum(map(size, (top, self._cut(10**9), title, bottom)))
        shown, left = fit(sections, room)
        return "".join([top, self._cut(left) if left else "", title, shown, bottom])

    def _cut(self, left: int) -> str:
        return f"{self.words.count('cut', left, full=self._whole())}\n\n"

    def _whole(self) -> Safe:
        """What holds everything, with its address if it is known."""
        what = self.words.say(f"full.{self.whole}")
        if not self.full:
            return what
        address = safe_address(self.full)
        if address is None:
            return self.words.say("full.words", what=what, address=self.full)
        return self.words.say("full.link", what=what, address=address)


LONGEST_ADDRESS = 2000
_URL = "/?&=%:@+,;~.-_"
"""What stays as it is in an address. No parenthesis, bracket, quote or blank, so it cannot end a link."""


def safe_address(address: str) -> Safe | None:
    """An address of the web as the target of a link; None for anything else."""
    if not address.startswith(("https://", "http://")) or len(address) > LONGEST_ADDRESS:
        return None
    return Safe(quote(address.encode("utf-8", "replace"), safe=_URL))


def render_comment(
    reviewed: Reviewed,
    plan: Plan | None,
    base: Access,
    head: Access,
    *,
    lang: str = "en",
    marker: str = MARKER,
    full: str = "",
    handles: str = "github",
    findings: Comparison = NO_FINDINGS,
) -> str:
    """The comment of a pull request whose files are valid.

    Args:
        reviewed: what is proposed, and how its approvals stand.
        plan: what would change in the ERP, made from the head; None if the ERP was not asked.
        base: what holds now; users, roles and parts are called by its titles.
        head: what is proposed.
        lang: ``en`` or ``zh``.
        marker: the first line, which the comment is found by.
        full: the address of the full plan, or words that say where it is.
        handles: the key under a user's ``forge:`` that holds the handle of this forge.
        findings: what the change does to findings of the policy.

    Returns:
        Markdown of at most `LIMIT` bytes.
    """
    frame = Frame(vocabulary(lang), marker, "plan", full)
    named = wording(base, head, frame.words)
    approvals = Approvals(reviewed.verdicts, tuple(reviewed.given), handles)
    sections = [
        *_users(reviewed.proposal, named),
        *_entries(reviewed.proposal, named),
        *comparison_sections(findings, lang),
        replace(approvals_section(approvals, named), rank=0),
    ]
    if plan is None:
        sections.append(
            Section(f"#### {frame.words.say('erp.title')}\n\n{frame.words.say('erp.unknown')}\n\n")
        )
    else:
        sections += [*_limits(plan, frame.words), *_erp(plan, reviewed.proposal, named)]
    heading = frame.words.joined(
        [*map(Safe, new_findings(findings, lang)), _heading(reviewed, named)], "list.clauses"
    )
    return frame.page(heading, sections, list(_foot(plan, frame.words)))


def _heading(reviewed: Reviewed, named: Wording) -> Safe:
    proposal = reviewed.proposal
    if not proposal.changes and not proposal.entries and reviewed.verdicts:
        return named.words.say("head.outside")
    return headline(proposal, named)


# --- what is proposed -----------------------------------------------------------------------------------


def _users(proposal: Proposal, named: Wording) -> Iterator[Section]:
    if proposal.changes:
        yield Section(
            f"#### {named.words.say('users.title')}\n\n", _user_entries(proposal, named), "\n", rank=1
        )


def _user_entries(proposal: Proposal, named: Wording) -> Iterator[Entry]:
    for key, changes in reading_order(proposal.changes, named):
        for start in range(0, len(changes), MOST_LINES):
            yield partial(_user, key, changes[start : start + MOST_LINES], named)


def _user(key: str, changes: Sequence[Proposed], named: Wording) -> str:
    heading = named.words.say("user.heading", name=short(named.name(key), NAME), key=key)
    return "".join([f"- {heading}\n", *(f"  - {tell(change, named)}\n" for change in changes)])


def _entries(proposal: Proposal, named: Wording) -> Iterator[Section]:
    if proposal.entries:
        entries = (partial(_entry, entry, named) for entry in proposal.entries)
        yield Section(f"#### {named.words.say('entries.title')}\n\n", entries, "\n", rank=1)


def _entry(entry: EntryChange, named: Wording) -> str:
    return f"- {tell_entry(entry, named)}\n"


# --- what the ERP will see --------------------------------------------------------------------------------


def _limits(plan: Plan, words: Vocabulary) -> Iterator[Section]:
    if plan.excess:
        opening = f"#### {words.say('limits.title')}\n\n{words.say('limits.what')}\n\n"
        yield Section(opening, (partial(fill, "- **{it}**\n", it=excess) for excess in plan.excess), "\n")


def _erp(plan: Plan, proposal: Proposal, named: Wording) -> Iterator[Section]:
    """Every target: what comes from the proposal, then what would be changed without it."""
    words = named.words
    later = plan.empty and proposal.changes
    note = f"{words.say('erp.later')}\n\n" if later else ""
    yield Section(f"#### {words.say('erp.title')}\n\n{note}", rank=2)
    others = []
    for target in plan.targets:
        ours, theirs = split(target, proposal.entries, named.base, named.head, plan.as_of)
        yield _target(replace(target, accounts=ours), words)
        if theirs:
            others.append(replace(target, accounts=theirs, held=(), unmanaged=(), gaps=()))
    for unread in plan.unread:
        yield unread_section(unread, words.phrases["erp.unread"])
    if others:
        yield Section(f"#### {words.say('drift.title')}\n\n{words.say('drift.what')}\n\n", rank=2)
        yield from (_target(target, words) for target in others)


def _target(plan: TargetPlan, words: Vocabulary) -> Section:
    rest = words.left_over(plan)
    phrase = "erp.target.rest" if rest else "erp.target"
    opening = f"{words.say(phrase, target=plan.target, headline=words.headline(plan), rest=rest)}\n\n"
    notes = [words.say("gap.note", it=in_markdown(gap, words)) for gap in plan.gaps]
    if notes:
        opening += "".join(f"{note}\n" for note in notes) + "\n"
    if not (plan.accounts or rest):
        return Section(opening, rank=2)
    # The blank line lets Markdown be read again within the HTML.
    opening += f"<details>\n<summary>{html(words.phrases['erp.accounts'])}</summary>\n\n"
    return Section(opening, _accounts(plan), "\n</details>\n\n", rank=3)


def _accounts(plan: TargetPlan) -> Iterator[Entry]:
    for change in PLAN.ordered(plan.accounts):
        for start in range(0, len(change.changes), MOST_LINES):
            yield partial(account_entry, _part(change, start), PLAN)
    yield from untouched_entries(plan)


def _part(change: AccountChange, start: int) -> AccountChange:
    return replace(change, changes=change.changes[start : start + MOST_LINES])


def _foot(plan: Plan | None, words: Vocabulary) -> Iterator[Safe]:
    """What the comment was made from."""
    if plan is None:
        return
    if plan.commit:
        yield words.say("foot.commit", commit=plan.commit[:12])
    yield words.say("foot.as_of", day=plan.as_of)
    yield words.say("foot.expires", when=f"{plan.expires.astimezone(UTC):%Y-%m-%d %H.%M}")
    yield words.say("foot.digest", digest=digest_of_plan(plan))
    yield fill("{tool}", tool=plan.tool)


# --- when there is nothing to compare ---------------------------------------------------------------------


def render_invalid(
    findings: Sequence[Finding], *, lang: str = "en", marker: str = MARKER, full: str = ""
) -> str:
    """The comment of a pull request whose files are not valid: the first findings, and nothing else."""
    frame = Frame(vocabulary(lang), marker, "job", full)
    words = frame.words
    more = len(findings) - MOST_FINDINGS
    closing = f"\n{words.count('invalid.more', more)}\n\n" if more > 0 else "\n"
    section = Section(
        "", (partial(_finding, finding, words) for finding in findings[:MOST_FINDINGS]), closing
    )
    return frame.page(words.count("invalid", len(findings)), [section], ())


def _finding(finding: Finding, words: Vocabulary) -> str:
    line = fill(
        "- **{severity}** {place}: {message} ({rule})",
        severity=words.name("severity", finding.severity.value),
        place=f"{finding.at.file}:{finding.at.line}",
        message=finding.message,
        rule=finding.rule,
    )
    return f"{line}\n" + (f"  - {words.say('hint', hint=finding.hint)}\n" if finding.hint else "")


def render_failure(error: ErpsyncError, *, lang: str = "en", marker: str = MARKER, full: str = "") -> str:
    """The comment of a pull request that could not be planned: what happened, where, and what to do."""
    frame = Frame(vocabulary(lang), marker, "job", full)
    return frame.page(frame.words.say("failure"), [failure_section(error)], ())


def failure_section(error: ErpsyncError) -> Section:
    """What ended a run: what happened, where, and what to do next, as a quotation."""
    lines = [line.strip() for line in str(error).split("\n") if line.strip()]
    return Section("", [partial(fill, "> {it}\n>\n", it=line) for line in lines], "\n")
