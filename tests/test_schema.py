"""The schema: two validators with one verdict, and findings that say what to do."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from erpsync.model import Finding
from erpsync.schema import SCHEMAS, _explainer, check_documents, load_schema, schema_text, suggest
from erpsync.yaml_tree import Map, parse

FAST = jsonschema_rs.Draft202012Validator(load_schema("access"), validate_formats=True)
SLOW = _explainer()

GOOD = """\
settings: {timezone: Asia/Shanghai, plan_expires: 8h}
targets:
  erp:
    title: ERP
    connector: tryton
    url: https://erp.huaxin.example/
    database: erp
    credentials: {username: "env:ERP_USERNAME", password: "file:/run/secrets/erp"}
    options: {entitlements: roles}
    manage: {accounts: enforce, attributes: additive, entitlements: observe, scope: observe}
    unmanaged: {accounts: drift, ignore: ["legacy-*"]}
    protected: [admin]
    limits: {create: {count: 20, share: 5%}, lock: {count: 0}, revoke: {share: 12.5%}, critical: {count: 1}}
    insecure: true
    requests_per_minute: 60
departments: {purchasing: {title: Purchasing, title_zh: 采购部, manager: wu.lan}}
subsystems: {materials: {title: Materials, business_admin: wu.lan, erp_admin: he.qi, key_users: [wu.lan]}}
positions: {buyer: {title: Buyer, department: purchasing, roles: [purchasing.buyer]}}
roles:
  purchasing.buyer:
    title: Buyer
    description: Orders goods
    subsystem: materials
    owner: wu.lan
    risk: medium
    sensitive: finance
    max_duration: 90d
    includes: [other]
    entitlements: {erp: [Purchase]}
    sensitive_access: read
    max_holders: 3
    functions: [PO]
    requires_training: [basics]
birthright:
  all: {title: All, when: {type: [dedicated], department: [purchasing], position: [buyer]}, roles: [other]}
users:
  wu.lan:
    name: 吴兰
    employee_no: "10023"
    email: wu.lan@huaxin.example
    language: zh_CN
    department: purchasing
    position: buyer
    type: dedicated
    status: locked
    owner: he.qi
    valid_from: 2026-01-01
    valid_to: 2028-02-29
    logins: {erp: CJ0023}
    previously: [wu.l]
    scope: {company: [Huaxin Trading], warehouse: all}
    deputy: he.qi
    away: [{valid_from: 2026-10-01, valid_to: 2026-10-07}]
    forge: {github: huaxin-wu-lan, git: wu.lan}
    position_since: 2026-02-01
    left_on: 2027-12-31
    purpose: buys castings
    controllers: [he.qi]
    max_hours: 8
    trainings: {basics: 2026-01-15}
    identity_verified: 2026-01-02
    acknowledged: 2026-01-03
    assignments:
      - {role: other, valid_from: 2026-01-01, valid_to: 2026-12-31, reason: ok, request: REQ-1}
  temp: {name: T, type: temporary, owner: wu.lan, valid_to: 2026-12-31}
  mes: {name: M, type: service, owner: wu.lan}
waivers:
  closes: {reason: ok, owner: wu.lan, limits: [lock, revoke], users: [wu.lan, temp], valid_to: 2026-12-31}
  pays: {reason: ok, owner: wu.lan, rules: ["sod/*", lifecycle/mover], users: [temp], valid_to: 2026-12-31}
oversight:
  audit: {title: Audit, title_zh: 审计部, members: [he.qi]}
  office: {title: Office, kind: operations, head: he.qi, oversees: [materials], members: [he.qi, wu.lan]}
functions:
  PO: {title: Order, title_zh: 订单, scope_keys: [company], permissions: {tryton: ["purchase.purchase:*"]}}
  GR: {title: Receipt}
risks:
  P05:
    title: Orders and receives
    title_zh: 采购与收货
    functions: [PO, GR]
    level: high
    why: can order what never comes
    why_zh: 可确认未到之货
    owner: wu.lan
    max_holders: 2
    response: mitigate
    controls: [ISO27001:A.5.3]
  P06: {title: Either, sides: [[PO], [GR, PO]], level: low, why: is there to be read}
mitigations:
  receipts:
    risks: [P05]
    rules: [gates/training]
    users: [temp]
    control: compares receipts with orders
    owner: he.qi
    performer: wu.lan
    valid_to: 2026-12-31
    evidence: folder of internal audit
trainings:
  basics: {title: Basics, title_zh: 基础, valid_for: 730d}
policy:
  default: warn
  levels: {critical: block, high: mitigate}
  responses: {"lifecycle/*": warn, gates/training: block}
  soon: 14d
  temporary_max: 180d
  mover_grace: 20d
  dormant_after: 60d
  leaver_hours: 48
  key_users_minimum: 1
  key_users_maximum: 3
  verify_identity: [temporary]
  acknowledge: [dedicated, emergency]
  generic_names: [shift*]
