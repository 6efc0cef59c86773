"""``erpsync codeowners``: let the forge ask the right people to review."""

from __future__ import annotations

from pathlib import Path

import click

from erpsync.cli.common import access_option, emit, write_file
from erpsync.errors import ErpsyncError, ExitCode, RefusedError


@click.command()
@access_option
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), default=Path(".github/CODEOWNERS"), show_default=True,
    metavar="FILE", help="Where it is written.",
)  # fmt: skip
@click.option("--check", is_flag=True, help="Write nothing; exit code 4 if the file is not as it should be.")
def codeowners(access_dir: Path, output: Path, check: bool) -> int:
    """Write CODEOWNERS from the departments, subsystems and owners of roles in the access files."""
    from erpsync.access import must_be_valid
    from erpsync.codeowners import codeowners as text_of
    from erpsync.forge.git_tree import folder_of

    validated = must_be_valid(access_dir)
    wanted = text_of(validated.build(), validated.merged, access_dir.as_posix(), folder_of(access_dir))
    if check:
        if _read(output) != wanted:
            hint = "write it anew: erpsync codeowners"
            raise RefusedError("it is not what the access files say", where=str(output), hint=hint)
        return ExitCode.DONE
    if _read(output) != wanted:
        output.parent.mkdir(parents=True, exist_ok=True)
        write_file(output, wanted)
        output.chmod(0o644)
    emit(f"{output}: written\n")
    return ExitCode.DONE


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ErpsyncError(f"cannot be read: {error}", where=str(path)) from error
