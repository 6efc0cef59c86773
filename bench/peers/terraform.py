"""Terraform: users as resources of the provider that comes with it, and a state that has them all."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from bench.peers.tool import MissingError, Stage, User, Work

_PROVIDER = 'provider["terraform.io/builtin/terraform"]'


class Terraform:
    """The plan and apply that everybody knows."""

    name = "Terraform"
    entry = "a terraform_data resource with the whole user as a JSON text"

    def version(self) -> str:
        """See `Tool`."""
        self._program = shutil.which("terraform")
        if not self._program:
            raise MissingError("it is not on the PATH, and PyPI does not have it")
        told = subprocess.run([self._program, "version", "-json"], capture_output=True, text=True, check=True)
        version: str = json.loads(told.stdout)["terraform_version"]
        return version

    def prepare(self, stage: Stage) -> Work:
        """See `Tool`."""
        assert self._program
        _write_resources(stage.place / "main.tf.json", stage.users)
        _write_state(stage.place / "terraform.tfstate", stage.users, self.version())
        command = [self._program, "init", "-input=false"]
        subprocess.run(
            command, cwd=stage.place, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

        def change_one() -> None:
            first, *others = stage.users
            changed = {**first, "email": "changed@huashan.example"}
            _write_resources(stage.place / "main.tf.json", [changed, *others])

        plan = [self._program, "plan", "-input=false", "-lock=false", "-detailed-exitcode"]
        return Work(plan, change_one, {"CHECKPOINT_DISABLE": "1"}, expected=(0, 2))


def _name(user: User) -> str:
    return "u_" + re.sub(r"\W", "_", user["key"])


def _text(user: User) -> str:
    # Terraform would fill in what stands in ${}; there is none.
    return json.dumps(user, ensure_ascii=False, sort_keys=True, default=str)


def _write_resources(file: Path, users: Iterable[User]) -> None:
    resources = {_name(user): {"input": _text(user)} for user in users}
    file.write_text(json.dumps({"resource": {"terraform_data": resources}}), encoding="utf-8")


def _write_state(file: Path, users: Iterable[User], version: str) -> None:
    """What apply would have left behind: it would take as long as the plan, or longer."""
    resources = [
        {
            "mode": "managed", "type": "terraform_data", "name": _name(user), "provider": _PROVIDER,
            "instances": [{
                "schema_version": 0, "sensitive_attributes": [],
                "attributes": {
                    "id": user["key"], "triggers_replace": None,
                    "input": {"value": _text(user), "type": "string"},
                    "output": {"value": _text(user), "type": "string"},
                },
            }],
        }
        for user in users
    ]  # fmt: skip
    document = {"version": 4, "terraform_version": version, "serial": 1, "lineage": "bench",
                "outputs": {}, "resources": resources}  # fmt: skip
    file.write_text(json.dumps(document), encoding="utf-8")
