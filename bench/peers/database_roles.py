"""ldap2pg and pgbedrock: users as roles of PostgreSQL."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from bench.company import AS_OF
from bench.peers.postgres import Cluster
from bench.peers.tool import Stage, User, Work, installed, version_of


class Ldap2Pg:
    """Brings roles of PostgreSQL into step with a list in YAML, or LDAP."""

    name = "ldap2pg"
    entry = "a database role that may log in, with a membership for each assignment of the day, without dates"

    def version(self) -> str:
        """See `Tool`."""
        self._programs = installed("ldap2pg", "ldap2pg==5.9", "psycopg2-binary")
        return version_of(self._programs, "ldap2pg")

    def prepare(self, stage: Stage) -> Work:
        """See `Tool`."""
        database = stage.database()
        create_roles(database, stage.users)
        _write_sync_map(stage.place / "ldap2pg.yml", stage.users)

        def change_one() -> None:
            _write_sync_map(
                stage.place / "ldap2pg.yml", [*stage.users, {"key": "somebody.new", "assignments": []}]
            )

        command = [str(self._programs / "ldap2pg"), "--config", "ldap2pg.yml"]
        # Once for good: it wants a comment of its own on every role.
        environment = {**os.environ, **database.environment}
        subprocess.run(
            [*command, "--real"], cwd=stage.place, env=environment, check=True, capture_output=True
        )
        return Work(command, change_one, database.environment)


def _write_sync_map(file: Path, users: Sequence[User]) -> None:
    groups = sorted({group for user in users for group in _groups(user)})
    lines = [f"  - name: {group}\n" for group in groups]
    lines += [
        f"  - name: {user['key']}\n    options: LOGIN\n    parents: [{', '.join(_groups(user))}]\n"
        for user in users
    ]
    file.write_text("version: 5\nsync_map:\n- roles:\n" + "".join(lines), encoding="utf-8")


def _groups(user: User) -> list[str]:
    """The roles that are assigned to a user on the day."""
    return sorted(
        {
            item["role"]
            for item in user["assignments"]
            if item["valid_from"] <= AS_OF <= item.get("valid_to", date.max)
        }
    )


class PgBedrock:
    """Manages roles, memberships and privileges of PostgreSQL from YAML."""

    name = "pgbedrock"
    entry = "a database role that may log in, with a membership for each assignment of the day, without dates"

    def version(self) -> str:
        """See `Tool`."""
        self._programs = installed("pgbedrock", "pgbedrock", "psycopg2-binary")
        return version_of(self._programs, "pgbedrock")

    def prepare(self, stage: Stage) -> Work:
        """See `Tool`."""
        database = stage.database()
        create_roles(database, stage.users)
        found = database.environment
        login = ["-h", found["PGHOST"], "-p", found["PGPORT"], "-U", found["PGUSER"]]
        login += ["-w", database.password, "-d", found["PGDATABASE"]]
        program = str(self._programs / "pgbedrock")
        # It wants every schema and table of the database declared, and writes that itself.
        told = subprocess.run([program, "generate", *login], capture_output=True, text=True, check=True)
        spec = stage.place / "spec.yml"
        spec.write_text(told.stdout, encoding="utf-8")

        def change_one() -> None:
            spec.write_text(f"{told.stdout}\nsomebody.new:\n    can_login: true\n", encoding="utf-8")

        # The spec refers to the owner's password by this name.
        environment = {"POSTGRES_PASSWORD": database.password}
        return Work([program, "configure", "spec.yml", "--check", *login], change_one, environment)


_DROP_ROLES = """\
DO $$ DECLARE old text; BEGIN
  FOR old IN SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> 'postgres' LOOP
    EXECUTE format('DROP ROLE %I', old);
  END LOOP;
END $$;
"""


def create_roles(database: Cluster, users: Sequence[User]) -> None:
    """Make the database have exactly the roles of these users, and what is assigned to them."""
    groups = sorted({group for user in users for group in _groups(user)})
    made = [f'CREATE ROLE "{group}";\n' for group in groups]
    for user in users:
        made.append(f'CREATE ROLE "{user["key"]}" LOGIN;\n')
        made += [f'GRANT "{group}" TO "{user["key"]}";\n' for group in _groups(user)]
    database.execute(_DROP_ROLES + "".join(made))
