"""The options of an Odoo target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from erpsync.connectors.odoo.options import Options, options_of
from erpsync.errors import RefusedError
from erpsync.model import Target
from tests.builders import make_target


def target(options: Mapping[str, str]) -> Target:
    return replace(make_target(), options=options)


def test_without_options_groups_are_managed_with_a_password_and_nobody_is_invited() -> None:
    assert options_of(make_target()) == Options("groups", key=False, invite=False)


def test_each_option_can_be_set() -> None:
    told = {"entitlements": "roles", "authentication": "key", "invite": "yes"}
    assert options_of(target(told)) == Options("roles", key=True, invite=True)


def test_an_unknown_option_is_refused_with_the_nearest() -> None:
    with pytest.raises(RefusedError, match="unknown option 'invites'") as raised:
        options_of(target({"invites": "yes"}))
    assert "invite" in str(raised.value.hint)


def test_an_unknown_value_is_refused_with_the_nearest() -> None:
    with pytest.raises(RefusedError, match="option 'entitlements' cannot be 'role'") as raised:
        options_of(target({"entitlements": "role"}))
    assert "roles" in str(raised.value.hint)
