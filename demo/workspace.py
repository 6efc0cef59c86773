"""Where the demo keeps what it makes: everything under .erpsync/demo/ of the checkout."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from demo.lived_in import TARGET
from demo.tryton_database import copy_database, password_file, write_secret
from erpsync.access import load_valid
from erpsync.model import Access

CHECKOUT = Path(__file__).resolve().parent.parent
ROOT = CHECKOUT / ".erpsync" / "demo"
TABLE = CHECKOUT / "demo" / "lived_in.yaml"
CATALOGUE = CHECKOUT / "demo" / "erp_catalogue.yaml"

PORT_VARIABLE = "ERPSYNC_DEMO_PORT"


class DemoError(Exception):
    """The demo cannot go on; the message says why and what to do."""


@dataclass(frozen=True)
class Passwords:
    """The passwords of the ERP's administrator and of its two service accounts."""

    admin: str
    apply: str
    plan: str


@contextmanager
def exclusive() -> Iterator[None]:
    """Keep a second demo out; the system gives the lock back however this one ends. Raises DemoError."""
    ROOT.mkdir(parents=True, exist_ok=True)
    ROOT.chmod(0o700)  # a database holds the hashes of passwords
    with (ROOT / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError(
                "the demo is already running in this checkout: end it with Ctrl-C first"
            ) from None
        yield


# --- the declared state and the port ----------------------------------------------------------------


@dataclass(frozen=True)
class Declared:
    """The access files that the demo runs with, and the port their ERP is to listen on."""

    directory: Path
    access: Access
    port: int
    database: str

    @property
    def options(self) -> list[str]:
        """What erpsync must be told to use these files: nothing, in the ordinary case."""
        return [] if self.directory == CHECKOUT / "access" else ["--access", shown(self.directory)]


def declared() -> Declared:
    """Load access/, or a copy of it with another port when the environment asks for one.

    Raises DemoError when the port is none or when access/ is not about the demo's own ERP, and erpsync's
    own errors when the files are not valid.
    """
    directory = CHECKOUT / "access"
    access = load_valid(directory)
    declared_port, database = _own_erp(access)
    port = os.environ.get(PORT_VARIABLE, declared_port)
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise DemoError(f"{PORT_VARIABLE} is {port!r}, which is no port: try 18070")
    if port != declared_port:
        directory = _copy_with_port(directory, declared_port, port)
        access = load_valid(directory)
    return Declared(directory, access, int(port), database)


def _own_erp(access: Access) -> tuple[str, str]:
    """The port and the database of the only target, which must be the demo's: the demo writes to it."""
    target = access.targets.get(TARGET)
    own = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/", target.url) if target else None
    if target is None or own is None or target.database is None or len(access.targets) != 1:
        raise DemoError(
            f"the demo is for one target {TARGET!r} at http://127.0.0.1:PORT/, "
            "and access/erpsync.yaml declares something else: restore that file, or use another checkout"
        )
    return own[1], target.database


def _copy_with_port(directory: Path, old: str, new: str) -> Path:
    copy = ROOT / "access"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(directory, copy)
    settings = copy / "erpsync.yaml"
    text = settings.read_text("utf-8").replace(f"127.0.0.1:{old}/", f"127.0.0.1:{new}/")
    settings.write_text(text, "utf-8")
    return copy


# --- databases and secrets --------------------------------------------------------------------------


def seeded_key(template: Path, day: date) -> str:
    """A digest of all that the lived-in ERP is made from; it is made anew when that changes, and each day."""
    digest = hashlib.sha256(f"{template.stem} {day}".encode())
    sources = [
        *sorted((CHECKOUT / "access").rglob("*.yaml")),
        *sorted(TABLE.parent.glob("*.py")),
        TABLE,
        CATALOGUE,
    ]
    for file in sources:
        digest.update(f"\n{file.name}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def keep_seeded(database: Path, key: str, passwords: Passwords) -> None:
    """Keep a copy of the lived-in ERP, with its passwords, to begin from the next time."""
    _note().unlink(missing_ok=True)  # written last, so that it never speaks of another copy
    copy_database(database, _seeded())
    write_secret(_note(), json.dumps({"key": key, "passwords": asdict(passwords)}))


def take_seeded(database: Path, key: str) -> Passwords | None:
    """Begin from the kept copy; None if there is none with this key."""
    passwords = _kept(key)
    if passwords is not None:
        copy_database(_seeded(), database)
        write_secret(password_file(database), passwords.admin)
    return passwords


def _kept(key: str) -> Passwords | None:
    try:
        note = json.loads(_note().read_text("utf-8"))
        return Passwords(**note["passwords"]) if note["key"] == key and _seeded().is_file() else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _seeded() -> Path:
    return ROOT / "seeded.sqlite"


def _note() -> Path:
    return ROOT / "seeded.json"


def write_environment(login: str, password: str) -> Path:
    """Write what a shell needs to run erpsync by hand, for its owner only."""
    lines = [f"export ERP_USERNAME={shlex.quote(login)}", f"export ERP_PASSWORD={shlex.quote(password)}"]
    return write_secret(environment_file(), "\n".join(lines))


def environment_file() -> Path:
    """Return where `write_environment` writes."""
    return ROOT / "env"


def shown(path: Path) -> str:
    """A path as shown to people, who are in the checkout."""
    return path.relative_to(CHECKOUT).as_posix()
