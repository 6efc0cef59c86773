"""What the groups and roles of a real Tryton allow, held against what Tryton itself answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import count
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.tryton_rpc import Client
from demo.tryton_rpc import RpcError as RefusedByTryton
from erpsync.connectors.base import Permitting, permissions
from erpsync.connectors.tryton import permissions as module
from erpsync.connectors.tryton.permissions import Button, Rights, Row, read_rights
from erpsync.connectors.tryton.reader import TrytonReader
from erpsync.connectors.tryton.rpc import Rpc, RpcError
from erpsync.errors import RefusedError, TargetError
from erpsync.model import EVERYBODY
from tests.connectors.conftest import ReaderOf
from tests.support.erp import Erp
from tests.support.memory import MemoryErp

MODES = ("read", "write", "create", "delete")
PASSWORD = "some-Secret-1"
_numbers = count(1)


class Group(NamedTuple):
    """A group that a test made."""

    id: int
    name: str


@pytest.fixture
def group(erp: Erp) -> Iterator[Callable[..., Group]]:
    """Makes groups with rights by model, such as ``party.party="read write"``; takes them away again.

    What a group has of a model ends what everybody may do with it, so it must not outlive its test.
    """
    made: list[int] = []

    def create(parent: Group | None = None, **rights: str) -> Group:
        name = f"Group {next(_numbers)}"
        rows = [
            {"model": model.replace("__", "."), **{f"perm_{mode}": mode in words.split() for mode in MODES}}
            for model, words in rights.items()
        ]
        access = [["create", rows]] if rows else []
        values = {"name": name, "parent": parent.id if parent else None, "model_access": access}
        (number,) = erp.admin.call("model.res.group.create", [values], {})
        made.append(number)
        return Group(number, name)

    yield create
    erp.admin.call("model.res.group.delete", made, {})


def role_of(erp: Erp, *groups: Group) -> str:
    """Make a role of groups."""
    name = f"Role {next(_numbers)}"
    values = {"name": name, "groups": [["add", [item.id for item in groups]]] if groups else []}
    erp.admin.call("model.res.role.create", [values], {})
    return name


def found(reader: ReaderOf) -> Mapping[str, frozenset[str]]:
    return reader().permissions()


def member(erp: Erp, *groups: Group) -> Client:
    """A session of a new user with these groups and no role."""
    login = erp.login("member")
    user = erp.create(login, groups=[["add", [item.id for item in groups]]] if groups else [])
    erp.write(user, password=PASSWORD)
    return Client(erp.url, erp.database).login(login, PASSWORD)


def of_models(words: frozenset[str]) -> set[str]:
    """The permissions of models, without buttons and the administrator flag."""
    return {word for word in words if word.split()[0] in MODES}


def answers(session: Client, models: set[str]) -> set[str]:
    """What Tryton itself says that a user may do with models."""
    access = session.call("model.ir.model.access.get_access", sorted(models), {})
    return {f"{mode} {model}" for model, modes in access.items() for mode in MODES if modes[mode]}


# --- models ------------------------------------------------------------------------------------------------


def test_what_everybody_may_do_is_what_tryton_lets_a_user_without_groups_do(
    erp: Erp, reader: ReaderOf
) -> None:
    everything, everybody = found(reader)["administrator"], found(reader)[EVERYBODY]
    models = {word.partition(" ")[2] for word in of_models(everything)}
    real = answers(member(erp), models)
    assert real <= everybody
    # Tryton does not tell over its protocol of which models there is only one record, or none of their own.
    assert {word.split()[0] for word in of_models(everybody) - real} <= {"write", "create", "delete"}
    assert {"read party.party", "write party.party", "create party.party"} <= real


def test_a_model_with_a_default_is_not_open(reader: ReaderOf) -> None:
    everybody = found(reader)[EVERYBODY]
    assert "read company.company" in everybody
    assert "write company.company" not in everybody


def test_a_model_that_follows_another_has_the_rights_of_that(reader: ReaderOf) -> None:
    words = found(reader)
    assert "write currency.currency.rate" not in words[EVERYBODY]
    assert "write currency.currency.rate" in words["group:currency.group_currency_admin"]


def test_models_that_cannot_be_reached_from_outside_are_left_out(reader: ReaderOf) -> None:
    everything = found(reader)["administrator"]
    assert "read party.category" in everything
    assert not {word for word in everything if word.endswith((" party.party-party.category", ".ask"))}


def test_a_group_has_its_rows_and_those_of_its_parent(
    erp: Erp, reader: ReaderOf, group: Callable[..., Group]
) -> None:
    parent = group(party__category="read write")
    child = group(parent, party__address__format="read create")
    words = found(reader)[f"group:{child.name}"]
    assert {"write party.category", "create party.address.format"} <= words
    assert "write party.category" in found(reader)[f"group:{parent.name}"]
    assert "create party.address.format" not in found(reader)[f"group:{parent.name}"]
    assert answers(member(erp, child), {"party.category", "party.address.format"}) <= (
        words | found(reader)[EVERYBODY]
    )


def test_an_inactive_group_allows_nothing_but_what_it_inherits(
    erp: Erp, reader: ReaderOf, group: Callable[..., Group]
) -> None:
    top = group(party__category="write")
    middle = group(top, party__address__format="write")
    bottom = group(middle)
    erp.admin.call("model.res.group.write", [middle.id], {"active": False}, {})
    words = found(reader)[f"group:{bottom.name}"]
    real = answers(member(erp, bottom), {"party.category", "party.address.format"})
    assert of_models(words) == {"write party.category"}
    assert "write party.category" in real
    assert "write party.address.format" not in real
    assert f"group:{middle.name}" not in found(reader)


def test_a_role_of_two_groups_has_what_either_allows(
    erp: Erp, reader: ReaderOf, group: Callable[..., Group]
) -> None:
    one, two = group(party__category="write"), group(party__category="delete", company__employee="write")
    role = role_of(erp, one, two)
    words = found(reader)[role]
    expected = {"write party.category", "delete party.category", "write company.employee"}
    assert of_models(words) == expected
    real = answers(member(erp, one, two), {"party.category", "company.employee"})
    assert real == expected | {"read party.category", "read company.employee"}
    assert words == of_models(words)


def test_a_role_without_groups_allows_nothing_of_its_own(erp: Erp, reader: ReaderOf) -> None:
    role = role_of(erp)
    assert found(reader)[role] == frozenset()


def test_what_a_role_allows_beside_everybody_bounds_what_tryton_lets_its_holder_do(
    erp: Erp, reader: ReaderOf
) -> None:
    words = found(reader)
    models = {word.partition(" ")[2] for word in of_models(words["administrator"])}
    for name in ("party.group_party_admin", "company.group_company_admin", "currency.group_currency_admin"):
        own = of_models(words[f"group:{name}"])
        real = answers(member(erp, Group(erp.id("res.group", name), name)), models)
        assert own
        assert own <= real <= own | words[EVERYBODY]


# --- buttons -----------------------------------------------------------------------------------------------

BUTTON = "button party.identifier:check_vies_button"


@pytest.fixture
def guard(erp: Erp) -> Iterator[Callable[..., None]]:
    """Limits the button to groups; lets everybody press it again afterwards."""
    domain = [["model", "=", "party.identifier"], ["name", "=", "check_vies_button"]]
    buttons = erp.admin.call("model.ir.model.button.search", domain, 0, None, None, {})
    held: list[int] = []

    def limit(*groups: Group) -> None:
        held.extend(item.id for item in groups)
        erp.admin.call("model.ir.model.button.write", buttons, {"groups": [["add", held]]}, {})

    yield limit
    erp.admin.call("model.ir.model.button.write", buttons, {"groups": [["remove", held]]}, {})


def pressed(session: Client, identifier: int) -> bool:
    """Whether Tryton lets a user press the button."""
    try:
        session.call("model.party.identifier.check_vies_button", [identifier], {})
    except RefusedByTryton as error:
        return "not allowed" not in str(error)
    return True


def test_a_button_that_asks_for_a_group_is_only_for_those_who_have_it(
    erp: Erp, reader: ReaderOf, group: Callable[..., Group], guard: Callable[..., None]
) -> None:
    asked, other = group(), group()
    assert BUTTON in found(reader)[EVERYBODY]
    guard(asked)
    words = found(reader)
    assert BUTTON in words[f"group:{asked.name}"]
    assert BUTTON not in words[EVERYBODY] | words[f"group:{other.name}"]
    values = {"name": "Huaxin", "identifiers": [["create", [{"code": "1"}]]]}
    (party,) = erp.admin.call("model.party.party.create", [values], {})
    (record,) = erp.admin.call("model.party.party.read", [party], ["identifiers"], {})
    (identifier,) = record["identifiers"]
    assert pressed(member(erp, asked), identifier)
    assert not pressed(member(erp, other), identifier)


def test_a_button_that_asks_for_no_group_follows_the_right_to_write(reader: ReaderOf) -> None:
    words = found(reader)
    assert "button currency.cron:run" in words["group:currency.group_currency_admin"]
    assert "button currency.cron:run" not in words[EVERYBODY] | words["group:party.group_party_admin"]


# --- the administrator flag, and groups without roles ------------------------------------------------------


def test_the_administrator_flag_allows_everything(reader: ReaderOf) -> None:
    words = dict(found(reader))
    everything = words.pop("administrator")
    assert "administrator *" in everything
    assert not any("administrator *" in allowed for allowed in words.values())
    assert frozenset().union(*words.values()) <= everything


def test_every_entitlement_and_group_is_there_by_the_name_that_accounts_have(reader: ReaderOf) -> None:
    made = reader()
    words = made.permissions()
    assert made.catalogue().entitlements <= words.keys()
    assert "write party.category" in words["Buyer"]
    assert words["Buyer"] == words["group:party.group_party_admin"]


def test_where_groups_are_managed_they_are_named_as_entitlements(
    groups_erp: Erp, groups_read_rpc: Rpc
) -> None:
    words = TrytonReader(groups_read_rpc, groups_erp.connection()).permissions()
    assert "write party.category" in words["party.group_party_admin"]
    assert not any(name.startswith("group:") for name in words)


# --- what may not be read ----------------------------------------------------------------------------------


def test_more_records_than_fit_a_page_are_all_read(reader: ReaderOf, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = found(reader)
    monkeypatch.setattr(module, "PAGE", 7)
    assert found(reader) == whole


def test_what_the_login_may_not_read_is_said_with_the_right_that_is_missing(
    erp: Erp, reader: ReaderOf
) -> None:
    # Tryton keeps an administrator from closing the models themselves, but not their fields.
    closed = {"model": "ir.model.button", "field": "groups", "group": None, "perm_read": False}
    rows = erp.admin.call("model.ir.model.field.access.create", [closed], {})
    try:
        with pytest.raises(TargetError) as caught:
            found(reader)
    finally:
        erp.admin.call("model.ir.model.field.access.delete", rows, {})
    assert "ir.model.button cannot be read: You are not allowed" in str(caught.value)
    assert "give 'erpsync-plan' the right to read ir.model.button" in (caught.value.hint or "")


class Shown:
    """A session to which Tryton shows one record each of some models only, or refuses a call."""

    where, username = "target 'erp'", "erpsync-plan"

    def __init__(self, *models: str, refused: str = "") -> None:
        self.models = models
        self.refused = refused

    def call(self, method: str, *params: Any) -> list[Any]:
        """The record, if there is one."""
        if method == self.refused:
            raise RpcError("UserError", "no")
        record = {
            "model": "sale",
            "relation": "party",
            "group": None,
            **{f"perm_{mode}": 1 for mode in MODES},
        }
        return [record] if method.removeprefix("model.").removesuffix(".search_read") in self.models else []


@pytest.mark.parametrize("models", [(), ("ir.model.access",), ("ir.model.field",)])
def test_a_tryton_that_hides_its_access_records_is_not_taken_for_an_open_one(models: tuple[str, ...]) -> None:
    with pytest.raises(TargetError, match="no access records can be seen"):
        read_rights(Shown(*models))  # type: ignore[arg-type]


def test_a_refused_list_of_methods_ends_it() -> None:
    session = Shown("ir.model.access", "ir.model.field", refused="system.listMethods")
    with pytest.raises(TargetError, match="the list of methods cannot be read: no"):
        read_rights(session)  # type: ignore[arg-type]


def test_a_connector_that_cannot_tell_is_refused(erp: Erp, reader: ReaderOf) -> None:
    made = reader()
    assert isinstance(made, Permitting)
    assert permissions(made, erp.target()) == made.permissions()
    with pytest.raises(RefusedError, match="connector 'tryton' cannot tell"):
        permissions(MemoryErp(), erp.target())


# --- what a real Tryton seldom has -------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [frozenset({1}), frozenset[int]()])
def test_a_button_of_a_model_that_cannot_be_read_cannot_be_pressed(asked: frozenset[int]) -> None:
    closed, writes = Row(None, frozenset()), Row(1, frozenset({"write"}))
    made = Rights(
        above={1: frozenset({1})},
        models=frozenset({"sale"}),
        follows={},
        rows={"sale": (closed, writes)},
        buttons=(Button("sale", "go", asked),),
    )
    assert made.of([1]) == {"write sale"}
    readable = replace(made, rows={"sale": (Row(None, frozenset({"read"})), writes)})
    assert readable.of([1]) == {"write sale", "button sale:go"}
    assert readable.everybody == {"read sale"}


# --- properties --------------------------------------------------------------------------------------------

GROUPS = (1, 2, 3)
MODELS = ("sale", "sale.line", "party")
rows = st.builds(Row, st.none() | st.sampled_from(GROUPS), st.frozensets(st.sampled_from(MODES)))
rights = st.builds(
    Rights,
    above=st.fixed_dictionaries({number: st.frozensets(st.sampled_from(GROUPS)) for number in GROUPS}),
    models=st.just(frozenset(MODELS)),
    follows=st.just({"sale.line": frozenset({"sale"}), "sale": frozenset({"sale.line"})}),
    rows=st.dictionaries(st.sampled_from(MODELS), st.lists(rows, max_size=3).map(tuple)),
    buttons=st.lists(
        st.builds(Button, st.sampled_from(MODELS), st.just("go"), st.frozensets(st.sampled_from(GROUPS)))
    ).map(tuple),
)


@given(rights, st.frozensets(st.sampled_from(GROUPS)), st.sampled_from(GROUPS))
def test_one_more_group_never_takes_a_permission_from_a_role(
    made: Rights, groups: frozenset[int], more: int
) -> None:
    assert made.of(groups) <= made.of(groups | {more})


@given(rights, st.frozensets(st.sampled_from(GROUPS)))
def test_nobody_may_do_more_than_the_administrator(made: Rights, groups: frozenset[int]) -> None:
    assert made.of(groups) | made.everybody <= made.everything


@given(rights, st.frozensets(st.sampled_from(GROUPS)))
def test_groups_and_everybody_together_are_never_less_than_what_tryton_counts(
    made: Rights, groups: frozenset[int]
) -> None:
    held = frozenset().union(*(made.above[number] for number in groups))
    for model in MODELS:
        counting = [row.modes for row in made.rows_of(model) if row.group is None or row.group in held]
        allowed = frozenset().union(*counting) if counting else frozenset(MODES)
        assert {f"{mode} {model}" for mode in allowed} <= made.of(groups) | made.everybody
