"""Who is being judged: an implementation that is sent requests and answers, over HTTP or in this process.

Nothing that a target does can hurt the one who asks: an answer has a largest size and a latest time, redirects are not followed, and
what cannot be read as an answer is a NoAnswer with a reason. This room owns its clock: deadlines are real time.
"""

from __future__ import annotations

import contextlib
import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from contracts.bodies import target_path
from sandbox import __version__
from sandbox.answers import Answer
from sandbox.exchange import Request

if TYPE_CHECKING:
    import urllib3

UNTRUSTED = "its certificate is not trusted"
MAX_ANSWER = 16 * 1024 * 1024
TIMEOUT_S = 30.0
IDLE_S = 2.0
_CHUNK = _LARGE = 65_536
_UNPRINTABLE = re.compile(r"[\r\n\0]")


@dataclass
class NoAnswer(Exception):
    """A target gave nothing that is an HTTP answer; `reason` says what happened instead, in words without its bytes.

    `request` is what it was asked, where that is known.
    """

    url: str
    reason: str
    request: Request | None = None

    def __str__(self) -> str:
        return f"{self.url} gave no answer: {self.reason}"


class Target(Protocol):
    """An implementation."""

    @property
    def url(self) -> str:
        """What stands for the provider's host, without a slash at the end."""

    def send(self, request: Request) -> Answer:
        """Send one request just as it is, and give its answer. Raises NoAnswer."""


def address(text: str) -> str:
    """Read the address of a server, without a slash at its end. Raises ValueError, which says how one is written."""
    url = text.rstrip("/")
    with contextlib.suppress(ValueError):  # of a port or a bracket that is none
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not (parts.query or parts.fragment):
            return url
    raise ValueError(f"{text!r} is no address of a server; give --url as http://HOST:PORT or https://HOST, with a path if it has one")


@dataclass(frozen=True)
class HttpTarget:
    """An implementation at an address. `headers` go with every request that has none of that name; `ca` is a file of certificates.

    A connection that was idle for `idle_s`, or that carried a body of more than 64 KiB, is not used again: a server that closes it just
    then (many do so after a few seconds, or once they have refused what they did not read) would look as if it gave no answer.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    ca: str | None = None
    timeout_s: float = TIMEOUT_S
    max_answer: int = MAX_ANSWER
    idle_s: float = IDLE_S

    @cached_property
    def _idle_since(self) -> list[float]:
        return [time.monotonic()]

    @cached_property
    def _pool(self) -> urllib3.HTTPConnectionPool:
        import ssl  # noqa: PLC0415 - only who sends something needs it

        import urllib3  # noqa: PLC0415 - as above

        secure = {"ssl_context": ssl.create_default_context(cafile=self.ca)} if urlsplit(self.url).scheme == "https" else {}
        return urllib3.connection_from_url(self.url, maxsize=8, retries=False, timeout=urllib3.Timeout(self.timeout_s), **secure)

    def send(self, request: Request, *, within_s: float | None = None) -> Answer:
        """Send one request just as it is, and give its answer. `within_s` is the time for it where there is less. Raises NoAnswer."""
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 - as above

        timeout_s = self.timeout_s if within_s is None else min(self.timeout_s, within_s)
        headers = {"user-agent": f"trackbed/{__version__}", "accept": "*/*", **self.headers, **request.headers}
        if unfit := next((name for name, value in headers.items() if _UNPRINTABLE.search(name + value)), None):
            raise ValueError(f"the header {unfit!r} has a line break or a NUL, which no request can carry")
        self._drop_idle()
        deadline = time.monotonic() + timeout_s
        try:
            response = self._pool.urlopen(
                request.method,
                urlsplit(self.url).path + target_path(request),
                body=request.body or None,
                headers=headers,
                redirect=False,
                preload_content=False,
                decode_content=False,
                timeout=timeout_s,
            )
            try:
                body = self._read(response, deadline)
            finally:
                response.release_conn()
                self._idle_since[0] = -math.inf if len(request.body) > _LARGE else time.monotonic()
        except (HTTPError, OSError, ValueError) as error:
            raise NoAnswer(self.url, _reason(error)) from None
        return Answer(response.status, {name.lower(): value for name, value in response.headers.items()}, body)

    def _drop_idle(self) -> None:
        if time.monotonic() - self._idle_since[0] >= self.idle_s:
            self._pool.close()
            del self.__dict__["_pool"]

    def _read(self, response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
        parts, size = [], 0
        while part := response.read1(_CHUNK):
            parts.append(part)
            size += len(part)
            if size > self.max_answer:
                response.close()
                raise NoAnswer(self.url, f"its body is larger than {self.max_answer} bytes")
            if time.monotonic() > deadline:
                response.close()
                raise NoAnswer(self.url, f"its body was not complete after {self.timeout_s:g} s")
        return b"".join(parts)


def _reason(error: Exception) -> str:
    """Say what went wrong without repeating bytes of the target."""
    inner = getattr(error, "reason", None)
    cause = inner if isinstance(inner, Exception) else error
    return {
        "NewConnectionError": "nothing listens there",
        "ConnectTimeoutError": "nothing answered the connection in time",
        "ReadTimeoutError": "it said nothing in time",
        "ProtocolError": "the connection broke, or what came is not HTTP",
        "NameResolutionError": "its name is not known",
        "SSLError": f"{UNTRUSTED}; name the file of yours with --ca",
    }.get(type(cause).__name__, type(cause).__name__)


@dataclass(frozen=True)
class WsgiTarget:
    """An application in this process; `prefix` is the path below which it stands for the provider's host."""

    app: Any
    prefix: str = ""

    @property
    def url(self) -> str:
        """An address that stands for the application in reports."""
        return f"http://localhost{self.prefix}"

    def send(self, request: Request) -> Answer:
        """Send one request just as it is, and give its answer. An exception of the application is its 500, as a server makes of it."""
        from werkzeug.test import Client  # noqa: PLC0415 - a target at an address needs none of it

        try:
            # Given as `data`, nothing for a form is made a body of several parts, under a boundary that is drawn.
            response = Client(self._opaque).open(
                self.prefix + target_path(request),
                method=request.method,
                headers=list(request.headers.items()),
                input_stream=BytesIO(request.body),
                content_length=len(request.body) if request.body else None,
            )
        except Exception as error:  # noqa: BLE001 - an application may raise anything
            return Answer(500, {"content-type": "text/plain"}, type(error).__name__.encode())
        with response:
            return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, response.get_data())

    def _opaque(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)
