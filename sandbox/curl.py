"""A command that repeats an exchange, as the journal has it."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from sandbox import codec
from sandbox.document import steps_of
from sandbox.journal import MAX_BODY, REDACTED, Entry
from sandbox.pipeline import Api

_OF_THE_CONNECTION = frozenset(("host", "content-length", "connection", "accept-encoding", "transfer-encoding", "user-agent", "expect"))


def line(entry: Entry, api: Api) -> str:
    """Write the command. The journal has no credentials; that of an account is made again from its name.

    A body that the journal had to cut is sent as far as it is known, and the line says so.
    """
    words = ["curl", "-i", *(() if entry.method == "GET" and not entry.request_body else ("-X", entry.method)), _url(entry)]
    for name, value in _headers(entry, api).items():
        words += ["-H", f"{name}: {value}" if value else f"{name};"]
    body = _body(entry, api)
    note = f"  # the journal kept {MAX_BODY} bytes of this body" if len(entry.request_body) == MAX_BODY else ""
    if not body:
        return shlex.join(words) + note
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return f"echo {base64.b64encode(body).decode()} | base64 -d | {shlex.join([*words, '--data-binary', '@-'])}{note}"
    return shlex.join([*words, "--data-raw", text]) + note


def _url(entry: Entry) -> str:
    return entry.base + quote(entry.path, safe="/:@!$&'()*+,;=~") + (f"?{entry.query}" if entry.query else "")


def _headers(entry: Entry, api: Api) -> dict[str, str]:
    """Take the headers that matter, with the credential of the account put back where one was blanked out."""
    kept = {name: value for name, value in entry.request_headers.items() if name not in _OF_THE_CONNECTION and value != "*/*"}
    hidden = [name for name, value in kept.items() if value == REDACTED]
    if not hidden or "_" not in entry.account:
        return kept
    for name in hidden:
        del kept[name]
    return {**kept, **credential_headers(api, entry.account)}


def credential_headers(api: Api, account: str) -> dict[str, str]:
    """Make the header that opens an API for an account; none where the credential travels in the body."""
    name, _, value = api.provider.credential_header.replace("sbx_demo", account).partition(": ")
    return {name: value} if name else {}


def credential_body(api: Api, account: str) -> dict[str, Any]:
    """Make the members of a body that open an API for an account; none where the credential travels in a header."""
    if api.spec.credential is None:
        return {}
    value: Any = account
    for step in reversed(steps_of(api.spec.credential)):
        value = {step: value}
    return dict(value)


def _body(entry: Entry, api: Api) -> bytes:
    if api.spec.credential is None or "_" not in entry.account or REDACTED.encode() not in entry.request_body:
        return entry.request_body
    hidden, shown = (codec.dump(_member(api.spec.credential, value))[1:-1] for value in (REDACTED, entry.account))
    return entry.request_body.replace(hidden, shown, 1)


def _member(where: str, value: str) -> Mapping[str, str]:
    return {steps_of(where)[-1]: value}
