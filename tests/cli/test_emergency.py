"""``erpsync emergency lock``, and what plan, drift and validate make of it until it is merged."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from demo.tryton_rpc import Client, RpcError
from erpsync.access import load_valid, validate
from erpsync.journal import read_entries
from erpsync.lock import FileLock, LockHolder
from erpsync.model import Account, Status
from erpsync.state import journal_path, runs
from tests.cli.conftest import Command, Ran
from tests.support.access_files import AccessFiles, buyer
from tests.support.erp import Erp
from tests.support.memory import Fault, MemoryErp, broken
from tests.support.repositories import git

Lock = Callable[..., Ran]
PEOPLE = """\
users:
  # joined in May
  chen.jing:
    name: 陈静
    department: purchasing
    position: buyer
    type: dedicated   # one person's own

  lin.tao: {name: 林涛, department: purchasing, position: buyer, type: dedicated}
"""


@pytest.fixture
def people(access: AccessFiles, memory: MemoryErp) -> Path:
    """Two buyers who both have an account."""
    for login in ("chen.jing", "lin.tao"):
        memory.put(Account(login, grants=()))
    return access.write("people.yaml", PEOPLE)


@pytest.fixture
def lock(erpsync: Command, access: AccessFiles) -> Lock:
    """Locks in an emergency that wu.lan approved."""

    def command(*arguments: object) -> Ran:
        fixed = ("--reason", "stolen laptop", "--approver", "wu.lan", "--access", access)
        return erpsync("emergency", "lock", *arguments, *fixed)

    return command


def active(memory: MemoryErp) -> set[str]:
    return {account.login for account in memory.accounts.values() if account.active}


def revert(people: Path, access: AccessFiles) -> None:
    """The main branch, which the pull request has not reached yet."""
    people.write_text(PEOPLE, encoding="utf-8")
    for file in (access.path / "emergencies").iterdir():
        file.unlink()


# --- locking ----------------------------------------------------------------------------------------


def test_user_is_locked_at_once_and_everybody_else_goes_on(
    lock: Lock, memory: MemoryErp, people: Path
) -> None:
    ran = lock("--user", "chen.jing")
    assert ran.code == 0
    assert ran.out.startswith("erp: 1 locked\n  locked chen.jing\n")
    assert active(memory) == {"lin.tao", "wu.lan"}


def test_names_are_a_union(lock: Lock, memory: MemoryErp, people: Path) -> None:
    memory.put(Account("stranger"))
    ran = lock("--role", "purchasing.buyer", "--login", "stranger", "--user", "陈静")
    assert ran.code == 0
    assert active(memory) == {"wu.lan"}


def test_login_of_a_declared_user_means_the_user(lock: Lock, memory: MemoryErp, people: Path) -> None:
    ran = lock("--login", "Chen.Jing")
    assert active(memory) == {"lin.tao", "wu.lan"}
    assert f"written {people.as_posix()}\n" in ran.out


def test_manage_mode_and_limits_do_not_stop_it(
    lock: Lock, memory: MemoryErp, people: Path, access: AccessFiles
) -> None:
    access.settings(manage="{accounts: observe}", extra="    limits: {lock: {count: 0}}\n")
    assert lock("--type", "dedicated", "--user", "chen.jing").code == 4  # wu.lan would be locked too
    assert lock("--department", "purchasing").code == 4
    assert lock("--role", "purchasing.buyer").code == 0
    assert active(memory) == {"wu.lan"}


def test_protected_account_is_held_back_and_told(lock: Lock, memory: MemoryErp, people: Path) -> None:
    memory.protected["chen.jing"] = "the login of erpsync itself"
    ran = lock("--user", "chen.jing", "--user", "lin.tao")
    assert ran.code == 6
    assert "erp: 1 locked, 1 held back\n" in ran.out
    assert "  held back chen.jing: the login of erpsync itself\n" in ran.out
    assert active(memory) == {"chen.jing", "wu.lan"}


def test_user_without_an_account_and_name_of_nobody_are_told(
    lock: Lock, memory: MemoryErp, people: Path
) -> None:
    del memory.accounts["chen.jing"]
    ran = lock("--user", "chen.jing", "--user", "lin.tao", "--user", "chen.jign")
    assert ran.code == 6
    assert "  no account of chen.jing\n" in ran.out
    assert "no user 'chen.jign' is declared: nothing was done\n" in ran.out
    assert active(memory) == {"wu.lan"}


def test_account_that_is_locked_already_is_told_apart(lock: Lock, memory: MemoryErp, people: Path) -> None:
    memory.put(Account("chen.jing", active=False))
    ran = lock("--role", "purchasing.buyer")
    assert ran.code == 0
    assert "erp: 1 locked, 1 locked already\n" in ran.out
    assert memory.written == ["lin.tao", "chen.jing"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "nobody is meant: name them with"),
        (("--user", "nobody"), "nobody is meant: no user 'nobody' is declared"),
        (("--role", "purchasing.buyr"), "did you mean 'purchasing.buyer'?"),
        (("--department", "sales"), "no department 'sales' is declared"),
        (("--user", "chen.jing", "--target", "other"), "no target 'other' is declared"),
        (("--user", "chen.jing", "--request", " "), "'--request': it is empty"),
        (("--user", "chen.jing", "--request", "a\nb"), "'--request': it has characters that cannot be shown"),
        (("--login", "\udcff"), "'--login': it has characters that cannot be shown"),
        (("--user", "chen.jing", "--request", "R" * 101), "'--request': it has 101 characters"),
    ],
)
def test_wrong_names_lock_nobody(
    lock: Lock, memory: MemoryErp, people: Path, arguments: tuple[str, ...], words: str
) -> None:
    before = people.read_bytes()
    ran = lock(*arguments)
    assert ran.code == 2
    assert words in ran.err
    assert not memory.written
    assert people.read_bytes() == before


@pytest.mark.parametrize("missing", ["--reason", "--approver"])
def test_reason_and_approver_are_required(
    erpsync: Command, access: AccessFiles, memory: MemoryErp, people: Path, missing: str
) -> None:
    given = {"--reason": "stolen laptop", "--approver": "wu.lan", "--user": "chen.jing"}
    del given[missing]
    ran = erpsync("emergency", "lock", "--access", access, *(part for pair in given.items() for part in pair))
    assert (ran.code, memory.written) == (2, [])


def test_who_is_locked_cannot_approve(lock: Lock, memory: MemoryErp, people: Path) -> None:
    ran = lock("--user", "wu.lan")
    assert ran.code == 4
    assert "wu.lan would be locked too" in ran.err
    assert not memory.written


def test_mistake_elsewhere_in_the_files_delays_nothing(
    lock: Lock, memory: MemoryErp, people: Path, access: AccessFiles
) -> None:
    access.write("broken.yaml", "users: {oops: [\n")
    access.write("typo.yaml", "users: {new: {name: New, typ: dedicated}}\n")
    ran = lock("--user", "chen.jing")
    assert ran.code == 0
    assert "the access files have" in ran.err
    assert active(memory) == {"lin.tao", "wu.lan"}
    assert validate(access.path).build().users["chen.jing"].status is Status.LOCKED


# --- what goes wrong in the ERP ---------------------------------------------------------------------


def test_account_that_moves_meanwhile_is_read_and_tried_again(
    lock: Lock, memory: MemoryErp, people: Path
) -> None:
    def renamed() -> None:
        memory.put(replace(memory.accounts["chen.jing"], name="moved"))

    memory.on_read = {2: renamed, 5: renamed}
    ran = lock("--role", "purchasing.buyer")
    assert ran.code == 0
    assert active(memory) == {"wu.lan"}
    assert memory.accounts["chen.jing"].name == "moved"


def test_account_that_never_stands_still_is_told(lock: Lock, memory: MemoryErp, people: Path) -> None:
    names = iter(range(100))

    def renamed() -> None:
        memory.put(replace(memory.accounts["chen.jing"], name=f"name {next(names)}"))

    memory.on_read = dict.fromkeys(range(1, 20), renamed)
    ran = lock("--user", "chen.jing")
    assert ran.code == 6
    assert "NOT LOCKED chen.jing: changed in the ERP since the plan" in ran.out


def test_refused_account_is_told_and_the_others_are_locked(
    lock: Lock, memory: MemoryErp, people: Path
) -> None:
    memory.faults["chen.jing"] = Fault.REFUSE
    ran = lock("--role", "purchasing.buyer")
    assert ran.code == 6
    assert "NOT LOCKED chen.jing: failed: the ERP says no" in ran.out
    assert active(memory) == {"chen.jing", "wu.lan"}


def test_erp_that_cannot_be_reached_is_told_and_plans_lock_later(
    lock: Lock, erpsync: Command, access: AccessFiles, memory: MemoryErp, people: Path
) -> None:
    memory.on_read = {1: broken}
    ran = lock("--user", "chen.jing")
    assert ran.code == 6
    assert "stopped: the ERP is gone" in ran.out
    revert(people, access)
    assert "chen.jing is locked" in erpsync("plan", "--access", access).out


def test_target_that_another_run_is_writing_is_told_and_the_files_say_locked(
    lock: Lock, memory: MemoryErp, people: Path, own_state: Path
) -> None:
    other = LockHolder(
        "wu.lan", "20261120T080000Z-abc123", datetime(2026, 11, 20, 8, tzinfo=UTC), "build-7", 1
    )
    with FileLock(own_state, "erp", other):
        ran = lock("--user", "chen.jing")
    assert ran.code == 6
    assert "20261120T080000Z-abc123" in ran.out
    assert not memory.written
    assert "status: locked" in people.read_text(encoding="utf-8")


def test_target_that_fails_keeps_no_other_from_being_locked(
    lock: Lock, memory: MemoryErp, people: Path, access: AccessFiles
) -> None:
    credentials = 'credentials: {username: "env:ERP_USERNAME", password: "env:ERP_PASSWORD"}'
    access.settings(
        extra=f"  test: {{connector: tryton, url: http://127.0.0.1:9/, database: t, {credentials}}}\n"
    )
    memory.on_read = {1: broken}
    ran = lock("--user", "chen.jing")
    assert ran.code == 6
    assert "erp: nothing done\n  stopped: the ERP is gone\ntest: 1 locked\n" in ran.out


# --- the record -------------------------------------------------------------------------------------


def test_journal_has_the_emergency_before_the_first_write(
    lock: Lock, memory: MemoryErp, people: Path, own_state: Path, erpsync: Command
) -> None:
    memory.put(Account("stranger"))
    ran = lock("--user", "chen.jing", "--login", "stranger", "--request", "REQ-7")
    entries = list(read_entries(journal_path(own_state, "erp")))
    assert [entry["event"] for entry in entries][:3] == ["emergency", "begin", "intend"]
    first = entries[0]
    assert (first["id"], first["run"], first["reason"], first["approver"], first["request"]) == (
        ran.run, ran.run, "stolen laptop", "wu.lan", "REQ-7",
    )  # fmt: skip
    assert (first["users"], first["logins"]) == (["chen.jing"], ["stranger"])
    assert list(runs(own_state)) == [f"{ran.run}.erp.1"]
    assert "emergency: stolen laptop, approved by wu.lan" in erpsync("journal", "show").out
    assert erpsync("journal", "verify").code == 0


def test_shared_journal_has_the_emergency_for_all_machines(
    lock: Lock, erpsync: Command, memory: MemoryErp, people: Path, access: AccessFiles, tmp_path: Path
) -> None:
    settings = access.path / "erpsync.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("settings:\n", "settings:\n  journal: remote\n"), encoding="utf-8")
    bare = tmp_path / "origin.git"
    git(tmp_path, "init", "-q", "--bare", str(bare))
    git(access.path, "init", "-q")
    git(access.path, "add", ".")
    git(access.path, "commit", "-q", "-m", "Begin")
    git(access.path, "remote", "add", "origin", str(bare))
    ran = lock("--user", "chen.jing")
    assert ran.code == 0
    revert(people, access)
    elsewhere = ("--access", access, "--state", tmp_path / "elsewhere")
    assert erpsync("journal", "pull", *elsewhere).code == 0
    assert f"emergency {ran.run} is not merged yet" in erpsync("plan", *elsewhere).err


def test_emergency_can_be_rolled_back(
    lock: Lock, memory: MemoryErp, people: Path, erpsync: Command, access: AccessFiles, tmp_path: Path
) -> None:
    ran = lock("--user", "chen.jing")
    plan = tmp_path / "back.json"
    assert erpsync("rollback", f"{ran.run}.erp.1", "--access", access, "-o", plan).code == 0
    assert erpsync("apply", plan, "--access", access).code == 0
    assert "chen.jing" in active(memory)


# --- the access files -------------------------------------------------------------------------------


def test_files_say_it_too_and_nothing_else_in_them_moves(
    lock: Lock, memory: MemoryErp, people: Path, access: AccessFiles
) -> None:
    people.chmod(0o640)
    ran = lock("--user", "chen.jing", "--user", "lin.tao", "--request", "REQ-7")
    assert people.read_text(encoding="utf-8") == PEOPLE.replace("own\n", "own\n    status: locked\n").replace(
        "type: dedicated}", "type: dedicated, status: locked}"
    )
    assert people.stat().st_mode & 0o777 == 0o640
    declared = load_valid(access.path).emergencies[ran.run]
    assert (declared.reason, declared.approver, declared.request) == ("stolen laptop", "wu.lan", "REQ-7")
    assert (declared.users, declared.logins) == (("chen.jing", "lin.tao"), ())
    assert declared.report.missing == ("cause", "symptoms", "handling", "result")


def test_next_steps_name_branch_and_report(lock: Lock, memory: MemoryErp, people: Path) -> None:
    ran = lock("--user", "chen.jing")
    assert f"git switch -c emergency-{ran.run}\n" in ran.out
    assert f"write report: {{cause, symptoms, handling, result}} at {ran.run}" in ran.out


def test_user_who_is_locked_or_has_left_keeps_the_status(
    lock: Lock, memory: MemoryErp, access: AccessFiles
) -> None:
    memory.put(Account("chen.jing"))
    file = access.users(buyer("chen.jing", more=", status: left"), buyer("lin.tao", more=", status: locked"))
    before = file.read_bytes()
    assert lock("--user", "chen.jing", "--user", "lin.tao").code == 0
    assert active(memory) == {"wu.lan"}
    assert file.read_bytes() == before


@pytest.mark.parametrize("wrong", ["anchor", "unreadable"])
def test_file_that_cannot_be_edited_is_left_and_told(
    lock: Lock, memory: MemoryErp, people: Path, access: AccessFiles, wrong: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    access.users(buyer("lin.tao"))
    other = access.write("other.yaml", PEOPLE.partition("\n  lin.tao")[0])
    if wrong == "anchor":
        other.write_text(other.read_text(encoding="utf-8") + "  x: &x {name: X}\n", encoding="utf-8")
    else:
        replaced = Path.replace

        def refuse(path: Path, target: Path) -> Path:
            if target.name == "other.yaml":
                raise PermissionError(13, "Permission denied")
            return replaced(path, target)

        monkeypatch.setattr(Path, "replace", refuse)
    ran = lock("--role", "purchasing.buyer")
    assert ran.code == 6
    assert active(memory) == {"wu.lan"}
    assert f"TO WRITE BY HAND {other}" in ran.out
    assert "write status: locked there for chen.jing" in ran.out
    assert validate(access.path).build().users["lin.tao"].status is Status.LOCKED
    assert not list(access.path.glob(".other*"))


def test_entry_that_cannot_be_written_is_shown(
    lock: Lock, memory: MemoryErp, people: Path, access: AccessFiles
) -> None:
    (access.path / "emergencies").write_text("in the way")
    ran = lock("--user", "chen.jing")
    assert ran.code == 6
    assert "cannot be written" in ran.out
    shown = ran.out.partition("write there:\n")[2].partition("Next,")[0]
    assert yaml.load(shown, yaml.BaseLoader)["emergencies"][ran.run]["users"] == ["chen.jing"]


# --- until it is merged -----------------------------------------------------------------------------


def test_plan_and_drift_keep_locked_what_is_not_merged(
    lock: Lock, erpsync: Command, memory: MemoryErp, people: Path, access: AccessFiles
) -> None:
    saved = ("--access", access)
    erpsync("plan", *saved)
    ran = lock("--user", "chen.jing")
    revert(people, access)
    plan = erpsync("plan", *saved, "--format", "json")
    assert '"unlock"' not in plan.out
    assert f"emergency {ran.run} is not merged yet; counted as locked: 1 user\n" in plan.err
    assert '"unlock"' not in erpsync("drift", *saved, "--format", "json").out


def test_without_the_journal_the_plan_would_unlock(
    lock: Lock, erpsync: Command, memory: MemoryErp, people: Path, access: AccessFiles, tmp_path: Path
) -> None:
    lock("--user", "chen.jing")
    revert(people, access)
    plan = erpsync("plan", "--access", access, "--format", "json", "--state", tmp_path / "elsewhere")
    assert '"unlock"' in plan.out


def test_once_merged_git_decides(
    lock: Lock, erpsync: Command, memory: MemoryErp, people: Path, access: AccessFiles
) -> None:
    lock("--user", "chen.jing")
    assert '"unlock"' not in erpsync("plan", "--access", access, "--format", "json").out
    people.write_text(PEOPLE, encoding="utf-8")
    plan = erpsync("plan", "--access", access, "--format", "json")
    assert '"unlock"' in plan.out
    assert plan.err == ""


def test_validate_warns_until_it_is_merged_and_reported(
    lock: Lock, erpsync: Command, memory: MemoryErp, people: Path, access: AccessFiles
) -> None:
    ran = lock("--user", "chen.jing")
    written = access.path / "emergencies" / f"{ran.run}.yaml"
    text = written.read_text(encoding="utf-8")

    told = erpsync("validate", "--access", access)
    assert told.code == 0
    assert "[emergency/report-missing]" in told.out
    assert "not-merged" not in told.out

    report = "    report: {cause: theft, symptoms: none, handling: locked, result: found}\n"
    written.write_text(text + report, encoding="utf-8")
    assert "emergency/" not in erpsync("validate", "--access", access).out

    revert(people, access)
    told = erpsync("validate", "--access", access)
    assert told.code == 0
    assert f"{people}:3:3: warning: locked in emergency {ran.run}" in told.out
    found = json.loads(erpsync("validate", "--access", access, "--format", "json").out)
    assert "emergency/not-merged" in json.dumps(found)


def test_journal_that_cannot_be_read_stops_the_plan(
    erpsync: Command, memory: MemoryErp, people: Path, access: AccessFiles, own_state: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    journal = journal_path(own_state, "erp")
    journal.parent.mkdir(parents=True)
    journal.touch()
    read_bytes = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path == journal:
            raise PermissionError(13, "Permission denied")
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    ran = erpsync("plan", "--access", access)
    assert ran.code == 1
    assert "the journal cannot be read: Permission denied" in ran.err


# --- against the real ERP ---------------------------------------------------------------------------


def test_session_and_key_of_a_locked_user_stop_working(
    lock_live: Lock, erp: Erp, live_access: AccessFiles
) -> None:
    login, gone = erp.login("thief"), erp.login("gone")
    live_access.users(buyer(login), buyer(gone))
    keys = {name: _key(erp, erp.create(name, password="correct-Horse-1")) for name in (login, gone)}
    session = Client(erp.url, erp.database).login(login, "correct-Horse-1")
    assert session.call("model.res.user.get_preferences", True, {})
    erp.write(int(erp.read(gone)["id"]), active=False)
    assert erp.key_answers(keys[login]) == 200
    assert erp.key_answers(keys[gone]) == 200  # Tryton lets the key of a locked account in

    ran = lock_live("--user", login, "--user", gone)

    assert ran.code == 0
    assert "erp: 1 locked, 1 locked already\n" in ran.out
    with pytest.raises(RpcError):
        session.call("model.res.user.get_preferences", True, {})
    assert {name: erp.key_answers(key) for name, key in keys.items()} == {login: 401, gone: 401}
    assert not erp.read(login)["active"]


@pytest.fixture
def lock_live(erpsync: Command, live_access: AccessFiles) -> Lock:
    """Locks in the real ERP."""

    def command(*arguments: object) -> Ran:
        fixed = ("--reason", "stolen laptop", "--approver", "wu.lan", "--access", live_access)
        return erpsync("emergency", "lock", *arguments, *fixed)

    return command


def _key(erp: Erp, user: int) -> str:
    (number,) = erp.admin.call(
        "model.res.user.application.create", [{"user": user, "application": "rest"}], {}
    )
    (made,) = erp.admin.call("model.res.user.application.read", [number], ["key"], {})
    return str(made["key"])
