"""What is drawn depends on the strategy and the seed, not on what else is loaded."""

from __future__ import annotations

import importlib
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from contracts.payloads.draws import draw

PLANTED = {f"planted-{number}" for number in range(1_000)}  # so many that they are met beside those of all our own modules


def drawn_by_hypothesis_itself(count: int) -> set[str]:
    found: set[str] = set()

    @hypothesis.seed(1)
    @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @hypothesis.given(st.text())
    def take(value: str) -> None:
        found.add(value)

    take()
    return found


def test_constants_of_loaded_modules_are_not_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = draw(st.text(), 400, (1,))
    (tmp_path / "planted_names.py").write_text(f"NAMES = {sorted(PLANTED)}\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("planted_names")
    assert drawn_by_hypothesis_itself(1_500) & PLANTED, (
        "Hypothesis leaves them out by itself: the backend of our own is not needed for that"
    )
    assert draw(st.text(), 400, (1,)) == before
    assert not PLANTED & {*before}


def test_the_same_seed_draws_the_same_and_another_something_else() -> None:
    first, again, other = (draw(st.integers(0, 10**9), 30, seed) for seed in ((1, "a"), (1, "a"), (1, "b")))
    assert first == again != other
    assert len({*first}) > 20


@pytest.mark.parametrize("count", [1, 10, 25])
def test_as_many_are_drawn_as_are_asked_for(count: int) -> None:
    assert len(draw(st.booleans(), count, (count,))) == count
