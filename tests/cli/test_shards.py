"""``--shard`` of plan and drift: a run as several jobs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from erpsync.model import Account, Grant
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles, buyer
from tests.support.erp import Erp
from tests.support.memory import MemoryErp

SECOND_TARGET = """\
  oa:
    connector: tryton
    url: http://127.0.0.1:9/
    database: oa
    credentials: {username: "env:ERP_USERNAME", password: "env:ERP_PASSWORD"}
    manage: {accounts: enforce, attributes: enforce, entitlements: enforce, scope: enforce}
"""
NAMES = ("chen.jing", "he.qi", "lin.tao", "ma.li", "zhao.min")
CONFLICT = """\
functions:
  PO: {title: Purchase order}
  GR: {title: Receipt}
risks:
  P05:
    title: Purchase order and receipt
    functions: [PO, GR]
    level: high
    why: can order and receive
    response: block
roles:
  stock.receiver:
    title: Receiver
    subsystem: materials
    owner: wu.lan
    functions: [GR]
    entitlements: {erp: [Clerk]}
  stock.orderer:
    title: Orderer
    subsystem: materials
    owner: wu.lan
    functions: [PO]
    entitlements: {erp: [Staff]}
"""


@pytest.fixture
def buyers(access: AccessFiles) -> AccessFiles:
    access.users(*(buyer(name) for name in NAMES))
    return access


def planned(erpsync: Command, *arguments: object) -> dict[str, Any]:
    ran = erpsync("plan", *arguments, "--format", "json")
    assert ran.code == 0, ran.err
    plan: dict[str, Any] = json.loads(ran.out)
    return plan


def logins(plan: dict[str, Any], kind: str = "accounts") -> list[str]:
    return [item["login"] for target in plan["targets"] for item in target[kind]]


def test_the_plans_of_all_shards_add_up_to_the_whole(
    erpsync: Command, buyers: AccessFiles, memory: MemoryErp
) -> None:
    memory.put(Account("ghost", "幽灵"))
    buyers.settings()
    text = (buyers.path / "erpsync.yaml").read_text("utf-8").replace('["*"]', "[]")
    buyers.write("erpsync.yaml", text)
    whole = planned(erpsync, "--access", buyers)
    shards = [planned(erpsync, "--access", buyers, "--shard", f"{n}/3") for n in (1, 2, 3)]

    assert sorted(login for shard in shards for login in logins(shard)) == sorted(logins(whole))
    assert [logins(shard, "unmanaged") for shard in shards] == [["ghost"], [], []]
    assert all(logins(shard) for shard in shards)
    assert [shard["shard"] for shard in shards] == ["1/3", "2/3", "3/3"]
    assert "shard" not in whole


def test_a_shard_reads_only_its_targets(erpsync: Command, buyers: AccessFiles, memory: MemoryErp) -> None:
    buyers.settings(extra=SECOND_TARGET)
    reads = memory.reads
    plans = [planned(erpsync, "--access", buyers, "--shard", f"{n}/2") for n in (1, 2)]

    assert [[target["target"] for target in plan["targets"]] for plan in plans] == [["erp"], ["oa"]]
    assert memory.reads - reads == 2


def test_a_shard_of_a_recorded_snapshot(erpsync: Command, buyers: AccessFiles, live_file: Path) -> None:
    found = [
        logins(planned(erpsync, "--access", buyers, "--live", live_file, "--shard", f"{n}/2")) for n in (1, 2)
    ]
    assert sorted(found[0] + found[1]) == sorted([*NAMES, "wu.lan"])


def test_it_is_said_which_shard_is_shown(erpsync: Command, buyers: AccessFiles, memory: MemoryErp) -> None:
    for command, title in (("plan", "Plan"), ("drift", "Drift")):
        out = erpsync(command, "--access", buyers, "--shard", "2/3").out
        assert out.startswith(f"{title} for ")
        assert ", shard 2/3" in out.splitlines()[0]
        markdown = erpsync(command, "--access", buyers, "--shard", "2/3", "--format", "markdown").out
        assert ", shard 2/3" in markdown.splitlines()[0]


def test_every_shard_refuses_what_goes_over_a_limit_of_the_whole(
    erpsync: Command, buyers: AccessFiles, memory: MemoryErp, tmp_path: Path
) -> None:
    text = (buyers.path / "erpsync.yaml").read_text("utf-8")
    buyers.write("erpsync.yaml", text + "    limits: {create: {count: 4}}\n")
    for number in (1, 2, 3):
        file = tmp_path / f"plan{number}.json"
        ran = erpsync("plan", "--access", buyers, "--shard", f"{number}/3", "-o", file)
        assert ran.code == 4
        assert "5 of 1 accounts would be created" in ran.err
        assert len(logins(json.loads(file.read_text("utf-8")))) <= 4
        assert erpsync("apply", file, "--access", buyers).code == 4
    assert memory.written == []


def test_every_shard_refuses_what_the_policy_refuses_and_is_not_saved(
    erpsync: Command, buyers: AccessFiles, memory: MemoryErp, tmp_path: Path
) -> None:
    buyers.write("policy.yaml", CONFLICT)
    both = "assignments: [{role: stock.receiver, reason: r}, {role: stock.orderer, reason: r}]"
    buyers.users(*(buyer(name) for name in NAMES), buyer("tang.wei", "唐伟", f", {both}"))
    for number in (1, 2, 3):
        file = tmp_path / f"plan{number}.json"
        ran = erpsync("plan", "--access", buyers, "--shard", f"{number}/3", "-o", file)
        assert ran.code == 4
        assert "sod/P05:tang.wei" in ran.err
        assert not file.exists()


def test_drift_of_a_shard_is_that_of_its_users(
    erpsync: Command, buyers: AccessFiles, memory: MemoryErp
) -> None:
    memory.put(Account("wu.lan", "吴兰", active=False))
    for name in NAMES:
        memory.put(Account(name, "陈静", grants=(Grant("Buyer"),)))
    memory.put(Account("ma.li", "陈静", grants=(Grant("Buyer"), Grant("Clerk"))))
    codes = [erpsync("drift", "--access", buyers, "--shard", f"{n}/3").code for n in (1, 2, 3)]

    assert sorted(codes) == [0, 0, 3]


def test_shards_that_are_none_and_options_that_do_not_go_together(
    erpsync: Command, buyers: AccessFiles, memory: MemoryErp
) -> None:
    ran = erpsync("plan", "--access", buyers, "--shard", "4/3")
    assert (ran.code, "'4/3' is no shard (such as 2/4: the second of four)" in ran.err) == (2, True)
    assert erpsync("drift", "--access", buyers, "--adopt", "--shard", "1/2").code == 2


def test_shards_applied_one_after_the_other_leave_the_real_erp_clean(
    erpsync: Command, erp: Erp, live_access: AccessFiles, tmp_path: Path
) -> None:
    names = [erp.login("shard") for _ in range(8)]
    live_access.users(*(buyer(name) for name in names))
    whole = planned(erpsync, "--access", live_access)
    files = [tmp_path / f"plan{number}.json" for number in (1, 2, 3)]
    for number, file in enumerate(files, 1):
        assert erpsync("plan", "--access", live_access, "--shard", f"{number}/3", "-o", file).code == 0
    shards = [json.loads(file.read_text("utf-8")) for file in files]
    assert sorted(login for shard in shards for login in logins(shard)) == sorted(logins(whole))

    # None is stale after another was applied.
    for file in files:
        assert erpsync("apply", file, "--access", live_access).code == 0
    assert erpsync("plan", "--access", live_access, "--detailed-exitcode").code == 0
