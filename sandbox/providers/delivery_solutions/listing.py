"""Lists of trackers: which filters there are, and pages that a token continues in both directions."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sandbox.errors import Refused
from sandbox.exchange import Problem
from sandbox.providers.delivery_solutions import story
from sandbox.providers.delivery_solutions.trackers import epoch_ms
from sandbox.workspace import World

SIZE = 100  # of a page; the real size is published nowhere
DAY_MS = 86_400_000
LONGEST_MS = 30 * DAY_MS
WINDOWS = ("lastUpdatedAt", "createdAt")
_TOKEN = re.compile(r"([0-9a-fA-F]{24})_([0-9]{1,15})_(next|previous)")

Tracker = dict[str, Any]
Test = Callable[[World, Tracker], bool]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page goes on: behind the tracker `ident` with this serial number, to older ones or else to newer ones."""

    ident: str
    serial: int
    older: bool

    def __str__(self) -> str:
        return base64.b64encode(f"{self.ident}_{self.serial}_{'next' if self.older else 'previous'}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Listed:
    """One page, newest first, and the cursors of its neighbours; None where there is none."""

    trackers: list[Tracker]
    following: Cursor | None
    preceding: Cursor | None


def cursor(world: World, body: Mapping[str, Any]) -> Cursor | None:
    """Read the token of a request; None for the first page. Raises Refused."""
    token = body.get("pagination", {}).get("currentToken")
    if token is None:
        return None
    try:
        match = _TOKEN.fullmatch(base64.b64decode(token, validate=True).decode("ascii"))
    except ValueError:
        match = None
    if match is None or world.get("trackers", match[1]) is None:
        raise Refused("bad-page-token", place="/pagination/currentToken")
    return Cursor(match[1], int(match[2]), match[3] == "next")


def tests(world: World, body: Mapping[str, Any]) -> list[Test]:
    """Turn filters into tests of a tracker, all of which must hold; an empty array filters nothing. Raises Refused."""
    found = [_within(name, *span) for name, span in _spans(body, epoch_ms(world.now)).items()]
    found += [_one_of(look, frozenset(body[name])) for name, look in _LOOKS.items() if body.get(name)]
    if "groupId" in body:
        found.append(lambda _, tracker: bool(tracker["sent"].get("groupId") == body["groupId"]))
    return found or [_within("createdAt", epoch_ms(world.now) - DAY_MS, epoch_ms(world.now))]


def page(world: World, keep: list[Test], start: Cursor | None) -> Listed:
    """Find one page of those that pass all tests."""
    older = start is None or start.older
    found = list(islice(_matching(world, keep, older=older, after=start.serial if start else None), SIZE + 1))
    shown = found[:SIZE] if older else found[:SIZE][::-1]
    if not shown:
        return Listed([], None, None)
    (newest, first), (oldest, last) = shown[0], shown[-1]
    following = len(found) > SIZE if older else any(_matching(world, keep, older=True, after=oldest))
    preceding = start is not None and (any(_matching(world, keep, older=False, after=newest)) if older else len(found) > SIZE)
    return Listed(
        [tracker for _, tracker in shown],
        Cursor(last["id"], oldest, older=True) if following else None,
        Cursor(first["id"], newest, older=False) if preceding else None,
    )


def _matching(world: World, keep: list[Test], *, older: bool, after: int | None) -> Iterator[tuple[int, Tracker]]:
    values = world.values("trackers", newest_first=older, after=after)
    return ((serial, tracker) for serial, tracker in values if all(test(world, tracker) for test in keep))


def _spans(body: Mapping[str, Any], now_ms: int) -> dict[str, tuple[int, int]]:
    """Read the windows of a request as first and last millisecond. Raises Refused for all that are none."""
    spans, problems = {}, []
    for name in WINDOWS:
        if name not in body:
            continue
        start, end = body[name].get("startsAt"), body[name].get("endsAt")
        last = now_ms if end is None else end
        first = last - LONGEST_MS if start is None else start
        spans[name] = first, last
        if start is not None and end is not None and end < start:
            problems.append(Problem(f"/{name}", "reversed-window"))
        elif last - first > LONGEST_MS:
            problems.append(Problem(f"/{name}", "window-too-long"))
    if problems:
        raise Refused(problems[0].keyword, problems=tuple(problems))
    return spans


def _within(name: str, first: int, last: int) -> Test:
    return lambda world, tracker: first <= _moment(world, tracker, name) <= last


def _one_of(look: Callable[[World, Tracker], str], wanted: frozenset[str]) -> Test:
    return lambda world, tracker: look(world, tracker) in wanted


def _moment(world: World, tracker: Tracker, name: str) -> int:
    return int(tracker["created_ms"]) if name == "createdAt" else story.changed_ms(tracker, story.events_of(world, tracker))


_LOOKS: Mapping[str, Callable[[World, Tracker], str]] = {
    "orderExternalIds": lambda _, tracker: tracker["sent"]["trackerExternalId"],
    "locationExternalIds": lambda _, tracker: tracker["location"]["locationExternalId"],
    "statuses": lambda world, tracker: story.status(tracker, story.events_of(world, tracker)),
    "sourceIds": lambda world, _: world.scene["business"]["source"]["id"],
}
