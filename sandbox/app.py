"""The Flask door: every operation is a rule of its own, and everything that is the sandbox's own is served here.

`create_app` builds the whole application; `flask routes` lists the operationIds and `test_client` works. A provider's
`blueprint` can be mounted in another application. The views only carry bytes: the pipeline routes and answers.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException
from werkzeug.routing import PathConverter, Rule

from sandbox import home
from sandbox.answers import Answer, own, store_unavailable
from sandbox.assembly import Sandbox, Settings, assemble
from sandbox.exchange import Request
from sandbox.faults import Effect
from sandbox.hosts import Hosts, foreign, is_own
from sandbox.pipeline import Api
from sandbox.spec import Operation
from sandbox.store import StoreUnavailable

BASE = "trackbed.base"  # what stands for the provider's host, where a host name and not a prefix selected it

Wsgi = Callable[[Any, Any], Iterable[bytes]]


def create_app(settings: Settings | None = None, *, sandbox: Sandbox | None = None) -> Flask:
    """Build the application of a sandbox. Raises SpecError or DataError."""
    sandbox = sandbox or assemble(settings or Settings())
    app = Flask("sandbox")
    app.url_map.merge_slashes = False
    for name, api in sandbox.apis.items():
        app.register_blueprint(blueprint(api), url_prefix=f"/{name}")
    app.register_blueprint(home.blueprint(sandbox))
    app.register_blueprint(blueprint(sandbox.control, below="/_sandbox"))
    app.register_error_handler(HTTPException, _own_refusal)
    app.register_error_handler(StoreUnavailable, lambda _: _to_flask(store_unavailable()))
    app.wsgi_app = _HostGuard(app.wsgi_app, Hosts(sandbox.apis, sandbox.settings.hosts))  # type: ignore[method-assign]
    return app


def blueprint(api: Api, *, below: str = "") -> Blueprint:
    """Make a blueprint of one provider: a rule for each operation, and rules for all that is none `below` a path."""
    provider = Blueprint(api.spec.name, __name__)
    for operation in api.spec.operations.values():
        rule = _rule(operation)
        provider.add_url_rule(
            rule, operation.id, _view(api, rule), methods=[operation.method], provide_automatic_options=False, strict_slashes=False
        )
    provider.record(lambda state: _catch_all(state, api, below))
    return provider


def _catch_all(state: BlueprintSetupState, api: Api, below: str) -> None:
    """Send every other path and method below the prefix to the pipeline as well; Flask itself has no rule for any method."""
    state.app.url_map.converters.setdefault("anything", _Anything)
    for name, rule in (("anything", f"{below}/<anything:rest>"), ("nothing", below)):
        endpoint = f"{state.name_prefix}.{state.name}.{name}".lstrip(".")
        state.app.url_map.add(Rule((state.url_prefix or "").rstrip("/") + rule or "/", endpoint=endpoint, strict_slashes=False))
        state.app.view_functions[endpoint] = _view(api, rule)


class _Anything(PathConverter):
    """Matches every path, also an empty one and one that starts with a slash."""

    regex = ".*?"
    part_isolating = False


def _view(api: Api, rule: str) -> Callable[..., Response]:
    def view(**_: str) -> Response:
        prefix = str(request.url_rule).removesuffix(rule)
        return _to_flask(api.answer(_read(api, prefix)))

    return view


def _rule(operation: Operation) -> str:
    """Write a path template as Werkzeug does, which takes no hyphens in names."""
    return re.sub(r"\{([^{}]+)\}", lambda match: f"<{re.sub(r'[^0-9A-Za-z_]', '_', match[1])}>", operation.path)


def _read(api: Api, prefix: str) -> Request:
    """Take the current request out of Flask; `prefix` is the part of its path that selects the provider."""
    site = request.root_url.rstrip("/")
    body, oversized, flaw = _read_body(api.spec.max_body)
    return Request(
        method=request.method,
        path=request.path[len(prefix) :] or "/",
        query=request.query_string.decode("latin-1"),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        base=request.environ.get(BASE, site + prefix),
        site=site,
        oversized=oversized,
        flaw=flaw,
    )


def _read_body(limit: int) -> tuple[bytes, bool, str]:
    """Read a body of `limit` bytes at most: the bytes, whether there were more, and what was wrong with them."""
    length = request.content_length
    if length is not None and length > limit:
        return b"", True, ""
    if length is None and not request.environ.get("wsgi.input_terminated"):  # there is none, and who reads on waits for ever
        return b"", False, ""
    body = request.environ["wsgi.input"].read(limit + 1 if length is None else length)
    if len(body) > limit:
        return b"", True, ""
    return body, False, "" if length is None or len(body) == length else f"the body ended after {len(body)} of {length} bytes"


def _to_flask(answer: Answer) -> Response:
    response = Response(answer.body, answer.status, list(answer.headers.items()))
    if answer.effect is not None:
        time.sleep(answer.effect.latency_ms / 1000)
        response.content_length = len(answer.body)
        response.response = _slowly(answer.effect, answer.body)
    if "content-type" not in answer.headers:
        del response.headers["Content-Type"]  # Werkzeug's default, for a reply without content
    return response


def _slowly(effect: Effect, body: bytes) -> Iterator[bytes]:
    for pause_s, piece in effect.pieces(body):
        time.sleep(pause_s)
        yield piece


def _own_refusal(error: HTTPException) -> Response:
    detail = "Nothing is served here. GET / lists what is." if error.code == HTTPStatus.NOT_FOUND else error.description or ""
    answer = own(error.code or 500, error.name, detail)
    allow = [(name, value) for name, value in error.get_headers() if name.lower() == "allow"]
    return Response(answer.body, answer.status, [*answer.headers.items(), *allow])


class _HostGuard:
    """Refuses foreign hosts, and turns a provider's own host name into the prefix that stands for it."""

    def __init__(self, inner: Wsgi, hosts: Hosts) -> None:
        self._inner = inner
        self._hosts = hosts

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        header = environ.get("HTTP_HOST", "")
        provider = self._hosts.select(header)
        if provider is None:
            return _to_flask(foreign(header))(environ, start_response)
        if provider and not is_own(environ["PATH_INFO"]):
            environ = {**environ, "PATH_INFO": f"/{provider}{environ['PATH_INFO']}", BASE: f"{environ['wsgi.url_scheme']}://{header}"}
        return self._inner(environ, start_response)
