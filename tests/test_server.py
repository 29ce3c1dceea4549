"""The started server, over its socket: the table "Bytes in", both doors alike, and how it ends."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from servers import Server, serving

from sandbox.overview import first_call
from sandbox.providers import PROVIDERS
from sandbox.resources import SPECS
from sandbox.spec import Operation, Spec
from sandbox.timeline import Clock

from callers import sandbox_app

SPEC = {name: Spec.load(SPECS / f"{name}.yaml") for name in PROVIDERS}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running
        assert "Traceback" not in running.log, running.log


@dataclass(frozen=True)
class Create:
    """The first create of a provider: how to call it well."""

    provider: str
    operation: Operation
    headers: Mapping[str, str]
    body: dict[str, Any]

    def request(self, body: bytes | None = None, *, target: str | None = None, method: str | None = None, **headers: str | None) -> bytes:
        """Write the request as bytes; a header of value None is left out."""
        raw = json.dumps(self.body).encode() if body is None else body
        named = {"host": "127.0.0.1", "connection": "close", "content-length": str(len(raw)), **self.headers}
        named |= {key.replace("_", "-"): value for key, value in headers.items()}  # type: ignore[dict-item]
        lines = [f"{method or self.operation.method} {target or f'/{self.provider}{self.operation.path}'} HTTP/1.1"]
        lines += [f"{key}: {value}" for key, value in named.items() if value is not None]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


def create_of(name: str) -> Create:
    operations = list(SPEC[name].operations.values())
    operation = next((op for op in operations if op.creates and op.body), operations[0])
    assert operation.body is not None
    header, _, value = PROVIDERS[name].credential_header.partition(": ")
    headers = {"content-type": next(iter(operation.body.media))} | ({header.lower(): value} if header else {})
    return Create(name, operation, headers, dict(next(iter(operation.body.examples.values()))))


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def cause(self) -> str | None:
        return self.headers.get("trackbed-cause")


def parse(raw: bytes) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 100"):
        head, _, body = body.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {key.lower(): value for key, _, value in (line.partition(": ") for line in lines)}
    return Answer(int(first.split()[1]), headers, body)


def refused_as(name: str, answer: Answer, kind: str) -> None:
    """Hold an answer to be the provider's own refusal of this kind, in its own envelope."""
    spec, operation = SPEC[name], create_of(name).operation
    cause = spec.cause(answer.cause or "", operation)
    assert cause is not None, f"refused as {answer.cause}: {answer.status} {answer.body[:200]!r}"
    assert cause.when is not None
    assert kind in cause.when.kinds
    response = spec.response(cause, operation)
    assert response is not None
    assert (answer.status, answer.headers["content-type"]) == (cause.status, response.media_type)
    assert response.check is not None
    assert response.check.problems(json.loads(answer.body)) == ()


MALFORMED = {
    "1,000 nested arrays": b"[" * 1000 + b"]" * 1000,
    "100,000 nested arrays": b"[" * 100_000 + b"]" * 100_000,
    "an integer of 5,000 digits": b'{"a":' + b"9" * 5000 + b"}",
    "NaN": b'{"a":NaN}',
    "Infinity": b'{"a":-Infinity}',
    "1e400": b'{"a":1e400}',
    "duplicate keys": b'{"a":1,"a":1}',
    "duplicate keys inside": b'{"a":[{"b":1,"b":1}]}',
    "a lone surrogate": b'{"a":"\\ud800"}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "a byte-order mark": b"\xef\xbb\xbf{}",
    "invalid UTF-8": b'{"a":"\xff"}',
    "a control character": b'{"a":"\x01"}',
    "an empty body": b"",
    "blanks only": b" \n ",
    "half a body": b'{"a":',
    "two bodies": b"{}{}",
}


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_body_is_refused_in_the_providers_envelope(server: Server, name: str, body: bytes) -> None:
    refused_as(name, parse(server.raw(create_of(name).request(body))), "malformed")


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize(
    "content_type", [None, "", "text/plain", "application/xml", "application/json; charset=utf-16", "multipart/form-data", "\xff"]
)
def test_a_wrong_or_missing_content_type_is_refused_in_the_providers_envelope(server: Server, name: str, content_type: str | None) -> None:
    refused_as(name, parse(server.raw(create_of(name).request(content_type=content_type))), "media-type")


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_compressed_body_is_refused_in_the_providers_envelope(server: Server, name: str) -> None:
    refused_as(name, parse(server.raw(create_of(name).request(content_encoding="gzip"))), "media-type")


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_body_over_the_limit_is_413_declared_or_not(server: Server, name: str) -> None:
    create, limit = create_of(name), SPEC[name].max_body
    refused_as(name, parse(server.raw(create.request(b" " * 100, content_length=str(limit + 1)), half=True)), "too-large")
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    chunked = create.request(b"", content_length=None, transfer_encoding="chunked") + chunk * (limit // 65536 + 1) + b"0\r\n\r\n"
    answer = parse(server.raw(chunked))
    refused_as(name, answer, "too-large")
    assert answer.status == 413


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_chunked_body_within_the_limit_is_read_whole(server: Server, name: str) -> None:
    create = create_of(name)
    raw = json.dumps(fresh(create, "chunked")).encode()
    chunks = b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in (raw[:7], raw[7:])) + b"0\r\n\r\n"
    answer = parse(server.raw(create.request(b"", content_length=None, transfer_encoding="chunked") + chunks))
    assert answer.cause is None, answer.body


