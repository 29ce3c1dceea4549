"""The list of orders, page by page.

A cursor says behind which order a page begins and in which direction it goes. It carries that order's serial number, and a
mark by which we know it for our own.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sandbox import codec
from sandbox.errors import Refused
from sandbox.exchange import Call
from sandbox.providers.parcellab import orders
from sandbox.workspace import World

PAGE_SIZE = 100
_MARK = 8  # digits

Row = tuple[int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: behind the order with this serial number, onwards or back towards the first page."""

    ordering: str
    serial: int
    back: bool

    def write(self, world: World) -> str:
        """Write it as an opaque text."""
        text = base64.urlsafe_b64encode(codec.dump([self.ordering, self.serial, self.back])).decode().rstrip("=")
        return text + world.hex_of(f"cursor {text}", _MARK)

    @classmethod
    def read(cls, world: World, token: str, ordering: str) -> Cursor:
        """Read one that `write` made in this world for this order of things. Raises Refused for any other text."""
        text, mark = token[:-_MARK], token[-_MARK:]
        if mark != world.hex_of(f"cursor {text}", _MARK):
            raise Refused("bad-cursor", place="query:cursor")
        cursor = cls(*codec.load(base64.urlsafe_b64decode(text + "==")))
        if cursor.ordering != ordering:
            raise Refused("bad-cursor", place="query:cursor")
        return cursor


def page(call: Call) -> dict[str, Any]:
    """Make one page, with the addresses of its neighbours."""
    world, ordering = call.world, call.params["ordering"]
    token = call.params.get("cursor")
    cursor = Cursor.read(world, token, ordering) if token else None
    rows = _filtered(call, _ordered(world, ordering))
    back = cursor is not None and cursor.back
    found = list(islice(rows(cursor.serial if cursor else None, back), PAGE_SIZE))
    if back:
        found.reverse()

    def neighbour(end: int, *, back: bool) -> str | None:
        if not found or next(rows(found[end][0], back), None) is None:
            return None
        return _address(call, Cursor(ordering, found[end][0], back))

    return {
        "next": neighbour(-1, back=False),
        "previous": neighbour(0, back=True),
        "results": [orders.shown(record) for _, record in found],
    }


Rows = Callable[[int | None, bool], Iterator[Row]]  # behind a serial number, backwards or not: serial numbers and orders


def _ordered(world: World, ordering: str) -> Rows:
    """Put all orders into an order; that of creation is the store's own and reads no more than it is asked for."""
    name, descending = ordering.removeprefix("-"), ordering.startswith("-")
    if name == "created_at":
        return lambda serial, back: world.values("orders", newest_first=descending != back, after=serial)
    everything = sorted(world.values("orders"), key=lambda row: _rank(name, row[1]), reverse=descending)

    return lambda serial, back: _behind(serial, everything[::-1] if back else everything)


def _behind(serial: int | None, rows: list[Row]) -> Iterator[Row]:
    start = next((index + 1 for index, row in enumerate(rows) if row[0] == serial), 0)
    return iter(rows[start:])


def _rank(name: str, record: dict[str, Any]) -> tuple[bool, Any]:
    """Tell what an order is sorted by; one without the member comes after all others."""
    value = record["members"].get(name)
    return value is None, orders.instant(value).timestamp() if name == "order_date" and value else value or ""


def _filtered(call: Call, rows: Rows) -> Rows:
    """Leave out the orders of accounts that the caller does not ask for or may not see."""
    wanted, number = call.params.get("account"), call.account.number
    if wanted is None and number is None:
        return rows

    def keeps(record: dict[str, Any]) -> bool:
        account = record["members"]["account"]
        return (wanted is None or account in wanted) and number in (None, account)

    return lambda serial, back: (row for row in rows(serial, back) if keeps(row[1]))


def _address(call: Call, cursor: Cursor) -> str:
    """Write the address of a page: the one that was asked for, with another cursor."""
    kept = [(name, value) for name, value in parse_qsl(call.request.query, keep_blank_values=True) if name != "cursor"]
    return f"{call.request.base}{call.operation.path}?{urlencode([*kept, ('cursor', cursor.write(call.world))])}"
