"""How the roles of a user came and went, from real repositories."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from erpsync.forge.base import PullRequest, Review, ReviewState
from erpsync.forge.git import Git
from erpsync.forge.git_states import States
from erpsync.forge.git_trail import history_of
from erpsync.forge.merge_message import approvals_in, pull_request_number
from erpsync.forge.trail_reviews import reviewed
from erpsync.model import ChangeKind
from erpsync.trail_history import Approval, History, Source, Step
from erpsync.trail_journal import Evidence
from tests.builders import user
from tests.support.access_files import AccessFiles, buyer
from tests.support.repositories import git

PLANNER = ", assignments: [{role: purchasing.planner, reason: stands in}]"
GRANT, RETIME, REVOKE = ChangeKind.GRANT, ChangeKind.RETIME, ChangeKind.REVOKE


@dataclass(frozen=True)
class Repository:
    """A repository with access files, whose history the test makes."""

    path: Path
    files: AccessFiles

    def commit(self, message: str = "Change", author: str = "陈静 <chen.jing@huaxin.example>") -> str:
        """Commit everything; the commit."""
        git(self.path, "add", "-A")
        git(self.path, "commit", "-q", "--author", author, "-m", message)
        return git(self.path, "rev-parse", "HEAD")

    def people(self, *entries: str, message: str = "Change") -> str:
        """Declare these users alone, and commit."""
        self.files.users(*entries)
        return self.commit(message)

    def merge(self, message: str) -> str:
        """Merge the branch that is checked out into the main line; the merge."""
        branch = git(self.path, "branch", "--show-current")
        git(self.path, "checkout", "-q", "main")
        git(self.path, "merge", "-q", "--no-ff", "-m", message, branch)
        return git(self.path, "rev-parse", "HEAD")

    def states(self, *keys: str) -> States:
        folder = self.files.path.relative_to(self.path).as_posix()
        return States(Git(self.files.path), folder, self.files.path, keys or ("chen.jing",))

    def history(self, *keys: str, roles: Collection[str] | None = None, most: int = 500) -> History:
        return history_of(self.states(*keys), roles, most)

    def planner(self, *keys: str) -> list[Step]:
        """The steps of the role of a planner."""
        return [step for step in self.history(*keys).steps if step.change.subject == "purchasing.planner"]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository in which Chen Jing is a buyer since the first commit."""
    path = tmp_path / "company"
    git(tmp_path, "init", "-q", "-b", "main", str(path))
    made = Repository(path, AccessFiles(path / "access"))
    made.people(buyer("chen.jing"), message="Begin")
    return made


def kinds(steps: Collection[Step]) -> list[tuple[ChangeKind, str]]:
    return [(step.change.kind, step.origin.commit) for step in steps]


# --- which commit of the main line ----------------------------------------------------------------


def test_plain_commit_tells_its_author_and_itself_and_nothing_else(repository: Repository) -> None:
    commit = repository.people(buyer("chen.jing", more=PLANNER), message="Plan")
    (step,) = repository.planner()
    origin = step.origin
    assert (step.change.kind, origin.commit, origin.subject) == (GRANT, commit, "Plan")
    assert (origin.authors, origin.written_in) == (("陈静",), commit)
    assert (origin.pull_request, origin.pull_request_source, origin.merged_by) == (None, None, None)
    assert origin.approvals == ()


def test_squashed_pull_request_tells_its_number(repository: Repository) -> None:
    repository.people(buyer("chen.jing", more=PLANNER), message="Plan (#15)")
    (step,) = repository.planner()
    assert (step.origin.pull_request, step.origin.pull_request_source) == (15, Source.TRAILER)
    assert step.origin.merged_by is None


def test_merge_tells_number_authors_approvers_and_the_commit_of_the_line(repository: Repository) -> None:
    git(repository.path, "checkout", "-q", "-b", "plan")
    written = repository.people(buyer("chen.jing", more=PLANNER))
    repository.files.write("more.yaml", "birthright: {}\n")
    repository.commit("More", "王丽 <wang.li@huaxin.example>")
    (repository.path / "notes.txt").write_text("x\n")
    repository.commit("Not about access", "Bot <bot@huaxin.example>")
    merge = repository.merge(
        "Merge pull request #12 from huaxin/plan\n\nPlan\n\n"
        "Approved-by: 吴兰 <wu.lan@huaxin.example> 2026-11-20\nReviewed-by: lin.tao"
    )
    (step,) = repository.planner()
    origin = step.origin
    assert (origin.commit, origin.written_in, origin.pull_request) == (merge, written, 12)
    assert (origin.authors, origin.merged_by) == (("陈静", "王丽"), "Chen Jing")
    assert [approval.handle for approval in origin.approvals] == ["wu.lan@huaxin.example", "lin.tao"]


