"""An access repository on a GitHub that is none: people propose, review and merge, jobs check it out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.github_server import JOB_TOKEN, GitHubServer
from tests.support.repositories import git

ARTIFACT = "erpsync-plan"

SETTINGS = """\
settings: {{timezone: Asia/Shanghai}}
targets:
  erp:
    connector: tryton
    url: {url}
    database: erp
    credentials: {{username: "env:ERP_USERNAME", password: "env:ERP_PASSWORD"}}
    manage: {{accounts: enforce, attributes: enforce, entitlements: enforce, scope: enforce}}
    unmanaged: {{accounts: report, ignore: ["*"]}}
    protected: [admin]
"""
ORGANISATION = """\
departments:
  purchasing: {title: Purchasing, manager: wu.lan}
  audit: {title: Audit, manager: ruan.ling}
subsystems:
  materials: {title: Materials, business_admin: wu.lan, erp_admin: he.qi, key_users: [lin.tao]}
oversight:
  audit: {title: Internal audit, members: [ruan.ling, bao.jing]}
positions:
  buyer: {title: Buyer, department: purchasing, roles: [purchasing.buyer]}
roles:
  purchasing.buyer: {title: Buyer, subsystem: materials, owner: wu.lan, entitlements: {erp: [Buyer]}}
  purchasing.planner:
    {title: Planner, subsystem: materials, owner: wu.lan, risk: high, entitlements: {erp: [Planner]}}
approvals:
  assignments:
    title: An assigned role needs a key user and the head of the department
    when: {change: [grant, retime], by: [assignment]}
    needs: [key_user, department_head]
  people:
    title: Everything else about a person needs the head of the department
    when: {change: [create, update, unlock, retime]}
    needs: [department_head]
"""
PEOPLE = """\
users:
  wu.lan: {name: 吴兰, department: purchasing, type: dedicated, forge: {github: wu-lan}}
  lin.tao: {name: 林涛, department: purchasing, type: dedicated, forge: {github: lin-tao}}
  he.qi: {name: 何琪, department: audit, type: dedicated, forge: {github: he-qi}}
  ruan.ling: {name: 阮玲, department: audit, type: dedicated, forge: {github: ruan-ling}}
  bao.jing: {name: 鲍静, department: audit, type: dedicated, forge: {github: bao-jing}}
