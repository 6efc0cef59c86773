"""ansible-core: users as accounts of the system, in check mode."""

from __future__ import annotations

import json
import os

from bench.peers.tool import Stage, Work, installed, version_of

_PLAYBOOK = """\
- hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [users.json]
  tasks:
    - name: Users
      ansible.builtin.user: {name: "{{ item.key }}", comment: "{{ item.name }}", create_home: false}
      loop: "{{ users }}"
      loop_control: {label: "{{ item.key }}"}
"""


class Ansible:
    """Compares one thing after the other, each in a process of its own."""

    name = "ansible-core"
    entry = "an account of the system in check mode: its name and a comment; no assignments"

    def version(self) -> str:
        """See `Tool`."""
        self._programs = installed("ansible", "ansible-core")
        return version_of(self._programs, "ansible-core")

    def prepare(self, stage: Stage) -> Work:
        """See `Tool`."""
        users = [{"key": user["key"], "name": user["name"]} for user in stage.users]
        (stage.place / "site.yml").write_text(_PLAYBOOK, encoding="ascii")
        file = stage.place / "users.json"
        file.write_text(json.dumps({"users": users}), encoding="utf-8")

        def change_one() -> None:
            users[0]["name"] = "changed"
            file.write_text(json.dumps({"users": users}), encoding="utf-8")

        command = [str(self._programs / "ansible-playbook"), "-i", "localhost,", "--check", "site.yml"]
        environment = {
            "ANSIBLE_LOCAL_TEMP": str(stage.place / "tmp"),
            "ANSIBLE_REMOTE_TEMP": str(stage.place / "tmp"),
            "ANSIBLE_PYTHON_INTERPRETER": str(self._programs / "python"),
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
        }
        return Work(command, change_one, environment)
