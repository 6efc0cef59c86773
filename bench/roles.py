"""How well proposed roles are the real ones: ``python -m bench roles``.

Companies whose roles are known: something that everybody holds, something of each department, a job for
each position. Then comes what ten years do: some people lack a part of their job, some hold what a former job
or a favour left with them. What is proposed from who holds what is compared with the roles that were meant.

A real role counts as found, and a proposed one as right, if some counterpart has nearly the same
entitlements: both over either (Jaccard) at least 0.8. The counterpart of a job is also the job with what its
department or everybody has: where not all hold that, no rule can give it, and it is fewer words to put it
into the job. Compression is the weighted structural complexity (one for each assignment, role, part of a
role and rule) after over before.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from random import Random
from time import process_time
from typing import NamedTuple

from erpsync.mining.applied import changed_users
from erpsync.mining.proposal import RoleProposal
from erpsync.mining.proposing import propose_roles
from erpsync.mining.terms import Terms
from erpsync.model import Access, Assignment, Department, Location, Position, Role, Target, User, UserType

SIZES = (200, 1_000, 10_000)
NOISE = (0.0, 0.02, 0.05)
"""Shares of assignments that are missing, and as many that are there by accident."""
ALIKE = 0.8
SEED = 20260615
ENTITLEMENTS = 500
_DAY = date(2026, 6, 15)
_AT = Location("bench", 1, 1)
_TARGET = Target("erp", "tryton", "https://erp.huashan.example/", None, None, _AT)

Roles = Sequence[Sequence[frozenset[str]]]
"""Roles, each in all forms that count as this role."""


class Figures(NamedTuple):
    """What was found in one company: shares from 0 to 1, CPU seconds, and the numbers of roles."""

    people: int
    noise: float
    labelled: bool
    meant: int
    proposed: int
    precision: float
    recall: float
    compression: float
    cpu: float


def main(arguments: list[str]) -> int:
    """Measure companies of every size and print the table; always 0, whatever the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench roles")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="numbers of people")
    options = parser.parse_args(arguments)
    print(table(measure_roles(options.sizes)))
    return 0


def measure_roles(sizes: Sequence[int]) -> list[Figures]:
    """Measure companies of these sizes, with each share of noise, with and without positions declared."""
    return [
        _measure(size, noise, labelled) for size in sizes for noise in NOISE for labelled in (True, False)
    ]


def table(figures: Iterable[Figures]) -> str:
    """The figures as text."""
    line = "{:>8}{:>8}{:>12}{:>8}{:>10}{:>11}{:>8}{:>13}{:>8}".format
    lines = ["roles proposed from who holds what, 500 entitlements", ""]
    lines.append(
        line(
            "people", "noise", "positions", "meant", "proposed", "precision", "recall", "compression", "CPU s"
        )
    )
    lines += [
        line(
            f"{item.people:,}", f"{item.noise:.0%}", "known" if item.labelled else "unknown", item.meant,
            item.proposed, f"{item.precision:.2f}", f"{item.recall:.2f}", f"{item.compression:.2f}",
            f"{item.cpu:.2f}",
        )
        for item in figures
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _measure(size: int, noise: float, labelled: bool) -> Figures:
    access, meant = known_company(size, noise, labelled=labelled)
    begun = process_time()
    proposal = propose_roles(access, _DAY, Terms(), unsorted="unsorted")
    spent = process_time() - begun
    if moved := changed_users(access, proposal.access, _DAY):
        raise AssertionError(f"the access of {len(moved)} people would change")
    found = [(frozenset(item.parts),) for item in proposal.roles]
    before = sum(len(user.assignments) for user in access.users.values())
    return Figures(
        size, noise, labelled, len(meant), len(found),
        precision=_share(found, meant), recall=_share(meant, found),
        compression=1 - _saved(proposal) / before, cpu=spent,
    )  # fmt: skip


def _saved(proposal: RoleProposal) -> int:
    return proposal.words


def _share(those: Roles, among: Roles) -> float:
    """The share of some roles that have a counterpart among others."""
    others = [form for role in among for form in role]
    found = sum(any(_alike(form, other) for form in role for other in others) for role in those)
    return found / len(those) if those else 1.0


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= ALIKE * len(one | other)


# --- companies whose roles are known ----------------------------------------------------------------------


def known_company(people: int, noise: float, *, labelled: bool) -> tuple[Access, Roles]:
    """A company of a size, and the roles that were meant. The same arguments give the same company.

    Args:
        people: about twenty have each position, and four positions are a department.
        noise: the share of assignments that are missing, and of those that are there besides.
        labelled: whether departments and positions are declared.
    """
    random = Random(f"{SEED} {people} {noise}")
    names = [f"e{number:03}" for number in range(ENTITLEMENTS)]
    count = max(4, people // 20)
    jobs = [f"d{number // 4:03}.p{number % 4}" for number in range(count)]
    everybody = frozenset(random.sample(names, 2))
    ours = {f"d{number:03}": frozenset(random.sample(names, 2)) for number in range(count // 4 + 1)}
    own = {job: frozenset(random.sample(names, random.randint(3, 8))) for job in jobs}
    users = [
        _user(number, jobs[number % count], everybody, ours, own, names, noise, random, labelled)
        for number in range(people)
    ]
    where = {job.partition(".")[0] for job in jobs} | {"unsorted"}
    access = Access(
        timezone="Asia/Shanghai",
        targets={"erp": _TARGET},
        positions={job: Position(job, job, job.partition(".")[0], (), _AT) for job in jobs},
        roles={name: Role(name, name, _AT, entitlements={"erp": (name,)}) for name in names},
        birthright={},
        users={user.key: user for user in users},
        digest="",
        departments={key: Department(key, key, _AT) for key in where},
    )
    used = sorted(where - {"unsorted"})
    meant = [(everybody,), *((ours[key], ours[key] | everybody) for key in used)]
    for job, roles in own.items():
        department = ours[job.partition(".")[0]]
        meant.append((roles, roles | department, roles | everybody, roles | department | everybody))
    return access, meant


def _user(
    number: int, job: str, everybody: frozenset[str], ours: dict[str, frozenset[str]],
    own: dict[str, frozenset[str]], names: Sequence[str], noise: float, random: Random, labelled: bool,
) -> User:  # fmt: skip
    department = job.partition(".")[0]
    meant = sorted(everybody | ours[department] | own[job])
    held = {name for name in meant if random.random() >= noise}
    held |= {random.choice(names) for _ in meant if random.random() < noise}
    user = User(
        f"u{number:05}", "陈静", UserType.DEDICATED, _AT, department="unsorted",
        assignments=tuple(Assignment(name, "benchmark", _AT) for name in sorted(held)),
    )  # fmt: skip
    return replace(user, department=department, position=job) if labelled else user
