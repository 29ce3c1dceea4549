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
from sandbox.providers.delivery_solutions import story as delivery_solutions
from sandbox.providers.parcellab import stories as parcellab
from sandbox.providers.trackru import WORDS as TRACKRU
from sandbox.resources import FIXTURES, SPECS
from sandbox.spec import Spec
from sandbox.timeline import FIRST_MOMENT, LAST_MOMENT, Clock, Journeys, Milestone, Parcel, WorldClock, total

from callers import Caller, sandbox_app

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


@pytest.mark.parametrize("name", ["MINE", "my_own", "mein weg", "-", "a--", "größe"])
def test_a_journey_whose_name_no_number_can_have_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.json").write_text(json.dumps(journey()))
    with pytest.raises(DataError) as caught:
        Journeys.load(FIXTURES / "journeys", tmp_path)
    assert caught.value.file == f"{name}.json"


def test_a_journey_of_ones_own_takes_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "standard.json").write_text(json.dumps(journey()))
    (tmp_path / "notes.txt").write_text("no journey")
    journeys = Journeys.load(FIXTURES / "journeys", tmp_path)
    assert journeys.of("7712345678").title == "A journey"
    assert len(journeys) == len(JOURNEYS)


@pytest.mark.parametrize("zone", ["Moon/Tranquility", "Europe", "Europe/", "../../etc/passwd", "/etc/localtime", "europe/berlin ", ""])
def test_a_zone_that_is_none_is_refused_with_its_place(tmp_path: Path, zone: str) -> None:
    places = {"a/b": {"city": "Here", "country": "DE", "zone": zone}}
    steps = [{"milestone": "announced", "after_s": 0, "place": "a/b"}]
    (tmp_path / "mine.json").write_text(json.dumps(journey(places=places, steps=steps)))
    with pytest.raises(DataError) as caught:
        Journeys.load(FIXTURES / "journeys", tmp_path)
    assert (caught.value.file, caught.value.pointer) == ("mine.json", "/places/a~1b/zone")


# --- what becomes known, and when ---------------------------------------------------------------------------------------------

NAMES = st.sampled_from(sorted(JOURNEYS))
SECONDS = st.integers(-200_000, 3_000_000)


