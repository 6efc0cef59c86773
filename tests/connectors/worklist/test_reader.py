"""The reader: where the export is, how old it may be, and what it answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from erpsync.connectors.base import Connection
from erpsync.connectors.worklist import WorklistConnector
from erpsync.connectors.worklist.connector import open_export
from erpsync.connectors.worklist.place import folder_of
from erpsync.errors import ErpsyncError, RefusedError, TargetError
from erpsync.model import ALL_ATTRIBUTES, Target, fold
from tests.support.worklist import USERS, age, make_target, put_export, text_of


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with access files and an export."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "access").mkdir()
    put_export(tmp_path / "exports")
    return tmp_path


def connection(target: Target) -> Connection:
    return Connection(target, "", "", ZoneInfo("Asia/Shanghai"))


def refused(target: Target) -> ErpsyncError:
    with pytest.raises(ErpsyncError) as caught, WorklistConnector.read(connection(target)):
        pass
    return caught.value


def test_the_export_is_found_and_answers_for_the_erp(repository: Path) -> None:
    with WorklistConnector.read(connection(make_target(repository))) as reader:
        assert set(reader.snapshot().accounts) == {"peng.fei", "ma.li"}
        assert set(reader.snapshot({"ma.li", "nobody"}).accounts) == {"ma.li"}
        assert reader.catalogue().entitlements == {"Buyer", "Clerk", "Planner"}
        assert reader.snapshot().protected == {}
        assert not hasattr(reader, "apply")


def test_the_system_and_the_ledger_name_the_instance_and_nothing_of_the_content_does(
    repository: Path,
) -> None:
    target = make_target(repository)
    ledger = Target(
        "u8", "worklist", target.url, None, None, target.at, database="001", options=target.options
    )
    assert open_export(target, folder_of(target)).instance() == "worklist:U8-001"
    assert open_export(ledger, folder_of(ledger)).instance() == "worklist:U8-001/001"


def test_only_what_has_a_column_is_told(repository: Path) -> None:
    target = make_target(repository)
    can = open_export(target, folder_of(target)).capabilities
    assert (can.validity, can.deferred) == (False, True)
    assert (set(can.scopes), set(can.attributes)) == (set(), {"name"})
    more = make_target(repository, email_column="状态", scope_column="状态", scope_kind="plant")
    can = open_export(more, folder_of(more)).capabilities
    assert (set(can.scopes), set(can.attributes)) == ({"plant"}, {"name", "email"})
    assert can.attributes < ALL_ATTRIBUTES


@pytest.mark.parametrize("hours", [25, -1])
def test_an_export_that_is_too_old_or_still_to_come_is_refused(repository: Path, hours: int) -> None:
    age(repository / "exports", hours * 3600)
    error = refused(make_target(repository))
    assert isinstance(error, TargetError)
    assert ("older than the 24 hours it may be" if hours > 0 else "still to come") in error.message


def test_every_file_must_be_young_enough(repository: Path) -> None:
    age(repository / "exports", 25 * 3600)
    (repository / "exports" / "users.csv").write_bytes(text_of(USERS).encode())
    assert refused(make_target(repository)).where == "roles.csv"
    with WorklistConnector.read(connection(make_target(repository, max_age="48"))) as reader:
        assert fold("peng.fei") in reader.snapshot().accounts


def test_a_missing_file_is_an_error(repository: Path) -> None:
    (repository / "exports" / "roles.csv").unlink()
    assert refused(make_target(repository)).message.startswith("the export cannot be read")


@pytest.mark.parametrize("url", ["file:../elsewhere", "file:/etc", "file:link"])
def test_nothing_outside_the_repository_is_read(repository: Path, url: str) -> None:
    (repository / "link").symlink_to(repository.parent)
    error = refused(replace(make_target(repository), url=url))
    assert isinstance(error, RefusedError)
    assert "leads out of" in error.message


@pytest.mark.parametrize("name", ["../access/erpsync.yaml", "/etc/hostname"])
def test_no_option_names_a_file_outside_the_folder(repository: Path, name: str) -> None:
    assert "leads out of 'exports'" in refused(make_target(repository, users_file=name)).message


def test_an_address_of_another_kind_is_refused(repository: Path) -> None:
    error = refused(replace(make_target(repository), url="https://erp.example/"))
    assert error.message == "the url of a worklist is a folder of the repository"


def test_without_a_repository_there_is_nothing_to_be_relative_to(tmp_path: Path) -> None:
    assert "are in no git repository" in refused(make_target(tmp_path)).message


def test_a_single_file_can_stand_for_the_folder(repository: Path) -> None:
    alone: dict[str, str | None] = {"roles_file": None, "catalogue_file": None, "catalogue_column": None}
    target = make_target(repository, role_column="操作员姓名", **alone)
    new = repository / "new.csv"
    new.write_bytes(text_of([*USERS, ["he.qi", "何琪", "启用"]]).encode())
    assert fold("he.qi") in open_export(target, new).snapshot().accounts


def test_a_work_order_needs_a_run(repository: Path) -> None:
    with (
        pytest.raises(RefusedError, match="a work order belongs to the run of a plan"),
        WorklistConnector.write(connection(make_target(repository))),
    ):
        pass
