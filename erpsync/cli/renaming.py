"""``erpsync rename`` and ``erpsync rename-role``: another key, everywhere, with nobody's access changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from erpsync.cli.common import access_option, emit, today
from erpsync.errors import ExitCode, RefusedError, UsageError

if TYPE_CHECKING:
    from erpsync.draft import Draft, Edits
    from erpsync.model import Access

MENTIONS_SHOWN = 10


@click.command()
@click.argument("user_key", metavar="USER")
@click.argument("new_key", metavar="NEW")
@click.option(
    "--login", "with_login", is_flag=True, help="Rename the login in the ERP too, by the next plan."
)
@access_option
def rename(user_key: str, new_key: str, with_login: bool, access_dir: Path) -> int:
    """Give a USER another key, here and wherever the files name the user.

    USER is the key of a user, or a login or an earlier key. The login in the ERP stays as it is, so
    the plan shows nothing of it; --login renames it too. The old key is kept as an earlier one.
    Everything else in the files stays as it is, comments included. Commit the result as you commit
    any change.
    """
    from erpsync.access import must_be_valid
    from erpsync.cli.explain import find_user
    from erpsync.refactoring import user_renames

    validated = must_be_valid(access_dir)
    access = validated.build()
    old = find_user(access, user_key).key
    _must_be_a_free_key(new_key, old, access.users, "user")
    edits = user_renames(validated.merged, access, old, new_key, keep_login=not with_login)
    return _finish(access_dir, access, edits, (old, new_key), None if with_login else {old: new_key})


@click.command(name="rename-role")
@click.argument("role_key", metavar="ROLE")
@click.argument("new_key", metavar="NEW")
@access_option
def rename_role(role_key: str, new_key: str, access_dir: Path) -> int:
    """Give a ROLE another key, here and wherever the files name the role.

    Nobody gains or loses anything, so the plan stays as it is. Reviewers are shown the role under its
    new key as another role, and have to approve it, for its key is all that tells one from the other.
    """
    from erpsync.access import must_be_valid
    from erpsync.refactoring import renames
    from erpsync.schema import suggest

    validated = must_be_valid(access_dir)
    access = validated.build()
    if role_key not in access.roles:
        raise UsageError(f"no role {role_key!r} is declared", hint=suggest(role_key, access.roles, "roles"))
    _must_be_a_free_key(new_key, role_key, access.roles, "role")
    edits = renames(validated.merged, "roles", role_key, new_key)
    return _finish(access_dir, access, edits, (role_key, new_key), {})


def _must_be_a_free_key(new: str, old: str, taken: Mapping[str, object], what: str) -> None:
    from erpsync.importing.names import is_key

    if new == old:
        raise UsageError(f"{new!r} is its key already")
    if not is_key(new):
        hint = "a key has letters, digits, dot, hyphen, underscore or @, and begins with a letter or digit"
        raise UsageError(f"{new!r} cannot be a key", hint=hint)
    other = next((key for key in taken if key.casefold() == new.casefold() and key != old), None)
    if other:
        raise UsageError(f"there is a {what} {other!r} already", hint="choose another key")


def _finish(
    access_dir: Path, before: Access, edits: Edits, keys: tuple[str, str], kept: Mapping[str, str] | None
) -> ExitCode:
    """Write the files, if they are valid then and say of every account what they said before.

    Args:
        access_dir: where the files are.
        before: the declared state as it is.
        edits: what to change.
        keys: the old key and the new one.
        kept: the new keys of users, where all accounts stay as they are; None where one is to change.
    """
    from erpsync.cli.rewriting import files_here, write_draft
    from erpsync.draft import draft
    from erpsync.refactoring import differing

    made = draft(files_here(access_dir), edits)
    after = made.valid().build()
    if kept is not None and (changed := differing(before, after, kept, today(before))):
        message = "accounts would not be as they are, so nothing was changed:\n  " + "\n  ".join(changed[:20])
        raise RefusedError(message, hint="please report this: a refactoring must leave the plan empty")
    for name in write_draft(made):
        emit(f"  {name}\n")
    emit(f"{keys[0]} is {keys[1]} now.\n")
    _tell_mentions(made, keys[0])
    return ExitCode.DONE


def _tell_mentions(made: Draft, old: str) -> None:
    """Say where the old key stands in words, which nobody but a person can change rightly."""
    from erpsync.refactoring import mentions

    found = [
        f"{file.shown}:{line}"
        for file in made.files
        for line in mentions(made.changed.get(file.path, file.data).decode("utf-8"), old)
    ]
    if found:
        more = f", and {len(found) - MENTIONS_SHOWN} more" if len(found) > MENTIONS_SHOWN else ""
        shown = ", ".join(found[:MENTIONS_SHOWN])
        click.echo(f"{old} still stands in words or as an earlier name: {shown}{more}", err=True)