def at(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


@given(NAMES, st.tuples(SECONDS, SECONDS, SECONDS))
def test_each_thing_is_learned_once_however_the_way_is_cut(name: str, seconds: tuple[int, int, int]) -> None:
    first, middle, last = sorted(map(at, seconds))
    parcel = Parcel("1", JOURNEYS[name], START)
    whole = list(parcel.learned(first, last))
    cut = [*parcel.learned(first, middle), *parcel.learned(middle, last)]
    assert sorted(cut, key=repr) == sorted(whole, key=repr)
    assert list(parcel.learned(last, first)) == []
    assert {event for _, event in whole} == set(parcel.events(last)) - set(parcel.events(first))


@given(NAMES, SECONDS)
def test_the_next_moment_is_the_first_in_which_something_is_learned(name: str, seconds: int) -> None:
    parcel, end = Parcel("1", JOURNEYS[name], START), at(40_000_000)
    ahead = [known_at for known_at, _ in parcel.learned(at(seconds), end)]
    assert parcel.next_at(at(seconds)) == min(ahead, default=None)


# --- the clock of a world ------------------------------------------------------------------------------------------------------

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is beside it
RATES = st.sampled_from([0.001, 0.5, 1.0, 60.0, 3600.0, 1_000_000.0])
CLOCKS = st.builds(WorldClock, MOMENTS, st.just(START), RATES, st.booleans())


@given(CLOCKS, st.integers(-(10**9), 10**9))
def test_a_worlds_clock_never_leaves_its_years_whatever_the_sandboxs_clock_does(clock: WorldClock, seconds: int) -> None:
    assert FIRST_MOMENT <= clock.now(at(seconds)) <= LAST_MOMENT


@given(CLOCKS, st.integers(0, 10**8), st.integers(0, 10**8))
def test_a_worlds_clock_never_runs_backwards_while_the_sandboxs_does_not(clock: WorldClock, first: int, more: int) -> None:
    assert clock.now(at(first)) <= clock.now(at(first + more))


@given(CLOCKS, st.integers(0, 10**6), RATES, st.booleans())
def test_a_change_of_rate_or_standstill_does_not_make_a_clock_jump(clock: WorldClock, seconds: int, rate: float, frozen: bool) -> None:
    real = at(seconds)
    assert clock.changed(real, rate=rate, frozen=frozen).now(real) == clock.now(real)


@given(CLOCKS)
def test_a_clock_is_read_as_it_was_written(clock: WorldClock) -> None:
    assert WorldClock.from_json(json.loads(json.dumps(clock.as_json()))) == clock


# --- one number, told by every API -----------------------------------------------------------------------------------------------

TRACKER = next(iter(Spec.load(SPECS / "delivery_solutions.yaml").operations["createTracker"].body.examples.values()))  # type: ignore[union-attr]


class Tellers:
    """One parcel in three APIs and in the control plane of one frozen world."""

    def __init__(self, number: str) -> None:
        app, account = sandbox_app(clock=Clock(START)), "sbx_empty_one"
        self.number = number
        self.trackru = Caller(app, "trackru", {"Api-Key": account})
        self.lab = Caller(app, "parcellab", {"Authorization": f"Parcellab-API-Token {account}"})
        self.lynk = Caller(app, "delivery_solutions", {"Authorization": f"Bearer {account}"})
        self.control = Caller(app, f"_sandbox/workspaces/{account}/clock", {})
        self.control.put("", {"frozen": True})
        tracking = {"type": "add_tracking", "tracking": {"courier": "dhl-germany", "tracking_number": number.lower()}}
        order = {"account": 1, "order_number": "A", "destination_country_iso3": "DEU", "recipient_email": "a@example.com"}
        for result in (
            self.trackru.post("/v1/trackings/post", {"tracking_number": number, "carrier_code": "sto"}),
            self.lab.put("/v4/track/orders/", order | {"mutations": [tracking]}),
            self.lynk.post("/tracker/v2/trackers", TRACKER | {"trackingId": number}),
        ):
            assert (result.status in (200, 201), result.cause) == (True, None), result.body
        self.control.post("/advance", {"by": "60s"})  # Trackru looks a new number up for so long

    def told(self) -> dict[str, Any]:
        """Read what each API tells now, as far as its own table of milestones decides it."""
        (tracking,) = self.trackru.get(f"/v1/trackings/sto/{self.number}").body["data"]
        (parcel,) = self.lab.get("/v4/track/orders/info/?order_number=A&account=1").body["trackings"]
        (tracker,) = self.lynk.post("/tracker/v2/trackers/list", {"orderExternalIds": [TRACKER["trackerExternalId"]]}).body["data"]
        scans = tracking["origin_info"]["trackinfo"] or []
        return {
            "trackru": (tracking["status"], tracking["substatus"]),
            "trackru scans": sorted(scan["StatusDescription"] for scan in scans),
            "parcellab": [(point["status_code"], point["text"], point["location"]) for point in parcel["checkpoints"]],
            "delivery_solutions": tracker["status"],
        }


def expected(parcel: Parcel, now: datetime) -> dict[str, Any]:
    """Say what each API has to tell, by its own table and by the journey."""
    events = parcel.events(now)
    last = TRACKRU[events[-1].milestone]
    in_lab = [(parcellab.WORDS[event.milestone], event.place) for event in events]
    statuses = [delivery_solutions.WORDS[event.milestone].status for event in events]
    terminal = [status for status in statuses if status in delivery_solutions.TERMINAL]
    return {
        "trackru": (last.status, last.substatus),
        "trackru scans": sorted(TRACKRU[event.milestone].text for event in events if TRACKRU[event.milestone].text),
        "parcellab": [
            (parcellab.SHOWN_AS.get(word.status, word.status), word.text or parcellab.TEXTS[word.status], f"{place.city}, {place.country}")
            for word, place in in_lab
            if word.status
        ],
        "delivery_solutions": terminal[0] if terminal else statuses[-1],
    }


@pytest.mark.parametrize("name", sorted(JOURNEYS))
def test_one_number_is_told_by_every_api(name: str) -> None:
    number = f"SBX-{name.upper()}-1"
    tellers, parcel = Tellers(number), Parcel(number, JOURNEYS[name], START)
    now, seen = START + timedelta(seconds=60), set(parcel.events(START + timedelta(seconds=60)))
    while True:
        assert tellers.told() == expected(parcel, now), f"{now - START} after the start"
        step = tellers.control.post("/step", {"number": number})
        if step.cause == "nothing-ahead":
            break
        now = datetime.fromisoformat(step.body["clock"]["now"])
        new = set(parcel.events(now)) - seen
        shown = sorted((event["milestone"], event["happened_at"], event["city"], event["journey"]) for event in step.body["events"])
        assert shown == sorted((event.milestone.value, event.at.isoformat(), event.place.city, name) for event in new)
        seen |= new
    assert len(seen) == len(JOURNEYS[name].steps)


def test_every_api_has_a_word_for_every_milestone() -> None:
    for words in (TRACKRU, parcellab.WORDS, delivery_solutions.WORDS):
        assert words.keys() == set(Milestone)


def test_a_table_of_words_without_a_milestone_stops_the_start() -> None:
    words = dict.fromkeys(Milestone, "word")
    assert total(words) is words
    del words[Milestone.LOST]
    with pytest.raises(ValueError, match="a milestone has no words: lost"):
        total(words)
