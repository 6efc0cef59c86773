"""What a target says about its SCIM service."""

from __future__ import annotations

from typing import Any

import pytest

from erpsync.connectors.scim.options import Options, options_of
from erpsync.connectors.scim.profiles import PROFILES
from erpsync.connectors.scim.session import authorization
from erpsync.errors import RefusedError
from tests.support.scim_server import ENCODED, TOKEN, USERNAME, ScimServer


def options(**values: str) -> Options:
    """The options of a target."""
    return options_of(ScimServer("https://scim.example/").target(options=values))


def test_without_options_it_is_the_standard() -> None:
    assert options() == Options(PROFILES["generic"], frozenset(), frozenset())


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_is_chosen_by_its_name(name: str) -> None:
    assert options(profile=name).profile == PROFILES[name]


def test_a_target_may_differ_from_its_profile() -> None:
    profile = options(profile="infor-os", entitlements="groups", authentication="basic").profile
    assert (profile.name, profile.kind, profile.login) == ("infor-os", "groups", "basic")


def test_names_stand_between_commas() -> None:
    found = options(known="Buyer, 采购 员,, Clerk ", languages="zh_CN")
    assert found.known == {"Buyer", "采购 员", "Clerk"}
    assert found.languages == {"zh_CN"}


@pytest.mark.parametrize(
    ("values", "message", "hint"),
    [
        ({"profil": "generic"}, "unknown option 'profil'", "profile"),
        ({"profile": "sap-is"}, "option 'profile' cannot be 'sap-is'", "sap-ias"),
        ({"entitlements": "members"}, "option 'entitlements' cannot be 'members'", "entitlements"),
        ({"authentication": "digest"}, "option 'authentication' cannot be 'digest'", "basic"),
    ],
)
def test_what_is_not_known_is_refused(values: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(RefusedError) as caught:
        options(**values)
    assert (caught.value.message, caught.value.where) == (message, "target 'erp'")
    assert hint in (caught.value.hint or "")


def test_a_token_is_sent_as_it_is_or_with_the_username_as_the_product_wants_it() -> None:
    assert authorization("bearer", USERNAME, TOKEN) == f"Bearer {TOKEN}"
    assert authorization("basic", USERNAME, TOKEN) == f"Basic {ENCODED}"
    assert authorization("encoded", USERNAME, TOKEN) == f"Bearer {ENCODED}"
