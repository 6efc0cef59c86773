"""The writer of a worklist: it writes nothing to an ERP, but a work order for the people who do."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from erpsync.connectors.base import Edit, Handover, Outcome, Status
from erpsync.connectors.worklist.options import Options
from erpsync.connectors.worklist.reader import Export, WorklistReader
from erpsync.connectors.worklist.steps import Line, Order, lines_of, order_number, row_of
from erpsync.errors import TargetError
from erpsync.model import Target


class WorklistWriter(WorklistReader):
    """Hands changes over as a work order."""

    def __init__(self, export: Export, options: Options, target: Target, handover: Handover) -> None:
        super().__init__(export, options, target.database)
        self._target = target
        self._handover = handover

    def apply(self, edits: Sequence[Edit]) -> Iterator[Outcome]:
        """Write one work order for all edits, then report each account as handed over.

        Raises:
            TargetError: the work order cannot be written; nothing was handed over.
        """
        wanted = {edit.change.login for edit in edits}
        lines = [line for line in lines_of(self._handover.changes) if line.account.login in wanted]
        if not lines:
            return
        order = self._order(lines)
        self._keep(order)
        numbers: dict[str, list[int]] = {}
        for line in lines:
            numbers.setdefault(line.account.login, []).append(line.number)
        for login, found in numbers.items():
            span = f"line {found[0]}" if len(found) == 1 else f"lines {found[0]} to {found[-1]}"
            yield Outcome(login, Status.HANDED_OVER, f"{span} of work order {order.number}")

    def _order(self, lines: Sequence[Line]) -> Order:
        return Order(
            number=order_number(self._target.name, self._handover.plan),
            target=self._target.name,
            system=self.instance().removeprefix("worklist:"),
            plan=self._handover.plan,
            run=self._handover.run,
            by=self._handover.by,
            rows=tuple(row_of(line, self.options.words) for line in lines),
        )

    def _keep(self, order: Order) -> None:
        # They take long to import, and reading has no use for them.
        from erpsync.connectors.worklist.order_html import order_html
        from erpsync.connectors.worklist.order_xlsx import order_xlsx

        papers = {"html": order_html(order).encode(), "xlsx": order_xlsx(order)}
        for folder in self._handover.folders:
            for suffix, content in papers.items():
                _write(folder / f"{file_stem(self._target.name)}.{suffix}", content)


def file_stem(target: str) -> str:
    """The name of the files of a work order, without their suffix."""
    return f"work-order-{target}"


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; only its owner may read it: it names people and their rights."""
    new = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        raise TargetError(f"the work order cannot be written: {error.strerror}", where=str(path)) from error
