"""Files that are not what they seem: links, attributes, names, other places, the workflows themselves."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.company_repository import (
    BUYERS,
    ORGANISATION_FILE,
    SETTINGS,
    SETTINGS_FILE,
    chen,
    planner,
)
from tests.support.memory import MemoryErp
from tests.support.pipeline import Ended, Pipeline
from tests.support.repositories import git


def holds(memory: MemoryErp) -> set[str]:
    return {grant.entitlement for grant in memory.accounts["chen.jing"].grants}


def propose_checkout(pipeline: Pipeline) -> int:
    """Open a pull request of whatever lies in the checkout."""
    return pipeline.repository.open(pipeline.repository.commit("change"))


def on_branch(pipeline: Pipeline) -> Path:
    git(pipeline.repository.work, "checkout", "-q", "-B", "change", "origin/main")
    return pipeline.repository.work


def refused_here_and_after_the_merge(pipeline: Pipeline, memory: MemoryErp, number: int) -> list[Ended]:
    """Plan, and apply what somebody merged all the same; nobody gets anything by it."""
    reads = memory.reads
    ran = [pipeline.plan(number), pipeline.approvals(number)]
    assert [one.code for one in ran] == [4, 4]
    assert (pipeline.repository.status(number) or ("none",))[0] != "success"
    assert memory.reads == reads
    pipeline.repository.merge(number)
    ran.append(pipeline.apply())
    assert ran[-1].code == 4
    assert holds(memory) == {"Buyer"}
    return ran


# --- links ------------------------------------------------------------------------------------------------


def test_a_link_in_place_of_a_file_is_refused(pipeline: Pipeline, memory: MemoryErp) -> None:
    work = on_branch(pipeline)
    (work / "elsewhere.yaml").write_text(planner(), "utf-8")
    (work / BUYERS).unlink()
    (work / BUYERS).symlink_to("../../elsewhere.yaml")
    ran = refused_here_and_after_the_merge(pipeline, memory, propose_checkout(pipeline))
    assert "symbolic links are not followed" in ran[0].out


def test_a_link_in_place_of_a_folder_is_refused(pipeline: Pipeline, memory: MemoryErp) -> None:
    work = on_branch(pipeline)
    git(work, "mv", "access/users", "people")
    (work / "people" / "buyers.yaml").write_text(planner(), "utf-8")
    (work / "access" / "users").symlink_to("../people")
    ran = refused_here_and_after_the_merge(pipeline, memory, propose_checkout(pipeline))
    assert "symbolic links are not followed" in ran[0].out


def test_a_link_in_place_of_the_access_directory_is_refused(pipeline: Pipeline, memory: MemoryErp) -> None:
    # Of the folder behind the link the base has nothing: no rules, and nobody to ask.
    work = on_branch(pipeline)
    git(work, "mv", "access", "other")
    (work / "other" / "users" / "buyers.yaml").write_text(planner(), "utf-8")
    (work / "access").symlink_to("other")
    ran = refused_here_and_after_the_merge(pipeline, memory, propose_checkout(pipeline))
    assert "the access directory is reached by a symbolic link" in ran[0].err


def test_a_submodule_in_place_of_a_file_is_refused(pipeline: Pipeline, memory: MemoryErp) -> None:
    work = on_branch(pipeline)
    git(work, "rm", "-q", BUYERS)
    git(work, "update-index", "--add", "--cacheinfo", f"160000,{pipeline.repository.tip()},{BUYERS}")
    git(work, "commit", "-q", "-m", "Change")
    git(work, "push", "-q", "origin", "change")
    number = pipeline.repository.open(pipeline.repository.tip("change"))
    refused_here_and_after_the_merge(pipeline, memory, number)


# --- attributes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["", "access/", "access/users/"])
@pytest.mark.parametrize(
    "attribute", ["export-ignore", "-diff", "binary", "text eol=crlf", "ident", "merge=ours"]
)
def test_attributes_hide_nothing_from_the_approvals(pipeline: Pipeline, folder: str, attribute: str) -> None:
    number = pipeline.repository.propose(
        {f"{folder}.gitattributes": f"*.yaml {attribute}\n", BUYERS: planner()}
    )
    pipeline.approvals(number)
    state, words = pipeline.repository.status(number) or ("pending", "key user oversight office")
    assert state == "pending"
    assert "key user" in words
    assert "oversight office" in words


def test_attributes_that_change_files_on_their_way_out_are_refused(
    pipeline: Pipeline, memory: MemoryErp
) -> None:
    number = pipeline.repository.propose({BUYERS: planner()}, author="ma-li")
    pipeline.repository.push_more(number, {".gitattributes": "access/** text eol=crlf\n"})
    pipeline.repository.approve(number, "wu-lan", "lin-tao", "ruan-ling")
    refused_here_and_after_the_merge(pipeline, memory, number)


# --- names ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a\x1b[2Jb.yaml", "a\nb.yaml", "a\u202eb.yaml", "a\u200bb.yaml"])
def test_a_file_name_with_characters_that_cannot_be_shown_is_refused(
    pipeline: Pipeline, memory: MemoryErp, name: str
) -> None:
    number = pipeline.repository.propose({BUYERS: "users: {}\n", f"access/users/{name}": planner()})
    ran = refused_here_and_after_the_merge(pipeline, memory, number)
    said = "".join([one.out + one.err for one in ran] + pipeline.repository.comments(number))
    assert not {"\x1b", "\u202e"} & set(said)


def test_a_file_name_that_is_no_text_is_refused(pipeline: Pipeline, memory: MemoryErp) -> None:
    work = on_branch(pipeline)
    path = os.fsencode(work / "access" / "users") + b"/\xff.yaml"
    (work / BUYERS).rename(os.fsdecode(path))
    refused_here_and_after_the_merge(pipeline, memory, propose_checkout(pipeline))


@pytest.mark.parametrize("name", ["buyers.yml", "buyers.YAML"])
def test_a_file_that_would_not_be_read_is_refused(pipeline: Pipeline, memory: MemoryErp, name: str) -> None:
    number = pipeline.repository.propose({BUYERS: None, f"access/users/{name}": planner()})
    refused_here_and_after_the_merge(pipeline, memory, number)


# --- other places -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [".github/workflows/plan.yml", ".github/workflows/evil.yaml", "CODEOWNERS", "access/notes.txt",
     "access/.hidden/x.yaml", ".gitmodules"],
)  # fmt: skip
def test_every_other_file_needs_the_oversight_office(
    pipeline: Pipeline, memory: MemoryErp, path: str
) -> None:
    number = pipeline.repository.propose({path: "x\n"})
    pipeline.repository.approve(number, "wu-lan", "lin-tao")
    ran = pipeline.approvals(number)
    assert ran.code == 4
    assert "missing oversight office: ask ruan.ling" in ran.out
    assert path in ran.out
    pipeline.repository.merge(number)
    assert pipeline.apply().code == 4


def test_a_workflow_needs_the_office_where_the_access_files_lie_at_the_top(pipeline: Pipeline) -> None:
    work = pipeline.repository.work
    git(work, "mv", "access/erpsync.yaml", "access/organisation.yaml", "access/users", ".")
    pipeline.repository.commit("main")
    number = pipeline.repository.propose({".github/workflows/evil.yaml": "on: push\n"})
    job = pipeline.repository.checkout_trial(number)
    ran = pipeline.run(job, number, "approvals", "--access", ".")
    assert ran.code == 4
    assert "missing oversight office" in ran.out


def test_files_moved_out_of_the_access_directory_take_access_away(
    pipeline: Pipeline, memory: MemoryErp
) -> None:
    number = pipeline.repository.propose({BUYERS: None, "buyers.yaml": chen()})
    pipeline.approvals(number)
    state, words = pipeline.repository.status(number) or ("", "")
    assert state == "pending"
    assert "oversight office" in words


def test_files_moved_into_the_access_directory_are_judged_by_what_they_give(
    pipeline: Pipeline, memory: MemoryErp
) -> None:
    pipeline.repository.push({"later.yaml": planner(), BUYERS: chen()})
    number = pipeline.repository.propose({"later.yaml": None, BUYERS: planner()})
    pipeline.repository.approve(number, "ruan-ling")
    assert pipeline.approvals(number).code == 4
    assert "key user" in (pipeline.repository.status(number) or ("", ""))[1]


def test_another_access_directory_has_no_base(pipeline: Pipeline, memory: MemoryErp) -> None:
    # The workflow would name the new directory; of that the base has nothing, neither rules nor people.
    work = on_branch(pipeline)
    git(work, "mv", "access", "acl")
    (work / "acl" / "users" / "buyers.yaml").write_text(planner(), "utf-8")
    number = propose_checkout(pipeline)
    job = pipeline.repository.checkout_trial(number)
    for command in (["ci", "plan"], ["approvals"]):
        ran = pipeline.run(job, number, *command, "--access", "acl")
        assert ran.code == 4
        assert "the base has no access files there" in ran.err
    pipeline.repository.merge(number)
    ran = pipeline.apply("--access", "acl")
    assert ran.code == 4
    assert holds(memory) == {"Buyer"}


def test_settings_stay_what_they_are_said_to_be(pipeline: Pipeline) -> None:
    # What the other tests replace is really there.
    assert pipeline.repository.read(SETTINGS_FILE) == SETTINGS.format(url="http://127.0.0.1:9/")
    assert "approvals:" in pipeline.repository.read(ORGANISATION_FILE)
