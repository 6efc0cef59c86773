"""Reviews without a forge: merges, and approvals that are signed with real keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from erpsync.forge.base import ForgeError, PullRequest, ReviewSource, ReviewState
from erpsync.forge.git import Git
from erpsync.forge.plain import PROPOSED, PlainGit, plain_git
from erpsync.forge.reviews import approvals_of, user_of
from tests.builders import user
from tests.support.repositories import git
from tests.support.signing import Signer, make_signer

USERS = {
    key: replace(user(key), forge={"git": f"{key}@huaxin.example"})
    for key in ("chen.jing", "wu.lan", "lin.tao")
}


@dataclass(frozen=True)
class People:
    """Who signs: three that the repository allows, and one whom it does not."""

    chen: Signer
    wu: Signer
    lin: Signer
    stranger: Signer


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> People:
    folder = tmp_path_factory.mktemp("keys")
    names = ("chen.jing", "wu.lan", "lin.tao", "stranger")
    return People(*(make_signer(folder, f"{name}@huaxin.example") for name in names))


@dataclass(frozen=True)
class Checkout:
    """A repository with a branch on which something is proposed."""

    path: Path
    base: str

    @property
    def source(self) -> PlainGit:
        return PlainGit(Git(self.path), self.base)

    @property
    def head(self) -> str:
        return git(self.path, "rev-parse", "HEAD")

    def write(self, text: str, name: str = "users.yaml") -> None:
        (self.path / name).write_text(text, encoding="utf-8")

    def approvers(self, pull: PullRequest | None = None) -> set[str]:
        """The users whose approval stands, as the rules see them."""
        pull = pull or self.source.pull_request(PROPOSED)
        return set(approvals_of(self.source.reviews(pull.number), pull.head, USERS, "git"))

    def merge(self, by: Signer, *options: str) -> str:
        """Merge the proposal into the main line; the merge."""
        git(self.path, "checkout", "-q", "main")
        return by.git(
            self.path, "merge", "-q", "-S", "--no-ff", "-m", "Merge the change", *options, "proposal"
        )


@pytest.fixture
def checkout(tmp_path: Path, people: People) -> Checkout:
    """A branch with one signed change of Chen Jing."""
    path = tmp_path / "repository"
    git(tmp_path, "init", "-q", "-b", "main", str(path))
    allowed = people.chen.allowed + people.wu.allowed + people.lin.allowed
    (path / ".allowed_signers").write_text(allowed, encoding="ascii")
    made = Checkout(path, "")
    made.write("users: {}\n")
    base = people.wu.commit(path, "Begin")
    git(path, "checkout", "-q", "-b", "proposal")
    made.write("users: {chen.jing: {}}\n")
    people.chen.commit(path, "Chen Jing is there")
    return replace(made, base=base)


def test_it_is_a_review_source(checkout: Checkout) -> None:
    source: ReviewSource = checkout.source
    assert source.handles == "git"


def test_repository_without_allowed_signers_has_no_reviews(checkout: Checkout) -> None:
    assert plain_git(Git(checkout.path), checkout.base) is not None
    git(checkout.path, "rm", "-q", ".allowed_signers")
    git(checkout.path, "commit", "-q", "-m", "Nobody signs")
    assert plain_git(Git(checkout.path), checkout.head) is None


# --- what is checked out ----------------------------------------------------------------------------


def test_proposal_is_told_with_its_signer(checkout: Checkout) -> None:
    pull = checkout.source.pull_request(PROPOSED)
    assert (pull.title, pull.author) == ("Chen Jing is there", "chen.jing@huaxin.example")
    assert (pull.base, pull.head, pull.merged_as) == (checkout.base, checkout.head, None)


def test_signed_approval_of_the_head_stands(checkout: Checkout, people: People) -> None:
    commit = people.wu.approve(checkout.path)
    (review,) = checkout.source.reviews(PROPOSED)
    assert (review.reviewer, review.state) == ("wu.lan@huaxin.example", ReviewState.APPROVED)
    assert review.commit == commit
    assert checkout.approvers() == {"wu.lan"}


def test_the_author_stays_who_wrote_the_change_after_others_approved(
    checkout: Checkout, people: People
) -> None:
    people.wu.approve(checkout.path)
    assert checkout.source.pull_request(PROPOSED).author == "chen.jing@huaxin.example"


@pytest.mark.parametrize("approved", ["HEAD", "HEAD~1"])
def test_second_approval_may_name_the_change_or_the_first_approval(
    checkout: Checkout, people: People, approved: str
) -> None:
    people.wu.approve(checkout.path)
    people.lin.approve(checkout.path, approved)
    assert checkout.approvers() == {"wu.lan", "lin.tao"}


def test_unsigned_approval_does_not_count(checkout: Checkout) -> None:
    message = f"Approve\n\nApproves: {checkout.head}"
    git(
        checkout.path,
        "commit",
        "-q",
        "--allow-empty",
        "--author",
        "吴兰 <wu.lan@huaxin.example>",
        "-m",
        message,
    )
    assert checkout.source.reviews(PROPOSED) == []


def test_unsigned_approval_does_not_spoil_those_below_it(checkout: Checkout, people: People) -> None:
    people.wu.approve(checkout.path)
    git(checkout.path, "commit", "-q", "--allow-empty", "-m", f"Approve\n\nApproves: {checkout.head}")
    assert checkout.approvers() == {"wu.lan"}


def test_approval_by_a_key_that_is_not_allowed_does_not_count(checkout: Checkout, people: People) -> None:
    people.stranger.approve(checkout.path)
    assert checkout.source.reviews(PROPOSED) == []


def test_signer_that_the_change_itself_allows_does_not_count(checkout: Checkout, people: People) -> None:
    with (checkout.path / ".allowed_signers").open("a", encoding="ascii") as file:
        file.write(people.stranger.allowed.replace("stranger", "lin.tao"))
    people.chen.commit(checkout.path, "A new key")
    people.stranger.approve(checkout.path)
    assert checkout.source.reviews(PROPOSED) == []


def test_signers_of_the_checkout_do_not_count_in_place_of_those_of_the_base(
    checkout: Checkout, people: People, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.write_text(people.stranger.allowed, encoding="ascii")
    git(checkout.path, "config", "gpg.ssh.allowedSignersFile", str(own))
    people.stranger.approve(checkout.path)
    assert checkout.source.reviews(PROPOSED) == []


def test_approval_is_stale_after_a_new_commit(checkout: Checkout, people: People) -> None:
    people.wu.approve(checkout.path)
    checkout.write("users: {chen.jing: {}, wang.li: {}}\n")
    people.chen.commit(checkout.path, "And Wang Li")
    assert checkout.source.reviews(PROPOSED) == []


def test_approval_that_names_another_commit_does_not_count(checkout: Checkout, people: People) -> None:
    people.wu.approve(checkout.path, checkout.base)
    assert checkout.source.reviews(PROPOSED) == []


def test_approval_that_names_the_commit_by_a_short_hash_does_not_count(
    checkout: Checkout, people: People
) -> None:
    message = f"Approve\n\nApproves: {checkout.head[:12]}"
    people.wu.commit(checkout.path, message, "--allow-empty")
    assert checkout.source.reviews(PROPOSED) == []


def test_commit_that_changes_something_is_no_approval(checkout: Checkout, people: People) -> None:
    approved = checkout.head
    checkout.write("users: {wu.lan: {}}\n")
    people.wu.commit(checkout.path, f"Approve\n\nApproves: {approved}")
    assert checkout.source.reviews(PROPOSED) == []
    assert checkout.source.pull_request(PROPOSED).author == "wu.lan@huaxin.example"


def test_approval_of_the_author_is_known_as_the_authors(checkout: Checkout, people: People) -> None:
    people.chen.approve(checkout.path)
    pull = checkout.source.pull_request(PROPOSED)
    assert checkout.approvers() == {"chen.jing"}
    assert user_of(pull.author, USERS, "git") == "chen.jing"


def test_everybody_who_signed_a_part_is_a_writer(checkout: Checkout, people: People) -> None:
    checkout.write("users: {wang.li: {}}\n")
    people.lin.commit(checkout.path, "And Wang Li")
    checkout.write("users: {wang.li: {}, ma.li: {}}\n")
    people.chen.commit(checkout.path, "And Ma Li")
    people.wu.approve(checkout.path)
    assert set(checkout.source.writers(PROPOSED)) == {people.chen.name, people.lin.name}


def test_nothing_counts_where_a_part_of_the_change_is_not_signed(checkout: Checkout, people: People) -> None:
    checkout.write("users: {wang.li: {}}\n")
    git(checkout.path, "commit", "-q", "-a", "--author", "R. <robot@huaxin.example>", "-m", "And Wang Li")
    people.chen.approve(checkout.path)
    assert checkout.source.reviews(PROPOSED) == ()
    assert checkout.source.pull_request(PROPOSED).author == "robot@huaxin.example"
    assert checkout.source.writers(PROPOSED) == (people.chen.name,)


def test_signature_of_another_kind_does_not_count(checkout: Checkout, people: People, tmp_path: Path) -> None:
    # A program that says of every signature that it is good, as a key ring of the machine might.
    lenient = tmp_path / "gpg"
    lenient.write_text(
        "#!/bin/sh\nprintf '[GNUPG:] GOODSIG 1 wu.lan@huaxin.example\\n[GNUPG:] TRUST_FULLY\\n'\n"
    )
    lenient.chmod(0o755)
    git(checkout.path, "config", "gpg.program", str(lenient))
    signed = git(checkout.path, "cat-file", "commit", people.wu.approve(checkout.path))
    header, _, rest = signed.partition("gpgsig ")
    body = rest.partition("-----END SSH SIGNATURE-----")[2]
    forged = f"{header}gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----{body}\n"
    commit = git(checkout.path, "hash-object", "-t", "commit", "-w", "--stdin", given=forged)
    git(checkout.path, "reset", "-q", "--hard", commit)
    assert git(checkout.path, "log", "-1", "--format=%G?") == "G"
    assert checkout.source.reviews(PROPOSED) == []


def test_signature_that_belongs_to_another_commit_does_not_count(checkout: Checkout, people: People) -> None:
    signed = git(checkout.path, "cat-file", "commit", people.wu.approve(checkout.path))
    moved = signed.replace("\n\nApprove\n", "\n\nI approve\n") + "\n"
    commit = git(checkout.path, "hash-object", "-t", "commit", "-w", "--stdin", given=moved)
    git(checkout.path, "reset", "-q", "--hard", commit)
    assert checkout.source.reviews(PROPOSED) == []


def test_key_that_is_no_longer_valid_does_not_count(checkout: Checkout, people: People) -> None:
    git(checkout.path, "checkout", "-q", "main")
    expired = people.wu.allowed.replace("namespaces", 'valid-before="20200101",namespaces')
    checkout.write(people.chen.allowed + expired, ".allowed_signers")
    base = people.lin.commit(checkout.path, "Wu Lan has left")
    git(checkout.path, "checkout", "-q", "proposal")
    people.wu.approve(checkout.path)
    assert PlainGit(Git(checkout.path), base).reviews(PROPOSED) == []


def test_nothing_proposed_has_neither_author_nor_approvals(checkout: Checkout) -> None:
    git(checkout.path, "checkout", "-q", "main")
    pull = checkout.source.pull_request(PROPOSED)
    assert (pull.title, pull.author, pull.head) == ("", "", checkout.base)
    assert checkout.source.reviews(PROPOSED) == ()


def test_empty_commits_alone_approve_nothing(checkout: Checkout, people: People) -> None:
    git(checkout.path, "checkout", "-q", "main")
    people.wu.approve(checkout.path)
    assert checkout.source.reviews(PROPOSED) == ()


def test_machine_that_cannot_check_signatures_says_so(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(ForgeError, match="there is no ssh-keygen"):
        checkout.source.pull_request(PROPOSED)


# --- what is merged -----------------------------------------------------------------------------------


def test_merge_is_told_as_the_change_that_it_brought(checkout: Checkout, people: People) -> None:
    head = people.wu.approve(checkout.path)
    merge = checkout.merge(people.lin)
    pull = checkout.source.pull_request_of(merge)
    assert pull is not None
    assert (pull.number, pull.title, pull.author) == (2, "Merge the change", "chen.jing@huaxin.example")
    assert (pull.base, pull.head) == (checkout.base, head)
    assert (pull.merged_as, pull.merged_by) == (merge, "lin.tao@huaxin.example")
    assert checkout.source.pull_request(2) == pull
    assert checkout.source.writers(2) == (people.chen.name,)
    assert checkout.approvers(pull) == {"wu.lan"}


def test_each_of_several_merges_has_its_own_approvals(checkout: Checkout, people: People) -> None:
    people.wu.approve(checkout.path)
    first = checkout.merge(people.lin)
    git(checkout.path, "checkout", "-q", "-B", "proposal")
    checkout.write("users: {wang.li: {}}\n")
    people.chen.commit(checkout.path, "And Wang Li")
    people.lin.approve(checkout.path)
    second = checkout.merge(people.wu)
    found = [checkout.source.pull_request_of(merge) for merge in (first, second)]
    assert [checkout.approvers(pull) for pull in found] == [{"wu.lan"}, {"lin.tao"}]


def test_merge_onto_a_main_line_that_moved_on_is_known(checkout: Checkout, people: People) -> None:
    people.wu.approve(checkout.path)
    git(checkout.path, "checkout", "-q", "main")
    checkout.write("roles: {}\n", "roles.yaml")
    people.lin.commit(checkout.path, "Roles")
    pull = checkout.source.pull_request_of(checkout.merge(people.lin))
    assert pull is not None
    assert checkout.approvers(pull) == {"wu.lan"}


def test_merge_that_holds_more_than_its_sides_is_no_change_of_anybody(
    checkout: Checkout, people: People
) -> None:
    people.wu.approve(checkout.path)
    checkout.merge(people.lin)
    checkout.write("users: {stranger: {}}\n")
    people.lin.commit(checkout.path, "Merge the change", "--amend")
    assert checkout.source.pull_request_of(checkout.head) is None
    with pytest.raises(ForgeError, match="change 2 of the main line is no merge of signed commits"):
        checkout.source.pull_request(2)


def test_signers_of_a_merge_are_those_before_it(checkout: Checkout, people: People) -> None:
    with (checkout.path / ".allowed_signers").open("a", encoding="ascii") as file:
        file.write(people.stranger.allowed.replace("stranger", "lin.tao"))
    people.chen.commit(checkout.path, "A new key")
    people.stranger.approve(checkout.path)
    pull = checkout.source.pull_request_of(checkout.merge(people.stranger))
    assert pull is not None
    assert (pull.merged_by, checkout.approvers(pull)) == (None, set())


def test_plain_commit_of_the_main_line_is_no_change_that_was_proposed(checkout: Checkout) -> None:
    git(checkout.path, "checkout", "-q", "main")
    assert checkout.source.pull_request_of(checkout.base) is None


def test_merge_beside_the_main_line_is_not_known(checkout: Checkout, people: People) -> None:
    merge = checkout.merge(people.lin)
    git(checkout.path, "reset", "-q", "--hard", checkout.base)
    assert checkout.source.pull_request_of(merge) is None


@pytest.mark.parametrize(("number", "why"), [(1, "is no merge"), (7, "no change 7"), (-1, "no change -1")])
def test_number_of_no_merge_has_no_reviews(checkout: Checkout, number: int, why: str) -> None:
    git(checkout.path, "checkout", "-q", "main")
    with pytest.raises(ForgeError, match=why):
        checkout.source.reviews(number)
