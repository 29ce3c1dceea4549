"""Reports say the same in every form, hide what is secret, and nothing of a target is more than text in them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import tiny
from rich.console import Console

from contracts.findings import Finding, Step
from contracts.report import files
from contracts.report.commands import commands
from contracts.report.plain import line, plain, value
from contracts.report.secrets import Secrets
from contracts.report.terminal import tell
from contracts.run.certificate import Certificate, Row
from contracts.run.results import Checked, Left, Result, Untried, Verdict
from contracts.target import HttpTarget
from sandbox.answers import Answer
from sandbox.exchange import Request

NASTY = "<script>document.title='owned'</script>\x1b[31m\x07\u202e\ud800'\"&"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def result_of(folder: Path, **changes: Any) -> Result:
    spec = tiny.spec(folder)
    steps = (
        Step(
            Request("POST", "/notes", "", {"x-key": "sbx_a", "content-type": "application/json"}, b'{"text":"a"}'),
            Answer(201, {}, b'{"id": "note-7"}'),
        ),
        Step(
            Request("GET", "/notes/note-7", "a=[1]", {"x-key": "sbx_a"}),
            Answer(500, {"x-a": NASTY}, NASTY.encode("utf-8", "surrogatepass")),
        ),
    )
    finding = Finding(
        "promise", "notes-stay", "readNote", "/paths/~1notes", NASTY, NASTY, {NASTY: NASTY}, "https://notes.example", steps=steps
    )
    whole = Result(
        spec,
        "http://127.0.0.1:1",
        7,
        "quick",
        (Verdict("failed", finding, times=3), Verdict("flake", replace(finding, check="once"), "it did not come about again")),
        (Untried("law", "a-law", "readNote", NASTY), Untried("promise", "odd", "", "it stumbled", error=True)),
        Certificate(
            (Row("operation", "createNote", "createNote", "/a", "seen"), Row("operation", "readNote", "readNote", "/b", "missing"))
        ),
        (Checked("promise", "notes-stay", "readNote", "broken"), Checked("law", "another", "createNote", "kept")),
        12,
        1.5,
        left=(Left("createNote", NASTY),),
    )
    return replace(whole, **changes)


def secrets(result: Result, credential: str = "sbx_a") -> Secrets:
    return Secrets(result.spec, credential)


def test_the_json_has_everything_and_can_be_read_by_anybody(tmp_path: Path) -> None:
    result = result_of(tmp_path)
    files.write("json", tmp_path / "r.json", result, secrets(result))
    told = json.loads((tmp_path / "r.json").read_bytes())
    failed, flake = told["findings"]
    assert (failed["ruling"], failed["times"], failed["where"], failed["seed"]) == ("failed", 3, "/paths/~1notes", 0)
    assert (flake["ruling"], flake["reason"]) == ("flake", "it did not come about again")
    assert failed["story"][1]["answer"]["status"] == 500
    assert (told["exit_code"], told["calls"], told["untried"][1]["error"]) == (1, 12, True)


def test_the_junit_has_a_failure_for_each_broken_promise_and_an_error_for_what_is_unproved(tmp_path: Path) -> None:
    result = result_of(tmp_path)
    files.write("junit", tmp_path / "r.xml", result, secrets(result))
    cases = {
        (case.get("classname"), case.get("name")): [part.tag for part in case] for case in ET.parse(tmp_path / "r.xml").iter("testcase")
    }
    assert cases == {
        ("readNote", "notes-stay"): ["failure"],
        ("the whole", "odd"): ["error"],
        ("createNote", "another"): [],
        ("readNote", "a-law"): ["skipped"],
        ("createNote", "answers with success"): [],
        ("readNote", "answers with success"): ["error"],
    }


def test_the_junit_has_a_case_for_each_of_several_findings_of_one_check(tmp_path: Path) -> None:
    result = result_of(tmp_path)
    (one, _) = result.verdicts
    others = (replace(one, finding=replace(one.finding, cause=cause)) for cause in ("500", "503"))
    files.write("junit", tmp_path / "r.xml", replace(result, verdicts=tuple(others)), secrets(result))
    failed = [case.get("name") for case in ET.parse(tmp_path / "r.xml").iter("testcase") if case.find("failure") is not None]
    assert failed == ["notes-stay /paths/~1notes 500", "notes-stay /paths/~1notes 503"]


def test_a_report_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    result = result_of(tmp_path)
    with pytest.raises(files.CannotWrite, match="No such file or directory"):
        files.write("json", tmp_path / "nowhere" / "r.json", result, secrets(result))
    assert list(tmp_path.glob("r.*")) == []


def test_the_terminal_shows_and_obeys_nothing(tmp_path: Path) -> None:
    result = result_of(tmp_path)
    console = Console(record=True, width=180, color_system=None, force_terminal=False, highlight=False)
    with console.capture() as captured:
        tell(console, result, secrets(result))
    told = captured.get()
    assert not set(told) & set("\x1b\x07\u202e")
    for words in (
        "failed: a documented promise is broken",
        "seen      3 times",
        "notes.json#/paths/~1notes",
        "flake: it did not come about again",
        "left on the target",
    ):
        assert words in told
    assert "Promises are broken: 1 failed, 1 flake" in told


def test_a_value_that_the_target_made_is_handed_from_line_to_line(tmp_path: Path) -> None:
    result = result_of(tmp_path)
    first, second = commands(result.url, result.verdicts[0].finding.steps, secrets(result))
    assert first.startswith("made1=$(curl -s -X POST http://127.0.0.1:1/notes")
    assert """python3 -c 'import json,sys;print(json.load(sys.stdin)["id"])')""" in first
    assert '/notes/"$made1"' in second.replace("'", "")


@pytest.mark.parametrize(
    ("credential", "headers", "shown"),
    [
        ("a-secret-key", {"x-key": "a-secret-key"}, "-H 'x-key: '\"$TRACKBED_CREDENTIAL\"''"),
        ("id-1:secret-2", {"x-key": "Basic aWQtMTpzZWNyZXQtMg=="}, '"$(printf %s "$TRACKBED_CREDENTIAL" | base64 -w0)"'),
        ("id-1:secret-2", {"x-key": "Bearer fetched"}, "Bearer '\"$TRACKBED_SHOWN\"''"),
    ],
)
def test_a_credential_is_a_variable_in_a_command(tmp_path: Path, credential: str, headers: dict[str, str], shown: str) -> None:
    hidden = Secrets(tiny.spec(tmp_path), credential)
    (command,) = commands("http://h", (Step(Request("GET", "/notes/1", "", headers), None),), hidden)
    assert shown in command
    for part in (credential, "aWQtMTpzZWNyZXQtMg==", "fetched"):
        assert part not in command
        assert part not in str(hidden.hidden_headers(headers))


def test_texts_are_cut_and_plain() -> None:
    assert line("a\n\tb  c") == "a b c"
    assert line("x" * 400) == "x" * 299 + "…"
    assert value({"a": "\x1b"}) == '{"a": "\\u001b"}'
    assert plain("ß 漢 👩‍👧 é") == "ß 漢 👩‍👧 é"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync = pytest.importorskip("playwright.sync_api")
    with sync.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
def test_the_page_is_one_file_that_shows_a_hostile_target_as_text(tmp_path: Path, browser: Any) -> None:
    result = result_of(tmp_path)
    path = tmp_path / "r.html"
    files.write("html", path, result, secrets(result))
    page = browser.new_page()
    asked: list[str] = []
    troubles: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(path.as_uri())
    assert page.title() == "Notes: broken"
    assert page.locator("script").count() == 0
    assert page.locator("article h3").all_inner_texts() == ["failed: notes-stay of readNote", "flake: once of readNote"]
    assert "<script>document.title='owned'</script>\\x1b[31m" in page.locator("article p").first.inner_text()
    assert page.locator("#checks tbody tr").count() == 2
    assert page.locator("#certificate tbody tr").count() == 5
    assert page.locator("#ending").inner_text() == "Promises are broken."
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it is wider than a telephone"
    assert (asked, troubles) == ([path.as_uri()], [])
    page.close()


def test_a_command_really_sends_what_was_sent(tmp_path: Path) -> None:
    app = tiny.notes("open")
    with tiny.served(app) as url:
        request = Request(
            "POST", "/notes", "", {"content-type": "application/json", "x-key": "sbx_a b'c"}, '{"text":"it\'s $HOME ß"}'.encode()
        )
        (command,) = commands(url, (Step(request, None),), Secrets(tiny.spec(tmp_path), "sbx_a"))
        told = subprocess.run(command, shell=True, capture_output=True, text=True, check=True, executable="/bin/bash").stdout
        assert told.startswith("HTTP/1.1 201")
        assert json.loads(told.splitlines()[-1])["text"] == json.loads(HttpTarget(url).send(request).body)["text"] == "it's $HOME ß"
