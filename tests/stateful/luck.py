"""What may go wrong, drawn before it is known what will be written."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from tests.stateful.company import EDITS
from tests.stateful.deeds import ALL_DEEDS
from tests.stateful.trouble import FAULTS, Fault, Stop

What = tuple[int, str]
"""A deed or an edit, and the number of the account or user, taken round and round."""


@dataclass(frozen=True)
class Luck:
    """Trouble with accounts of a plan by number, in the plan's order from 0, taken round and round."""

    faults: dict[int, Fault] = field(default_factory=dict)
    reads: dict[int, Stop | What] = field(default_factory=dict)
    writes: dict[int, What] = field(default_factory=dict)
    records: dict[int, tuple[Stop, bool]] = field(default_factory=dict)
    batch: int = 100
    patience: int = 5


some = st.integers(0, 6)
deeds = st.tuples(some, st.sampled_from(ALL_DEEDS))
several_deeds = st.lists(deeds, max_size=5)
SIDES = ("only buys", "only approves")
edits = st.sampled_from([*sorted(EDITS), *SIDES, *SIDES, *SIDES])
several_edits = st.lists(st.tuples(some, edits), max_size=4)
in_between = deeds | st.tuples(some, st.sampled_from(["protect", "nothing", "take one", "unlock"]))
stops = st.sampled_from(Stop)
comings = st.lists(st.tuples(some, st.sampled_from(["come back", "leave", "lock"])), min_size=1, max_size=3)
some_faults = st.dictionaries(st.integers(0, 4), st.sampled_from(FAULTS), min_size=1, max_size=3)
bad_luck = st.builds(
    Luck,
    faults=st.just({}) | some_faults,
    reads=st.dictionaries(st.integers(1, 5), stops | in_between, max_size=2),
    writes=st.dictionaries(st.integers(0, 4), in_between, max_size=2),
    records=st.dictionaries(st.integers(1, 5), st.tuples(stops, st.booleans()), max_size=1),
    batch=st.sampled_from([1, 2, 100]),
    patience=st.sampled_from([1, 2, 5]),
)
