"""JSON in pieces is the same JSON."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from erpsync.codec import canonical, digest, digest_of_pieces
from erpsync.json_pieces import Items, compact, pretty
from erpsync.plan import digest_of_plan, dump_pieces, plan_to_json
from tests.builders import Case
from tests.strategies import cases

texts = st.text(max_size=5)
simple = st.none() | st.booleans() | st.integers() | texts | st.sampled_from(["\n", "  ", "\\n"])


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Lists and mappings of these, however deep."""
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=12,
    )


later = st.lists(nested(simple), max_size=3).map(lambda items: Items(lambda: items))
values = nested(simple | later)


def made(value: Any) -> Any:
    """The value with every list there."""
    if isinstance(value, Items):
        return [made(item) for item in value.make()]
    if isinstance(value, dict):
        return {key: made(item) for key, item in value.items()}
    return [made(item) for item in value] if isinstance(value, list) else value


@given(values)
def test_pieces_joined_are_what_json_gives(value: Any) -> None:
    assert "".join(compact(value)) == canonical(made(value))
    assert "".join(pretty(value)) == json.dumps(made(value), ensure_ascii=False, indent=2, sort_keys=True)


def test_a_list_is_made_item_by_item() -> None:
    written: list[str] = []

    def items() -> Any:
        for number in range(3):
            assert len([piece for piece in written if piece.isdigit()]) == number
            yield number

    written.extend(compact({"a": [Items(items)]}))
    for piece in pretty({"a": Items(lambda: iter(()))}):
        assert "\n  ]" not in piece


@given(cases())
def test_a_plan_in_pieces_has_the_digest_of_the_whole(case: Case) -> None:
    plan = case.plan()
    body = plan_to_json(plan)
    assert digest_of_plan(plan) == digest(body) == digest_of_pieces([canonical(body)])
    document = {**body, "digest": digest(body)}
    whole = json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    assert "".join(dump_pieces(plan)) == whole
