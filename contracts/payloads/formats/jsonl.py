"""JSON Lines: one payload a line, as `payload.schema.json` describes it. Nothing stands between a payload and its bytes."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from contracts.bodies import target_path
from contracts.payloads.payload import Payload
from sandbox.exchange import Request

_OPTIONS = orjson.OPT_APPEND_NEWLINE


def lines(payloads: Iterable[Payload]) -> Iterator[bytes]:
    """Write each payload as a line. A body that is no UTF-8 is an object with its Base64."""
    for payload in payloads:
        yield orjson.dumps(payload, _plain, _OPTIONS)


def lines_at(url: str, payloads: Iterable[Payload]) -> Iterator[bytes]:
    """Write each payload as a line that also has the whole address of its request."""
    for payload in payloads:
        draft = payload.draft
        whole = url.rstrip("/") + target_path(Request(draft.method, draft.path, draft.query))
        yield b'{"url":' + orjson.dumps(whole) + b"," + orjson.dumps(payload, _plain, _OPTIONS)[1:]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(value).decode()}
    raise TypeError(type(value).__name__)
