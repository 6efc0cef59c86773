"""How a contract is run over an ERP that CI cannot install: live, recording, or from what was recorded.

Which of them says the environment. With ``ERPSYNC_TEST_<ERP>_URL`` the contract runs over the server
that it names, and with ``ERPSYNC_RECORD`` too, it is recorded; else each recorded version answers.
"""

from __future__ import annotations

import os
import re
import time
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date

import pytest

from tests.contract.cassette import CASSETTES, Cassette, Json, Needed, recording, replaying, slug
from tests.contract.company import this_day

RECORD = "ERPSYNC_RECORD"
UNTOLD = ("URL", "USERNAME")
SECRET = re.compile("PASSWORD|SECRET|TOKEN|KEY")
"""What the name of a setting has whose value is kept nowhere."""
SHORTEST = 8
"""Characters of a secret that can be told from other text."""


@dataclass(frozen=True)
class Stage:
    """Where a test runs: the address of the ERP, the day, and what makes its logins its own.

    ``live`` says whether the ERP itself answers, so that it must be prepared. ``settings`` are those of
    the environment behind ``ERPSYNC_TEST_<ERP>_``, as they were when it was recorded; no secrets.
    """

    url: str
    today: date
    stamp: str
    live: bool
    settings: Mapping[str, str]

    def login(self, name: str, test: str) -> str:
        """A login that no other test has, now or earlier; the same when it is replayed."""
        return f"{name}.{self.stamp}{zlib.crc32(slug(test).encode()) % 0xFFFF:04x}"


Staging = Callable[[str], AbstractContextManager[Stage]]
"""Makes the stage of a test, by the name of the test."""


def as_told(_path: str, answer: Json) -> Json:
    """Everything that an ERP tells."""
    return answer


def stages(erp: str, needed: Needed = as_told, secrets: Collection[str] = ()) -> dict[str, Staging]:
    """The ways to run the contract over an ERP, by the name under which tests show them.

    Args:
        erp: ``odoo`` for ``ERPSYNC_TEST_ODOO_URL`` and cassettes such as ``odoo-18``.
        needed: what is recorded of an answer.
        secrets: passwords and keys that the tests themselves use; those of the environment are known.
    """
    prefix = f"ERPSYNC_TEST_{erp.upper()}_"
    known = {name.removeprefix(prefix): told for name, told in os.environ.items() if name.startswith(prefix)}
    settings = {name: told for name, told in known.items() if name not in UNTOLD and not SECRET.search(name)}
    url = known.get("URL")
    if url is None:
        names = sorted(path.name for path in CASSETTES.glob(f"{erp}-*"))
        return {f"{name} as recorded": _replaying(name, secrets) for name in names}
    version = os.environ.get(RECORD)
    if version is None:
        return {erp: _live(url, settings)}
    hidden = frozenset(secrets) | _secrets(prefix, known)
    return {f"{erp}-{version}": _recording(url, f"{erp}-{version}", needed, settings, hidden)}


def _secrets(prefix: str, known: Mapping[str, str]) -> frozenset[str]:
    """The secrets among the settings; a password that is the name itself, as in ``admin``, is none.

    Raises:
        ValueError: one is so short that other text would be taken for it.
    """
    found = {
        name: told for name, told in known.items() if SECRET.search(name) and told != known.get("USERNAME")
    }
    for name, told in found.items():
        if len(told) < SHORTEST:
            raise ValueError(
                f"{prefix}{name} is too short to record with: take {SHORTEST} characters or more"
            )
    return frozenset(found.values())


def enter(stage: AbstractContextManager[Stage], request: pytest.FixtureRequest) -> Stage:
    """A stage for as long as the test runs."""
    entered = stage.__enter__()
    request.addfinalizer(lambda: stage.__exit__(None, None, None))
    return entered


def _stamp() -> str:
    return f"{int(time.time()) % 36**5:x}"


def _live(url: str, settings: Mapping[str, str]) -> Staging:
    stamp = _stamp()

    @contextmanager
    def stage(_test: str) -> Iterator[Stage]:
        yield Stage(url, this_day(), stamp, live=True, settings=settings)

    return stage


def _recording(
    url: str, name: str, needed: Needed, settings: Mapping[str, str], secrets: Collection[str]
) -> Staging:
    """Records every test that has not been recorded yet; the others are answered by what was."""
    if (CASSETTES / name).exists():
        cassette = Cassette.open(name)
    else:
        about = {"today": str(this_day()), "stamp": _stamp(), "settings": dict(settings)}
        cassette = Cassette(name, about=about)
    known, replayed = cassette.tests(), _replaying(name, secrets)

    @contextmanager
    def stage(test: str) -> Iterator[Stage]:
        if slug(test) in known:
            with replayed(test) as as_recorded:
                yield as_recorded
            return
        with recording(cassette, test, url, needed, secrets) as through:
            yield Stage(through, cassette.today, cassette.about["stamp"], live=True, settings=settings)

    return stage


def _replaying(name: str, secrets: Collection[str]) -> Staging:
    @contextmanager
    def stage(test: str) -> Iterator[Stage]:
        cassette = Cassette.open(name)
        with replaying(cassette, test, secrets) as url:
            about = cassette.about
            yield Stage(url, cassette.today, about["stamp"], live=False, settings=about["settings"])

    return stage