def test_step_is_told_at_the_time_of_the_main_line(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-03-01T10:00:00+08:00")
    repository.people(buyer("chen.jing", more=PLANNER))
    assert repository.planner()[0].origin.at.isoformat() == "2026-03-01T10:00:00+08:00"


def test_line_that_moves_to_another_file_or_form_gives_nothing_anew(repository: Repository) -> None:
    given = repository.people(buyer("chen.jing", more=PLANNER))
    entry = buyer("chen.jing", more=PLANNER)
    repository.files.users(buyer("wang.li", "王丽"))
    repository.files.write("采购.yaml", f"users:\n  {entry}\n")
    repository.commit("One file for purchasing")
    repository.files.write("采购.yaml", f"# purchasing\n\nusers:\n\n  {entry}\n")
    repository.commit("A comment")
    repository.files.write("采购.yaml", f"users:\n  {entry.replace('stands in', '「stands in」')}\n")
    repository.commit("Other words")
    assert kinds(repository.planner()) == [(GRANT, given)]


def test_same_line_of_somebody_else_is_not_taken_for_the_users(repository: Repository) -> None:
    repository.people(buyer("wang.li", "陈静", PLANNER), buyer("chen.jing"))
    given = repository.people(buyer("wang.li", "陈静", PLANNER), buyer("chen.jing", more=PLANNER))
    assert kinds(repository.planner()) == [(GRANT, given)]


def test_every_change_of_the_days_is_a_step(repository: Repository) -> None:
    given = repository.people(buyer("chen.jing", more=PLANNER))
    shorter = PLANNER.replace("stands in", "stands in, valid_to: 2027-01-31")
    retimed = repository.people(buyer("chen.jing", more=shorter))
    steps = repository.planner()
    assert kinds(steps) == [(GRANT, given), (RETIME, retimed)]
    assert (steps[1].change.before, steps[1].change.after) == (((None, None),), ((None, date(2027, 1, 31)),))


def test_role_that_was_lost_and_given_again_is_told_three_times(repository: Repository) -> None:
    given = repository.people(buyer("chen.jing", more=PLANNER))
    lost = repository.people(buyer("chen.jing"))
    again = repository.people(buyer("chen.jing", more=PLANNER))
    assert kinds(repository.planner()) == [(GRANT, given), (REVOKE, lost), (GRANT, again)]


def test_role_is_lost_with_the_status(repository: Repository) -> None:
    given = repository.people(buyer("chen.jing", more=PLANNER))
    left = repository.people(buyer("chen.jing", more=PLANNER + ", status: left"))
    assert kinds(repository.planner()) == [(GRANT, given), (REVOKE, left)]


def test_commit_that_took_a_role_away_is_known_where_only_one_was_merged(repository: Repository) -> None:
    repository.people(buyer("chen.jing", more=PLANNER))
    git(repository.path, "checkout", "-q", "-b", "leave")
    taken = repository.people(buyer("chen.jing"))
    repository.merge("Leave")
    git(repository.path, "checkout", "-q", "-b", "again")
    repository.people(buyer("chen.jing", more=PLANNER))
    repository.people(buyer("chen.jing"))
    repository.people(buyer("chen.jing", more=PLANNER))
    repository.merge("Again")
    git(repository.path, "checkout", "-q", "-b", "end")
    repository.people(buyer("chen.jing"))
    repository.people(buyer("chen.jing"), buyer("wang.li", "王丽"))
    repository.merge("End")
    written = [step.origin.written_in for step in repository.planner() if step.change.kind is REVOKE]
    assert written == [taken, None]


def test_line_that_a_merge_did_not_bring_is_not_said_to_be_its(repository: Repository) -> None:
    text = (repository.files.path / "organisation.yaml").read_text()
    position = text.replace("roles: [purchasing.buyer]", "roles: [purchasing.buyer, purchasing.planner]")
    git(repository.path, "checkout", "-q", "-b", "position")
    repository.files.write("organisation.yaml", position)
    repository.commit("Buyers plan")
    merge = repository.merge("Buyers plan (#3)")
    (step,) = repository.planner()
    assert (step.origin.commit, step.origin.written_in) == (merge, None)


def test_user_is_followed_through_a_new_key(repository: Repository) -> None:
    given = repository.people(buyer("chen.jing", more=PLANNER))
    repository.people(buyer("jing.chen", more=PLANNER + ", previously: [chen.jing]"))
    assert kinds(repository.planner("jing.chen", "chen.jing")) == [(GRANT, given)]


def test_user_who_is_gone_from_the_files_is_told_of_too(repository: Repository) -> None:
    given = repository.people(buyer("chen.jing", more=PLANNER))
    gone = repository.people(buyer("wang.li", "王丽"))
    assert kinds(repository.planner()) == [(GRANT, given), (REVOKE, gone)]


def test_roles_are_those_of_every_state_as_they_were_last(repository: Repository) -> None:
    text = (repository.files.path / "organisation.yaml").read_text()
    repository.files.write("organisation.yaml", text.replace("title: Planner", "title: Chief planner"))
    repository.commit("A better title")
    without = text[: text.index("  purchasing.planner:")] + text[text.index("  purchasing.lead:") :]
    repository.files.write("organisation.yaml", without)
    repository.commit("No planners any more")
    assert repository.history().roles["purchasing.planner"].title == "Chief planner"


def test_access_files_at_the_top_of_the_repository(tmp_path: Path) -> None:
    files = AccessFiles(tmp_path / "company")
    git(files.path, "init", "-q", "-b", "main")
    files.users(buyer("chen.jing", more=PLANNER))
    git(files.path, "add", ".")
    git(files.path, "commit", "-q", "-m", "Begin")
    history = history_of(States(Git(files.path), "", files.path, ("chen.jing",)))
    assert [step.change.subject for step in history.steps] == ["purchasing.buyer", "purchasing.planner"]


# --- how far back ---------------------------------------------------------------------------------


def test_looking_ends_once_it_is_known_how_each_role_was_given(repository: Repository) -> None:
    repository.people(buyer("chen.jing"), buyer("wang.li", "王丽"))
    repository.people(buyer("chen.jing", more=PLANNER))
    repository.people(buyer("chen.jing", more=PLANNER.replace("stands in", "plans")))
    history = repository.history(roles={"purchasing.planner"})
    assert (history.looked, history.cut, len(history.steps)) == (3, False, 1)


def test_history_up_to_its_beginning_is_not_cut(repository: Repository) -> None:
    history = repository.history()
    assert (history.looked, history.cut) == (1, False)
    assert list(history.order.values()) == [0]


def test_history_is_cut_after_so_many_changes_and_says_so(repository: Repository) -> None:
    repository.people(buyer("chen.jing", more=PLANNER))
    repository.people(buyer("chen.jing"))
    history = repository.history(most=2)
    assert (history.looked, history.cut) == (2, True)
    assert [step.change.kind for step in history.steps] == [REVOKE]


def test_commits_that_do_not_touch_the_files_are_not_counted(repository: Repository) -> None:
    (repository.path / "notes.txt").write_text("x\n")
    repository.commit("Notes")
    assert (repository.history(most=1).looked, repository.history(most=1).cut) == (1, False)


def test_shallow_checkout_is_cut(repository: Repository, tmp_path: Path) -> None:
    repository.people(buyer("chen.jing", more=PLANNER))
    path = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository.path}", str(path))
    history = history_of(States(Git(path / "access"), "access", path / "access", ("chen.jing",)))
    assert (history.steps, history.cut) == ((), True)


