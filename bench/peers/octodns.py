"""octoDNS: users as records of a zone, from YAML to YAML."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from bench.peers.tool import Stage, User, Work, installed, version_of

ZONE = "users.huashan.example."
_CONFIG = f"""\
providers:
  files: {{class: octodns.provider.yaml.YamlProvider, directory: ./files, enforce_order: false}}
  live: {{class: octodns.provider.yaml.YamlProvider, directory: ./live, enforce_order: false}}
zones:
  {ZONE}: {{sources: [files], targets: [live]}}
"""


class OctoDns:
    """Plans changes of DNS zones, the closest relative: YAML in git, a plan, an apply."""

    name = "octoDNS"
    entry = "a TXT record with a value an assignment"

    def version(self) -> str:
        """See `Tool`."""
        self._programs = installed("octodns", "octodns")
        return version_of(self._programs, "octodns")

    def prepare(self, stage: Stage) -> Work:
        """See `Tool`."""
        (stage.place / "config.yaml").write_text(_CONFIG, encoding="ascii")
        for name in ("files", "live"):
            (stage.place / name).mkdir()
            _write(stage.place / name, stage.users)

        def change_one() -> None:
            first, *others = stage.users
            _write(stage.place / "files", [{**first, "email": "changed@huashan.example"}, *others])

        command = [str(self._programs / "octodns-sync"), "--config-file", "config.yaml", "--quiet"]
        return Work(command, change_one)


def _write(directory: Path, users: Iterable[User]) -> None:
    # JSON strings are YAML too, and the fastest to write.
    records = (f"{json.dumps(user['key'])}: {json.dumps(_record(user))}\n" for user in users)
    (directory / f"{ZONE}yaml").write_text("---\n" + "".join(records), encoding="utf-8")


def _record(user: User) -> dict[str, object]:
    values = [f"{user['email']} {user['department']} {user['position']} {user['status']}"]
    values += [
        f"{item['role']} {item['valid_from']} {item.get('valid_to', '-')} {item['request']}"
        for item in user["assignments"]
    ]
    return {"type": "TXT", "ttl": 3600, "values": sorted(set(values))}
