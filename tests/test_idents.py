"""Ids look random and are not."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from sandbox import idents


@given(st.integers(1, 128), st.lists(st.text() | st.integers()))
def test_an_id_has_its_length_and_depends_on_its_parts_only(digits: int, parts: list[object]) -> None:
    first = idents.hexadecimal(digits, *parts)
    assert len(first) == digits
    assert set(first) <= set("0123456789abcdef")
    assert first == idents.hexadecimal(digits, *parts)


def test_parts_do_not_run_into_each_other() -> None:
    assert idents.hexadecimal(16, "ab", "c") != idents.hexadecimal(16, "a", "bc")


def test_choices_are_spread_evenly() -> None:
    seen = Counter(idents.number(4, n) for n in range(4000))
    assert all(850 < count < 1150 for count in seen.values())
