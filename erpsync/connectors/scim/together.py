"""Many accounts at once: as one request where a service takes several as one (RFC 7644, section 3.7).

What belongs together by kind goes out together, one stage after the other: first what locks and changes, then
what takes, then what opens, then what gives. An account that was refused something gets nothing of a later
stage. All that is added to or taken from one Group is one PATCH. One refused for many is sent again for
half of them at a time, so that only those fail whose fault it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from erpsync.connectors.scim.answers import ScimError, not_scim
from erpsync.connectors.scim.delivery import bulk_request, each_result, replaced
from erpsync.connectors.scim.discovery import Service
from erpsync.connectors.scim.messages import Json, patch
from erpsync.connectors.scim.session import WriteSession
from erpsync.connectors.scim.steps import NEW, Stage, Step

_Item = TypeVar("_Item")

HOPELESS = (403, 405, 501)
"""Refusals of a change of a Group that have nothing to do with whom it is about."""
MOST_REFUSED = 5
"""How many single members a Group may refuse before the others are not tried one by one any more."""


@dataclass
class Job:
    """What is to be done for one account, and how far it got.

    Args:
        login: whose.
        steps: what is to be done.
        etag: the version that its User must still have; none where the service has no versions.
        id: of its User, once it is known.
        done: the steps that are done.
        failed: the step that was refused, and why; nothing is done for the account after that.
    """

    login: str
    steps: Sequence[Step]
    etag: str | None = None
    id: str = NEW
    done: list[Step] = field(default_factory=list)
    failed: tuple[Step, ScimError] | None = None

    def at(self, stage: Stage) -> Iterator[Step]:
        """The steps of a stage, if the account gets that far."""
        return (step for step in self.steps if step.stage is stage and self.failed is None)


Piece = tuple[Job, Step]


class Together:
    """Carries out jobs, all of one stage before the next."""

    def __init__(self, session: WriteSession, service: Service) -> None:
        self._session = session
        self._service = service

    def carry_out(self, jobs: Sequence[Job]) -> None:
        """Do what can be done. How far each account got stands in its job afterwards.

        Raises:
            TargetError: the service cannot be reached, so that it is not known what became of the requests
                under way.
        """
        for stage in Stage:
            pieces = [(job, step) for job in jobs for step in job.at(stage)]
            if stage in (Stage.TAKE, Stage.GIVE):
                self._memberships(pieces)
            else:
                self._users(pieces)

    def _users(self, pieces: Sequence[Piece]) -> None:
        for some in self._fitting([[piece] for piece in pieces]):
            self._send(some)

    def _memberships(self, pieces: Sequence[Piece]) -> None:
        of_group: dict[str, list[Piece]] = {}
        for piece in pieces:
            of_group.setdefault(piece[1].path, []).append(piece)
        for some in self._fitting(list(of_group.values())):
            self._send(some)

    def _fitting(self, requests: Sequence[list[Piece]]) -> Iterator[list[list[Piece]]]:
        """Requests in as few bulks as the service takes, by their number and by their size."""
        most = self._service.bulk_bytes
        some: list[list[Piece]] = []
        size = 0
        for request in requests:
            length = len(json.dumps(_merged(request).body)) + len(request[0][1].path) + 200
            if some and (len(some) >= self._service.bulk or (most and size + length > most)):
                yield some
                some, size = [], 0
            some.append(request)
            size += length
        if some:
            yield some

    def _send(self, requests: Sequence[list[Piece]]) -> None:
        """Send requests as one. Each of them is for one account, or for many members of one Group."""
        if len(requests) == 1:
            self._alone(requests[0])
            return
        steps = [_merged(pieces) for pieces in requests]
        etags = [pieces[0][0].etag for pieces in requests]
        try:
            answer = self._session.write("POST", "/Bulk", bulk_request(steps, etags, stop=False))
        except ScimError as error:
            if error.status == 413:  # larger than it takes, whatever it said
                for half in _halves(requests):
                    self._send(half)
                return
            for pieces in requests:
                _refuse(pieces, error)
            return
        for pieces, found in zip(requests, each_result(steps, answer, self._session.where), strict=True):
            if isinstance(found, ScimError):
                self._again(pieces, found)
            else:
                self._finish(pieces, found)

    def _alone(self, pieces: list[Piece]) -> None:
        """One request by itself."""
        step, job = _merged(pieces), pieces[0][0]
        etag = job.etag if step.of_user else None
        try:
            answer = self._session.write(step.method, step.path, step.body, etag)
        except ScimError as error:
            self._again(pieces, error)
            return
        self._finish(pieces, answer.get("id"))

    def _finish(self, pieces: Iterable[Piece], made: object) -> None:
        for job, step in pieces:
            job.done.append(step)
            if step.method == "POST":
                if not isinstance(made, str):  # then nothing could be given to the account
                    raise not_scim(self._session.where)
                job.id = made

    def _again(self, pieces: list[Piece], error: ScimError) -> None:
        """What was refused: for one account it stays so; for many it is found out for which of them."""
        if len(pieces) == 1 or error.status in HOPELESS:
            _refuse(pieces, error)
            return
        for half in _halves(pieces):
            refused_so_far = [job.failed for job, _ in pieces if job.failed]
            if len(refused_so_far) >= MOST_REFUSED:
                _refuse([piece for piece in half if piece[0].failed is None], error)
            else:
                self._alone(half)


def _halves(items: Sequence[_Item]) -> tuple[list[_Item], list[_Item]]:
    middle = len(items) // 2
    return list(items[:middle]), list(items[middle:])


def _merged(pieces: Sequence[Piece]) -> Step:
    """One step for many members of a Group, or the step of one account itself."""
    first = pieces[0][1]
    if first.stage not in (Stage.TAKE, Stage.GIVE):
        return first
    operations = [operation for job, step in pieces for operation in _operations(job, step)]
    if first.stage is Stage.GIVE:
        members = [member for operation in operations for member in operation["value"]]
        operations = [{"op": "add", "path": "members", "value": members}]
    return Step(first.does, first.method, first.path, patch(operations), first.stage)


def _operations(job: Job, step: Step) -> list[Json]:
    """What a step does to a Group, with the id of an account that was made a moment ago."""
    found = replaced(step.body, job.id).get("Operations", [])
    assert isinstance(found, list)
    return found


def _refuse(pieces: Iterable[Piece], error: ScimError) -> None:
    for job, step in pieces:
        job.failed = (step, error)
