"""A target may do what it likes: what comes is an answer or a NoAnswer, in bounded time and size."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask, request
from servers import free_port

from contracts.target import HttpTarget, NoAnswer, WsgiTarget, address
from sandbox.exchange import Request

GET = Request("GET", "/")


@contextmanager
def listener(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve one connection by a function of it."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                with contextlib.suppress(OSError):  # the other side may have had enough
                    talk(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join(timeout=10)
        assert not thread.is_alive()


def saying(data: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(data)


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    pause = threading.Event()
    while True:
        connection.sendall(b"x")
        pause.wait(0.02)


def silence(connection: socket.socket) -> None:
    connection.recv(1)


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        (endless, "larger than 100000 bytes"),
        (drip, "not complete after 0.3 s"),
        (silence, "said nothing in time"),
        (saying(b""), "the connection broke"),
        (saying(b"\x1b[2Jrubbish\r\n\r\n"), "the connection broke"),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), "the connection broke"),
        (saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "the connection broke"),
        (saying(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n"), "the connection broke"),
        (saying(b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 500 + b"\r\n"), "the connection broke"),
    ],
)
def test_what_is_no_answer_has_a_reason(talk: Callable[[socket.socket], None], reason: str) -> None:
    with listener(talk) as url, pytest.raises(NoAnswer, match=reason) as caught:
        HttpTarget(url, timeout_s=0.3, max_answer=100_000).send(GET)
    assert "\x1b" not in str(caught.value)


def test_a_target_that_is_not_there_gives_no_answer() -> None:
    with pytest.raises(NoAnswer, match="nothing listens there"):
        HttpTarget(f"http://127.0.0.1:{free_port()}").send(GET)


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    with listener(saying(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")) as url:
        answer = HttpTarget(url).send(GET)
    assert (answer.status, answer.headers["location"]) == (302, "http://127.0.0.1:1/")


def test_a_compressed_body_stays_as_it_is() -> None:
    with listener(saying(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd")) as url:
        assert HttpTarget(url).send(GET).body == b"abcd"


def test_the_targets_own_headers_go_with_every_request_and_a_requests_own_win() -> None:
    seen: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                seen.append(connection.recv(65536))
                talk(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        target = HttpTarget(f"http://127.0.0.1:{server.getsockname()[1]}", {"x-team": "blue", "accept": "text/plain"})
        target.send(Request("GET", "/a b/ü", "q=1", {"accept": "application/json"}))
        thread.join()
    head = seen[0].decode().lower()
    assert head.startswith("get /a%20b/%c3%bc?q=1 http/1.1\r\n")
    assert "x-team: blue\r\n" in head
    assert "accept: application/json\r\n" in head
    assert "text/plain" not in head


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\0"])
def test_a_header_with_a_line_break_is_never_sent(value: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        HttpTarget("http://127.0.0.1:1").send(Request("GET", "/", headers={"x": value}))


# --- in this process -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def echo() -> Flask:
    app = Flask("echo")

    @app.route("/<path:rest>", methods=["GET", "POST"])
    def answer(rest: str) -> Any:
        if rest == "crash":
            raise RuntimeError("a secret of the application")
        return {
            "path": rest,
            "query": request.query_string.decode(),
            "body": request.get_data().decode(),
            "key": request.headers.get("Key"),
        }

    return app


def test_an_application_in_this_process_gets_the_same_request(echo: Flask) -> None:
    answer = WsgiTarget(echo, "/api").send(Request("POST", "/a b", "x=1", {"key": "k"}, b"body"))
    assert answer.status == 200
    assert answer.body == b'{"body":"body","key":"k","path":"api/a b","query":"x=1"}\n'


def test_an_application_that_raises_has_answered_500(echo: Flask) -> None:
    def bare(_environ: Any, _start_response: Any) -> Any:
        raise RuntimeError("a secret of the application")

    answers = [WsgiTarget(app).send(Request("GET", "/crash")) for app in (echo, bare)]
    assert [answer.status for answer in answers] == [500, 500]
    assert all(b"secret" not in answer.body for answer in answers)


@pytest.mark.parametrize(("idle_s", "body", "connections"), [(60.0, b"", 1), (60.0, b"x" * 100_000, 3), (0.0, b"", 3)])
def test_a_connection_is_used_again_unless_the_server_may_be_about_to_close_it(idle_s: float, body: bytes, connections: int) -> None:
    peers: set[int] = set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            peers.add(self.client_address[1])
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response_only(204)
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        target = HttpTarget(f"http://127.0.0.1:{server.server_port}", idle_s=idle_s)
        assert [target.send(GET._replace(body=body)).status for _ in range(3)] == [204] * 3
        del target  # and with it its connections
        server.shutdown()
        thread.join()
    assert len(peers) == connections


def test_an_address_is_one_of_a_server() -> None:
    assert address("https://[::1]:8080/api/") == "https://[::1]:8080/api"
    for text in ("", "nonsense", "http://", "ftp://x", "http://[::1", "http://x:y", "http://x:0", "http://x?a", "http://x#a", "\x1b[31m"):
        with pytest.raises(ValueError, match="is no address of a server; give --url as") as told:
            address(text)
        assert "\x1b" not in str(told.value)