rules:
  no-outsiders:
    title: No roles for outsiders
    title_zh: 外部人员不授权
    for: assignments
    when: user_type == "temporary"
    message: "{user} has {role}"
    message_zh: "{user} 有 {role}"
    hint: let an employee do it
    level: low
    response: warn
    controls: [F0:1.1]
approvals:
  all:
    title: All
    when:
      {change: [grant], by: [position], risk: [high], subsystem: [materials], type: [service],
       sensitive: [sales]}
    needs: [key_user, oversight]
  roles: {title: Roles, when: {section: [roles]}, needs: [role_owner]}
"""
DOCUMENT: dict[str, Any] = yaml.load(GOOD, yaml.BaseLoader)


def read(text: str) -> Map:
    findings: list[Finding] = []
    document = parse(text.encode(), "a.yaml", findings)
    assert document is not None
    assert findings == []
    return document


def check(text: str) -> list[Finding]:
    return check_documents([read(text)])[0]


# --- two validators, one verdict --------------------------------------------------------------------


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from places(inner, (*path, key))


PLACES = list(places(DOCUMENT))
LETTERS = st.text(
    st.characters(codec="utf-8")
    | st.sampled_from("\n\r\t \x0b\x1c\x1e\x85\xa0\u180e\u2028\u3000\ufeffaZ0٣９.@-_:/dé"),
    min_size=0,
    max_size=6,
)
WRONG = st.sampled_from([
    None, "", [], {}, "all", [""], ["a", "a"], [None], {"": ""}, {"a": None}, "2026-02-29", "2028-02-29",
    "0000-01-01", "2026-01-01\n", "9999-12-31", "10000-01-01", "２０２６-01-01", "2026-1-1", "90d\n", "env:A",
    "env:A\n", "file:\n", "x" * 501, "a" * 101, "a@b\n", "temporary", "dedicated", "http://h", "http://h\n",
    "http://h/\n", "http:// /",
])  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """The good document with one to three places spoilt: replaced, removed, renamed or with more text."""
    document = copy.deepcopy(DOCUMENT)
    for path in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3)):
        parent: Any = document
        try:
            for part in path[:-1]:
                parent = parent[part]
            old = parent[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue
        how = draw(st.sampled_from(["replace", "remove", "rename", "append", "prepend", "text"]))
        text = draw(LETTERS)
        if how == "remove":
            del parent[path[-1]]
        elif how == "rename" and isinstance(parent, dict):
            del parent[path[-1]]
            parent[f"{path[-1]}{text}"] = old
        elif how == "append" and isinstance(old, str):
            parent[path[-1]] = old + text
        elif how == "prepend" and isinstance(old, str):
            parent[path[-1]] = text + old
        elif how == "text":
            parent[path[-1]] = text
        else:
            parent[path[-1]] = copy.deepcopy(draw(WRONG))
    return document


def test_both_validators_accept_the_good_document() -> None:
    assert FAST.is_valid(DOCUMENT)
    assert SLOW.is_valid(DOCUMENT)


@settings(max_examples=200)
@given(mutated())
def test_both_validators_give_the_same_verdict(document: dict[str, Any]) -> None:
    assert FAST.is_valid(document) == SLOW.is_valid(document)


@settings(max_examples=100)
@given(mutated())
def test_whatever_is_wrong_becomes_a_finding(document: dict[str, Any]) -> None:
    text = yaml.safe_dump(document, allow_unicode=True)
    findings: list[Finding] = []
    loaded = parse(text.encode(), "a.yaml", findings)
    if loaded is None or findings:
        return
    found, bad = check_documents([loaded])
    assert bool(found) == bool(bad) == (not FAST.is_valid(loaded))
    assert all(finding.message and finding.rule.startswith("schema/") for finding in found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("wu.lan@huaxin.example", '"wu.lan@huaxin.example\\n"'),
        ("erp: CJ0023", 'erp: "CJ0023\\n"'),
        ("90d", '"90d\\n"'),
        ("wu.lan:\n    name", '"wu.lan\\n":\n    name'),
        ("https://erp.huaxin.example/", '"https://erp.huaxin.example/\\n"'),
        ("wu.lan@huaxin.example", '"wu.\\ufefflan@huaxin.example"'),
        ("valid_to: 2028-02-29", "valid_to: 0000-01-01"),
        ("department: purchasing\n    position", 'department: "purchasing\\n"\n    position'),
    ],
)
def test_what_one_validator_alone_might_let_pass_is_a_finding(old: str, new: str) -> None:
    assert GOOD.count(old) == 1
    found = check(GOOD.replace(old, new))
    assert found


# --- findings ---------------------------------------------------------------------------------------


def test_good_document_has_no_finding() -> None:
    assert check_documents([read(GOOD)]) == ([], set())


def test_only_the_entry_that_is_wrong_is_called_bad() -> None:
    found, bad = check_documents([read(GOOD.replace("type: service", "type: servce"))])
    assert bad == {("users", "mes")}
    assert [(finding.rule, str(finding.at)) for finding in found] == [("schema/choice", "a.yaml:66:24")]


def test_section_that_is_no_mapping_is_bad_as_a_whole() -> None:
    assert check_documents([read("users: [a]")])[1] == {("users", "")}
    assert check_documents([read("settings: {zone: UTC}")])[1] == {("settings", "")}


def test_mistake_of_one_date_is_told_once() -> None:
    found = check("users: {a: {name: A, type: service, owner: b, valid_to: soon}}")
    assert [finding.message for finding in found] == [
        "valid_to: 'soon' is not a day of the calendar (YYYY-MM-DD)"
    ]


def test_secret_is_not_shown_whatever_is_wrong_with_it() -> None:
    for wrong in (
        "hunter2",
        "[hunter2]",
        "{hunter2: hunter2}",
        "'env:hunter2 '",
        '"env:hunter2\\n"',
        "env:hunter-2",
    ):
        credentials = f"{{username: env:A, password: {wrong}}}"
        found = check(f"targets: {{t: {{connector: x, url: 'http://h/', credentials: {credentials}}}}}")
        assert found
        assert not any("hunter" in f"{finding.message}{finding.hint}" for finding in found)


def test_very_long_value_is_shown_short() -> None:
    (found,) = check(f"users: {{a: {{name: A, type: {'x' * 500}}}}}")
    assert len(found.message) < 200


# --- suggestions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("emial", "did you mean 'email'?"),
        ("EMAIL", "did you mean 'email'?"),
        ("Nmae", "did you mean 'name'?"),
        ("xyzzy", None),
        (["email"], None),
        (None, None),
    ],
)
def test_nearest_known_word_is_suggested(wrong: object, hint: str | None) -> None:
    assert suggest(wrong, ["name", "email"], None) == hint


def test_known_words_are_listed_where_none_is_near_and_cut_where_they_are_many() -> None:
    assert suggest("xyzzy", ["b", "a"], "known keys") == "known keys: a, b"
    assert suggest("xyzzy", [], "known keys") is None
    many = suggest("xyzzy", [f"k{n:02}" for n in range(20)], "known keys")
    assert many is not None
    assert many.endswith("k11, … (20 in all)")


# --- the schemas themselves -------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_valid_by_its_own_standard(name: str) -> None:
    Draft202012Validator.check_schema(load_schema(name))
    assert json.loads(schema_text(name)) == load_schema(name)


def properties(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        for key, value in (
            schema.get("properties", {}).items() if isinstance(schema.get("properties"), dict) else ()
        ):
            yield f"{path}/{key}", value
        for key, value in schema.items():
            if key not in ("if", "then"):
                yield from properties(value, f"{path}/{key}")
    elif isinstance(schema, list):
        for value in schema:
            yield from properties(value, path)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_property_has_a_title_and_a_description(name: str) -> None:
    schema = load_schema(name)
    bare = []
    for path, value in properties(schema):
        reference = value.get("$ref", "").rpartition("/")[2]
        whole = {**schema.get("$defs", {}).get(reference, {}), **value}
        if not (whole.get("title") and whole.get("description")):
            bare.append(path)
    assert bare == []


def test_objects_of_the_access_schema_refuse_unknown_keys() -> None:
    open_objects = [
        path
        for path, value in properties(load_schema("access"))
        if value.get("type") == "object" and "additionalProperties" not in value
    ]
    assert open_objects == []


# --- targets without a login --------------------------------------------------------------------------


def messages(target: str) -> list[str]:
    return [finding.message for finding in check(f"targets: {{t: {{{target}}}}}")]


LOGIN = 'credentials: {username: "env:A", password: "env:B"}'


def test_a_worklist_has_a_folder_and_needs_no_credentials() -> None:
    assert messages("connector: worklist, url: 'file:exports/u8'") == []
    assert messages(f"connector: worklist, url: 'file:exports/u8', {LOGIN}") == []
    assert messages("connector: worklist, url: 'https://erp.example/'") == [
        "url: not shown, as it may hold a password"
    ]


def test_every_other_connector_has_an_address_and_needs_credentials() -> None:
    assert messages(f"connector: tryton, url: 'https://erp.example/', {LOGIN}") == []
    assert messages("connector: tryton, url: 'https://erp.example/'") == [
        "'credentials' is missing in target 't'"
    ]
    assert messages(f"connector: tryton, url: 'file:exports', {LOGIN}") == [
        "url: not shown, as it may hold a password"
    ]
