"""CODEOWNERS: whoever must approve what a file holds is asked to review it."""

from __future__ import annotations

from pathlib import Path

from erpsync.access import validate
from erpsync.codeowners import HEAD, codeowners
from tests.support.access_files import AccessFiles

ORGANISATION = """\
departments:
  purchasing: {title: Purchasing, manager: wu.lan}
  empty: {title: Empty}
subsystems: {materials: {title: Materials, business_admin: guo.wei}}
oversight: {audit: {title: Audit, members: [ruan.ling]}}
positions: {buyer: {title: Buyer, department: purchasing}}
"""
PEOPLE = """\
users:
  wu.lan: {name: 吴兰, department: empty, type: dedicated, forge: {github: wu-lan}}
  guo.wei: {name: 郭伟, department: empty, type: dedicated, forge: {github: guo-wei}}
  ruan.ling: {name: 阮玲, department: empty, type: dedicated, forge: {github: ruan-ling}}
  yan.song: {name: 严松, department: empty, type: dedicated}
  ma.li: {name: 马丽, department: empty, type: dedicated, status: locked, forge: {github: ma-li}}
"""


def lines(access: AccessFiles, files: dict[str, str], folder: str = "access") -> list[str]:
    access.write("organisation.yaml", ORGANISATION)
    access.write("people.yaml", PEOPLE)
    for name, text in files.items():
        (access.path / name).parent.mkdir(exist_ok=True)
        access.write(name, text)
    validated = validate(access.path)
    assert [finding for finding in validated.findings if finding.severity == "error"] == []
    text = codeowners(validated.build(), validated.merged, access.path.as_posix(), folder)
    assert text.startswith(HEAD)
    return text.removeprefix(HEAD).strip("\n").splitlines()


def owners(access: AccessFiles, text: str) -> str:
    (line,) = [line for line in lines(access, {"x.yaml": text}) if line.startswith("/access/x.yaml")]
    return line.removeprefix("/access/x.yaml").strip()


def test_what_is_true_of_everything_stands_first(access: AccessFiles) -> None:
    assert lines(access, {})[:2] == ["* @ruan-ling", "/access/ @ruan-ling"]


def test_users_belong_to_the_head_of_their_department(access: AccessFiles) -> None:
    assert owners(access, "users: {a: {name: A, department: purchasing, type: dedicated}}\n") == "@wu-lan"


def test_a_user_without_a_department_belongs_to_its_owner(access: AccessFiles) -> None:
    assert owners(access, "users: {a: {name: A, type: service, owner: guo.wei}}\n") == "@guo-wei"


def test_a_department_without_a_head_belongs_to_the_office(access: AccessFiles) -> None:
    assert owners(access, "users: {a: {name: A, department: empty, type: dedicated}}\n") == "@ruan-ling"


def test_a_role_belongs_to_its_owner_and_the_admin_of_its_subsystem(access: AccessFiles) -> None:
    assert (
        owners(access, "roles: {a: {title: A, owner: wu.lan, subsystem: materials}}\n") == "@wu-lan @guo-wei"
    )


def test_a_position_belongs_to_the_head_of_its_department(access: AccessFiles) -> None:
    assert owners(access, "positions: {a: {title: A, department: purchasing}}\n") == "@wu-lan"


def test_rules_belong_to_the_office(access: AccessFiles) -> None:
    assert owners(access, "approvals: {a: {title: A, needs: [oversight]}}\n") == "@ruan-ling"


def test_who_has_no_handle_or_is_locked_cannot_be_asked(access: AccessFiles) -> None:
    assert owners(access, "roles: {a: {title: A, owner: yan.song, subsystem: materials}}\n") == "@guo-wei"
    assert owners(access, "users: {a: {name: A, type: service, owner: yan.song}}\n") == "@ruan-ling"


def test_a_file_of_several_things_has_the_owners_of_all(access: AccessFiles) -> None:
    text = (
        "users: {a: {name: A, department: purchasing, type: dedicated}}\n"
        "roles: {b: {title: B, owner: guo.wei, subsystem: materials}}\n"
    )
    assert set(owners(access, text).split()) == {"@wu-lan", "@guo-wei"}


def test_folders_files_with_blanks_and_the_top_of_a_repository(access: AccessFiles) -> None:
    files = {"users/a b.yaml": "users: {a: {name: A, department: purchasing, type: dedicated}}\n"}
    assert "/access/users/a\\ b.yaml @wu-lan" in lines(access, files)
    assert "/users/a\\ b.yaml @wu-lan" in lines(access, {}, folder="")


def test_a_file_that_no_pattern_can_name_stays_with_the_office(access: AccessFiles) -> None:
    files = {"[x]*.yaml": "users: {a: {name: A, department: purchasing, type: dedicated}}\n"}
    assert not [line for line in lines(access, files) if "x]" in line]


def test_the_example_company_has_the_file_that_the_command_writes() -> None:
    root = Path(__file__).parents[1]
    validated = validate(root / "access")
    text = codeowners(validated.build(), validated.merged, (root / "access").as_posix(), "access")
    assert (root / ".github" / "CODEOWNERS").read_text("utf-8") == text