def fresh(create: Create, value: str) -> dict[str, Any]:
    """The example with other values where a value may exist once."""
    unique = {"tracking_number", "trackerExternalId", "order_number", "external_reference"}
    changed = {key: f"{text}-{value}" if key in unique else text for key, text in create.body.items()}
    return {key: member for key, member in changed.items() if key not in ("external_id", "mutations")}


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_body_that_stops_early_is_never_taken_for_whole(server: Server, name: str) -> None:
    create = create_of(name)
    raw = server.raw(create.request(b"{}", content_length="100"), half=True)
    assert not raw or parse(raw).cause is not None


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_nul_is_kept_in_a_body_and_refused_in_a_path(server: Server, name: str) -> None:
    create = create_of(name)
    body = fresh(create, "nul") | {"unknownToAll": "a\0b"}
    assert parse(server.raw(create.request(json.dumps(body).encode()))).cause is None
    answer = parse(server.raw(create.request(b"", target=f"/{name}/%00/x", method="GET")))
    assert answer.cause is not None
    assert answer.status in (404, 405)


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("host", [None, "evil.example", "127.0.0.1.evil.example", ""])
def test_a_foreign_or_missing_host_is_refused(server: Server, name: str, host: str | None) -> None:
    answer = parse(server.raw(create_of(name).request(host=host)))
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")


def test_a_header_of_100_kb_is_refused(server: Server) -> None:
    assert parse(server.raw(create_of("trackru").request(x_long="x" * 100_000))).status in (400, 431)


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /trackru/v1/carriers HTTP/1.1\r\nHost: localhost\r\nApi-Key: a\r\n b\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_no_http_is_refused_by_the_server(server: Server, raw: bytes) -> None:
    answer = server.raw(raw, half=True)
    assert not answer or 400 <= parse(answer).status < 500


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_strange_method_is_answered_with_allow(server: Server, name: str) -> None:
    create = create_of(name)
    answer = parse(server.raw(create.request(b"", method="BREW")))
    assert (answer.status, answer.cause) == (405, "wrong-method")
    assert create.operation.method in answer.headers["allow"]
    head = parse(server.raw(create.request(b"", method="HEAD")))
    assert (head.status, head.body) == (405, b"")


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_path_that_is_no_utf8_is_unknown(server: Server, name: str) -> None:
    assert parse(server.raw(create_of(name).request(b"", target=f"/{name}/%ff%fe/", method="GET"))).status == 404


def test_the_absolute_form_of_a_proxy_client_selects_the_provider(server: Server) -> None:
    raw = b"GET http://api.trackru.ru/v1/carriers HTTP/1.1\r\nHost: api.trackru.ru\r\nApi-Key: sbx_demo\r\nConnection: close\r\n\r\n"
    assert json.loads(parse(server.raw(raw)).body)["meta"]["code"] == 200


@pytest.mark.parametrize("name", PROVIDERS)
def test_after_all_that_a_good_call_still_succeeds(server: Server, name: str) -> None:
    create = create_of(name)
    assert parse(server.raw(create.request(json.dumps(fresh(create, "last")).encode()))).cause is None


