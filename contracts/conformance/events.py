"""What passes between Schemathesis' adapter and those who use it: requests and answers, and what happened. None of it knows the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it is about to go: of which operation, and the case that it was made of. `id` names it within the run."""

    id: str
    operation: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Got:
    """What came: the status as the judge is to read it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Lost(Exception):
    """Nothing came."""


@dataclass(frozen=True, slots=True)
class Made:
    """A generated case before it is sent. `path` may be changed in place, the body by `replace`.

    `positive` tells that it is to be valid; a `probe` is one whose method or media type is not documented. Of an enumerated one
    `scenario` names what it tries, `location` the rule in the schema that it is about, `target` the parameter.
    """

    id: str
    operation: str
    positive: bool
    probe: bool
    phase: str
    scenario: str
    location: str
    target: str
    path: dict[str, Any]
    body: Any
    replace: Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """A check that looked at an exchange; `failure` where it found something."""

    id: str
    check: str
    failure: Trouble | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a check found: Schemathesis' code and words, whether the request was meant to be valid, and its story by ids."""

    code: str
    title: str
    message: str
    positive: bool
    story: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What one scenario of the engine told: its exchanges by id, its checks, and the links that were walked with their statuses."""

    phase: str
    ids: tuple[str, ...]
    checks: tuple[Checked, ...]
    walked: tuple[tuple[str, int, str, int], ...]


@dataclass(frozen=True, slots=True)
class Begun:
    """A phase begins."""

    phase: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """The engine could not do something."""

    phase: str
    label: str
    message: str
    network: bool


Event = Told | Begun | Wrong
