"""Time, and what happens to a parcel in it.

A parcel is on a journey since a moment. Where it is at any other moment follows from the two, so nothing has to run in
the background and reading changes nothing. This is the only place that looks at the wall clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import jsonschema_rs

from sandbox import document
from sandbox.errors import DataError

Word = TypeVar("Word")


class Milestone(StrEnum):
    """All that can happen to a parcel. Every API that tells parcels' stories has its own words for each."""

    ANNOUNCED = "announced"
    ACCEPTED = "accepted"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    EXPORTED = "exported"
    IMPORTED = "imported"
    CUSTOMS_ENTERED = "customs-entered"
    CUSTOMS_HELD = "customs-held"
    CUSTOMS_RELEASED = "customs-released"
    AT_DELIVERY_CENTRE = "at-delivery-centre"
    OUT_FOR_DELIVERY = "out-for-delivery"
    ATTEMPT_FAILED = "attempt-failed"
    READY_FOR_PICKUP = "ready-for-pickup"
    DELIVERED = "delivered"
    ADDRESS_PROBLEM = "address-problem"
    ADDRESS_CORRECTED = "address-corrected"
    SPLIT = "split"
    DAMAGED = "damaged"
    LOST = "lost"
    EXPIRED = "expired"
    RETURN_STARTED = "return-started"
    RETURNED = "returned"


def total(words: Mapping[Milestone, Word]) -> Mapping[Milestone, Word]:
    """Hold a table of an API's words to having every milestone. Raises ValueError, which stops the start."""
    if missing := set(Milestone) - words.keys():
        raise ValueError(f"a milestone has no words: {', '.join(sorted(missing))}")
    return words


class Clock:
    """The time of a sandbox: the real one, or one that stands still at `fixed` (aware)."""

    def __init__(self, fixed: datetime | None = None) -> None:
        self.fixed = fixed

    def now(self) -> datetime:
        """Tell the time, aware, in UTC."""
        return self.fixed or datetime.now(UTC)


