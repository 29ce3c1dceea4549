"""A command that repeats an exchange, as the journal has it."""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from sandbox import codec
from sandbox.document import steps_of
from sandbox.journal import MAX_BODY, REDACTED, Entry
from sandbox.pipeline import Api
from sandbox.security import DEMO, PREFIX
from sandbox.spec import Operation

_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LONGEST_ARGUMENT = 100_000  # Linux takes 131,072 bytes
_OF_THE_CONNECTION = frozenset(("host", "content-length", "connection", "accept-encoding", "transfer-encoding", "user-agent", "expect"))


def line(entry: Entry, api: Api) -> str:
    """Write the command. The journal has no credentials; that of an account is made again from its name.

    A body that the journal had to cut is sent as far as it is known, and the line says so.
    """
    return command(entry.method, _url(entry), _headers(entry, api), _body(entry, api)) + _note(entry)


def command(method: str, url: str, headers: Mapping[str, str], body: bytes) -> str:
    """Write the command that sends a request just so. `headers` are all that matter, `url` is percent-encoded."""
    body = b"" if method == "HEAD" else body  # curl sends none with a HEAD
    words = ["curl", *_options(method, url, body), url]
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}" if value else f"{name};"]
    if body and "content-type" not in headers:
        words += ["-H", "Content-Type:"]  # else curl would say that it is a form
    if not body:
        return shlex.join(words)
    text = _plain(body)
    if text is None:
        return f"echo {base64.b64encode(body).decode()} | base64 -d | {shlex.join([*words, '--data-binary', '@-'])}"
    return shlex.join([*words, "--data-raw", text])


def _plain(body: bytes) -> str | None:
    """Give a body as the text of an argument; None for one that no argument can hold, or that a terminal would not show but obey."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return None if _OBEYED.search(text) or len(body) > _LONGEST_ARGUMENT else text


def _options(method: str, url: str, body: bytes) -> list[str]:
    """Choose the method, and keep curl from changing the address."""
    plain = method == "HEAD" or (method == "GET" and not body)
    options = ["-I" if method == "HEAD" else "-i", *(() if plain else ("-X", method))]
    path, _, query = url.partition("?")
    if any(character in query for character in "[]{}"):
        options.append("-g")
    if any(step in (".", "..") for step in path.split("/")):
        options.append("--path-as-is")
    return options


def _note(entry: Entry) -> str:
    """Say what a line can't repeat: a body of which the journal has not all, a credential that no name tells."""
    sent, kept = entry.request_headers.get("content-length"), len(entry.request_body)
    if not kept and sent not in (None, "0"):
        return "  # the journal kept nothing of this body"
    if kept == MAX_BODY and sent != str(MAX_BODY):
        return f"  # the journal kept {MAX_BODY} bytes of this body"
    return "" if entry.account in ("-", "public") or _has_name(entry) else f"  # put the credential in the place of {REDACTED}"


def _has_name(entry: Entry) -> bool:
    """Tell whether the name of the account is its credential."""
    return entry.account.startswith(PREFIX)


def _url(entry: Entry) -> str:
    return entry.base + quote(entry.path, safe="/:@!$&'()*+,;=~") + (f"?{entry.query}" if entry.query else "")


def _headers(entry: Entry, api: Api) -> dict[str, str]:
    """Take the headers that matter, with the credential of the account put back where one was blanked out."""
    kept = {
        name: value
        for name, value in entry.request_headers.items()
        if name not in _OF_THE_CONNECTION and (name, value) != ("accept", "*/*")
    }
    hidden = [name for name, value in kept.items() if value == REDACTED]
    if not hidden or not _has_name(entry):
        return kept
    for name in hidden:
        del kept[name]
    return {**kept, **credential_headers(api, entry.account, api.spec.operations.get(entry.operation or ""))}


def credential_headers(api: Api, account: str, operation: Operation | None = None) -> dict[str, str]:
    """Make the header that opens an API, or an operation of it, for an account; none where the credential travels in the body."""
    if operation and operation.needs and all(need.scheme.kind == "basic" for need in operation.needs):
        return {"Authorization": "Basic " + base64.b64encode(f"{account}:secret".encode()).decode()}
    name, _, value = api.provider.credential_header.replace(DEMO, account).partition(": ")
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
    if api.spec.credential is None or not _has_name(entry) or REDACTED.encode() not in entry.request_body:
        return entry.request_body
    hidden, shown = (codec.dump(_member(api.spec.credential, value))[1:-1] for value in (REDACTED, entry.account))
    return entry.request_body.replace(hidden, shown, 1)


def _member(where: str, value: str) -> Mapping[str, str]:
    return {steps_of(where)[-1]: value}
