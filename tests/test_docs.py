"""The documentation says what is so: commands, options, keys, links, examples and outputs."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from erpsync.access import validate
from erpsync.cli.main import cli
from erpsync.errors import ExitCode
from erpsync.schema import load_schema

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), ROOT / "erpsync" / "scaffold" / "README.md"])
CODE = re.compile(r"^( *)(`{3,})(\w*)\n(.*?)\n\1\2$", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- generated pages ------------------------------------------------------------------------------


def generate(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / "docs" / "generate.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of a checkout as the generator needs, to be spoiled."""
    for name in ("docs", "access"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "README.md", tmp_path)
    return tmp_path


def test_the_generated_pages_are_up_to_date() -> None:
    done = generate(ROOT, "--check")

    assert (done.returncode, done.stderr) == (0, "")


def test_pages_that_are_out_of_date_are_named_and_left_as_they_are(checkout: Path) -> None:
    reference, tutorial = checkout / "docs" / "cli-reference.md", checkout / "docs" / "tutorial.md"
    reference.unlink()
    stale = tutorial.read_text("utf-8").replace("erp: no drift", "erp: some drift")
    tutorial.write_text(stale, "utf-8")

    done = generate(checkout, "--check")

    assert done.returncode == 1
    assert [line.split()[0] for line in done.stderr.splitlines()] == [
        "docs/cli-reference.md",
        "docs/tutorial.md",
    ]
    assert tutorial.read_text("utf-8") == stale


def test_writing_brings_pages_up_to_date(checkout: Path) -> None:
    (checkout / "docs" / "cli-reference.md").unlink()

    assert generate(checkout).stdout == "docs/cli-reference.md\n"
    assert generate(checkout, "--check").returncode == 0


def test_an_example_that_ends_with_another_exit_code_is_an_error(checkout: Path) -> None:
    tutorial = checkout / "docs" / "tutorial.md"
    tutorial.write_text(tutorial.read_text("utf-8").replace("typo, exit 4", "typo"), "utf-8")

    done = generate(checkout, "--check")

    assert done.returncode == 1
    assert "docs/tutorial.md: typo: '$ erpsync validate' ended with 4, the page says 0" in done.stderr


# --- references -----------------------------------------------------------------------------------


def _all_commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command with its words, such as ``journal verify``, and every group."""
    for name, command in group.commands.items():
        yield " ".join((*path, name)), command
        if isinstance(command, click.Group):
            yield from _all_commands(command, (*path, name))


ALL_COMMANDS = dict(_all_commands(cli))


@pytest.mark.parametrize("name", sorted(ALL_COMMANDS))
def test_every_command_and_option_is_in_the_command_line_reference(name: str) -> None:
    _, _, rest = page("docs/cli-reference.md").partition(f"## erpsync {name}\n")
    section = rest.partition("\n## ")[0]
    options = [option for item in ALL_COMMANDS[name].params for option in item.opts if option.startswith("-")]

    assert section
    assert [option for option in options if f"`{option}" not in section] == []


def _keys(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Every key of the access files, with the path of the mapping that it stands in."""
    definitions = load_schema("access")["$defs"]
    if "$ref" in schema:
        schema = definitions[schema["$ref"].removeprefix("#/$defs/")]
    for key, value in schema.get("properties", {}).items():
        if path:
            yield path, key
        yield from _keys(value, f"{path}.{key}" if path else key)
    for inner in ("additionalProperties", "items"):
        if isinstance(schema.get(inner), dict):
            yield from _keys(schema[inner], path)


def test_every_key_of_the_schema_is_in_the_yaml_reference() -> None:
    sections = dict(
        re.findall(r"^##+ ([\w.]+)\n(.*?)(?=^##|\Z)", page("docs/yaml-reference.md"), re.M | re.S)
    )
    keys = list(_keys(load_schema("access")))

    assert len(keys) > 50
    assert [f"{path}.{key}" for path, key in keys if f"`{key}`" not in sections.get(path, "")] == []


def test_the_examples_of_the_yaml_reference_are_a_valid_directory(tmp_path: Path) -> None:
    for number, block in enumerate(CODE.finditer(page("docs/yaml-reference.md"))):
        (tmp_path / f"{number}.yaml").write_text(block[4] + "\n", "utf-8")

    validated = validate(tmp_path)

    assert validated.findings == ()
    assert set(validated.build().users) == {"wu.lan", "chen.jing", "mes.interface", "ruan.ling"}


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads(page("pyproject.toml"))["project"]
    wanted = [
        *project["dependencies"],
        *(item for extra in project["optional-dependencies"].values() for item in extra),
    ]
    names = [re.split(r"[<>=~ \[]", requirement)[0] for requirement in wanted]

    assert [name for name in names if f"`{name}`" not in page("docs/dependencies.md")] == []