@pytest.mark.parametrize(
    "broken",
    [
        "users: {chen.jing: {name: [}}\n",
        "users: {chen.jing: {name: 陈静, type: nobody}}\n",
        "users: {chen.jing: {name: 陈静, type: dedicated, department: purchasing, position: gone}}\n",
        "users: {chen.jing: {}}\npositions: {buyer: {}}\n",
    ],
)
def test_commit_that_cannot_be_read_is_passed_over_and_named(repository: Repository, broken: str) -> None:
    repository.files.write("people.yaml", broken)
    bad = repository.commit("A mistake")
    good = repository.people(buyer("chen.jing", more=PLANNER))
    history = repository.history()
    assert history.unreadable == (bad,)
    assert [step.origin.commit for step in history.steps][-1] == good
    assert [step.change.kind for step in history.steps] == [GRANT, GRANT]


def test_file_that_is_no_text_makes_a_commit_unreadable(repository: Repository) -> None:
    (repository.files.path / "people.yaml").write_bytes("users: {陈静: {}}\n".encode("gbk"))
    bad = repository.commit("GBK")
    repository.people(buyer("chen.jing"))
    assert repository.history().unreadable == (bad,)


def test_what_is_no_access_file_is_not_read(repository: Repository) -> None:
    (repository.files.path / ".hidden.yaml").write_text("users: [\n")
    (repository.files.path / "README.md").write_text("users: [\n")
    (repository.files.path / "link.yaml").symlink_to("people.yaml")
    repository.commit("Other files")
    assert repository.history().unreadable == ()


