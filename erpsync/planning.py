"""From the declared state and a reader to the plan of one target."""

from __future__ import annotations

from datetime import date

from erpsync.catalogue import check_catalogue
from erpsync.connectors.base import Reader
from erpsync.diff import diff
from erpsync.errors import TargetError
from erpsync.model import Access, Target
from erpsync.plan import TargetPlan, target_plan
from erpsync.resolve import resolver


def plan_target(access: Access, target: Target, reader: Reader, as_of: date) -> TargetPlan:
    """Read the target and plan what makes it as declared.

    Raises:
        TargetError: it cannot be read, or lacks something that the files name.
    """
    catalogue, capabilities = reader.catalogue(), reader.capabilities
    missing = list(check_catalogue(access, target.name, catalogue))
    if missing:
        lines = [f"{item.at}: {item.message}" + (f"; {item.hint}" if item.hint else "") for item in missing]
        raise TargetError(
            "the ERP lacks what the access files name; nothing was changed:\n  " + "\n  ".join(lines),
            where=f"target {target.name!r}",
        )
    prepared = resolver(access, target.name, as_of, validity=capabilities.validity)
    live = reader.snapshot()
    difference = diff(
        prepared.desired(),
        live,
        target=target,
        catalogue=catalogue,
        capabilities=capabilities,
        as_of=as_of,
    )
    return target_plan(difference, prepared, reader.instance(), len(live.accounts))
