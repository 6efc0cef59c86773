"""Tryton databases on SQLite: build one, copy it, give its administrator a password.

Building takes about a minute, copying takes no time: `build_template` builds a database once for each
set of modules, `copy_database` copies it, `demo.tryton_server` serves the copy.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from importlib import metadata
from pathlib import Path

from demo.tryton_process import ServerError, end, environment, spawn, tail

FULL = ("company", "account", "sale", "purchase", "stock", "production", "user_role")
MINIMAL = ("company", "user_role")
WITHOUT_USER_ROLE = ("company",)

LANGUAGES = ("zh_CN",)


def build_template(root: Path, modules: Sequence[str], report: Callable[[str], None]) -> Path:
    """Return a ready database with these modules, building it under `root` the first time.

    The file's name is a digest of the modules and of the installed version, so an upgrade builds anew.
    Its administrator has a random password that nobody knows: see `set_admin_password`. Safe when two
    processes ask at once, and when one is killed half way. Raises ServerError.
    """
    templates = root / "templates"
    templates.mkdir(parents=True, exist_ok=True)
    template = templates / f"{_template_key(modules)}.sqlite"
    with _locked(template.with_suffix(".lock"), report):
        if not template.exists():
            _build(template, modules, report)
    return template


def copy_database(source: Path, destination: Path) -> Path:
    """Copy a database, in use or not, replacing `destination`, which no server may have open."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    partial = destination.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(partial)) as copy:
        original.backup(copy)
    for leftover in ("-wal", "-shm"):  # of the database that is replaced; they would corrupt the new one
        Path(f"{destination}{leftover}").unlink(missing_ok=True)
    partial.replace(destination)
    return destination


def set_admin_password(database: Path) -> str:
    """Give the administrator `admin` a new random password, keep it beside the database and return it."""
    password = secrets.token_urlsafe(24)
    file = write_secret(password_file(database), password)
    # Without --administrator, -p takes the administrator flag away.
    _admin(database, file, ["-p", "--administrator"], lambda _: None)
    return password


def admin_password(database: Path) -> str:
    """Return the password that `set_admin_password` kept; FileNotFoundError when it never ran."""
    return password_file(database).read_text("utf-8").strip()


def password_file(database: Path) -> Path:
    """Return where the password of the administrator of a database is kept."""
    return database.with_suffix(".password")


def write_secret(file: Path, secret: str) -> Path:
    """Write a file that only its owner may read, from its first byte on."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        output.write(f"{secret}\n")
    return file


def _build(template: Path, modules: Sequence[str], report: Callable[[str], None]) -> None:
    building = template.with_suffix(".building")
    shutil.rmtree(building, ignore_errors=True)  # left by a build that was killed
    building.mkdir()
    database = building / "erp.sqlite"
    database.touch()  # the server opens a database, but does not create the file
    password = write_secret(building / "password", secrets.token_urlsafe(24))
    report(f"Building the ERP database: {', '.join(modules)} (once, about a minute)")
    try:
        # Users may only have a language whose translations are loaded.
        languages = ["-l", *LANGUAGES]
        arguments = [*languages, "--activate-dependencies", "--email", "admin@example.com", "-u", *modules]
        _admin(database, password, arguments, report)
        copy_database(database, building / "ready.sqlite").replace(template)
    finally:
        shutil.rmtree(building)


def _admin(database: Path, password: Path, arguments: Sequence[str], report: Callable[[str], None]) -> None:
    """Run trytond-admin to its end, reporting each module it loads. Raises ServerError with its log."""
    log = database.with_suffix(".admin.log")
    settings = environment(database) | {"TRYTONPASSFILE": str(password)}
    process = spawn(["trytond.cli.admin", "-vv", "-d", database.stem, *arguments], settings, log)
    reported = ""
    try:
        while process.poll() is None:
            module = _module_in_progress(log)
            if module not in ("", reported):
                report(f"Building the ERP database: {module}")
                reported = module
            time.sleep(0.1)
    finally:
        end(process)
    if process.returncode:
        raise ServerError(f"trytond-admin failed\n{tail(log)}")


def _template_key(modules: Sequence[str]) -> str:
    try:
        version = metadata.version("trytond")
    except metadata.PackageNotFoundError:
        raise ServerError("trytond is not installed: install erpsync with its demo extra") from None
    return hashlib.sha256(" ".join([version, *LANGUAGES, *sorted(modules)]).encode()).hexdigest()[:16]


@contextmanager
def _locked(path: Path, report: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock that other processes wait for; the system gives it back when this one ends."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("Waiting for another process that builds the same ERP database")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _module_in_progress(log: Path) -> str:
    """Return the module that trytond-admin loads, going by its log, or nothing."""
    loaded = re.findall(r" INFO trytond\.modules (\w+) load ", log.read_text("utf-8", "replace"))
    return loaded[-1] if loaded else ""
