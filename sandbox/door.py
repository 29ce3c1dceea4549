"""The straight door: from the server's own interface (RSGI) to the pipeline, with no web framework in between.

It runs in the server's event loop. Bodies are awaited, so a slow client keeps nobody waiting; a request that is complete is
answered at once, in one go. What is no provider's (pages, health) goes to Flask, in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from granian.rsgi import HTTPProtocol, ProtocolClosed, Scope  # type: ignore[attr-defined]  # exported, but not marked so
from werkzeug.wrappers import Response

from sandbox import control
from sandbox.app import create_app
from sandbox.assembly import Sandbox
from sandbox.exchange import Request
from sandbox.hosts import Hosts, foreign
from sandbox.pipeline import Answer

MAX_OWN_BODY = 1_048_576  # of a request to the sandbox itself


class Door:
    """An RSGI application that serves a whole sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._apis = sandbox.apis
        self._hosts = Hosts(sandbox.apis, sandbox.settings.hosts)
        self._flask = create_app(sandbox=sandbox)

    async def __call__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        headers = dict(scope.headers.items())
        host = headers.get("host", "")
        provider = self._hosts.select(host)
        if provider is None:
            _send(protocol, foreign(host))
            return
        path, prefix = scope.path, ""
        if not provider:
            provider = path[1:].partition("/")[0]
            prefix = f"/{provider}"
        api = None if control.owns(path) else self._apis.get(provider)
        if api is None:
            await self._own(scope, protocol, headers)
            return
        try:
            body, oversized, flaw = await _read_body(protocol, headers, api.spec.max_body)
        except ProtocolClosed:  # the client is gone in the middle of its body; nobody waits for an answer
            return
        site = f"{scope.scheme}://{host}"
        request = Request(
            scope.method, path[len(prefix) :] or "/", scope.query_string, headers, body, site + prefix, site, oversized=oversized, flaw=flaw
        )
        _send(protocol, api.answer(request))

    async def _own(self, scope: Scope, protocol: HTTPProtocol, headers: Mapping[str, str]) -> None:
        body, oversized, _ = await _read_body(protocol, headers, MAX_OWN_BODY)
        environ = _environ(scope, headers, body if not oversized else b"")
        response = await asyncio.to_thread(Response.from_app, self._flask, environ, buffered=True)
        protocol.response_bytes(
            response.status_code, [(name.lower(), value) for name, value in response.headers.items()], response.get_data()
        )


async def _read_body(protocol: HTTPProtocol, headers: Mapping[str, str], limit: int) -> tuple[bytes, bool, str]:
    """Read a body of `limit` bytes at most: the bytes, whether there were more, and what was wrong with them."""
    declared = headers.get("content-length")
    if declared is None and "transfer-encoding" not in headers:
        return b"", False, ""
    length = int(declared) if declared and declared.isdecimal() else None
    if length is not None and length <= limit:
        body = await protocol()
        return body, False, "" if len(body) == length else f"the body ended after {len(body)} of {length} bytes"
    return await _drain(protocol, limit)


async def _drain(protocol: HTTPProtocol, limit: int) -> tuple[bytes, bool, str]:
    chunks, size = [], 0
    async for chunk in protocol:
        size += len(chunk)
        if size > limit:
            return b"", True, ""
        chunks.append(chunk)
    return b"".join(chunks), False, ""


def _send(protocol: HTTPProtocol, answer: Answer) -> None:
    protocol.response_bytes(answer.status, list(answer.headers.items()), answer.body)


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
