"""Bytes to data and back: JSON and forms, read so strictly that nothing is lost or guessed on the way."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import jiter
import orjson

MAX_DEPTH = 64


class Unreadable(ValueError):
    """The bytes are not what they claim to be; the text says why, for the one who sent them."""


def read_json(body: bytes) -> Any:
    """Parse JSON (RFC 8259) from UTF-8. Raises Unreadable.

    Also refused, because two readers would read different things: duplicate keys, numbers beyond what a double holds,
    lone surrogates, a byte-order mark, and more than 64 levels.
    """
    try:
        orjson.loads(body)  # sees infinite numbers and lone surrogates; jiter sees duplicate keys and keeps long integers
        value = jiter.from_json(body, allow_inf_nan=False, catch_duplicate_keys=True, cache_mode="keys")
    except ValueError as error:
        raise Unreadable(_sentence(body, str(error))) from None
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _deeper(value, MAX_DEPTH):
        raise Unreadable(f"the JSON is nested deeper than {MAX_DEPTH} levels")
    return value


def _sentence(body: bytes, reason: str) -> str:
    if not body.strip():
        return "the body is empty; send JSON"
    if body.startswith(b"\xef\xbb\xbf"):
        return "the body starts with a byte-order mark; send plain UTF-8"
    if body[:2] in (b"\xff\xfe", b"\xfe\xff") or (len(body) > 1 and b"\0" in body[:2]):
        return "the body is UTF-16; send UTF-8"
    if "recursion" in reason or "depth limit" in reason:
        return f"the JSON is nested deeper than {MAX_DEPTH} levels"
    return f"the body is not JSON: {reason}"


def _deeper(value: Any, limit: int) -> bool:
    level: list[Any] = [value]
    for _ in range(limit):
        level = [
            inner
            for node in level
            if isinstance(node, (dict, list))
            for inner in (node.values() if isinstance(node, dict) else node)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def load(body: bytes) -> Any:
    """Parse JSON that we wrote ourselves."""
    return jiter.from_json(body, cache_mode="keys")


def dump(value: Any) -> bytes:
    """Write compact JSON, members in their order. Integers keep all their digits."""
    try:
        # The result of orjson keeps an oversized buffer alive; a copy is as long as its text.
        return bytes(memoryview(orjson.dumps(value)))
    except TypeError:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def read_pairs(body: bytes) -> list[tuple[str, str]]:
    """Parse `application/x-www-form-urlencoded` as it stands there. Raises Unreadable."""
    try:
        return parse_qsl(body.decode("utf-8"), keep_blank_values=True, strict_parsing=bool(body), errors="strict")
    except ValueError:  # its text repeats what was sent, which may be a secret
        raise Unreadable("the body is not a form: send name=value pairs in UTF-8, joined by &") from None


def read_form(body: bytes) -> dict[str, str]:
    """Parse `application/x-www-form-urlencoded`. Raises Unreadable, also for a name that comes twice."""
    pairs = read_pairs(body)
    form = dict(pairs)
    if len(form) != len(pairs):
        raise Unreadable("the form has a name twice; send each once")
    return form
