"""The comment after apply: what was done, what was not, and how to go on. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from erpsync.apply import Result
from erpsync.connectors.base import AS_MEANT, Outcome, Status
from erpsync.errors import ErpsyncError, ExitCode
from erpsync.render.comment import RESULT_MARKER, Frame, failure_section
from erpsync.render.escape import Safe
from erpsync.render.page import Section
from erpsync.render.vocabulary import Vocabulary, vocabulary
from erpsync.run import Run

_HEADINGS = {ExitCode.PARTIAL: "result.partial", ExitCode.ERROR: "result.stopped"}


def render_result(
    results: Sequence[Result],
    run: Run,
    *,
    failure: ErpsyncError | None = None,
    lang: str = "en",
    marker: str = RESULT_MARKER,
    full: str = "",
) -> str:
    """The comment after a merge was applied.

    Args:
        results: of each target that was tried.
        run: which run did it.
        failure: what stopped the run before the first write of a target, if something did.
        lang: ``en`` or ``zh``.
        marker: the first line, which the comment is found by.
        full: the address of the job or the journal, or words that say where it is.

    Returns:
        Markdown that is bounded as that of the plan is.
    """
    frame = Frame(vocabulary(lang), marker, "journal", full or run.job or "")
    words = frame.words
    worst = max((result.exit_code for result in results), default=ExitCode.DONE)
    sections = [failure_section(failure)] if failure else []
    sections += [*(_target(result, words) for result in results), *_unfinished(results, words)]
    if failure or worst is ExitCode.PARTIAL:
        sections.append(Section(f"{words.say('result.resume')}\n\n"))
    if any(result.count(Status.DONE) or result.count(Status.UNKNOWN) for result in results):
        command = Safe(f"`erpsync rollback {_plain_id(run.id)}`")
        sections.append(Section(f"{words.say('result.undo', command=command)}\n\n"))
    handed_over = any(result.count(Status.HANDED_OVER) for result in results)
    if handed_over:
        sections.append(Section(f"{words.say('result.handed_over.next')}\n\n"))
    well = "result.handed_over" if handed_over else "result.done"
    heading = words.say("result.partial" if failure else _HEADINGS.get(worst, well))
    return frame.page(heading, sections, [words.say("result.run", run=run.id, by=run.by)])


def _plain_id(run_id: str) -> str:
    """The id of a run as it may stand in a command."""
    return "".join(char for char in run_id if char.isascii() and (char.isalnum() or char == "-"))


def _target(result: Result, words: Vocabulary) -> Section:
    counts = [
        words.say("result.count", n=result.count(status), status=words.name("outcome", status.value))
        for status in Status
        if result.count(status)
    ]
    told = words.joined(counts) or words.say("result.nothing")
    opening = f"{words.say('result.target', target=result.target, counts=told)}\n\n"
    if result.stopped:
        opening += f"> {words.say('result.why', why=' '.join(result.stopped.split()))}\n\n"
    return Section(opening)


def _unfinished(results: Sequence[Result], words: Vocabulary) -> Iterator[Section]:
    """Every account that is not as planned, by target."""
    for result in results:
        left = [item for item in result.outcomes if item.status not in AS_MEANT]
        if not left:
            continue
        heading = words.say("result.target", target=result.target, counts=words.say("result.open"))
        lines = (partial(_outcome, item, words) for item in left)
        yield Section(f"{heading}\n\n", lines, "\n", rank=1)


def _outcome(outcome: Outcome, words: Vocabulary) -> str:
    phrase = "result.account.why" if outcome.message else "result.account"
    status = words.name("outcome", outcome.status.value)
    return f"- {words.say(phrase, login=outcome.login, status=status, why=outcome.message)}\n"
