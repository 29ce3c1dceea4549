"""One isolated world per account: what a provider's method may read and write, and the time it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox import codec, idents
from sandbox.store import Transaction
from sandbox.timeline import Journeys, Parcel, WorldClock

LINKS = "links"  # what worlds published, in the workspace that all share
PARCELS = "parcels"
CLOCK = "clock"


def clock_of(transaction: Transaction) -> WorldClock | None:
    """Read a world's own clock; None where nobody has moved it."""
    stored = transaction.get(CLOCK, CLOCK)
    return WorldClock.from_json(codec.load(stored)) if stored else None


def set_clock(transaction: Transaction, clock: WorldClock) -> None:
    """Give a world a clock of its own."""
    transaction.put(CLOCK, CLOCK, codec.dump(clock.as_json()))


def world_time(transaction: Transaction, real: datetime) -> datetime:
    """Tell the time in a world when the sandbox's clock shows `real`."""
    clock = clock_of(transaction)
    return real if clock is None else clock.now(real)


def parcels_of(transaction: Transaction, journeys: Journeys) -> list[Parcel]:
    """List every parcel that a world has heard of, in the order in which it did."""
    return [
        Parcel(number, journeys.of(number), datetime.fromisoformat(codec.load(began_at)))
        for _, number, began_at in transaction.scan(PARCELS)
    ]


@dataclass(slots=True)
class World:
    """An account's world as one provider sees it, for the time of one call.

    `now` is aware, in UTC, and does not move during the call. `scene` is what the provider's `scene.json` says. Keys are
    text; values are JSON data. Other providers' documents are out of reach, only parcels are common to all.
    """

    name: str
    provider: str
    transaction: Transaction
    now: datetime
    scene: Mapping[str, Any]
    journeys: Journeys
    seed: int

    def get(self, collection: str, key: str) -> Any:
        """Read one value; None when there is none."""
        body = self.transaction.get(f"{self.provider}.{collection}", key)
        return None if body is None else codec.load(body)

    def put(self, collection: str, key: str, value: Any) -> None:
        """Create or replace one value. A replaced one keeps its place in the order."""
        self.transaction.put(f"{self.provider}.{collection}", key, codec.dump(value))

    def delete(self, collection: str, key: str) -> None:
        """Delete one value, if it is there."""
        self.transaction.delete(f"{self.provider}.{collection}", key)

    def values(self, collection: str, *, newest_first: bool = False, after: int | None = None) -> Iterator[tuple[int, Any]]:
        """Yield values with their serial numbers, in order of creation or backwards; `after` continues behind one."""
        for serial, _, body in self.transaction.scan(f"{self.provider}.{collection}", newest_first=newest_first, after=after):
            yield serial, codec.load(body)

    def count(self, collection: str) -> int:
        """Count the values of a collection."""
        return self.transaction.count(f"{self.provider}.{collection}")

    def next(self, counter: str) -> int:
        """Count one up and return the number, from 1."""
        return self.transaction.next(f"{self.provider}.{counter}")

    def new_hex(self, counter: str, digits: int) -> str:
        """Make a new id of hexadecimal digits: unique in this world, the same in every run."""
        return self.hex_of(f"{counter} {self.next(counter)}", digits)

    def hex_of(self, what: str, digits: int) -> str:
        """Make the id that stands for `what` in this world: the same whenever it is asked for."""
        return idents.hexadecimal(digits, self.seed, self.name, self.provider, what)

    def share(self, code: str, value: Any) -> None:
        """Publish a value under a code that anybody may look up, such as the address of a tracking page."""
        self.transaction.share(LINKS, code, codec.dump({"world": self.name, "provider": self.provider, **value}))

    def parcel(self, number: str) -> Parcel:
        """Find the parcel with this number. One that nobody asked for before begins its journey now.

        Parcels belong to the world, not to one API: every API tells the same story of the same number, in any letter case.
        """
        known = self.transaction.get(PARCELS, number.upper())
        if known is None:
            self.begin(number, self.now)
            return Parcel(number, self.journeys.of(number), self.now)
        return Parcel(number, self.journeys.of(number), datetime.fromisoformat(codec.load(known)))

    def begin(self, number: str, began_at: datetime) -> None:
        """Say when the journey of a parcel began (aware)."""
        self.transaction.put(PARCELS, number.upper(), f'"{began_at.isoformat()}"'.encode())
