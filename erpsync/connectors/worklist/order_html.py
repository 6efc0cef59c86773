"""A work order as a page to be printed."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from erpsync.connectors.worklist.steps import Order


def order_html(order: Order) -> str:
    """The page. Every value is escaped; number, plan and run are repeated on each printed sheet."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    text = files("erpsync.connectors.worklist").joinpath("order.html").read_text(encoding="utf-8")
    return environment.from_string(text).render(order=order)