# --- both doors ----------------------------------------------------------------------------------------------------------------


def corpus() -> Iterator[tuple[str, str, str, dict[str, str], bytes]]:
    """Every example of every operation, and every fault of the table, as method, provider, path, headers and body."""
    for name, spec in SPEC.items():
        header, _, value = PROVIDERS[name].credential_header.partition(": ")
        base = {header: value} if header else {}
        for operation in spec.operations.values():
            path = re.sub(r"\{[^{}]+\}", "sto", operation.path)
            bodies = [json.dumps(example).encode() for example in operation.body.examples.values()] if operation.body else [b""]
            media = {"Content-Type": next(iter(operation.body.media))} if operation.body else {}
            for body in bodies:
                yield operation.method, name, path, base | media, body
            yield operation.method, name, path, media, bodies[0]
            yield "BREW" if operation.method == "PUT" else "PUT", name, path, base, b""
            for body in MALFORMED.values():
                if len(body) < 10_000:
                    yield operation.method, name, path, base | media, body
            yield operation.method, name, path, base | media | {"Prefer": "code=999"}, bodies[0]
        yield "GET", name, "/nothing/here", base, b""


def test_both_doors_give_the_same_bytes(tmp_path_factory: pytest.TempPathFactory) -> None:
    app = sandbox_app(clock=Clock())
    client = app.test_client()
    volatile = re.compile(
        rb"20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?([.][0-9]+)?|[0-9]{13}|http://[^/]+|\b[0-9a-f]{12,20}\b"
    )
    with serving(tmp_path_factory.mktemp("doors")) as running:
        for number, (method, name, path, headers, body) in enumerate(corpus()):
            flask = client.open(f"/{name}{path}", method=method, headers=headers | {"Host": "127.0.0.1"}, data=body)
            lines = {**headers, "Host": "127.0.0.1", "Connection": "close", "Content-Length": str(len(body))}
            head = f"{method} /{name}{path} HTTP/1.1\r\n" + "".join(f"{key}: {value}\r\n" for key, value in lines.items())
            straight = parse(running.raw(head.encode() + b"\r\n" + body))
            ours = {key.lower(): value for key, value in flask.headers.items()}
            theirs = {key: value for key, value in straight.headers.items() if key not in ("server", "date", "connection")}
            label = f"{number}: {method} {name}{path} {body[:80]!r}"
            assert (straight.status, volatile.sub(b"", straight.body)) == (flask.status_code, volatile.sub(b"", flask.data)), label
            assert {k: volatile.sub(b"", v.encode()) for k, v in theirs.items()} == {
                k: volatile.sub(b"", v.encode()) for k, v in ours.items()
            }, label


# --- slow clients, and the end ---------------------------------------------------------------------------------------------------


def test_half_open_clients_keep_nobody_waiting(server: Server) -> None:
    create = create_of("trackru")
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(64)]
    for connection in slow:
        connection.sendall(create.request(b"{", content_length="100"))
    try:
        answer = parse(server.raw(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
        assert answer.status == 200
    finally:
        for connection in slow:
            connection.close()


def test_sigterm_ends_the_server_with_exit_code_0(tmp_path_factory: pytest.TempPathFactory) -> None:
    with serving(tmp_path_factory.mktemp("end")) as running:
        assert running.stop() == 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", running.port))


def test_a_worker_that_dies_comes_back(tmp_path_factory: pytest.TempPathFactory) -> None:
    with serving(tmp_path_factory.mktemp("respawn")) as running:
        children = f"/proc/{running.process.pid}/task/{running.process.pid}/children"
        with open(children) as listed:  # noqa: PTH123 - no file of ours
            worker = int(listed.read().split()[0])
        os.kill(worker, signal.SIGKILL)
        answer = b""
        while not answer:
            try:
                answer = running.raw(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            except ConnectionError:
                continue
        assert parse(answer).status == 200


def test_the_first_line_to_try_is_for_the_shell() -> None:
    line = first_call(sandbox_app("trackru", clock=Clock()).extensions["sandbox"].apis["trackru"], "http://127.0.0.1:8080/trackru")
    assert shlex.split(line)[0] == "curl"