@pytest.mark.parametrize("name", ["README.md", "docs/operations.md", "docs/cli-reference.md"])
def test_every_exit_code_is_explained(name: str) -> None:
    rows = {int(code) for code in re.findall(r"^\| (\d+) \|", page(name), re.MULTILINE)}

    assert rows >= set(ExitCode) - {ExitCode.INTERRUPTED}


# --- commands and links ---------------------------------------------------------------------------


def _commands(path: Path) -> Iterator[str]:
    """Every command line of erpsync in a page: after a prompt, indented as code, or between backquotes."""
    text = path.read_text("utf-8")
    for block in CODE.finditer(text):
        yield from re.findall(r"^ *\$ (erpsync .*)$", block[4], re.MULTILINE)
    prose = CODE.sub("", text)
    yield from re.findall(r"^ {4,}(?:\S*/)?(erpsync .*)$", prose, re.MULTILINE)
    yield from re.findall(r"`(erpsync [a-z][^`\n]*)`", prose)


COMMANDS = sorted(
    {command for path in PAGES if path.name != "cli-reference.md" for command in _commands(path)}
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_line_can_be_parsed(command: str) -> None:
    name, arguments = _named(command)

    assert name in ALL_COMMANDS
    if not arguments:  # the command is only mentioned
        return
    # With its parents, as in a real run: click keeps the help option of the first context it makes.
    words = name.split()
    context = cli.make_context("erpsync", [*words, *arguments])
    for depth, word in enumerate(words, start=1):
        rest = [*words[depth:], *arguments]
        context = ALL_COMMANDS[" ".join(words[:depth])].make_context(word, rest, parent=context)
    assert context.command is ALL_COMMANDS[name]


def _named(command: str) -> tuple[str, list[str]]:
    """The words that name the command in a command line, and what follows them."""
    words = shlex.split(command, comments=True)[1:]
    depth = 2 if " ".join(words[:2]) in ALL_COMMANDS else 1
    return " ".join(words[:depth]), words[depth:]


def test_the_pages_have_command_lines() -> None:
    groups = {name for name, command in ALL_COMMANDS.items() if isinstance(command, click.Group)}

    assert {_named(command)[0] for command in COMMANDS} - groups == set(ALL_COMMANDS) - groups


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_local_link_resolves(path: Path) -> None:
    text = CODE.sub("", path.read_text("utf-8"))
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]

    assert [link for link in links if not _resolves(link, path)] == []


def _resolves(link: str, path: Path) -> bool:
    name, _, anchor = link.partition("#")
    target = path.parent / name if name else path
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(path: Path) -> set[str]:
    """The anchors of the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", CODE.sub("", path.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_make_target_exists(path: Path) -> None:
    named = set(re.findall(r"(?:^ {4}|`)make ([a-z]+)\b", path.read_text("utf-8"), re.MULTILINE))
    targets = set(re.findall(r"^([a-z]+):", page("Makefile"), re.MULTILINE))

    assert named - targets == set()


# --- the tutorial ---------------------------------------------------------------------------------


def test_the_tutorial_shows_the_change_that_its_outputs_come_from() -> None:
    shown = next(block[4] for block in CODE.finditer(page("docs/tutorial.md")) if block[3] == "yaml")
    patch = page("docs/examples/typo.patch").splitlines()

    assert shown.splitlines() == [line[1:] for line in patch if re.match(r"\+(?!\+\+)", line)]


def test_the_two_changes_of_the_tutorial_differ_only_in_the_typing_error() -> None:
    wrong, right = page("docs/examples/typo.patch"), page("docs/examples/tutorial.patch")

    assert wrong != right
    assert wrong.replace("quality.return_clerk", "quality.returns_clerk") == right


# --- operations -----------------------------------------------------------------------------------


def test_the_limits_that_are_shown_are_those_of_the_example_company() -> None:
    settings = page("access/erpsync.yaml")
    shown = next(block[4] for block in CODE.finditer(page("docs/operations.md")) if "limits:" in block[4])
    lines = shown.splitlines()

    assert len(lines) > 3
    assert [line for line in lines if line not in _without_comments(settings)] == []


def _without_comments(text: str) -> list[str]:
    return [re.sub(r" +#.*", "", line) for line in text.splitlines()]


def test_the_waiver_that_is_shown_lets_the_plan_below_it_through() -> None:
    shown = next(
        block[4] for block in CODE.finditer(page("docs/operations.md")) if block[4].startswith("waivers:")
    )
    added = [line[1:] for line in page("docs/examples/waiver.patch").splitlines() if line.startswith("+")]

    assert shown in "\n".join(added)


def test_the_two_changes_about_a_limit_differ_only_in_the_waiver() -> None:
    assert page("docs/examples/waiver.patch").startswith(page("docs/examples/limit.patch"))