FIRST_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
LAST_MOMENT = datetime(2199, 12, 31, 23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class WorldClock:
    """The time in one world, where somebody moved it: it showed `shown_at` when the sandbox's clock showed `set_at`.

    It runs `rate` times as fast as the sandbox's clock, or not at all while `frozen`. Both moments are aware, in UTC. It
    never leaves the years 1970 to 2199.
    """

    shown_at: datetime
    set_at: datetime
    rate: float = 1.0
    frozen: bool = False

    def now(self, real: datetime) -> datetime:
        """Tell the world's time when the sandbox's clock shows `real`."""
        if self.frozen:
            return self.shown_at
        passed_s = (real - self.set_at).total_seconds() * self.rate
        first_s, last_s = ((moment - self.shown_at).total_seconds() for moment in (FIRST_MOMENT, LAST_MOMENT))
        return self.shown_at + timedelta(seconds=min(max(passed_s, first_s), last_s))

    def changed(self, real: datetime, *, now: datetime | None = None, rate: float | None = None, frozen: bool | None = None) -> WorldClock:
        """Make the clock that goes on from here with another time, rate or standstill; None leaves each as it is."""
        return WorldClock(
            self.now(real) if now is None else now,
            real,
            self.rate if rate is None else rate,
            self.frozen if frozen is None else frozen,
        )

    def as_json(self) -> dict[str, Any]:
        """Write it as it is stored."""
        return {"shown_at": self.shown_at.isoformat(), "set_at": self.set_at.isoformat(), "rate": self.rate, "frozen": self.frozen}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> WorldClock:
        """Read what `as_json` wrote."""
        return cls(datetime.fromisoformat(stored["shown_at"]), datetime.fromisoformat(stored["set_at"]), stored["rate"], stored["frozen"])


@dataclass(frozen=True, slots=True)
class Place:
    """Where something happens. `country` is ISO 3166-1 alpha-2, `zone` an IANA time zone."""

    city: str
    country: str
    zone: str


@dataclass(frozen=True, slots=True)
class Step:
    """One milestone of a journey, `after_s` seconds after its start; it is known from `known_after_s` on."""

    milestone: Milestone
    after_s: int
    known_after_s: int
    place: Place


@dataclass(frozen=True, slots=True)
class Event:
    """One milestone that has happened. `at` is aware, in the zone of its place."""

    milestone: Milestone
    at: datetime
    place: Place


@dataclass(frozen=True, slots=True)
class Journey:
    """A parcel's life, as data; steps in the order in which they happen."""

    name: str
    title: str
    steps: tuple[Step, ...]

    @property
    def origin(self) -> Place:
        """Where the parcel starts."""
        return self.steps[0].place

    @property
    def destination(self) -> Place:
        """Where the parcel is meant to end."""
        return next((step.place for step in reversed(self.steps) if step.milestone not in _BACK), self.origin)


_BACK = frozenset((Milestone.RETURN_STARTED, Milestone.RETURNED))


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel in one world: its number, its journey, and when that began (aware, UTC)."""

    number: str
    journey: Journey
    began_at: datetime

    def events(self, now: datetime) -> tuple[Event, ...]:
        """Tell what is known to have happened by `now`, in the order in which it happened."""
        passed = (now - self.began_at).total_seconds()
        return tuple(self._event(step) for step in self.journey.steps if step.known_after_s <= passed)

    def learned(self, after: datetime, until: datetime) -> Iterator[tuple[datetime, Event]]:
        """Yield what becomes known after one moment and not after another, each with the moment (UTC) in which it does."""
        for step in self.journey.steps:
            known_at = self.began_at + timedelta(seconds=step.known_after_s)
            if after < known_at <= until:
                yield known_at, self._event(step)

    def next_at(self, after: datetime) -> datetime | None:
        """Tell when the next thing becomes known (UTC); None when nothing will."""
        moments = (self.began_at + timedelta(seconds=step.known_after_s) for step in self.journey.steps)
        return min((moment for moment in moments if moment > after), default=None)

    def _event(self, step: Step) -> Event:
        return Event(step.milestone, (self.began_at + timedelta(seconds=step.after_s)).astimezone(ZoneInfo(step.place.zone)), step.place)


class Journeys(Mapping[str, Journey]):
    """All journeys by name, and which one a tracking number takes."""

    _NUMBER = re.compile(r"SBX-([A-Z0-9-]+)", re.IGNORECASE)

    def __init__(self, journeys: Mapping[str, Journey]) -> None:
        self._journeys = dict(journeys)

    def __getitem__(self, name: str) -> Journey:
        return self._journeys[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._journeys)

    def __len__(self) -> int:
        return len(self._journeys)

    def of(self, number: str) -> Journey:
        """Choose the journey that a number names: `SBX-<JOURNEY>-<anything>`; any other number takes the standard one."""
        if match := self._NUMBER.match(number):
            words = match[1].lower().split("-")
            for end in range(len(words), 0, -1):
                if journey := self._journeys.get("-".join(words[:end])):
                    return journey
        return self._journeys["standard"]

    @classmethod
    def load(cls, *folders: Path) -> Journeys:
        """Read every `*.json` of the folders, later ones over earlier ones. Raises DataError."""
        schema = document.read(folders[0] / "schema.json")
        validator = jsonschema_rs.Draft202012Validator(schema, offline=True)
        files = [path for folder in folders for path in sorted(folder.glob("*.json")) if path.name != "schema.json"]
        return cls({path.stem: _journey(path, validator) for path in files})


_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")  # what SBX-<NAME>-… can say


def _journey(path: Path, validator: jsonschema_rs.Draft202012Validator) -> Journey:
    if not _NAME.fullmatch(path.stem):
        raise DataError(path.name, "", "has a name that no number can have; use lower-case letters, digits and single hyphens")
    raw = document.read_data(path)
    for error in validator.iter_errors(raw):
        raise DataError(path.name, document.pointer(*error.instance_path), error.message)
    places = {name: _place(path, name, place) for name, place in raw["places"].items()}
    steps = [_step(path, index, step, places) for index, step in enumerate(raw["steps"])]
    return Journey(path.stem, raw["title"], tuple(sorted(steps, key=lambda step: step.after_s)))


def _place(path: Path, name: str, raw: Mapping[str, str]) -> Place:
    try:
        ZoneInfo(raw["zone"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise DataError(path.name, document.pointer("places", name, "zone"), f"is {raw['zone']!r}, which is no IANA time zone") from None
    return Place(**raw)


def _step(path: Path, index: int, raw: Mapping[str, Any], places: Mapping[str, Place]) -> Step:
    if raw["place"] not in places:
        raise DataError(path.name, f"/steps/{index}/place", f"names the place {raw['place']!r}, which /places does not have")
    return Step(Milestone(raw["milestone"]), raw["after_s"], raw.get("known_after_s", raw["after_s"]), places[raw["place"]])
