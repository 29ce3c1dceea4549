"""A server in the background, started and ended as its users do it, and as accidents do."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from processes import MARK, marked, wait_for_end

from sandbox import background
from sandbox.background import CannotServe, serving

STARTER = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # which who runs the tests may have had ignored
from sandbox.background import serving
with serving() as about:
    print(about["url"], flush=True)
    {then}
"""


def answers(url: str) -> bool:
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname, address.port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def starter(then: str, mark: Path, **environment: str) -> subprocess.Popen[str]:
    """Start a program that starts a server, prints its address, and goes on with `then`."""
    return subprocess.Popen(
        [sys.executable, "-c", STARTER.format(then=then)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {MARK: str(mark)} | environment,
    )


def test_a_server_answers_as_soon_as_it_is_there_and_no_longer_than_it_is_wanted() -> None:
    with serving() as about:
        with urllib.request.urlopen(f"{about['url']}/healthz", timeout=5) as health:
            assert json.load(health)["status"] == "ok"
        assert about["name"] == "Trackbed"
    assert not answers(about["url"])


def test_a_failure_of_those_who_use_it_ends_it_too() -> None:
    urls: list[str] = []

    def fail() -> None:
        with serving() as about:
            urls.append(about["url"])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not answers(urls[0])


def test_two_servers_do_not_get_in_each_others_way() -> None:
    with serving() as one, serving() as other:
        assert one["url"] != other["url"]
        assert answers(one["url"])
        assert answers(other["url"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nobody",), "the sandbox did not start: trackbed: there is no provider 'nobody'; expected one of"),
        (("--journeys", "nowhere"), "nowhere"),
        (("--port", "x"), "--port"),
    ],
)
def test_a_server_that_does_not_start_says_why(arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CannotServe, match=words), serving(*arguments):
        pass


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mute = tmp_path / "python"
    mute.write_text("#!/bin/sh\nexec cat\n")  # reads on, and so never ends by itself
    mute.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(mute))
    monkeypatch.setattr(background, "START_TIMEOUT_S", 0.1)
    with pytest.raises(CannotServe, match="it ended without a word"), serving():
        pass


def test_it_runs_in_the_folder_that_is_said_with_the_settings_there(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.trackbed]\ndata = "mine.json"\n')
    with pytest.raises(CannotServe, match=r"mine\.json"), serving(folder=tmp_path):
        pass


def test_a_package_of_the_same_name_in_the_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "__init__.py").write_text("raise SystemExit('not me')")
    with serving(folder=tmp_path) as about:
        assert about["name"] == "Trackbed"


@pytest.mark.parametrize("then", ["pass", "sys.exit(1)"])
def test_what_a_server_wrote_to_its_terminal_comes_out_at_the_end(tmp_path: Path, then: str) -> None:
    with starter(then, tmp_path) as program:
        assert program.communicate(timeout=60)[1] == ""
    with starter(then, tmp_path, PYTHONPROFILEIMPORTTIME="1") as program:
        assert " granian\n" in program.communicate(timeout=60)[1], "only the server imports this, and says so"


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=str)
def test_a_server_ends_with_the_one_who_started_it_however_that_came(end: signal.Signals, tmp_path: Path) -> None:
    with starter("sys.stdin.read()", tmp_path) as program:
        url = program.stdout.readline().strip() if program.stdout else ""
        left = [process for process in marked(str(tmp_path)) if process != program.pid]
        assert answers(url)
        assert left, "the mark did not reach the server"
        program.send_signal(end)
        program.wait(timeout=30)
        assert wait_for_end(left)
    assert not answers(url)
    assert marked(str(tmp_path)) == []
