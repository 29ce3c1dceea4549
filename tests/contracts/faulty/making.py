"""How an implementation that differs in one way is made of the sandbox, which is right.

A Difference is in the document that the sandbox keeps to, in a method of its provider, in who is let in, in what it holds, or in
what travels between it and its caller. What comes out is a WSGI application that says nothing of being a sandbox.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlencode

from werkzeug.test import run_wsgi_app

from contracts.caller import Caller
from sandbox import document, security
from sandbox.app import create_app
from sandbox.assembly import Sandbox, Settings
from sandbox.exchange import Account, Call, Reply
from sandbox.journal import Journal
from sandbox.memory import MemoryStore
from sandbox.pipeline import Api, Shared
from sandbox.providers import PROVIDERS
from sandbox.resources import FIXTURES, SPECS
from sandbox.scene import load as load_scene
from sandbox.spec import Spec
from sandbox.store import Transaction
from sandbox.timeline import Clock, Journeys
from sandbox.workspace import World

App = Callable[[Any, Any], Iterable[bytes]]
GONE = object()  # in an edit: take this out of the document


@dataclass
class Asked:
    """A request to the provider; header names are lower-case, `operation` is empty where the document has none for it."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    operation: str = ""

    @property
    def json(self) -> Any:
        """The body, parsed; None where it is not JSON."""
        return _parsed(self.body)

    @json.setter
    def json(self, value: Any) -> None:
        self.body = _bytes(value)

    @property
    def params(self) -> dict[str, str]:
        """The query, the last of each name."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def ask(self, **params: Any) -> None:
        """Change parameters of the query; None takes one out."""
        self.query = urlencode({name: value for name, value in {**self.params, **params}.items() if value is not None})


@dataclass
class Told:
    """An answer; header names are lower-case. With `in_pieces` it comes without its length, a few bytes at a time."""

    status: int
    headers: dict[str, str]
    body: bytes
    in_pieces: bool = False

    @property
    def json(self) -> Any:
        """The body, parsed; None where it is not JSON."""
        return _parsed(self.body)

    @json.setter
    def json(self, value: Any) -> None:
        self.body = _bytes(value)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except (ValueError, RecursionError):
        return None


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


Send = Callable[[Asked], Told]
Handler = Callable[[Asked, Send], Told]
Method = Callable[[Call, Callable[[Call], Reply], Any], Reply]  # the call, what the provider usually does, the provider


@dataclass(frozen=True)
class Difference:
    """What is changed: places of the document by pointer, methods of the provider by name, which credentials are good, who stands between.

    `world` is where a provider keeps things, `scene` goes over members of the scene, `seed` makes other ids, the clock is
    `later`, and where it is not `controlled` it has no control plane.
    """

    edits: Mapping[str, Any] = field(default_factory=dict)
    methods: Mapping[str, Method] = field(default_factory=dict)
    known: Callable[[str], Account] = security.sandbox_account
    between: Callable[[], Handler] | None = None
    world: type[World] = World
    scene: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    later: timedelta = timedelta()
    controlled: bool = True


@dataclass(frozen=True)
class Faulty:
    """An implementation that is wrong in one way. `show` is an exchange that goes otherwise than it should, `breaks` the promise.

    `paper` is the number of the fault in the list of ten of Zhang and Arcuri's "Open Problems in Fuzzing RESTful APIs", 0 for none.
    """

    name: str
    provider: str
    kind: str
    sentence: str
    breaks: str
    difference: Difference
    show: Callable[[Caller], object]
    paper: int = 0

    def build(self, clock: Clock | None = None) -> App:
        """Make the application."""
        return build(self.provider, self.difference, clock)


@dataclass(frozen=True)
class Right:
    """An implementation that is right in a way of its own, which `show` shows. `credential` is what opens it, empty for any `sbx_…`."""

    name: str
    provider: str
    sentence: str
    difference: Difference
    show: Callable[[Caller], object]
    credential: str = ""

    def build(self, clock: Clock | None = None) -> App:
        """Make the application."""
        return build(self.provider, self.difference, clock)


# --- differences ----------------------------------------------------------------------------------------------------------------------


def edited(edits: Mapping[str, Any]) -> Difference:
    """Let the sandbox keep to a document that differs in some places, by JSON pointer."""
    return Difference(edits=edits)


def instead(**methods: Method) -> Difference:
    """Let methods of the provider do something else."""
    return Difference(methods=methods)


def between(make: Callable[[], Handler]) -> Difference:
    """Put somebody between caller and sandbox; `make` is called once for each application, so that it may remember things."""
    return Difference(between=make)


def asking(change: Callable[[Asked], object], *operations: str) -> Difference:
    """Change requests of some operations (of all without any) before the sandbox sees them."""

    def handler(asked: Asked, send: Send) -> Told:
        if not operations or asked.operation in operations:
            change(asked)
        return send(asked)

    return Difference(between=lambda: handler)


def telling(change: Callable[[Told], object], *operations: str) -> Difference:
    """Change answers of some operations (of all without any)."""

    def handler(asked: Asked, send: Send) -> Told:
        told = send(asked)
        if not operations or asked.operation in operations:
            change(told)
        return told

    return Difference(between=lambda: handler)


def sent(change: Callable[[Any], Any], *operations: str) -> Difference:
    """Change JSON bodies on their way in; `change` gives the new one, or changes it in place."""

    def with_body(asked: Asked) -> None:
        given = asked.json
        if given is None:
            return
        returned = change(given)
        changed = given if returned is None else returned
        if changed != asked.json:  # else its bytes stay as they are
            asked.json = changed

    return asking(with_body, *operations)


def body(change: Callable[[Any], Any], *operations: str) -> Difference:
    """Change JSON bodies on their way out; `change` gives the new one, or changes it in place."""

    def with_body(told: Told) -> None:
        value = told.json
        if value is not None:
            changed = change(value)
            told.json = value if changed is None else changed

    return telling(with_body, *operations)


def page_of_html(status: int) -> Told:
    """Make what a web server says where an application should have."""
    return Told(status, {"content-type": "text/html; charset=utf-8"}, f"<h1>{status}</h1>".encode())


# --- applications ----------------------------------------------------------------------------------------------------------------


def build(provider: str, difference: Difference, clock: Clock | None = None) -> App:
    """Make the application of a provider with a difference."""
    shared = Shared(MemoryStore(), _Clock(clock or Clock(), difference.later), Journal(), _journeys(), difference.seed, difference.known)
    provided = _provider(provider, difference.methods)
    api = _Api(_document(provider, difference.edits), provided, shared, {**_scene(provider), **difference.scene})
    api.kind = difference.world
    shared.store.set_scene(lambda transaction: api.provider.set_scene(api.world("scene", transaction)))
    app = create_app(sandbox=Sandbox({provider: api}, shared, Settings(providers=(provider,))))
    handler = difference.between() if difference.between else _through
    return _Between(app if difference.controlled else _Only(app, provider), _document(provider, {}), f"/{provider}", handler)


class _Only:
    """An application without anything beside its provider."""

    def __init__(self, app: Any, provider: str) -> None:
        self._app = app
        self._prefix = f"/{provider}/"

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(self._prefix):
            result: Iterable[bytes] = self._app(environ, start_response)
            return result
        start_response("404 Not Found", [("content-type", "text/plain")])
        return [b"not found"]


class _Clock(Clock):
    """A clock that is later than another."""

    def __init__(self, other: Clock, later: timedelta) -> None:
        super().__init__()
        self._other = other
        self._later = later

    def now(self) -> datetime:
        return self._other.now() + self._later


class _Api(Api):
    """A provider whose worlds are of another kind."""

    kind: type[World] = World

    def world(self, name: str, transaction: Transaction) -> World:
        world = super().world(name, transaction)
        return self.kind(**{part.name: getattr(world, part.name) for part in fields(world)})


@cache
def _journeys() -> Journeys:
    return Journeys.load(FIXTURES / "journeys")


@cache
def _scene(provider: str) -> dict[str, Any]:
    return load_scene(FIXTURES, provider)


@cache
def _unedited(provider: str) -> Spec:
    return Spec.load(SPECS / f"{provider}.yaml")


def _document(provider: str, edits: Mapping[str, Any]) -> Spec:
    right = _unedited(provider)
    if not edits:
        return right
    tree = deepcopy(right.tree)
    for place, value in edits.items():
        _edit(tree, place, value)
    return Spec(right.name, right.file, tree)


def _edit(tree: Any, place: str, value: Any) -> None:
    *steps, last = document.steps_of(place)
    for step in steps:
        tree = tree[int(step)] if isinstance(tree, list) else tree[step]
    key: Any = int(last) if isinstance(tree, list) else last
    if value is GONE:
        del tree[key]
    else:
        tree[key] = value


def _provider(name: str, methods: Mapping[str, Method]) -> Any:
    kind = PROVIDERS[name]
    return type(kind.__name__, (kind,), {method: _method(method, change) for method, change in methods.items()})()


def _method(name: str, change: Method) -> Callable[[Any, Call], Reply]:
    def method(self: Any, call: Call) -> Reply:
        return change(call, getattr(super(type(self), self), name), self)

    return method


def _through(asked: Asked, send: Send) -> Told:
    return send(asked)


class _Between:
    """The application that a caller sees: a provider below its prefix, and the control plane as it is."""

    def __init__(self, app: Any, spec: Spec, prefix: str, handler: Handler) -> None:
        self._app = app
        self._spec = spec
        self._prefix = prefix
        self._handler = handler

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        if not path.startswith(f"{self._prefix}/"):
            result: Iterable[bytes] = self._app(environ, start_response)
            return result
        told = self._handler(self._asked(environ, path[len(self._prefix) :]), lambda asked: self._send(asked, environ))
        headers = {name: value for name, value in told.headers.items() if not name.startswith("trackbed-")}
        if not told.in_pieces:
            headers["content-length"] = str(len(told.body))
        start_response(f"{told.status} Told", list(headers.items()))
        if environ["REQUEST_METHOD"] == "HEAD":
            return []
        return [told.body[start : start + 7] for start in range(0, len(told.body), 7)] if told.in_pieces else [told.body]

    def _asked(self, environ: Any, path: str) -> Asked:
        methods, _ = self._spec.router.find(path) or ({}, {})
        operation = methods.get(environ["REQUEST_METHOD"])
        length = environ.get("CONTENT_LENGTH")
        raw = environ["wsgi.input"].read(int(length)) if length else _chunked(environ)
        headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
        if environ.get("CONTENT_TYPE"):
            headers["content-type"] = environ["CONTENT_TYPE"]
        return Asked(environ["REQUEST_METHOD"], path, environ.get("QUERY_STRING", ""), headers, raw, operation.id if operation else "")

    def _send(self, asked: Asked, environ: Any) -> Told:
        inner = {name: value for name, value in environ.items() if not name.startswith(("HTTP_", "CONTENT_"))}
        inner |= {f"HTTP_{name.replace('-', '_').upper()}": value for name, value in asked.headers.items() if name not in _OF_THE_BODY}
        inner |= {
            "REQUEST_METHOD": asked.method,
            "PATH_INFO": (self._prefix + asked.path).encode().decode("latin-1"),
            "QUERY_STRING": asked.query,
            "CONTENT_LENGTH": str(len(asked.body)) if asked.body else "",
            "CONTENT_TYPE": asked.headers.get("content-type", ""),
            "wsgi.input": BytesIO(asked.body),
        }
        pieces, status, headers = run_wsgi_app(self._app, inner, buffered=True)
        return Told(int(status[:3]), {name.lower(): value for name, value in headers.items()}, b"".join(pieces))


_OF_THE_BODY = ("content-type", "content-length", "transfer-encoding")


def _chunked(environ: Any) -> bytes:
    """Read a body that does not say how long it is."""
    return bytes(environ["wsgi.input"].read()) if environ.get("wsgi.input_terminated") else b""
