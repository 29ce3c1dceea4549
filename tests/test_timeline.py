"""Where a parcel is follows from its journey and the time, and from nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import DataError
from sandbox.resources import FIXTURES
from sandbox.timeline import Clock, Journeys, Milestone, Parcel

JOURNEYS = Journeys.load(FIXTURES / "journeys")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "journey"),
    [
        ("SBX-LOST-1", "lost"),
        ("sbx-lost-x", "lost"),
        ("SBX-LOST", "lost"),
        ("SBX-LOST-CUSTOMS", "lost"),
        ("SBX-LOSTX-1", "standard"),
        ("XSBX-LOST-1", "standard"),
        ("3SABCD1234567", "standard"),
        ("", "standard"),
    ],
)
def test_the_number_chooses_the_journey(number: str, journey: str) -> None:
    assert JOURNEYS.of(number).name == journey


@given(st.sampled_from(sorted(JOURNEYS)), st.integers(-100_000, 4_000_000), st.integers(0, 1_000_000))
def test_a_story_only_grows_and_stays_in_order(name: str, first_s: int, more_s: int) -> None:
    parcel = Parcel("1", JOURNEYS[name], START)
    early, late = (parcel.events(START + timedelta(seconds=s)) for s in (first_s, first_s + more_s))
    assert set(early) <= set(late)
    assert [event.at for event in late] == sorted(event.at for event in late)
    assert all(event.at <= START + timedelta(seconds=first_s + more_s) for event in late)


def test_a_scan_out_of_order_is_known_late_but_stands_in_its_place() -> None:
    parcel = Parcel("1", JOURNEYS["disorder"], START)
    before, after = (parcel.events(START + timedelta(hours=hours)) for hours in (29, 30))
    assert Milestone.ARRIVED not in [event.milestone for event in before]
    assert [event.milestone for event in after].index(Milestone.ARRIVED) == 3


def test_clocks_of_a_place_follow_its_summer_time() -> None:
    parcel = Parcel("1", JOURNEYS["dst"], datetime(2026, 3, 28, 9, 0, tzinfo=UTC))
    offsets = [event.at.utcoffset() for event in parcel.events(datetime(2026, 3, 30, tzinfo=UTC))]
    assert offsets[0] == timedelta(hours=1)
    assert offsets[-1] == timedelta(hours=2)
    assert [event.at.isoformat() for event in parcel.events(datetime(2026, 3, 30, tzinfo=UTC))][-1] == "2026-03-29T13:00:00+02:00"


def test_a_clock_is_the_real_one_or_stands_still() -> None:
    assert Clock(START).now() == START
    assert Clock().now().tzinfo is UTC


def journey(**changes: Any) -> dict[str, Any]:
    places = {"here": {"city": "Here", "country": "DE", "zone": "Europe/Berlin"}}
    return {"title": "A journey", "places": places, "steps": [{"milestone": "announced", "after_s": 0, "place": "here"}]} | changes


@pytest.mark.parametrize(
    ("content", "pointer", "reason"),
    [
        (json.dumps(journey(steps=[])), "/steps", "non-empty|fewer|less"),
        (json.dumps(journey(steps=[{"milestone": "teleported", "after_s": 0, "place": "here"}])), "/steps/0/milestone", "not one of"),
        (
            json.dumps(journey(steps=[{"milestone": "announced", "after_s": 0, "place": "there"}])),
            "/steps/0/place",
            "which /places does not have",
        ),
        (json.dumps(journey(title=5)), "/title", "not of type"),
        ('{"title": "a", "title": "b"}', "", "duplicate key"),
        ("{", "", "not JSON"),
    ],
)
def test_a_journey_that_is_none_is_refused_with_file_pointer_and_reason(tmp_path: Path, content: str, pointer: str, reason: str) -> None:
    (tmp_path / "mine.json").write_text(content)
    with pytest.raises(DataError, match=reason) as caught:
        Journeys.load(FIXTURES / "journeys", tmp_path)
    assert (caught.value.file, caught.value.pointer) == ("mine.json", pointer)


def test_a_journey_of_ones_own_is_added(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(json.dumps(journey()))
    assert Journeys.load(FIXTURES / "journeys", tmp_path).of("SBX-MINE-1").title == "A journey"
