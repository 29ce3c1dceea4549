"""The straight door: from the server's own interface (RSGI) to the pipeline, with no web framework in between.

It runs in the server's event loop. Bodies are awaited, so a slow client keeps nobody waiting; a request that is complete is
answered at once, in one go, or in a round with others (see `rounds`) where the store may have to wait. What is no provider's
(pages, health) goes to Flask, in a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, Any

from granian.rsgi import HTTPProtocol, ProtocolClosed, Scope  # type: ignore[attr-defined]  # exported, but not marked so

from sandbox.answers import Answer
from sandbox.assembly import Sandbox
from sandbox.exchange import Request
from sandbox.faults import Effect
from sandbox.hosts import Hosts, foreign, is_own
from sandbox.store import Store

if TYPE_CHECKING:
    from flask import Flask

    from sandbox.rounds import Rounds

FLUSH_S = 0.05  # a connection that breaks at once takes along what was not sent yet
MAX_OWN_BODY = 1_048_576  # of a request to the sandbox itself


class Door:
    """An RSGI application that serves a whole sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._apis = sandbox.apis
        self._hosts = Hosts(sandbox.apis, sandbox.settings.hosts)
        self._sandbox = sandbox
        self._rounds = _rounds(sandbox.shared.store)

    async def __call__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        headers = dict(scope.headers.items())
        if "prefer" in headers:
            headers["prefer"] = ", ".join(value for name, value in scope.headers.items() if name == "prefer")  # as RFC 7240 says
        host = headers.get("host", "")
        provider = self._hosts.select(host)
        if provider is None:
            _send(protocol, foreign(host))
            return
        path, prefix = scope.path, ""
        if not provider:
            provider = path[1:].partition("/")[0]
            prefix = f"/{provider}"
        if not is_own(path):
            api = self._apis.get(provider)
        elif path.startswith("/_sandbox/") and not path.startswith("/_sandbox/specs/"):
            api, prefix = self._sandbox.control, ""
        else:
            api = None
        if api is None:
            await self._own(scope, protocol, headers)
            return
        body, oversized, flaw = await _read_body(protocol, headers, api.spec.max_body)
        site = f"{scope.scheme}://{host}"
        request = Request(
            scope.method, path[len(prefix) :] or "/", scope.query_string, headers, body, site + prefix, site, oversized=oversized, flaw=flaw
        )
        answer = api.answer(request) if self._rounds is None else await self._rounds.answer(api, request)
        if answer.effect is None:
            _send(protocol, answer)
        else:
            await _deliver(protocol, answer, answer.effect)

    async def _own(self, scope: Scope, protocol: HTTPProtocol, headers: Mapping[str, str]) -> None:
        body, _, _ = await _read_body(protocol, headers, MAX_OWN_BODY)
        status, fields, content = await asyncio.to_thread(self._through_flask, _environ(scope, headers, body))
        protocol.response_bytes(status, fields, content)

    def _through_flask(self, environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
        response = self._flask.response_class.from_app(self._flask.wsgi_app, environ, buffered=True)
        return response.status_code, [(name.lower(), value) for name, value in response.headers.items()], response.get_data()

    @cached_property
    def _flask(self) -> Flask:
        """Build the Flask door when it is first needed; an API is ready sooner without it."""
        from sandbox.app import create_app  # noqa: PLC0415 - as said

        return create_app(sandbox=self._sandbox)


async def _read_body(protocol: HTTPProtocol, headers: Mapping[str, str], limit: int) -> tuple[bytes, bool, str]:
    """Read a body of `limit` bytes at most: the bytes, whether there were more, and what was wrong with them."""
    declared = headers.get("content-length")
    if declared is None and "transfer-encoding" not in headers:
        return b"", False, ""
    length = int(declared) if declared and declared.isdecimal() else None
    if length is not None and length > limit:
        return b"", True, ""
    try:
        body = await protocol() if length is not None else await _collect(protocol, limit)
    except ProtocolClosed:
        return b"", False, "the body ended before it was complete"
    return (b"", True, "") if len(body) > limit else (body, False, "")


async def _collect(protocol: HTTPProtocol, limit: int) -> bytes:
    """Read a body of unknown length, and not much more than `limit` of it."""
    body = bytearray()
    async for chunk in protocol:
        body += chunk
        if len(body) > limit:
            break
    return bytes(body)


def _rounds(store: Store) -> Rounds | None:
    if not store.waits:
        return None
    from sandbox.rounds import Rounds  # noqa: PLC0415 - with the database, which a sandbox in memory does not need

    return Rounds(store)  # type: ignore[arg-type]  # the one kind of store that waits


def _send(protocol: HTTPProtocol, answer: Answer) -> None:
    protocol.response_bytes(answer.status, list(answer.headers.items()), answer.body)


async def _deliver(protocol: HTTPProtocol, answer: Answer, effect: Effect) -> None:
    """Send an answer piece by piece. One that is cut short ends before its Content-Length, so the connection breaks."""
    await asyncio.sleep(effect.latency_ms / 1000)
    if not answer.body:
        _send(protocol, answer)
        return
    fields = [*answer.headers.items(), ("content-length", str(len(answer.body)))]
    transport = protocol.response_stream(answer.status, fields)
    with contextlib.suppress(ProtocolClosed):  # who does not want to hear the rest is free to go
        for pause_s, piece in effect.pieces(answer.body):
            await asyncio.sleep(pause_s)
            await transport.send_bytes(piece)
        await asyncio.sleep(FLUSH_S)


def _environ(scope: Scope, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Write a request as WSGI has it (PEP 3333)."""
    name, _, port = headers.get("host", "").rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": name,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client,
        "CONTENT_TYPE": headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": None,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    environ.update((f"HTTP_{key.upper().replace('-', '_')}", value) for key, value in headers.items())
    return environ