# --- the message of a merge -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "trailers", "number"),
    [
        ("Merge pull request #12 from huaxin/plan", [], 12),
        ("Merge pull request 'Plan' (#13) from plan into main", [], 13),
        ("Plan (#14)", [], 14),
        ("Plan (#14) and more", [], None),
        ("Plan like #14", [], None),
        ("Plan", ["15"], 15),
        ("Plan", ["#15"], 15),
        ("Plan", ["!15"], 15),
        ("Plan", ["https://git.huaxin.example/access/pulls/15"], 15),
        ("Plan (#14)", ["15"], 15),
        ("Plan", ["15", "16"], None),
        ("Plan", ["soon"], None),
    ],
)
def test_number_of_a_pull_request(subject: str, trailers: list[str], number: int | None) -> None:
    assert pull_request_number(subject, trailers) == number


@pytest.mark.parametrize(
    ("value", "handle", "at"),
    [
        ("吴兰 <wu.lan@huaxin.example>", "wu.lan@huaxin.example", None),
        ("wu.lan", "wu.lan", None),
        ("吴兰 <wu.lan> 2026-11-20", "wu.lan", date(2026, 11, 20)),
        ("吴兰 <wu.lan> [2026-11-20T09:30:00+00:00]", "wu.lan", datetime(2026, 11, 20, 9, 30, tzinfo=UTC)),
        ("wu.lan 2026-11-20T09:30:00Z", "wu.lan", datetime(2026, 11, 20, 9, 30, tzinfo=UTC)),
        ("wu.lan 2026-13-20", "wu.lan", None),
        ("<>", "<>", None),
        ("wu.lan > lin.tao", "wu.lan > lin.tao", None),
    ],
)
def test_approver_of_a_trailer(value: str, handle: str, at: date | None) -> None:
    assert approvals_in([value]) == (Approval(None, handle, at, Source.TRAILER),)


def test_empty_trailer_names_nobody() -> None:
    assert approvals_in(["", "  "]) == ()


# --- the forge ------------------------------------------------------------------------------------

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Forge:
    """A forge that knows one pull request, merged as commit a1."""

    handles = "github"

    def __init__(self, url: str = "https://git.huaxin.example/12") -> None:
        self.pull = PullRequest(12, "Plan", "chenjing", "b2", "plan", "a0", "main", url, "a1", "lintao")

    def pull_request(self, number: int) -> PullRequest:
        raise NotImplementedError

    def pull_request_of(self, commit: str) -> PullRequest | None:
        return self.pull if commit == "a1" else None

    def writers(self, number: int) -> list[str]:
        raise NotImplementedError

    def reviews(self, number: int) -> list[Review]:
        assert number == 12
        return [
            Review("WuLan-hx", ReviewState.APPROVED, "b2", NOON),
            Review("stranger", ReviewState.APPROVED, "b2", NOON),
            Review("lintao", ReviewState.APPROVED, "b1", NOON),
            Review("mali", ReviewState.CHANGES_REQUESTED, "b2", NOON),
        ]


def test_forge_tells_the_approvals_of_the_very_commit_that_was_merged() -> None:
    users = {"wu.lan": replace(user("wu.lan"), forge={"github": "wulan-hx"})}
    given = (("wu.lan", "WuLan-hx", NOON), (None, "stranger", NOON))
    assert reviewed(["a1", "a1", "a2"], Forge(), users) == {
        "a1": Evidence(12, "https://git.huaxin.example/12", "chenjing", "lintao", given)
    }


def test_place_on_the_main_line_is_not_told_as_the_number_of_a_pull_request() -> None:
    assert reviewed(["a1"], Forge(url=""), {})["a1"].pull_request is None
