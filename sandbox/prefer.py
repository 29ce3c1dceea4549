"""`Prefer` (RFC 7240), as Prism's users know it: `Prefer: code=422` or `Prefer: example=duplicate` chooses a documented reply.

`cause`, `latency`, `cut` and their like ask for a fault in this one call. A preference is honoured after security and
validation; a chosen reply or cause changes no state. Preferences of other names are ignored, as the RFC says.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.exchange import Reply
from sandbox.faults import Effect
from sandbox.spec import Operation, Response

_PAIR = re.compile(r'\s*([A-Za-z0-9!#$%&\'*+.^_`|~-]+)\s*(?:=\s*(?:"([^"]*)"|([^\s,;"]*)))?\s*')


@dataclass
class UnknownPreference(Exception):
    """A caller prefers a reply that the document does not have; `known` lists those it has."""

    preference: str
    value: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        wanted = f"{self.preference}={self.value}" if self.value else self.preference
        near = difflib.get_close_matches(self.value, self.known, 1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        return f"This operation has no reply with {wanted}{hint} Send one of: {', '.join(self.known)}."


@dataclass(frozen=True, slots=True)
class Preference:
    """What a caller prefers; None is no preference. `applied` repeats it for `Preference-Applied`."""

    code: str | None
    example: str | None
    effect: Effect | None
    applied: str


def read(headers: Mapping[str, str]) -> Preference | None:
    """Read the `Prefer` header of a request; None when it holds nothing that concerns us. Raises UnknownPreference."""
    found: dict[str, str] = {}
    for part in re.split("[,;]", headers.get("prefer", "")):
        if (match := _PAIR.fullmatch(part)) and (name := match[1].lower()) in _KNOWN:
            found.setdefault(name, match[2] if match[2] is not None else match[3] or "")
    if not found:
        return None
    changes = {field: read_value(name, found[name]) for name, (field, read_value) in _EFFECTS.items() if name in found}
    applied = ", ".join(f"{name}={value}" if value else name for name, value in found.items())
    return Preference(found.get("code"), found.get("example"), Effect(**changes) if changes else None, applied)


def _number(low: int, high: int) -> Callable[[str, str], int]:
    def read_number(name: str, text: str) -> int:
        if not (text.isdecimal() and text.isascii() and len(text) < 10 and low <= int(text) <= high):
            raise UnknownPreference(name, text, (f"{name}={low} to {name}={high}",))
        return int(text)

    return read_number


def _media_type(name: str, text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+", text):
        raise UnknownPreference(name, text, ("content-type=text/html",))
    return text


def _dribble(name: str, text: str) -> tuple[int, int]:
    size, slash, pause = text.partition("/")
    try:
        return _number(1, 65_536)(name, size), _number(0, 10_000)(name, pause if slash else "100")
    except UnknownPreference:
        raise UnknownPreference(name, text, ("dribble=BYTES/MILLISECONDS, such as dribble=16/100",)) from None


def _flag(name: str, text: str) -> bool:
    if text:
        raise UnknownPreference(name, text, (name,))
    return True


_EFFECTS: Mapping[str, tuple[str, Callable[[str, str], Any]]] = {
    "cause": ("cause", lambda _, text: text),
    "expire-token": ("expire_token", _flag),
    "rate-limit": ("exceed_limit", _flag),
    "latency": ("latency_ms", _number(0, 60_000)),
    "truncate": ("truncate_at", _number(0, 10_000_000)),
    "content-type": ("content_type", _media_type),
    "cut": ("cut_after", _number(1, 10_000_000)),
    "dribble": ("dribble", _dribble),
}
_KNOWN = frozenset(("code", "example", *_EFFECTS))


def choose(operation: Operation, preference: Preference) -> Reply | None:
    """Take the documented reply that is preferred; None when the provider shall answer. Raises UnknownPreference."""
    _check(operation, preference.effect)
    if preference.code is None and preference.example is None:
        return None
    responses = _of_status(operation, preference.code)
    if preference.example is None:
        return _reply(responses[0], next(iter(responses[0].examples.values()), None))
    for response in responses:
        if preference.example in response.examples:
            return _reply(response, response.examples[preference.example])
    known = tuple(dict.fromkeys(name for response in responses for name in response.examples))
    raise UnknownPreference("example", preference.example, known)


def _check(operation: Operation, effect: Effect | None) -> None:
    """Refuse an effect that this operation cannot have."""
    if effect and effect.cause is not None and effect.cause not in operation.refusals:
        raise UnknownPreference("cause", effect.cause, tuple(operation.refusals))
    if effect and effect.exceed_limit and operation.limit_cause is None:
        raise UnknownPreference("rate-limit", "", ("no rate-limit: its document has no reply for it",))
    if effect and effect.expire_token and not operation.secured:
        raise UnknownPreference("expire-token", "", ("no expire-token: it asks for no credential",))


def _of_status(operation: Operation, code: str | None) -> list[Response]:
    if code is None:
        return list(operation.responses.values())
    found = [response for status, response in operation.responses.items() if str(status) == code]
    if not found:
        raise UnknownPreference("code", code, tuple(map(str, operation.responses)))
    return found


def _reply(response: Response, body: Any) -> Reply:
    headers: Mapping[str, str] = {name: str(header.example) for name, header in response.headers.items() if header.example is not None}
    return Reply(response.status, body, headers)
