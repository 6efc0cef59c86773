"""What a service offers, and what it means; a real one says it, but for what is changed here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from erpsync.connectors.checks import Purpose, Verdict
from erpsync.connectors.scim.checks import look_around
from erpsync.connectors.scim.reader import ScimReader


@pytest.mark.parametrize(
    ("purpose", "verdict"), [(Purpose.PLAN, Verdict.WARN), (Purpose.APPLY, Verdict.FAIL)]
)
def test_a_service_without_patch_can_be_planned_for_and_not_written(
    scim_reader: ScimReader, purpose: Purpose, verdict: Verdict
) -> None:
    service = replace(scim_reader.service, patch=False)
    checks = look_around(service, scim_reader.profile, None, purpose)
    (patch,) = (check for check in checks if check.name == "patch")
    assert patch.verdict is verdict
    assert patch.hint == "plan and drift work; without PATCH nothing can be applied"


def test_how_many_a_service_lists_at_once_is_told(scim_reader: ScimReader) -> None:
    service = replace(scim_reader.service, most=50)
    told = [check.message for check in look_around(service, scim_reader.profile, None, Purpose.PLAN)]
    assert "accounts can be searched, 50 at most at once" in told
