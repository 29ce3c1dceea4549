"""`trackbed verify`, as a user runs it, on real servers: good ones, bad ones, and ones that mean harm."""

from __future__ import annotations

import itertools
import json
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import tiny
import trustme
import wide
from click.testing import CliRunner, Result
from flask import Flask

from contracts.cli import main
from contracts.report.plain import plain
from contracts.verification import is_loopback


def verify(folder: Path, *arguments: str, document: str = "", **environment: str) -> Result:
    path = document or str(tiny.document(folder))
    return CliRunner().invoke(main, ["verify", path, *arguments], env=environment, catch_exceptions=False)


def quick(folder: Path, url: str, *arguments: str, **environment: str) -> Result:
    return verify(folder, "--url", url, "--profile", "quick", "--seed", "1", *arguments, **environment)


def test_a_right_server_is_exit_0_with_a_table_and_reports(tmp_path: Path) -> None:
    reports = {kind: tmp_path / f"report.{kind}" for kind in ("json", "junit", "html", "har")}
    with tiny.served(tiny.notes()) as url:
        result = quick(tmp_path, url, *(word for kind, path in reports.items() for word in ("--report", f"{kind}={path}")))
    assert result.exit_code == 0, result.output
    assert "All promises that were tried are kept" in result.stdout
    assert "createNote" in result.stdout
    assert result.stderr == ""
    told = json.loads(reports["json"].read_text())
    assert (told["exit_code"], told["findings"], told["seed"], told["left"]) == (0, [], 1, [])
    assert told["certificate"]["summary"]["operation"] == {"seen": 3, "shown": 0, "impossible": 0, "missing": 0}
    entries = json.loads(reports["har"].read_text())["log"]["entries"]
    assert len(entries) >= told["calls"]
    assert entries[0]["request"]["url"].startswith(url)
    assert all(path.stat().st_size for path in reports.values())


def test_a_wrong_server_is_exit_1_with_a_command_that_repeats_it(tmp_path: Path) -> None:
    with tiny.served(tiny.notes("crash")) as url:
        result = quick(tmp_path, url, "--json", "--profile", "ci")
        assert result.exit_code == 1, result.output
        told = json.loads(result.stdout)
        (finding,) = [one for one in told["findings"] if one["check"] == "ST101"]
        assert (finding["file"], finding["where"]) == ("notes.json", "/paths/~1notes/post/responses")
        assert "\x1b" not in result.stdout
        (command,) = finding["commands"]
        again = subprocess.run(command, shell=True, capture_output=True, text=True, check=True, executable="/bin/bash")
        assert again.stdout.startswith("HTTP/1.1 500")


def test_two_causes_at_one_place_are_two_findings_and_a_baseline_knows_them_apart(tmp_path: Path) -> None:
    known = tmp_path / "known.json"
    ours = ("--profile", "ci", "--only", "createNote", "--only", "conformance", "--baseline", str(known))
    with tiny.served(tiny.notes("crash")) as url:
        quick(tmp_path, url, *ours, "--update-baseline")
    with tiny.served(tiny.notes("crash", "overloaded")) as url:
        told = json.loads(quick(tmp_path, url, *ours, "--json").stdout)
    found = [(one["check"], one["where"], one["got"]["status"], one["ruling"]) for one in told["findings"]]
    assert sorted(found) == [
        (check, "/paths/~1notes/post/responses", status, ruling)
        for check in ("ST101", "ST103")
        for status, ruling in ((500, "known"), (503, "failed"))
    ], "one finding for each cause, however many requests show it"
    assert max(one["times"] for one in told["findings"]) == 1


def test_a_story_of_several_calls_is_repeated_by_its_commands(tmp_path: Path) -> None:
    with tiny.served(tiny.notes("forgets")) as url:
        result = quick(tmp_path, url, "--json", "--skip", "conformance")
        told = json.loads(result.stdout)
        finding = next(one for one in told["findings"] if one["check"] == "what-is-created-can-be-read")
        script = "\n".join(finding["commands"])
        assert "made1=$(curl" in script
        assert '"$made1"' in script
        again = subprocess.run(script, shell=True, capture_output=True, text=True, check=True, executable="/bin/bash")
        assert again.stdout.startswith("HTTP/1.1 404")


def test_known_findings_are_accepted_and_told_from_new_ones(tmp_path: Path) -> None:
    known = tmp_path / "known.json"
    with tiny.served(tiny.notes("forgets")) as url:
        ours = ("--skip", "conformance", "--baseline", str(known))
        first = quick(tmp_path, url, *ours, "--update-baseline")
        assert (first.exit_code, "knows" in first.stderr) == (1, True)
        second = quick(tmp_path, url, *ours)
    assert "known from the baseline" in second.stdout
    assert second.exit_code == 2, "nothing is broken that is not known, yet what was never seen is not proved"
    with tiny.served(tiny.notes()) as url:
        assert "known, but not found any more: law" in quick(tmp_path, url, *ours).stderr


