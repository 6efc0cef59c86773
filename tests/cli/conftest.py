"""Running commands in this process, against an ERP in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

from erpsync.cli.main import run
from erpsync.connectors import registry
from erpsync.connectors.base import Connection
from erpsync.connectors.recorded import record
from erpsync.model import Account
from tests.support.access_files import AccessFiles, buyer
from tests.support.company_repository import CompanyRepository
from tests.support.github_server import GitHubServer
from tests.support.memory import MemoryErp
from tests.support.pipeline import Pipeline
from tests.support.repositories import git


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def run(self) -> str:
        """The id of the run, as apply names it at its end."""
        (line,) = (line for line in self.err.splitlines() if line.startswith("run "))
        return line.removeprefix("run ")

    @property
    def told(self) -> str:
        """What was said on stderr, but for the id of the run, which is another one every time."""
        lines = self.err.splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith("run "))


Command = Callable[..., Ran]


@pytest.fixture
def erpsync(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs one command."""

    def command(*arguments: object) -> Ran:
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return command


class MemoryConnector:
    """Reaches the ERP in memory."""

    def __init__(self, erp: MemoryErp) -> None:
        self.erp = erp
        self.connections: list[Connection] = []

    def read(self, connection: Connection) -> AbstractContextManager[MemoryErp]:
        """The ERP itself."""
        self.connections.append(connection)
        return nullcontext(self.erp)

    write = read


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch, credentials: None) -> MemoryErp:
    """An ERP in memory, which every target reaches; wu.lan has an account that holds nothing."""
    erp = MemoryErp()
    erp.put(Account("wu.lan", "吴兰"))
    connector = MemoryConnector(erp)
    monkeypatch.setattr(registry, "find_connector", lambda _: connector)
    return erp


@pytest.fixture
def company(access: AccessFiles) -> AccessFiles:
    """Access files that declare one buyer, of whom the ERP knows nothing yet."""
    access.users(buyer("chen.jing"))
    return access


@pytest.fixture
def live_file(memory: MemoryErp, tmp_path: Path) -> Path:
    """The ERP in memory as it was recorded."""
    file = tmp_path / "live.json"
    file.write_text(json.dumps(record("erp", memory)), encoding="utf-8")
    return file


@pytest.fixture
def github_server() -> Iterator[GitHubServer]:
    """A GitHub on loopback."""
    with GitHubServer() as server:
        yield server


@pytest.fixture
def pipeline(
    tmp_path: Path,
    github_server: GitHubServer,
    erpsync: Command,
    memory: MemoryErp,
    monkeypatch: pytest.MonkeyPatch,
) -> Pipeline:
    """The jobs of a company whose first commit is applied to the ERP in memory."""
    repository = CompanyRepository(tmp_path, github_server)
    repository.begin()
    made = Pipeline(repository, erpsync, monkeypatch)
    assert made.apply("--drift", "revert").code == 0
    return made


@pytest.fixture
def checked_out(
    tmp_path: Path, github_server: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> CompanyRepository:
    """A person's checkout of a company with one buyer, in which the person stands; no forge, no ERP."""
    made = CompanyRepository(tmp_path, github_server)
    made.begin()
    git(made.work, "config", "user.name", "Lin Tao")
    git(made.work, "config", "user.email", "lin.tao@huaxin.example")
    monkeypatch.chdir(made.work)
    for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY", "ERP_USERNAME", "ERP_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    return made
