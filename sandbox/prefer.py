"""`Prefer` (RFC 7240), as Prism's users know it: `Prefer: code=422` or `Prefer: example=duplicate` chooses a documented reply.

A preference is honoured after security and validation and changes no state. Preferences of other names are ignored, as the
RFC says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.exchange import Reply
from sandbox.spec import Operation, Response

_PAIR = re.compile(r'\s*([A-Za-z0-9!#$%&\'*+.^_`|~-]+)\s*(?:=\s*(?:"([^"]*)"|([^\s,;"]*)))?\s*')


@dataclass
class UnknownPreference(Exception):
    """A caller prefers a reply that the document does not have; `known` lists those it has."""

    preference: str
    value: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        return f"This operation has no reply with {self.preference}={self.value}. Send one of: {', '.join(self.known)}."


@dataclass(frozen=True, slots=True)
class Preference:
    """What a caller prefers; None is no preference."""

    code: str | None = None
    example: str | None = None

    @property
    def applied(self) -> str:
        """The value of `Preference-Applied`."""
        return ", ".join(f"{name}={value}" for name, value in (("code", self.code), ("example", self.example)) if value is not None)


def read(headers: Mapping[str, str]) -> Preference | None:
    """Read the `Prefer` header of a request; None when it holds nothing that concerns us."""
    header = headers.get("prefer")
    if header is None:
        return None
    found: dict[str, str] = {}
    for part in re.split("[,;]", header):
        if match := _PAIR.fullmatch(part):
            found.setdefault(match[1].lower(), match[2] if match[2] is not None else match[3] or "")
    preference = Preference(found.get("code"), found.get("example"))
    return None if preference == Preference() else preference


def choose(operation: Operation, preference: Preference) -> Reply:
    """Take the documented reply that is preferred. Raises UnknownPreference."""
    responses = _of_status(operation, preference.code)
    if preference.example is None:
        return _reply(responses[0], next(iter(responses[0].examples.values()), None))
    for response in responses:
        if preference.example in response.examples:
            return _reply(response, response.examples[preference.example])
    known = tuple(dict.fromkeys(name for response in responses for name in response.examples))
    raise UnknownPreference("example", preference.example, known)


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
