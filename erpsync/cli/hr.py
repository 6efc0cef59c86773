"""``erpsync hr``: what the list of the personnel department says of who works where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from erpsync.cli.asking import confirmed
from erpsync.cli.common import emit, paint_stdout
from erpsync.cli.request_making import commit_or_write, drafted, propose_branch, show
from erpsync.cli.requesting import Ground, Terms, ground_of, request_options
from erpsync.errors import ErpsyncError, ExitCode, RefusedError, TargetError, UsageError

if TYPE_CHECKING:
    from erpsync.access_requests import Asked, Why
    from erpsync.draft import Draft
    from erpsync.hr import Feed
    from erpsync.hr_lines import Person
    from erpsync.model import HrList

EXAMPLE = "settings: {hr: {columns: {employee_no: 工号, name: 姓名, department: 部门, position: 岗位}}}"


@click.group()
def hr() -> None:
    """Take over what the personnel department knows: who joins, moves and leaves."""


@hr.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--write", is_flag=True, help="Make the requests; without it they are only shown.")
@click.option(
    "--commits", type=click.Choice(["one", "person"]), default="one", show_default=True,
    help="One commit for all, or one for each person.",
)  # fmt: skip
@request_options
def sync(file: Path, write: bool, commits: str, terms: Terms) -> int:
    """Hold the access files against the personnel list FILE (CSV or XLSX), and ask for what differs.

    Columns and words are described by settings: hr: in the access files. People are known by their
    employee number. Who is missing in the list is told and stays as declared. Exit code 4 if more
    people would leave than the limit of the list allows.
    """
    from erpsync.hr import compare
    from erpsync.render.hr import render_feed

    ground = ground_of(terms)
    described = ground.access.hr
    if described is None:
        raise UsageError("nothing says how the list is read", hint=f"write for example: {EXAMPLE}")
    feed = compare(_people(file, described), ground.access, described, ground.shown, ground.day)
    made = drafted(ground, feed.asked)
    head = made.valid().build()
    emit(render_feed(feed, head, file.name, paint_stdout()))
    if excess := feed.excess(described):
        hint = "is it the right list? If so, raise limit: in settings: hr:, reviewed like everything else"
        raise RefusedError(f"nothing is made: {excess}", hint=hint)
    if not feed.asked:
        return ExitCode.DONE
    if not write:
        emit("Nothing is made yet; to make it: --write\n")
        return ExitCode.DONE
    return _make(ground, feed, made, commits, file.name)


def _people(file: Path, described: HrList) -> list[Person]:
    from erpsync.hr import people_of
    from erpsync.table import ENCODINGS, read_content, read_table

    encodings: tuple[str, ...] = ENCODINGS
    if described.encoding:
        encodings = ("utf-8-sig",) if described.encoding == "utf-8" else ("gb18030",)
    try:
        table = read_table(
            read_content(file), described.sheet, described.header, described.delimiter, encodings
        )
        return people_of(table, described)
    except TargetError as error:
        raise ErpsyncError(error.message, where=error.where, hint=error.hint) from error


def _make(ground: Ground, feed: Feed, made: Draft, commits: str, name: str) -> ExitCode:
    from erpsync.access_requests import Why
    from erpsync.render.request import commit_message
    from erpsync.render.request_form import filled

    head = show(ground, feed.asked, made)
    confirmed(f"Make these {len(feed.asked)} changes?", yes=ground.terms.yes)
    why = Why(ground.terms.reason or f"personnel list {name}", ground.terms.request)
    if commits == "person" and not ground.terms.work_tree:
        wanted = [(step, commit_message(item, why)) for item, step in _one_by_one(ground, feed)]
    else:
        wanted = [(made, _message(feed, why))]
    written = commit_or_write(ground, wanted, f"hr-{ground.day}")
    if ground.terms.pull_request and written.branch:
        body = filled(feed.asked, why, ground.access, head)
        propose_branch(ground, written.branch, f"Personnel list of {ground.day}", body)
    return ExitCode.DONE


def _one_by_one(ground: Ground, feed: Feed) -> Iterator[tuple[Asked, Draft]]:
    """Each request with the files as they are after it and all before it."""
    files = ground.files
    for item in feed.asked:
        made = drafted(replace(ground, files=files), [item])
        files = [file._replace(data=made.changed.get(file.path, file.data)) for file in made.files]
        yield item, made


def _message(feed: Feed, why: Why) -> str:
    """The message of the one commit of all of them."""
    from erpsync.render.request import one_line

    counts = f"{len(feed.joins)} join, {len(feed.moves)} move, {len(feed.leaves)} leave"
    people = [f"- {one_line(item.title)}" for item in feed.asked]
    trailers = [f"Request: {one_line(why.request)}"] if why.request else []
    trailers += [f"Requested-for: {one_line(item.user)}" for item in feed.asked]
    return (
        "\n".join([f"Personnel list: {counts}", "", one_line(why.reason), "", *people, "", *trailers]) + "\n"
    )
