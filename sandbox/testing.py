"""A sandbox for tests: a server, and for each test a workspace of its own that is gone afterwards.

    with testing.server() as server, server.workspace() as sandbox:
        shop = Shop(sandbox.provider("trackru").url, key=sandbox.name)
        shop.send("SBX-CUSTOMS-1")
        sandbox.clock.advance(days=2)

With pytest the fixtures `sandbox_server` and `sandbox` of `sandbox.pytest_plugin` are these two. The server is a process of its
own and is spoken to by HTTP, so nothing of it is imported here, nor anything but the standard library.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from sandbox import background
from sandbox.client import Control, ControlError, workspace_path

PAGE = 1000  # as many exchanges as the control plane tells at once
_DEMO = "sbx_demo"  # the account of every example that a server shows

_Value = TypeVar("_Value", bound="Event | Exchange | Message")


@dataclass(frozen=True)
class Event:
    """Something that happened to a parcel, and when its carrier told."""

    known_at: datetime
    happened_at: datetime
    number: str
    journey: str
    milestone: str
    city: str
    country: str


@dataclass(frozen=True)
class Message:
    """What the real service would have sent to a recipient."""

    provider: str
    at: datetime
    channel: str
    to: str
    about: str
    text: str


@dataclass(frozen=True)
class Exchange:
    """A request, what was answered, and why, as the journal has it: without secrets, bodies cut to their first 4,096 bytes.

    `at` is of the sandbox's own clock. `cause` is None for an answer that is no refusal, `fault` where nothing was broken on
    purpose. `curl` is a command that repeats the call.
    """

    id: str
    at: datetime
    provider: str
    operation: str | None
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: str
    status: int
    reply_headers: Mapping[str, str]
    reply_body: str
    cause: str | None
    fault: str | None
    curl: str

    def __str__(self) -> str:
        target = f"/{self.provider}{self.path}{'?' if self.query else ''}{self.query}"
        why = f" {self.cause}" if self.cause else ""
        return f"{self.id} {self.method} {target} → {self.status}{why}{f' (fault {self.fault})' if self.fault else ''}"

    @property
    def json(self) -> Any:
        """The request's body, parsed. Raises ValueError where it is not JSON or too long for the journal."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Provider:
    """One API. `headers` and `body` are the credential of a workspace: what to send as headers, and in a JSON body."""

    name: str
    url: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(frozen=True)
class Clock:
    """The time in a workspace. What it moves over is told: the events that became known, in that order."""

    control: Control = field(repr=False)
    path: str

    def now(self) -> datetime:
        """Tell the time, in UTC."""
        return _moment(self.control.get(self.path)["now"])

    def freeze(self) -> None:
        """Let it stand still."""
        self.control.put(self.path, {"frozen": True})

    def run(self) -> None:
        """Let it run again."""
        self.control.put(self.path, {"frozen": False})

    def scale(self, rate: float) -> None:
        """Let it run `rate` times as fast as the sandbox's own clock."""
        self.control.put(self.path, {"rate": rate})

    def set(self, moment: datetime) -> list[Event]:
        """Show another time from now on. Raises ValueError for one without a time zone."""
        if moment.tzinfo is None:
            raise ValueError(f"{moment!r} has no time zone; write datetime(2026, 3, 2, 9, tzinfo=UTC) or add .astimezone()")
        return _events(self.control.put(self.path, {"now": moment.astimezone(UTC).isoformat()}))

    def advance(self, by: timedelta | None = None, **lengths: float) -> list[Event]:
        """Move forward by a timedelta, or by `days=2, hours=3`, named as timedelta names them."""
        length = (by or timedelta()) + timedelta(**lengths)
        return _events(self.control.post(f"{self.path}/advance", {"by": length.total_seconds()}))

    def step(self, number: str | None = None) -> list[Event]:
        """Move to the next moment in which something becomes known: of any parcel, or of the one with this number."""
        return _events(self.control.post(f"{self.path}/step", {} if number is None else {"number": number}))


@dataclass(frozen=True)
class Fault:
    """A rule that lets calls go wrong. Its counters are asked for anew each time."""

    control: Control = field(repr=False)
    path: str
    id: str

    @property
    def matched(self) -> int:
        """How many calls fitted so far."""
        return int(self._rule()["matched"])

    @property
    def applied(self) -> int:
        """How many calls it let go wrong so far."""
        return int(self._rule()["applied"])

    def remove(self) -> None:
        """Let calls go right again."""
        self.control.delete(f"{self.path}/{self.id}")

    def _rule(self) -> Mapping[str, Any]:
        for rule in self.control.get(self.path)["faults"]:
            if rule["id"] == self.id:
                return dict(rule)
        raise LookupError(f"the fault {self.id} was removed; read its counters before")