@pytest.mark.parametrize("wrong", ["refuses-all", "creates-nothing"])
def test_a_server_that_does_nothing_is_exit_2(tmp_path: Path, wrong: str) -> None:
    with tiny.served(tiny.notes(wrong)) as url:
        result = quick(tmp_path, url, "--skip", "conformance")
    assert result.exit_code == 2
    assert "Nothing could be proved: no operation answered with success" in result.stdout


def test_what_is_doubtful_fails_a_strict_run_only(tmp_path: Path) -> None:
    with tiny.served(tiny.notes("leaks")) as url:
        only = ("--only", "conformance", "--skip", "deleteNote")
        assert quick(tmp_path, url, *only).exit_code == 0
        result = quick(tmp_path, url, *only, "--strict")
    assert result.exit_code == 1
    assert "doubtful: what no page states is not as it should be" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--url", "http://127.0.0.1:1"), "nothing listens there; start what is to be verified"),
        (("--url", "ftp://localhost"), "is no address of a server"),
        (("--url", "http://localhost/?a=1"), "is no address of a server"),
        (("--url", "http://notes.example"), "is not this machine"),
        (("--url", "http://localhost", "--only", "readNotes"), "did you mean 'readNote'?"),
        (("--url", "http://localhost", "--header", "bad"), "write 'Name: value'"),
        (("--url", "http://localhost", "--report", "pdf=a"), "write one of junit=FILE"),
        (("--url", "http://localhost", "--update-baseline"), "name one"),
        (("--url", "http://localhost", "--baseline", "nothing.json"), "nothing.json#: cannot be read"),
        (("--url", "http://localhost", "--scene", "nothing.json"), "nothing.json#: cannot be read"),
        (("--url", "https://localhost", "--ca", "nothing.pem"), "there is no file nothing.pem"),
        ((), "--url"),
    ],
)
def test_a_mistake_is_exit_2_with_what_to_do(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    result = verify(tmp_path, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_a_document_that_is_none_is_exit_2(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("openapi: 2.0\n")
    for name, said in (("trakru", "did you mean 'trackru'?"), (str(tmp_path / "bad.yaml"), "Trackbed reads OpenAPI 3.0 and 3.1")):
        result = verify(tmp_path, "--url", "http://localhost", document=name)
        assert (result.exit_code, said in result.stderr) == (2, True)


def test_a_credential_that_is_refused_is_exit_2_before_anything_else(tmp_path: Path) -> None:
    with tiny.served(tiny.notes()) as url:
        result = quick(tmp_path, url, TRACKBED_CREDENTIAL="not-good")
    assert result.exit_code == 2
    assert "the credential is refused (readNote was answered 401)" in result.stderr


def test_a_credential_stands_in_no_report(tmp_path: Path) -> None:
    app = tiny.notes("forgets")
    with tiny.served(app) as url:
        result = quick(
            tmp_path, url, "--json", "--credential", "sbx_secret:word", "--skip", "conformance", "--report", f"har={tmp_path / 'a.har'}"
        )
    assert "sbx_secret" not in result.stdout
    assert "sbx_secret" not in (tmp_path / "a.har").read_text()
    command = json.loads(result.stdout)["findings"][0]["commands"][0]
    assert "-H 'x-key: '\"$TRACKBED_CREDENTIAL\"''" in command


def test_a_dry_run_prints_the_calls_and_sends_none(tmp_path: Path) -> None:
    result = verify(tmp_path, "--url", "http://notes.example/api", "--dry-run", "--profile", "quick")
    assert result.exit_code == 0
    assert "POST http://notes.example/api/notes  (" in result.stdout
    assert "calls would be sent" in result.stderr


def test_settings_come_from_the_file_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.trackbed.verify]\nurl = "http://127.0.0.1:1"\nheader = ["X-A: b c"]\n')
    assert "http://127.0.0.1:1 gave no answer" in verify(tmp_path).stderr


# --- TLS -------------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@contextmanager
def certified(authority: trustme.CA, name: str = "127.0.0.1") -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    with tiny.served(tiny.notes(), context) as url:
        yield url


def test_a_certificate_of_ones_own_is_trusted_where_it_is_named(tmp_path: Path, authority: trustme.CA) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with certified(authority) as url:
        result = quick(tmp_path, url, "--skip", "conformance", "--ca", str(tmp_path / "ca.pem"))
    assert result.exit_code == 0, result.output
    assert url.startswith("https://")
    assert f"at {url}" in result.stdout


@pytest.mark.parametrize(
    ("named", "of"),
    [(False, "127.0.0.1"), ("another", "127.0.0.1"), (True, "notes.example")],
    ids=["none named", "another's", "another name"],
)
def test_a_certificate_that_nobody_trusts_is_exit_2_with_what_to_do(
    tmp_path: Path, authority: trustme.CA, named: bool | str, of: str
) -> None:
    file = tmp_path / "ca.pem"
    (trustme.CA() if named == "another" else authority).cert_pem.write_to_path(str(file))
    with certified(authority, of) as url:
        result = quick(tmp_path, url, *(("--ca", str(file)) if named else ()))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"trackbed: {url} gave no answer: its certificate is not trusted; name the file of yours with --ca.\n"


def test_a_file_without_certificates_is_exit_2(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    result = verify(tmp_path, "--url", "https://localhost", "--ca", str(tmp_path / "ca.pem"))
    assert (result.exit_code, "holds no certificates that can be read" in result.stderr) == (2, True)


# --- runs that end early -------------------------------------------------------------------------------------------------------


def slowed(app: Flask, wait: Callable[[], object]) -> Flask:
    """Let an application wait before each answer."""

    @app.before_request
    def slow() -> None:
        wait()

    return app


@pytest.mark.parametrize("wrong", ["", "leaks"])
def test_a_run_on_a_slow_target_ends_in_its_time_and_says_what_it_left_out(tmp_path: Path, wrong: str) -> None:
    never = threading.Event()
    with tiny.served(slowed(tiny.notes(wrong), lambda: never.wait(0.15))) as url:
        told = json.loads(quick(tmp_path, url, "--profile", "ci", "--json", "--max-time", "8").stdout)
    assert told["took_s"] < 20, "all of it would take more than half a minute; the clean-up, and a busy machine, need a little more than 8"
    assert told["ended_early"] == "its time was up"
    left_out = {one["operation"] for one in told["untried"] if one["kind"] == "conformance" and one["reason"].startswith("its time was up")}
    assert left_out == {"createNote", "readNote", "deleteNote"}
    assert [row for row in told["certificate"]["rows"] if row["state"] == "missing"], "what was not seen is missing, and not impossible"
    assert not [one for one in told["untried"] if one["error"]]
    if wrong:
        assert [one for one in told["findings"] if one["ruling"] in ("failed", "doubtful")], "what was found is told"
    else:
        assert told["findings"] == []


def test_a_call_that_hangs_is_cut_off_when_the_time_is_up(tmp_path: Path) -> None:
    over, count = threading.Event(), itertools.count()
    with tiny.served(slowed(tiny.notes(), lambda: over.wait(60 if next(count) > 8 else 0))) as url:
        try:
            result = quick(tmp_path, url, "--skip", "conformance", "--json", "--max-time", "3", "--timeout", "60")
        finally:
            over.set()
    told = json.loads(result.stdout)
    assert told["took_s"] < 3 + 6
    assert told["ended_early"] == "its time was up"
    assert told["findings"] == [], "a call that was cut off accuses nobody"
    assert "law" in {one["kind"] for one in told["untried"] if one["reason"] == "its time was up"}
    assert told["left"], "what could not be deleted in time is listed"


def test_a_target_that_needs_longer_than_there_is_for_its_first_answer_is_exit_2(tmp_path: Path) -> None:
    over = threading.Event()
    with tiny.served(slowed(tiny.notes(), lambda: over.wait(60))) as url:
        try:
            result = quick(tmp_path, url, "--max-time", "1")
        finally:
            over.set()
    assert (result.exit_code, "gave no answer before the time was up" in result.stderr) == (2, True)


def test_a_value_that_takes_longer_to_make_than_there_is_time_does_not_hold_the_run_up(tmp_path: Path) -> None:
    with tiny.served(wide.taking_everything()) as url:
        command = [sys.executable, "-m", "contracts", "verify", str(wide.file(tmp_path)), "--url", url, "--max-time", "10", "--json"]
        result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    told = json.loads(result.stdout)
    assert (result.returncode, result.stderr, told["ended_early"]) == (1, "", "its time was up")
    assert told["took_s"] < 10 + 7, "Schemathesis alone would take minutes; a busy machine needs a little more than 10"
    assert [one for one in told["findings"] if one["ruling"] == "failed"], "it takes what the document forbids, and that is told"
    assert {one["reason"] for one in told["untried"] if one["kind"] == "conformance"} == {"its time was up before all was tried"}


def test_a_person_can_break_off_while_a_value_is_made_that_takes_long(tmp_path: Path) -> None:
    count, under_way = itertools.count(1), threading.Event()
    with tiny.served(wide.taking_everything(lambda: next(count) == 2 and under_way.set())) as url:  # the first call is there to reach it
        code, out, err = broken_off(under_way, str(wide.file(tmp_path, example={})), "--url", url, "--profile", "quick", "--json")
    assert (code, err, json.loads(out)["ended_early"]) == (2, "", "it was interrupted")


# Who is started in the background of a shell hears no Ctrl+C, and neither do its children.
HEARING = """import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from contracts.cli import main
main(prog_name="trackbed")
"""


def broken_off(moment: threading.Event, *arguments: str) -> tuple[int, str, str]:
    """Run the command in a process of its own, and press Ctrl+C at a moment; gives how it ends and what it says."""
    command = [sys.executable, "-c", HEARING, "verify", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert moment.wait(60)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
    return process.returncode, out, err


@pytest.mark.parametrize("part", ["conformance", "law"])
def test_a_person_who_breaks_off_gets_what_was_found_and_leaves_nothing_behind(tmp_path: Path, part: str) -> None:
    count, under_way = itertools.count(1), threading.Event()

    def slow() -> None:
        if next(count) == 14:
            under_way.set()
        threading.Event().wait(0.05)

    other = "law" if part == "conformance" else "conformance"
    with tiny.served(slowed(tiny.notes("leaks"), slow)) as url:
        code, out, err = broken_off(under_way, str(tiny.document(tmp_path)), "--url", url, "--seed", "1", "--skip", other, "--json")
    assert (code, err) == (2, "")
    told = json.loads(out)
    assert told["ended_early"] == "it was interrupted"
    assert (len(told["removed"]) > 0, told["left"]) == (True, [])
    assert "it was interrupted" in {one["reason"] for one in told["untried"]}
    assert {one["check"] for one in told["findings"]} >= ({"ST108"} if part == "conformance" else set())


def test_a_person_who_breaks_off_before_the_first_answer_is_told_so(tmp_path: Path) -> None:
    asked, over = threading.Event(), threading.Event()

    def never() -> None:
        asked.set()
        over.wait(60)

    with tiny.served(slowed(tiny.notes(), never)) as url:
        try:
            ended = broken_off(asked, str(tiny.document(tmp_path)), "--url", url)
        finally:
            over.set()
    assert ended == (2, "", "trackbed: interrupted before anything was judged.\n")


def test_only_this_machine_is_loopback() -> None:
    assert all(map(is_loopback, ("http://127.0.0.1:80", "http://[::1]/", "http://localhost", "http://a.localhost:1")))
    assert not any(map(is_loopback, ("http://10.0.0.1", "http://localhost.example", "https://api.example", "http://0x7f.1.example")))


# --- targets that mean harm ----------------------------------------------------------------------------------------------------


@contextmanager
def hostile(answer: Callable[[socket.socket], Any]) -> Iterator[str]:
    """Serve whatever `answer` writes to each connection, once a request has come."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                threading.Thread(target=one, args=(connection,), daemon=True).start()

        def one(connection: socket.socket) -> None:
            with connection:
                try:
                    connection.recv(65536)
                    answer(connection)
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            thread.join()


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def endless_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-A: " + b"x" * 1000 + b"\r\n")


def silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def elsewhere(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (endless, "gave no answer: its body"),
        (endless_headers, "gave no answer: "),
        (silent, "gave no answer: it said nothing in time"),
        (elsewhere, "redirects are not followed"),
        (lambda connection: connection.sendall(b"\x1b[2Jnot http\r\n\r\n"), "what came is not HTTP"),
        (lambda connection: None, "gave no answer: "),
    ],
)
def test_a_target_that_means_harm_is_exit_2_with_a_reason(tmp_path: Path, answer: Callable[[socket.socket], Any], said: str) -> None:
    with hostile(answer) as url:
        result = quick(tmp_path, url, "--timeout", "1")
    assert result.exit_code == 2
    assert said in result.stderr
    assert "\x1b" not in result.stderr


def test_a_target_that_claims_to_be_a_sandbox_gains_nothing(tmp_path: Path) -> None:
    def claims(connection: socket.socket) -> None:
        body = b'{"name": "Trackbed", "providers": 7}'
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )

    with hostile(claims) as url:
        result = quick(tmp_path, url, "--timeout", "2", "--skip", "conformance")
    assert result.exit_code == 1, "it answers everything with what no document has"
    assert "Traceback" not in result.output


def test_escape_codes_of_a_target_are_shown_and_not_obeyed(tmp_path: Path) -> None:
    app = tiny.notes("crash")
    with tiny.served(app) as url:
        result = quick(tmp_path, url, "--profile", "ci", "--only", "createNote", "--only", "conformance")
    assert "\x1b" not in result.stdout
    assert "\x07" not in result.stdout
    assert plain("\x1b[31m\u202e\x07a\n") == "\\x1b[31m\\u202e\\x07a\n"
