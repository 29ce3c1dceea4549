"""The command that repeats an exchange is run by a shell with the real curl, and repeats it."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import pytest
from flask import Flask
from hypothesis import example, given, settings
from hypothesis import strategies as st
from moments import NOW
from samples import SPEC, Sample, first_samples, sample_of, samples
from servers import Server, serving

from sandbox import curl
from sandbox.exchange import Request
from sandbox.journal import MAX_BODY, Entry
from sandbox.pipeline import Api
from sandbox.timeline import Clock

from callers import sandbox_app

pytestmark = pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="not run: needs curl and bash")

ACCOUNT = "sbx_curl"
SAMPLES = list(samples(account=ACCOUNT))
CREATE = sample_of("trackru", "createTracking", account=ACCOUNT)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def run(line: str) -> bytes:
    """Give a line to a shell, and take what it prints."""
    done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=30, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, (line, done.stderr)
    return done.stdout


def parse(raw: bytes) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    while head.startswith(b"HTTP/1.1 1"):  # curl asks whether it may send a larger body
        head, _, body = body.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Answer(int(first.split()[1]), headers, body)


# --- against a started sandbox -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("curl")) as running:
        yield running
        assert "Traceback" not in running.log, running.log


def control(server: Server, method: str, path: str) -> Any:
    raw = server.raw(f"{method} /_sandbox{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    return json.loads(parse(raw).body or b"null")


def entry_of(server: Server, answer: Answer) -> dict[str, Any]:
    found = control(server, "GET", "/journal?limit=1000")["entries"]
    return next(entry for entry in found if entry["id"] == answer.headers["trackbed-id"])


def repeated(server: Server, raw: bytes, account: str = ACCOUNT) -> tuple[Answer, Answer]:
    """Send a request and then run the line of its journal entry, each in a fresh world; hold the two exchanges to be alike."""
    control(server, "DELETE", f"/workspaces/{account}")
    first = parse(server.raw(raw))
    entry = entry_of(server, first)
    control(server, "DELETE", f"/workspaces/{account}")
    again = parse(run(entry["curl"]))
    other = entry_of(server, again)
    for part in ("method", "path", "query", "body"):
        assert other["request"][part] == entry["request"][part], entry["curl"]
    for part in ("provider", "operation", "workspace", "cause", "decided_by", "problems"):
        assert other[part] == entry[part], entry["curl"]
    assert (again.status, again.headers.get("trackbed-cause")) == (first.status, first.headers.get("trackbed-cause")), entry["curl"]
    return first, again


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_every_named_example_is_repeated(server: Server, sample: Sample) -> None:
    first, _ = repeated(server, local(server, sample.raw()))
    assert "trackbed-cause" not in first.headers


def local(server: Server, raw: bytes) -> bytes:
    """Name the host as a client does, so that the line leads back to the same server."""
    return raw.replace(b"Host: 127.0.0.1", f"Host: 127.0.0.1:{server.port}".encode())


@pytest.mark.parametrize("sample", first_samples(account=ACCOUNT), ids=str)
@pytest.mark.parametrize("preference", ["latency=1, truncate=3", "cause=wrong-method"])
def test_what_was_preferred_is_preferred_again(server: Server, sample: Sample, preference: str) -> None:
    first, again = repeated(server, local(server, sample.raw(Prefer=preference)))
    assert first.headers["preference-applied"] == again.headers["preference-applied"] == preference


BODIES = {
    "nothing": b"",
    "quotes": b'{"tracking_number": "it\'s \\"quoted\\"", "carrier_code": "sto"}',
    "newlines": b'{\n\t"tracking_number":\r\n "1",\n "carrier_code": "sto"\n}\n\n',
    "a shell's own": b'{"tracking_number": "$HOME `id` $(id) ; rm -rf x | & > < * ? ! #", "carrier_code": "sto"}',
    "an at sign first": b"@/etc/hostname",
    "no UTF-8": b'{"tracking_number": "\xff\xfe"}',
    "NUL": b'{"tracking_number": "a\0b"}',
    "a NUL alone": b"\0",
    "a hyphen": b"-",
    "two hyphens and an option": b"--data-raw",
    "text": '{"tracking_number": "Größe 見 🚚", "carrier_code": "sto"}'.encode(),
    "an array": b"[]",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_is_sent_again_as_it_was(server: Server, body: bytes) -> None:
    repeated(server, local(server, replace(CREATE, body=body).raw()))


PATHS = {
    "a space": "/v1/trackings/sto/a b",
    "quotes": '/v1/trackings/sto/it\'s "here"',
    "a shell's own": "/v1/trackings/sto/$HOME`id`$(id);&|><*!~",
    "other alphabets": "/v1/trackings/sto/Größe-見-🚚",
    "a percent sign": "/v1/trackings/sto/100%41",
    "a question mark and a hash": "/v1/trackings/sto/a?b#c",
    "braces and brackets": "/v1/trackings/{sto,dhl}/[1-3]",
    "a backslash": "/v1/trackings/sto/a\\b",
    "dots": "/v1/trackings/../trackings/./get",
    "empty steps": "//v1//carriers",
    "nothing": "/",
    "nowhere": "/v9/nowhere",
    "a control character": "/v1/trackings/sto/a\tb\x7f",
    "a NUL": "/v1/trackings/sto/a\0b",
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_path_is_called_again_as_it_was(server: Server, path: str) -> None:
    sample = sample_of("trackru", "getTracking", account=ACCOUNT)
    repeated(server, local(server, replace(sample, path=quote(path, safe="/.")).raw()))


QUERIES = [
    "page=1&limit=5",
    "page=x",
    "status=1&status=2",
    "q=%27%22%24HOME%60id%60",
    "q='$(id)';a&b|c",
    "q=[1-3]",
    "q={a,b}",
    "q=a+b%20c",
    "q=%ff%00",
    "&&==&",
    "?",
    "q=\\",
    "q=!",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_is_sent_again_as_it_was(server: Server, query: str) -> None:
    repeated(server, local(server, replace(sample_of("trackru", "listTrackings", account=ACCOUNT), query=query).raw()))


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
@pytest.mark.parametrize("body", [b"", b"{}"], ids=["without a body", "with a body"])
def test_a_method_is_used_again_whatever_it_is(server: Server, method: str, body: bytes) -> None:
    raw = local(server, replace(CREATE, body=body).raw()).replace(b"POST ", f"{method} ".encode(), 1)
    repeated(server, raw)


@pytest.mark.parametrize("body", [b"", b"{}"], ids=["without a body", "with a body"])
def test_a_head_is_repeated_and_not_waited_for(server: Server, body: bytes) -> None:
    """Curl waits in vain for a body when it is told the method alone; and it sends none of its own."""
    raw = local(server, replace(CREATE, body=body).raw()).replace(b"POST ", b"HEAD ", 1)
    entry = entry_of(server, parse(server.raw(raw)))
    again = parse(run(entry["curl"]))
    other = entry_of(server, again)
    assert (again.status, other["request"]["method"], other["cause"], other["request"]["path"]) == (
        405,
        "HEAD",
        "wrong-method",
        CREATE.path,
    )


SENT_IN_HEADERS = [sample for sample in first_samples(account=ACCOUNT) if sample.body and SPEC[sample.provider].credential is None]


@pytest.mark.parametrize("sample", SENT_IN_HEADERS, ids=str)
@pytest.mark.parametrize("media_type", [None, "", "text/plain", "application/json; charset=latin-1", "application/x-www-form-urlencoded"])
def test_the_media_type_of_a_body_is_that_which_was_sent(server: Server, sample: Sample, media_type: str | None) -> None:
    headers = {name: value for name, value in sample.headers.items() if name != "Content-Type"}
    headers |= {} if media_type is None else {"Content-Type": media_type}
    repeated(server, local(server, replace(sample, headers=headers).raw()))


@pytest.mark.parametrize("sample", first_samples(account="nonsense"), ids=str)
def test_a_call_without_an_account_is_refused_again(server: Server, sample: Sample) -> None:
    bare = {name: value for name, value in sample.headers.items() if name == "Content-Type"}
    for headers in (sample.headers, bare):
        first, _ = repeated(server, local(server, replace(sample, headers=headers).raw()))
        assert "trackbed-cause" in first.headers


def test_any_form_of_a_credential_leads_to_the_same_account(server: Server) -> None:
    orders, trackers = (
        sample_of(*names, account=ACCOUNT) for names in (("parcellab", "listOrders"), ("delivery_solutions", "listTrackers"))
    )
    token = json.loads(parse(server.raw(local(server, sample_of("delivery_solutions", "issueToken", account=ACCOUNT).raw()))).body)[
        "access_token"
    ]
    for sample, authorization in (
        (orders, f"Bearer {ACCOUNT}"),
        (orders, f"Parcellab-API-Token {ACCOUNT}"),
        (orders, f"Parcellab-API-Token {b64encode(f'12345:{ACCOUNT}'.encode()).decode()}"),
        (trackers, f"Bearer {ACCOUNT}"),
        (trackers, f"Bearer {token}"),
    ):
        first = parse(server.raw(local(server, sample.raw(Authorization=authorization))))
        line = entry_of(server, first)["curl"]
        assert token not in line
        again = parse(run(line))
        assert (again.status, again.headers.get("trackbed-cause"), entry_of(server, again)["workspace"]) == (200, None, ACCOUNT)


def test_a_host_name_of_the_vendor_leads_back_to_the_sandbox(server: Server) -> None:
    raw = CREATE.raw().replace(b"/trackru/", b"/", 1).replace(b"Host: 127.0.0.1", f"Host: trackru.localhost:{server.port}".encode())
    repeated(server, raw)


def test_a_body_that_was_cut_says_so(server: Server) -> None:
    long = json.dumps({"tracking_number": "1", "carrier_code": "sto", "title": "x" * 2 * MAX_BODY}).encode()
    entry = entry_of(server, parse(server.raw(local(server, replace(CREATE, body=long).raw()))))
    assert f"# the journal kept {MAX_BODY} bytes of this body" in entry["curl"]
    again = parse(run(entry["curl"]))
    assert again.headers["trackbed-cause"] == "malformed"
    assert entry_of(server, again)["request"]["body"] == long[:MAX_BODY].decode()


@pytest.mark.parametrize(
    ("media_type", "body"), [("text/plain", b'{"billinkID": "sbx_curl"}'), ("application/json", b'{"billinkID": "sbx_curl"')]
)
def test_a_body_that_was_not_kept_for_the_credential_in_it_is_said_to_be_lost(server: Server, media_type: str, body: bytes) -> None:
    sample = replace(sample_of("billink", "createTracker"), headers={"Content-Type": media_type}, body=body)
    line = entry_of(server, parse(server.raw(local(server, sample.raw()))))["curl"]
    assert line.endswith("  # the journal kept nothing of this body")
    assert ACCOUNT not in line
    assert "trackbed-cause" in parse(run(line)).headers


def test_a_body_that_was_too_large_is_said_to_be_lost(server: Server) -> None:
    head = replace(CREATE, body=b"").raw().replace(b"Content-Length: 0", b"Content-Length: 99999999")
    first = parse(server.raw(local(server, head)))
    entry = entry_of(server, first)
    assert entry["cause"] == "too-large"
    assert entry["curl"].endswith("  # the journal kept nothing of this body")


def test_a_body_that_just_fits_is_not_said_to_be_cut(server: Server) -> None:
    body = b'{"tracking_number": "1", "carrier_code": "sto", "title": "' + b"x" * (MAX_BODY - 60) + b'"}'
    assert len(body) == MAX_BODY
    entry = entry_of(server, parse(server.raw(local(server, replace(CREATE, body=body).raw()))))
    assert entry["request"]["body"] == body.decode()
    assert "#" not in entry["curl"]


# --- every byte ----------------------------------------------------------------------------------------------------------------


@dataclass
class Listener:
    """A server that writes down what comes and says that this is well."""

    server: HTTPServer
    got: list[tuple[str, bytes, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.got.append((self.command, self.requestline.split(" ")[1].encode("latin-1"), headers, self.rfile.read(length)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - as the library names them

    found = Listener(HTTPServer(("127.0.0.1", 0), Handler))
    thread = threading.Thread(target=found.server.serve_forever, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def app() -> Flask:
    return sandbox_app(clock=Clock(NOW))


def exchange(app: Flask, sample: Sample, base: str, request: Request | None = None) -> tuple[Api, Entry]:
    """Have a call answered and written down as one that came to `base`."""
    api = app.extensions["sandbox"].apis[sample.provider]
    answer = api.answer((request or sample.request())._replace(base=base))
    return api, next(entry for entry in api.shared.journal.entries() if entry.id == answer.headers["trackbed-id"])


def line_of(api: Api, entry: Entry) -> str:
    return curl.line(entry, api)


@settings(max_examples=40, deadline=None)
@given(body=st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
@example(body=b"@-")
@example(body=b"\r\n")
@example(body=b" ")
@example(body=b"\\n\\0'\"")
@example(body=bytes(range(256)))
def test_every_byte_of_a_body_arrives(app: Flask, listener: Listener, body: bytes) -> None:
    request = CREATE.request()._replace(body=body)
    run(line_of(*(exchange(app, CREATE, listener.url, request))))
    assert listener.got[-1][0] == "POST"
    assert listener.got[-1][3] == body


@settings(max_examples=40, deadline=None)
@given(path=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20))
@example(path="[1-2]{a,b}")
@example(path="../../x/./y/..")
@example(path="%2e%2e/%00")
@example(path="'; echo $HOME #")
@example(path="//")
def test_every_letter_of_a_path_arrives(app: Flask, listener: Listener, path: str) -> None:
    request = sample_of("trackru", "listCarriers").request()._replace(path=f"/{path}")
    run(line_of(*(exchange(app, CREATE, listener.url, request))))
    assert unquote_to_bytes(listener.got[-1][1].partition(b"?")[0]).decode() == f"/{path}"


@settings(max_examples=40, deadline=None)
@given(query=st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), min_size=1, max_size=20))
@example(query="a=[1-3]&b={x,y}")
@example(query="a=\\[")
def test_every_letter_of_a_query_arrives(app: Flask, listener: Listener, query: str) -> None:
    request = sample_of("trackru", "listCarriers").request()._replace(query=query)
    run(line_of(*(exchange(app, CREATE, listener.url, request))))
    assert listener.got[-1][1].partition(b"?")[2].decode() == query


@pytest.mark.parametrize("value", ["", "it's", '"$HOME"', "a; b=c", "*/*", "Größe", "@file", "x:y"])
def test_a_header_arrives_as_it_was(app: Flask, listener: Listener, value: str) -> None:
    request = sample_of("trackru", "listCarriers").request(**{"x-mood": value, "accept": "*/*"})
    run(line_of(*(exchange(app, CREATE, listener.url, request))))
    assert listener.got[-1][2]["x-mood"].encode("latin-1").decode() == value


def test_headers_of_the_connection_are_left_to_curl(app: Flask, listener: Listener) -> None:
    request = CREATE.request(
        host="api.trackru.ru", **{"content-length": "5", "transfer-encoding": "chunked", "user-agent": "old", "expect": "x"}
    )
    run(line_of(*(exchange(app, CREATE, listener.url, request))))
    headers = listener.got[-1][2]
    assert (headers["host"], headers["content-length"]) == (listener.url.removeprefix("http://"), str(len(CREATE.body)))
    assert "transfer-encoding" not in headers
    assert headers["user-agent"].startswith("curl/")


# --- credentials ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", first_samples(account=ACCOUNT), ids=str)
def test_a_line_opens_with_the_accounts_own_name_and_nothing_else(app: Flask, listener: Listener, sample: Sample) -> None:
    line = line_of(*(exchange(app, sample, listener.url)))
    assert "redacted" not in line
    assert "S3CRET" not in line


def test_an_account_that_anything_opens_is_not_said_to_be_opened_by_its_name(listener: Listener) -> None:
    """With `--any-credentials` the name is made from the credential, and no credential can be made from the name."""
    app, sample = sandbox_app("trackru", clock=Clock(NOW), any_credentials=True), sample_of("trackru", "listCarriers", account="S3CRET")
    api, entry = exchange(app, sample, listener.url)
    assert entry.account.startswith("any_")
    line = curl.line(entry, api)
    assert "S3CRET" not in line
    assert entry.account not in line
    assert line.endswith("  # put the credential in the place of [redacted]")