"""
BUYERS = "access/users/buyers.yaml"
SETTINGS_FILE, ORGANISATION_FILE = "access/erpsync.yaml", "access/organisation.yaml"
CHEN = (
    "chen.jing: {name: 陈静, department: purchasing, position: buyer, type: dedicated, "
    "forge: {github: chen-jing}"
)


def chen(more: str = "") -> str:
    """The file of buyers with one of them."""
    return f"users:\n  {CHEN}{more}}}\n"


def planner(more: str = "") -> str:
    """The same buyer with the role of a planner besides."""
    return chen(f", assignments: [{{role: purchasing.planner, reason: stands in, request: REQ-7{more}}}]")


@dataclass
class CompanyRepository:
    """The bare repository, what a person has checked out of it, and what jobs have."""

    folder: Path
    server: GitHubServer
    jobs: int = 0
    bare: Path = field(init=False)
    work: Path = field(init=False)

    def __post_init__(self) -> None:
        self.bare, self.work = self.folder / "origin.git", self.folder / "work"
        git(self.folder, "init", "-q", "--bare", "-b", "main", str(self.bare))
        git(self.folder, "clone", "-q", f"file://{self.bare}", str(self.work))

    def begin(self, url: str = "http://127.0.0.1:9/", more: Mapping[str, str] | None = None) -> str:
        """The first commit of main, of a company with one buyer, or with these files instead or besides."""
        files = {
            SETTINGS_FILE: SETTINGS.format(url=url),
            ORGANISATION_FILE: ORGANISATION,
            "access/users/people.yaml": PEOPLE,
            BUYERS: chen(),
            **(more or {}),
        }
        git(self.work, "checkout", "-q", "-B", "main")
        return self._commit(files, "main")

    # --- what people do -----------------------------------------------------------------------------------

    def read(self, path: str) -> str:
        """A file as a person has it."""
        return (self.work / path).read_text(encoding="utf-8")

    def push(self, files: Mapping[str, str | None], branch: str = "main") -> str:
        """Commit files to a branch as it is on the server, and push it."""
        git(self.work, "fetch", "-q", "--prune")
        known = git(self.work, "branch", "-r", "--list", f"origin/{branch}")
        git(self.work, "checkout", "-q", "-B", branch, f"origin/{branch}" if known else "origin/main")
        return self._commit(files, branch)

    def _commit(self, files: Mapping[str, str | None], branch: str) -> str:
        for name, text in files.items():
            path = self.work / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        return self.commit(branch)

    def commit(self, branch: str) -> str:
        """Commit whatever lies in the checkout, and push it."""
        git(self.work, "add", "--all")
        git(self.work, "commit", "-q", "--allow-empty", "-m", "Change who may do what")
        git(self.work, "push", "-q", "origin", branch)
        return self.tip(branch)

    def tip(self, branch: str = "main") -> str:
        """The last commit of a branch on the server."""
        return git(self.bare, "rev-parse", branch)

    def propose(
        self, files: Mapping[str, str | None], author: str = "chen-jing", branch: str = "change"
    ) -> int:
        """Push files to a branch and open a pull request; its number."""
        return self.open(self.push(files, branch), author, branch)

    def open(self, head: str, author: str = "chen-jing", branch: str = "change", base: str = "main") -> int:
        """Open a pull request of what was pushed; its number."""
        number = self.server.state.open_pull_request(author, head, branch, base)
        self.server.state.pulls[number]["base"]["sha"] = self.tip(base)
        return number

    def push_more(self, number: int, files: Mapping[str, str | None]) -> str:
        """Push another commit to a pull request."""
        head = self.push(files, self.server.state.pulls[number]["head"]["ref"])
        self.server.state.push(number, head)
        return head

    def approve(self, number: int, *handles: str) -> None:
        """Approve what is proposed now."""
        for handle in handles:
            self.server.state.review(number, handle)

    def merge(self, number: int, *, squash: bool = False, extra: Mapping[str, str] | None = None) -> str:
        """Merge a pull request into main, with further changes if somebody smuggles them in."""
        pull = self.server.state.pulls[number]
        git(self.work, "fetch", "-q")
        git(self.work, "checkout", "-q", "-B", "main", "origin/main")
        how = ["--squash"] if squash else ["--no-ff", "--no-commit"]
        git(self.work, "merge", "-q", *how, pull["head"]["sha"])
        merged = self._commit(extra or {}, "main")
        self.server.state.merge(number, merged)
        return merged

    # --- what jobs have -----------------------------------------------------------------------------------

    def checkout(self, commit: str) -> Path:
        """A new checkout of a commit, with the whole history."""
        self.jobs += 1
        path = self.folder / f"job-{self.jobs}"
        git(self.folder, "clone", "-q", f"file://{self.bare}", str(path))
        git(path, "checkout", "-q", "--detach", self.tip(commit))
        return path

    def checkout_trial(self, number: int) -> Path:
        """A new checkout of a pull request merged into its base, as GitHub makes one."""
        pull = self.server.state.pulls[number]
        path = self.checkout(self.tip(pull["base"]["ref"]))
        git(path, "merge", "-q", "--no-ff", "-m", "Trial", pull["head"]["sha"])
        return path

    def environment(self, job: Path, number: int | None = None) -> dict[str, str]:
        """What GitHub Actions tells a job in a checkout."""
        event: dict[str, object] = {"repository": {"default_branch": "main"}}
        if number is not None:
            event["pull_request"] = self.server.state.pulls[number]
        event_file = self.folder / f"{job.name}-event.json"
        event_file.write_text(json.dumps(event), encoding="utf-8")
        return {
            **self.server.environment(JOB_TOKEN),
            "GITHUB_EVENT_PATH": str(event_file),
            "GITHUB_STEP_SUMMARY": str(self.summary(job)),
            "GITHUB_RUN_ID": str(9000 + self.jobs),
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_ACTOR": "chen-jing",
        }

    def summary(self, job: Path) -> Path:
        """Where a job writes its summary."""
        return self.folder / f"{job.name}-summary.md"

    def upload(self, job: Path, number: int) -> None:
        """Keep the plan that a job left, if it left one."""
        plan = job / "plan.json"
        if plan.exists():
            self.server.state.keep(
                self.server.state.pulls[number]["head"]["sha"], ARTIFACT, plan.read_bytes()
            )

    def status(self, number: int, name: str = "erpsync/approvals") -> tuple[str, str] | None:
        """The status of what a pull request proposes now: its state, and its words."""
        head = self.server.state.pulls[number]["head"]["sha"]
        return self.status_of(head, name)

    def status_of(self, commit: str, name: str) -> tuple[str, str] | None:
        """The status of a commit: its state, and its words."""
        found = self.server.state.latest_status(commit, name)
        return (found["state"], found["description"]) if found else None

    def comments(self, number: int) -> list[str]:
        """What was said below a pull request."""
        return [entry["body"] for entry in self.server.state.comments[number]]
