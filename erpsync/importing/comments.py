"""The comments on top of the files that an import writes: what stands there, and what is to be filled in."""

from __future__ import annotations

from erpsync.importing.values import TO_BE_NAMED, UNSORTED, Ground, Imported


def comment_for(name: str, ground: Ground, imported: Imported) -> str:
    """The comment for a file by its path below the access directory."""
    folder, _, _ = name.rpartition("/")
    if folder == "roles":
        lines = _roles(ground, imported)
    elif name == "users/technical-accounts.yaml":
        lines = _technical(ground, imported)
    elif folder == "users":
        lines = _people(ground)
    else:
        lines = _organisation(ground)
    return "".join(f"# {line}\n" for line in lines)


def _roles(ground: Ground, imported: Imported) -> list[str]:
    return [
        f"What target {ground.target.name} grants, imported on {ground.as_of}: one role an entitlement.",
        "Fill in, role by role:",
        "  title_zh, description   what people call it, and what its holder can do with it",
        f"  subsystem               the business area it belongs to, in the place of {UNSORTED}",
        f"  owner                   who answers for it, in the place of {imported.owner}",
        "  risk                    low, high or critical; without it: medium",
        "  functions               what it lets its holder do, for the separation of duties",
        "erpsync propose roles finds the business roles behind them.",
    ]


def _technical(ground: Ground, imported: Imported) -> list[str]:
    return [
        f"Accounts of target {ground.target.name} that look like nobody's own, imported on {ground.as_of}.",
        f"Fill in what each is for (purpose), and who answers for it (owner, now {imported.owner}).",
        "Make a person's account dedicated and give it a department; name in protected: of the target what",
        "nobody should change, and remove it here.",
    ]


def _people(ground: Ground) -> list[str]:
    return [
        f"Users of target {ground.target.name}, imported on {ground.as_of}, with what they hold there.",
        "Fill in department, position and employee_no where they are missing: the rules work by them.",
        "Whoever should not have a role any more: remove the assignment. Who has left: status: left.",
    ]


def _organisation(ground: Ground) -> list[str]:
    return [
        f"Departments, subsystems and positions of {ground.target.name}, imported on {ground.as_of}.",
        f"{UNSORTED} holds what the ERP does not sort. {TO_BE_NAMED} stands where somebody must be named who",
        "answers for a role or an account. Sort and name them, and remove these entries in the end.",
    ]
