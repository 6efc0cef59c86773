"""Plans that were kept and are not what a job of this repository made for this commit."""

from __future__ import annotations

import json

import pytest

from erpsync.codec import digest
from tests.support.company_repository import ARTIFACT, BUYERS, planner
from tests.support.github_state import Json, zipped
from tests.support.memory import MemoryErp
from tests.support.pipeline import Pipeline


@pytest.fixture
def plan(pipeline: Pipeline) -> Json:
    """The plan that was approved and merged, as its job made it; it is no longer kept."""
    number = pipeline.repository.propose({BUYERS: planner()}, author="ma-li")
    pipeline.merged(number, "wu-lan", "lin-tao")
    job = pipeline.repository.folder / f"job-{pipeline.repository.jobs}"
    pipeline.repository.server.state.artifacts.clear()
    made: Json = json.loads((job / "plan.json").read_text("utf-8"))
    return made


def keep(pipeline: Pipeline, content: object, **how: bool) -> None:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    pipeline.repository.server.state.keep(pipeline.repository.tip("change"), ARTIFACT, data, **how)


def sealed(plan: Json) -> Json:
    body = {key: value for key, value in plan.items() if key != "digest"}
    return {**body, "digest": digest(body)}


def refused(pipeline: Pipeline, memory: MemoryErp, code: int) -> str:
    ran = pipeline.apply()
    assert ran.code == code
    assert {grant.entitlement for grant in memory.accounts["chen.jing"].grants} == {"Buyer"}
    return ran.err


def test_the_plan_itself_is_taken(pipeline: Pipeline, plan: Json, memory: MemoryErp) -> None:
    keep(pipeline, plan)
    assert pipeline.apply().code == 0
    assert {grant.entitlement for grant in memory.accounts["chen.jing"].grants} == {"Buyer", "Planner"}


def test_no_plan_is_no_approval(pipeline: Pipeline, plan: Json, memory: MemoryErp) -> None:
    assert "no plan was kept" in refused(pipeline, memory, 5)


def test_an_expired_plan_is_none(pipeline: Pipeline, plan: Json, memory: MemoryErp) -> None:
    keep(pipeline, plan, expired=True)
    assert "no plan was kept" in refused(pipeline, memory, 5)


def test_the_plan_of_a_fork_is_none(pipeline: Pipeline, plan: Json, memory: MemoryErp) -> None:
    keep(pipeline, plan, fork=True)
    assert "no plan was kept" in refused(pipeline, memory, 5)


def test_the_plan_of_another_commit_is_none(pipeline: Pipeline, plan: Json, memory: MemoryErp) -> None:
    other = pipeline.repository.tip()
    pipeline.repository.server.state.keep(other, ARTIFACT, json.dumps(plan).encode())
    assert "no plan was kept" in refused(pipeline, memory, 5)


def test_an_edited_plan_is_refused(pipeline: Pipeline, plan: Json, memory: MemoryErp) -> None:
    keep(pipeline, {**plan, "as_of": "2020-01-01"})
    assert "changed after it was made" in refused(pipeline, memory, 4)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"[]", b'{"format": "erpsync-plan/9"}', b"[" * 100_000])
def test_what_is_no_plan_is_refused(pipeline: Pipeline, plan: Json, memory: MemoryErp, data: bytes) -> None:
    keep(pipeline, data)
    assert "plan" in refused(pipeline, memory, 4)


def test_an_archive_of_something_else_is_refused(pipeline: Pipeline, plan: Json, memory: MemoryErp) -> None:
    archive = zipped({"plan.json": b"{}", "../../evil": b"x"})
    pipeline.repository.server.state.keep_archive(pipeline.repository.tip("change"), ARTIFACT, archive)
    refused(pipeline, memory, 1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda target: target.update(instance="memory:2"),
        lambda target: target.update(target="other"),
        lambda target: target["accounts"][0].update(login="xu.wen"),
        lambda target: target["accounts"][0].update(user="xu.wen"),
        lambda target: target["accounts"][0]["changes"][0].update(subject="Clerk"),
        lambda target: target["accounts"][0]["changes"][0].update(kind="revoke"),
    ],
    ids=["instance", "target", "login", "user", "entitlement", "kind"],
)
def test_the_plan_of_something_else_allows_nothing(
    pipeline: Pipeline, plan: Json, memory: MemoryErp, spoil: object
) -> None:
    spoil(plan["targets"][0])  # type: ignore[operator]
    keep(pipeline, sealed(plan))
    assert "more would change than was approved" in refused(pipeline, memory, 5)
