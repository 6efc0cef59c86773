"""One plan on a real ERP behind the proxy, and what must hold however applying it went."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from erpsync.apply import Result
from erpsync.cli.main import run
from erpsync.connectors.base import Status
from erpsync.journal import read_entries
from erpsync.render import text
from erpsync.state import journal_path
from tests.chaos.observer import Seen, look, progress
from tests.chaos.people import KINDS, Make, Person, enter, people
from tests.support.access_files import AccessFiles
from tests.support.erp import Erp
from tests.support.fault_proxy import Call, FaultProxy

BATCH = 5
AS_PLANNED = (Status.DONE, Status.ALREADY)
NOBODY_WROTE = (Status.NOT_TRIED, Status.MOVED)
MAY_HAVE_WRITTEN = (0, 6)


@dataclass(frozen=True)
class Ran:
    """How a command ended, what it said, and what it says became of each account."""

    code: int
    said: str
    statuses: dict[str, Status] = field(default_factory=dict)


@dataclass
class Scenario:
    """A plan that nobody has applied yet, and every call that reached the ERP since."""

    erp: Erp
    proxy: FaultProxy
    access: AccessFiles
    plan: Path
    everybody: list[Person]
    before: Seen
    planned: set[str] = field(default_factory=set)
    """Who was as planned when it was last looked."""
    calls: list[Call] = field(default_factory=list)

    def apply(self) -> Ran:
        """Apply the plan in this process, until the ERP is at rest again."""
        ran = erpsync(*self.command)
        self.settle()
        return ran

    @property
    def command(self) -> list[str]:
        """The arguments that apply the plan."""
        return ["apply", str(self.plan), "--access", str(self.access), "--state", str(self.state)]

    @property
    def state(self) -> Path:
        """Where the journal is kept."""
        return self.plan.with_name("state")

    def settle(self) -> None:
        """Wait for the ERP to be at rest, and remember what reached it."""
        self.proxy.settle()
        self.calls += self.proxy.calls

    def wrong(self, ran: Ran, *, unknowable: bool = False) -> list[str]:
        """What is not true of what a run said, or must never happen, whatever the fault.

        Args:
            ran: the last run, after which nobody looked yet.
            unknowable: whether the ERP did something after all was read back, which nobody can know.
        """
        seen = look(self.erp, self.everybody)
        planned, before, _ = progress(self.everybody, seen)
        written, self.planned = planned - self.planned, planned
        problems = self.harm(seen)
        if ran.code not in (0, 1, 5, 6) or "internal fault" in ran.said:
            problems.append(f"ended with {ran.code}: {ran.said}")
        if ran.code == 0 and len(planned) < len(self.everybody):
            problems.append("exit code 0, but not all is as planned")
        if ran.code not in MAY_HAVE_WRITTEN and written:
            problems.append(f"exit code {ran.code}, but {len(written)} were written: {ran.said}")
        if ran.code in MAY_HAVE_WRITTEN and ran.statuses.keys() != planned | before:
            problems.append("the summary leaves accounts out")
        for login, status in ran.statuses.items():
            if status in AS_PLANNED and login not in planned:
                problems.append(f"{login} is said to be {status}, and is not as planned")
            if login in planned and not unknowable and status in (*NOBODY_WROTE, Status.FAILED):
                problems.append(f"{login} is as planned, and is said: {status}")
        return problems

    def harm(self, seen: Seen) -> list[str]:
        """What must never be seen at any moment at which the ERP is at rest."""
        planned, _, neither = progress(self.everybody, seen)
        others = self.before.others.items()
        changed = [f"other {what} changed" for what, was in others if was != seen.others[what]]
        unrecorded = sorted(planned - self.intended())
        missing = [f"the journal does not know that {login} was to be written" for login in unrecorded]
        return [*seen.oddities, *neither, *changed, *missing, *written_twice(self.calls), *self._unsound()]

    def _unsound(self) -> list[str]:
        """What is wrong with the journal, if there is one yet."""
        if not journal_path(self.state, "erp").exists():
            return []
        verified = erpsync("journal", "verify", "--state", self.state)
        return [verified.said] * bool(verified.code)

    def intended(self) -> set[str]:
        """The logins that the journal says were about to be written."""
        path = journal_path(self.state, "erp")
        entries = read_entries(path) if path.exists() else ()
        return {entry["login"] for entry in entries if entry["event"] == "intend"}

    def converge(self, *, again: bool) -> list[str]:
        """Apply undisturbed, the same plan or a new one; what keeps all from being as planned then."""
        self.proxy.arm()
        if not again:
            planned = erpsync("plan", "--access", self.access, "-o", self.plan)
            if planned.code:
                return [f"a new plan ends with {planned.code}: {planned.said}"]
        ran = self.apply()
        seen = look(self.erp, self.everybody)
        planned_now, _, _ = progress(self.everybody, seen)
        problems = self.harm(seen)
        if ran.code or len(planned_now) < len(self.everybody):
            problems.append(f"applying again ends with {ran.code}: {ran.said}")
        drift = erpsync("drift", "--access", self.access)
        return problems + [f"drift ends with {drift.code}: {drift.said}"] * bool(drift.code)


def prepare(
    erp: Erp, proxy: FaultProxy, directory: Path, count: int, kinds: tuple[Make, ...] = KINDS
) -> Scenario:
    """Let the ERP have accounts of its own names, beside others that must not be touched, and plan."""
    everybody = people(erp, count, kinds)
    directory.mkdir(parents=True, exist_ok=True)
    protected = _bystanders(erp)
    access = AccessFiles(directory / "access", url=proxy.url)
    settings = access.path / "erpsync.yaml"
    declared = settings.read_text(encoding="utf-8").replace("[admin]", f"[admin, {protected}]")
    access.write(settings.name, declared)
    access.users(*(person.declared for person in everybody))
    enter(erp, everybody)
    proxy.arm()
    plan = directory / "plan.json"
    made = erpsync("plan", "--access", access, "-o", plan)
    (target,) = json.loads(plan.read_text(encoding="utf-8"))["targets"]
    assert made.code == 0, made.said
    assert len(target["accounts"]) == count, made.said
    seen = look(erp, everybody)
    assert len(progress(everybody, seen)[1]) == count, progress(everybody, seen)
    assert not seen.oddities
    return Scenario(erp, proxy, access, plan, everybody, seen)


def erpsync(*arguments: object) -> Ran:
    """Run one command in this process."""
    said = io.StringIO()
    results: list[Result] = []
    render = text.render_results

    def listen(given: Iterable[Result], paint: text.Paint = text.no_paint) -> str:
        results.extend(given)
        return render(results, paint)

    with redirect_stdout(said), redirect_stderr(said), patch.object(text, "render_results", listen):
        code = run([str(argument) for argument in arguments])
    statuses = {item.login: item.status for result in results for item in result.outcomes}
    return Ran(code, said.getvalue(), statuses)


@contextmanager
def small_batches(size: int = BATCH) -> Iterator[None]:
    """Several batches for few accounts, and no waiting between attempts."""
    with patch("erpsync.apply.BATCH", size), patch("erpsync.connectors.http.BACK_OFF_SECONDS", 0):
        yield


def written_twice(calls: Iterable[Call]) -> list[str]:
    """Accounts that the ERP was made to write more than once, though each has one change."""
    times: Counter[str] = Counter()
    for call in calls:
        succeeded = sum(call.done)
        if call.method == "model.res.user.create":
            times.update({f"creating {values['login']}": succeeded for values in call.params[0]})
        # Without timestamps it is the second half of bringing somebody back, which may be repeated.
        if call.method == "model.res.user.write" and call.params[-1]:
            records, values = call.params[:-1:2], call.params[1:-1:2]
            written = (f"{sorted(fields)} of {ids}" for ids, fields in zip(records, values, strict=True))
            times.update({f"writing {what}": succeeded for what in written})
    return [f"{what} was done {number} times" for what, number in times.items() if number > 1]


def _bystanders(erp: Erp) -> str:
    """An account that git knows nothing of, one of an administrator, and a protected one, returned."""
    erp.give(erp.create(erp.login("unmanaged")), "Clerk")
    erp.create(erp.login("boss"), administrator=True)
    protected = erp.login("protected")
    erp.give(erp.create(protected), "Planner")
    return protected
