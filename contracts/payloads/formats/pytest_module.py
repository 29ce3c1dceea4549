"""A module for pytest that sends payloads and needs nothing but pytest and the standard library, wherever it runs."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

from contracts.payloads.formats.cases import Case, Hole, Message

_HEAD = '''"""Payloads of {title}, written by `trackbed payloads`: each is sent, and its answer held to its label.

PAYLOADS_URL says where to send them; PAYLOADS_RUN keeps the accounts of one run apart from those of any other.
"""

import base64
import contextlib
import http.client
import json
import os
import urllib.parse
import uuid

import pytest

URL = urllib.parse.urlsplit(os.environ.get("PAYLOADS_URL", {url!r}).rstrip("/"))
RUN = os.environ.get("PAYLOADS_RUN") or uuid.uuid4().hex[:8]
ACCOUNT = {account!r}
TIMEOUT_S = 30


def text(parts, account):
    """Fill the holes of a header or a body with the name of an account."""
    return b"".join(
        part.encode() if isinstance(part, str)
        else base64.b64decode(part["bytes"]) if "bytes" in part
        else base64.b64encode((part["before"] + account + part["after"]).encode()) if part["base64"]
        else account.encode()
        for part in parts
    )


def send(message, account):
    """Send a message just as it is, and give status and body of the answer."""
    kind = http.client.HTTPSConnection if URL.scheme == "https" else http.client.HTTPConnection
    with contextlib.closing(kind(URL.hostname, URL.port, timeout=TIMEOUT_S)) as connection:
        connection.putrequest(message["method"], URL.path + message["target"], skip_accept_encoding=True)
        for name, parts in message["headers"]:
            connection.putheader(name, text(parts, account))
        body = None if message["body"] is None else text(message["body"], account).ljust(message["padded_to"])
        if body is not None:
            connection.putheader("content-length", str(len(body)))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # who refuses a body need not read it to its end
            connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.read()


def values(found, member):
    """Find all values of a member, wherever it stands."""
    if isinstance(found, dict):
        return [value for name, value in found.items() if name == member] + [v for inner in found.values() for v in values(inner, member)]
    return [v for inner in found for v in values(inner, member)] if isinstance(found, list) else []


CASES = [json.loads(line) for line in (
'''
_FOOT = """)]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_payload(case):
    account = f"{ACCOUNT}_{RUN}_{case['number']}"
    for message in case["before"]:
        status, body = send(message, account)
        assert 200 <= status < 300, f"the scene could not be set: {body[:300]!r}"
    status, body = send(case["call"], account)
    assert status in case["statuses"], f"{case['title']}: {body[:300]!r}"
    if case["member"]:
        assert any(value in case["values"] for value in values(json.loads(body), case["member"])), f"{case['title']}: {body[:300]!r}"
"""


def module(title: str, url: str, account: str, cases: Iterable[Case]) -> Iterator[str]:
    """Write a module, piece by piece."""
    plain = title.encode("ascii", "replace").decode().replace("\\", "?").replace('"', "'")
    yield _HEAD.format(title=plain, url=url, account=account)
    for case in cases:
        yield f"    {json.dumps(_case(case))!r},\n"
    yield _FOOT


def _case(case: Case) -> dict[str, Any]:
    return {
        "number": case.number,
        "id": case.payload.id,
        "title": case.payload.title,
        "statuses": case.payload.expected.statuses,
        "member": case.sought.member if case.sought else "",
        "values": case.sought.values if case.sought else [],
        "before": [_message(message) for message in case.before],
        "call": _message(case.call),
    }


def _message(message: Message) -> dict[str, Any]:
    return {
        "method": message.method,
        "target": message.target,
        "headers": [[name, [_part(part) for part in parts]] for name, parts in message.headers],
        "body": None if message.body is None else [_part(part) for part in message.body],
        "padded_to": message.padded_to,
    }


def _part(part: str | bytes | Hole) -> Any:
    if isinstance(part, Hole):
        return {"base64": part.base64, "before": part.before, "after": part.after}
    if isinstance(part, str):
        return part
    try:
        return part.decode()
    except UnicodeDecodeError:
        return {"bytes": base64.b64encode(part).decode()}
