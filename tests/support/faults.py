"""What can go wrong with one request between erpsync and the ERP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PAGE = b"<html><body><h1>Please hold the line</h1></body></html>"


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request.

    ``forwards`` is how often the ERP gets it, ``late`` after how many further requests. The answer is
    that of the ERP (the ``of``-th, or if ``stale`` the one before), or ``status`` with ``body``; of it
    ``keep`` arrives, and the connection breaks unless ``whole`` makes that part look like all of it.
    """

    name: str
    forwards: int = 1
    late: int = 0
    of: int = 0
    stale: bool = False
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = PAGE
    keep: float = 1
    whole: bool = False
    drop: bool = False
    delay: float = 0


def _statuses() -> list[Fault]:
    return [
        Fault(f"{status} {when}", forwards, status=status)
        for status in (500, 502, 503, 504)
        for when, forwards in (("before", 0), ("after", 1))
    ]


FAULTS = (
    Fault("lost before", 0, drop=True),
    Fault("lost after", 1, drop=True),
    Fault("delayed", delay=0.02),
    Fault("repeated", 2),
    Fault("repeated, last answer", 2, of=1),
    Fault("cut off", keep=0.5),
    Fault("half JSON", keep=0.5, whole=True),
    Fault("empty answer", keep=0, whole=True),
    Fault("page before", 0, status=200),
    Fault("page after", 1, status=200),
    Fault("JSON of no use", 1, status=200, body=b'{"id": 1, "result": null}'),
    Fault("JSON nested too deep", 1, status=200, body=b"[" * 100_000),
    Fault("answer of the call before", stale=True),
    Fault("401", 0, status=401),
    Fault("429", 0, status=429),
    Fault("429 with Retry-After", 0, status=429, headers={"Retry-After": "0"}),
    *_statuses(),
    Fault("504, done a little later", late=1, status=504),
    Fault("504, done much later", late=9, status=504),
)
"""Every kind of fault."""
