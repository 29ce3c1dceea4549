"""Values drawn by Hypothesis, which depend on the strategy and the seed and on nothing else.

Hypothesis itself mixes in constants of the modules that happen to be loaded, and spends most of its time on looking for what a test has
not met. Neither is wanted here, so draws are made by a backend of our own (see "Alternative backends" in its documentation).
"""

from __future__ import annotations

import math
from typing import Any, TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

T = TypeVar("T")
BACKEND = "trackbed"
_AT_ONCE = 10  # values of an example, as an example takes as long to prepare as a value to draw


class Plain(HypothesisProvider):
    """The backend of Hypothesis without constants: its own are few, and others depend on who runs it."""

    def _maybe_draw_constant(self, *_: Any, **__: Any) -> None:
        return None


AVAILABLE_PROVIDERS[BACKEND] = Plain


def draw(strategy: st.SearchStrategy[T], count: int, seed: tuple[Any, ...]) -> list[T]:
    """Draw up to `count` values; fewer where the strategy mostly fails. The same seed gives the same values."""
    found: list[T] = []

    @hypothesis.seed(repr(seed))
    @settings(
        max_examples=1 + math.ceil(count / _AT_ONCE),
        backend=BACKEND,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(st.tuples(*[strategy] * _AT_ONCE))
    def take(values: tuple[T, ...]) -> None:
        found.extend(values)

    take()
    return found[_AT_ONCE:][:count]  # those of the first example are all the same: the simplest
