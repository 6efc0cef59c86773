"""The demo's ERP: made once, lived-in, and started from that state or from where it was left."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from demo import workspace
from demo.bootstrap import APPLY_LOGIN, Catalogue, bootstrap
from demo.seed import seed
from demo.tryton_database import FULL, build_template, copy_database, set_admin_password
from demo.tryton_process import ServerError
from demo.tryton_rpc import Client
from demo.tryton_server import TrytonServer, require_free
from demo.workspace import Declared, DemoError, Passwords
from erpsync.cli.common import today

Report = Callable[[str], None]


def start_lived_in(declared: Declared, report: Report) -> tuple[TrytonServer, Passwords]:
    """Start the ERP as it was before erpsync first saw it, making it when there is none for today.

    Raises DemoError when the port is taken, and ServerError.
    """
    _require_port(declared.port)
    database = _database(declared)
    workspace.environment_file().unlink(missing_ok=True)  # written last, as the sign that all is there
    template = build_template(workspace.ROOT, FULL, report)
    key = workspace.seeded_key(template, today(declared.access))
    passwords = workspace.take_seeded(database, key)
    if passwords is None:
        _make_lived_in(declared, template, key, report)
        passwords = workspace.take_seeded(database, key)
        assert passwords is not None
    workspace.write_environment(APPLY_LOGIN, passwords.apply)
    return TrytonServer.start(database, declared.port, report), passwords


def start_as_left(declared: Declared, report: Report) -> TrytonServer:
    """Start the ERP as the last run left it, or lived-in when there was none. Raises as `start_lived_in`."""
    if not workspace.environment_file().is_file():
        return start_lived_in(declared, report)[0]
    _require_port(declared.port)
    return TrytonServer.start(_database(declared), declared.port, report)


def _database(declared: Declared) -> Path:
    return workspace.ROOT / f"{declared.database}.sqlite"


def _require_port(port: int) -> None:
    try:
        require_free(port)
    except ServerError:
        raise DemoError(
            f"port {port} is in use: end what listens there, "
            f"or choose another port, such as {workspace.PORT_VARIABLE}={port + 1}"
        ) from None


def _make_lived_in(declared: Declared, template: Path, key: str, report: Report) -> None:
    """Make the lived-in ERP apart from the one in use, and keep it."""
    building = workspace.ROOT / "seeding"
    shutil.rmtree(building, ignore_errors=True)  # left by a run that was killed
    database = copy_database(template, building / f"{declared.database}.sqlite")
    try:
        report("Giving the ERP's administrator a password")
        passwords = Passwords(
            set_admin_password(database), secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        )
        with TrytonServer.start(database, declared.port, report) as server:
            client = Client(server.url, server.database).login("admin", passwords.admin)
            catalogue = Catalogue.read(workspace.CATALOGUE)
            bootstrap(client, catalogue, passwords.apply, passwords.plan, report)
            seed(client, declared.access, workspace.TABLE, today(declared.access), report)
        workspace.keep_seeded(database, key, passwords)
    finally:
        shutil.rmtree(building, ignore_errors=True)
