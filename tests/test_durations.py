"""A length of time is read as people write it, or refused; nothing is guessed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import durations

UNITS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}
NUMBERS = st.integers(0, 99_999)


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("2d", timedelta(days=2)),
        ("1d12h", timedelta(days=1, hours=12)),
        ("90m", timedelta(minutes=90)),
        ("1w", timedelta(weeks=1)),
        ("1h30m15s", timedelta(hours=1, minutes=30, seconds=15)),
        ("2D", timedelta(days=2)),
        ("P2D", timedelta(days=2)),
        ("PT36H", timedelta(hours=36)),
        ("P1DT12H", timedelta(days=1, hours=12)),
        ("P1W2D", timedelta(days=9)),
        ("PT1M", timedelta(minutes=1)),
        ("0s", timedelta()),
        ("90", timedelta(seconds=90)),
        ("1.5", timedelta(seconds=1.5)),
        (90, timedelta(seconds=90)),
        (0.25, timedelta(milliseconds=250)),
    ],
)
def test_a_duration_is_read_as_it_is_meant(value: float | str, meant: timedelta) -> None:
    assert durations.parse(value) == meant


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "d",
        "2 d",
        "2d ",
        "-2d",
        "+2d",
        "2y",
        "2mo",
        "1.5d",
        "P",
        "PT",
        "P1DT",
        "p1dt",
        "1d1",
        "1e3",
        "nan",
        "inf",
        "\uff12d",
        "2d\n",
    ],
)
def test_what_is_no_duration_is_refused_with_examples_of_one(value: str) -> None:
    with pytest.raises(ValueError, match="write 2d, 1d12h, 90m, PT36H, or a number of seconds"):
        durations.parse(value)


@pytest.mark.parametrize("value", ["P1M", "P1Y", "P1M1D", "P1H", "PT1D", "PT1W"])
def test_what_iso_8601_reads_otherwise_is_refused_and_not_taken_for_something_else(value: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        durations.parse(value)


@pytest.mark.parametrize("value", ["999999999w", "P999999999W", float("nan"), float("inf"), 1e300])
def test_a_duration_beyond_all_calendars_is_a_value_error_for_people(value: float | str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - what it must not say follows
        durations.parse(value)
    assert "Python" not in str(caught.value)


@given(st.dictionaries(st.sampled_from(list(UNITS)), NUMBERS, min_size=1))
def test_what_is_written_with_units_is_their_sum_also_as_iso_8601(parts: dict[str, int]) -> None:
    ordered = {unit: parts[unit] for unit in UNITS if unit in parts}
    meant = sum((UNITS[unit] * number for unit, number in ordered.items()), timedelta())
    text = {unit: f"{number}{unit}" for unit, number in ordered.items()}
    assert durations.parse("".join(text.values())) == meant
    date, time = ("".join(text.get(unit, "") for unit in units) for units in ("wd", "hms"))
    assert durations.parse(f"P{date}T{time}".rstrip("T").upper()) == meant


@given(st.text(st.sampled_from("0123456789wdhmspPTt. -+e\n"), max_size=12) | st.text(max_size=8))
def test_any_text_is_a_duration_or_a_value_error(text: str) -> None:
    try:
        found = durations.parse(text)
    except ValueError:
        return
    assert found >= timedelta()
