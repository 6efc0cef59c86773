"""A company lives with erpsync for a while: whatever happens in whatever order, what must hold does.

CI runs the same lives every time. For a long search of new ones:
``HYPOTHESIS_PROFILE=search pytest tests/test_stateful.py --hypothesis-seed=1``
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.stateful.life import Life

TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=max(350, settings().max_examples),
    stateful_step_count=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