@dataclass(frozen=True)
class Sandbox:
    """A workspace: what a test works in. `name` is the account, and so the credential, `url` the address of the server."""

    server: Server
    name: str

    @property
    def url(self) -> str:
        """The address of the server; each provider has its own below it."""
        return self.server.url

    @property
    def clock(self) -> Clock:
        """The time in here."""
        return Clock(self.server.control, workspace_path(self.name, "clock"))

    @property
    def requests(self) -> list[Exchange]:
        """What was asked in here, with its answers, oldest first, as far back as the journal goes."""
        found: list[Exchange] = []
        after, more = 0, True
        while more:
            told = self.server.control.get("/_sandbox/journal", workspace=self.name, after=after, limit=PAGE)
            found += map(_exchange, told["entries"])
            after, more = told["next"], len(told["entries"]) == PAGE
        return found

    @property
    def outbox(self) -> list[Message]:
        """What the real services would have sent to recipients by now, oldest first."""
        told = self.server.control.get("/_sandbox/outbox", workspace=self.name)
        return [_read(Message, message) for message in told["messages"]]

    def provider(self, name: str) -> Provider:
        """Say where an API is, with a credential that opens it. Raises LookupError for one that is not served."""
        known = {about["name"]: about["credential"] for about in self.server.providers}
        if name not in known:
            near = get_close_matches(name, known, 1)
            raise LookupError(
                f"no provider {name!r} is served; {f'did you mean {near[0]!r}? ' if near else ''}there are {', '.join(known)}"
            )
        credential = json.loads(json.dumps(known[name]).replace(_DEMO, self.name))
        return Provider(name, f"{self.url}/{name}", credential["headers"], credential["body"])

    def fault(self, cause: str | None = None, /, **rule: Any) -> Fault:
        """Let calls go wrong: for a cause of the document, or as `latency_ms`, `cut_after` and the like say.

        The rule's members are those of `FaultRule` in `specs/control.yaml`: which calls (`provider`, `operation`, `path`,
        `body`), how often (`nth`, `probability`, `times`), and what goes wrong. A transient cause strikes once unless `times`
        says otherwise. Raises ControlError, with the known names, for one that is unknown.
        """
        path = workspace_path(self.name, "faults")
        added = self.server.control.post(path, rule if cause is None else {"cause": cause, **rule})
        return Fault(self.server.control, path, added["id"])

    def snapshot(self) -> dict[str, Any]:
        """Take everything that the workspace holds, as one JSON object."""
        return dict(self.server.control.get(workspace_path(self.name, "snapshot")))

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Put a snapshot, of this or another workspace, in the place of everything."""
        self.server.control.put(workspace_path(self.name, "snapshot"), snapshot)

    def reset(self) -> None:
        """Make everything as fresh as if nobody had been here: parcels, clock, faults, journal."""
        self.server.control.delete(workspace_path(self.name))


@dataclass(frozen=True)
class Server:
    """A server that answers; `token` opens its control plane where it asks for one, `providers` is what `GET /` says of them."""

    url: str
    token: str | None = field(repr=False)
    providers: tuple[Mapping[str, Any], ...] = field(repr=False)

    @property
    def control(self) -> Control:
        """What all the others ask."""
        return Control(self.url, self.token)

    @contextmanager
    def workspace(self, name: str | None = None) -> Iterator[Sandbox]:
        """Open a fresh workspace, and delete it at the end.

        Without a name it has one that nobody else has: others may use the same server at the same time. Ids in answers follow
        from the name; give one, such as `sbx_mine`, where they must be the same in every run.
        """
        sandbox = Sandbox(self, name or f"sbx_{secrets.token_hex(8)}")
        sandbox.reset()  # a name that was given may have been used before
        try:
            yield sandbox
        finally:
            sandbox.reset()


@contextmanager
def server(*arguments: str, folder: Path | None = None) -> Iterator[Server]:
    """Give the server that tests run against: that of TRACKBED_URL (with TRACKBED_TOKEN), else one that is started for them.

    Raises ControlError where TRACKBED_URL is no sandbox; the rest as `serve`.
    """
    if url := os.environ.get("TRACKBED_URL"):
        yield connect(url, os.environ.get("TRACKBED_TOKEN"))
        return
    with serve(*arguments, folder=folder) as started:
        yield started


def connect(url: str, token: str | None = None) -> Server:
    """Use a server that runs already. Raises ControlError where none answers."""
    about = Control(url, token).get("/")
    if not isinstance(about, dict) or about.get("name") != "Trackbed":
        raise ControlError(url, None, f"what answers at {url} is no sandbox")
    return Server(url.rstrip("/"), token, tuple(about["providers"]))


@contextmanager
def serve(*arguments: str, folder: Path | None = None) -> Iterator[Server]:
    """Start `trackbed serve` on a free port, with further arguments, and stop it at the end. Raises CannotServe.

    `folder` is where it runs: paths, and the settings in `pyproject.toml`, are found from there.
    """
    with background.serving(*arguments, folder=folder) as about:
        yield Server(about["url"], about["token"], tuple(about["providers"]))


def _read(kind: type[_Value], told: Mapping[str, Any]) -> _Value:
    """Make a value of ours out of what the server told; what it tells beyond that is left out."""
    values: dict[str, Any] = {part.name: told[part.name] for part in fields(kind)}
    moments: dict[str, Any] = {name: _moment(value) for name, value in values.items() if name.endswith("at")}
    return kind(**values | moments)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _events(moved: Mapping[str, Any]) -> list[Event]:
    return [_read(Event, event) for event in moved["events"]]


def _exchange(entry: Mapping[str, Any]) -> Exchange:
    reply = entry["reply"]
    return _read(
        Exchange, {**entry, **entry["request"], "status": reply["status"], "reply_headers": reply["headers"], "reply_body": reply["body"]}
    )
