"""The command line, run as a user runs it."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from servers import free_port, serving, trackbed

from sandbox import __version__
from sandbox.client import Control
from sandbox.providers import PROVIDERS


def test_serve_prints_where_everything_is_and_a_first_line_that_works(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        for name in PROVIDERS:
            assert f"{server.url}/{name}" in server.log
        assert "Any credential that starts with sbx_ is good" in server.log
        line = next(line.strip() for line in server.log.splitlines() if line.strip().startswith("curl "))
        answer = subprocess.run(shlex.split(line), capture_output=True, text=True, check=True).stdout
        assert answer.startswith(("HTTP/1.1 200", "HTTP/1.1 201"))
        assert server.stop() == 0


def test_serve_takes_the_named_providers_only(tmp_path: Path) -> None:
    with serving(tmp_path, "trackru", "--empty", "--seed", "7") as server:
        assert server.raw(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n").endswith(b'"providers": [\n    "trackru"\n  ]\n}\n')


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["serve", "nobody"], "there is no provider 'nobody'; expected one of"),
        (["serve", "trakru"], "did you mean 'trackru'?"),
        (["serve", "--port", "-1"], "--port"),
        (["serve", "--prot", "1"], "--port"),
        (["sreve"], "sreve"),
        (["serve", "--data", "nothing.json"], "nothing.json#: cannot be read: No such file or directory"),
        (["serve", "--host", "nowhere.invalid"], "cannot listen on nowhere.invalid"),
        (["serve", "--host", "203.0.113.1"], "cannot listen on 203.0.113.1"),
    ],
)
def test_a_mistake_is_exit_code_2_with_what_to_do(arguments: list[str], words: str) -> None:
    result = trackbed(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_a_port_in_use_is_exit_code_2_with_a_hint() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        result = trackbed("serve", "--port", str(taken.getsockname()[1]))
    assert result.returncode == 2
    assert "Address already in use. Choose another port with --port" in result.stderr


def test_a_bad_scene_file_is_named_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text('{"trackru": {"carriers": 5}}')
    result = trackbed("serve", "--data", str(path))
    assert result.returncode == 2
    assert "mine.json#/trackru/carriers: 5 is not of type" in result.stderr


@contextlib.contextmanager
def announced(folder: Path, *arguments: str, **environment: str) -> Iterator[dict[str, Any]]:
    """Start `trackbed serve --json` in a folder and yield the line that it says; nothing but that line comes."""
    command = [sys.executable, "-m", "sandbox", "serve", "--json", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=folder, env=os.environ | environment) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            yield json.loads(line)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.stdout.read() == b""
    assert process.returncode == 0


def numbers(control: Control, *, limit: str = "") -> list[str]:
    """Name the parcels that a fresh workspace has heard of."""
    snapshot = control.get(f"/_sandbox/workspaces/sbx_{limit}fresh/snapshot")
    return [parcel["key"] for parcel in snapshot["collections"].get("parcels", [])]


def test_port_0_takes_a_free_port_and_json_says_which_in_one_line(tmp_path: Path) -> None:
    with announced(tmp_path, "--port", "0", "trackru") as about:
        assert about["url"].startswith("http://127.0.0.1:")
        assert Control(about["url"]).get("/healthz") == {"status": "ok", "version": __version__, "providers": ["trackru"]}
        assert (about["token"], [provider["name"] for provider in about["providers"]]) == (None, ["trackru"])
        assert about["providers"][0]["url"] == f"{about['url']}/trackru"
        assert about["providers"][0]["credential"]["headers"] == {"Api-Key": "sbx_demo"}


def test_json_says_the_token_where_one_is_needed(tmp_path: Path) -> None:
    with announced(tmp_path, "--port", "0", "--host", "0.0.0.0", TRACKBED_TOKEN="mine") as about:
        assert about["token"] == "mine"
        assert Control(about["url"], "mine").get("/_sandbox/workspaces") == {"workspaces": []}


def test_settings_come_from_the_file_and_from_the_environment_too(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.trackbed]\nport = 0\nempty = true\nallow-host = ["team.example"]\nfaults = "f.json"\n')
    (tmp_path / "f.json").write_text('{"faults": [{"latency_ms": 1}]}')
    (tmp_path / "j").mkdir()
    (tmp_path / "j" / "mine.json").write_text(json.dumps(journey()))
    with announced(tmp_path, "trackru", TRACKBED_JOURNEYS="j", TRACKBED_ALLOW_HOST="one.example two.example") as about:
        control = Control(about["url"])
        assert numbers(control) == []
        assert len(control.get("/_sandbox/workspaces/sbx_fresh/faults")["faults"]) == 1
        answers = {}
        for host in ("team.example", "one.example", "two.example"):
            request = f"GET /healthz HTTP/1.0\r\nHost: {host}\r\n\r\n".encode()
            with socket.create_connection(("127.0.0.1", int(about["url"].rpartition(":")[2])), timeout=10) as connection:
                connection.sendall(request)
                answers[host] = int(connection.recv(12).split()[1])
        assert answers == {"team.example": 400, "one.example": 200, "two.example": 200}, "the environment beats the file"


def journey(**changes: Any) -> dict[str, Any]:
    places = {"moon": {"city": "Tranquility", "country": "US", "zone": "Etc/UTC"}}
    steps = [{"milestone": "announced", "after_s": 0, "place": "moon"}, {"milestone": "lost", "after_s": 60, "place": "moon"}]
    return {"title": "Lost on the moon", "places": places, "steps": steps} | changes


def test_a_journey_of_ones_own_is_taken_by_the_numbers_that_name_it(tmp_path: Path) -> None:
    (tmp_path / "to-the-moon.json").write_text(json.dumps(journey()))
    with announced(tmp_path, "--port", "0", "--journeys", str(tmp_path), "trackru") as about:
        control = Control(about["url"])
        sent = {"tracking_number": "SBX-TO-THE-MOON-1", "carrier_code": "sto"}
        request = json.dumps(sent).encode()
        command = ["curl", "-s", "-d", request, "-H", "Api-Key: sbx_x", "-H", "Content-Type: application/json"]
        subprocess.run([*command, f"{about['url']}/trackru/v1/trackings/post"], check=True, capture_output=True)
        (event,) = control.post("/_sandbox/workspaces/sbx_x/clock/step", {"number": "SBX-TO-THE-MOON-1"})["events"]
        assert (event["journey"], event["milestone"], event["city"]) == ("to-the-moon", "lost", "Tranquility")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "mine.json#: is not JSON"),
        ("[]", "mine.json#: "),
        ('{"title": "a", "title": "b"}', "mine.json#: is not JSON: "),
        (json.dumps(journey(title="")), "mine.json#/title: "),
        (json.dumps(journey(extra=1)), "mine.json#: Additional properties are not allowed ('extra'"),
        (json.dumps(journey(steps=[])), "mine.json#/steps: "),
        (json.dumps(journey(steps=[{"milestone": "eaten", "after_s": 0, "place": "moon"}])), "mine.json#/steps/0/milestone: "),
        (
            json.dumps(journey(steps=[{"milestone": "lost", "after_s": 0, "place": "mars"}])),
            "mine.json#/steps/0/place: names the place 'mars', which /places does not have",
        ),
        (
            json.dumps(journey(places={"moon": {"city": "T", "country": "US", "zone": "Moon/Tranquility"}})),
            "mine.json#/places/moon/zone: is 'Moon/Tranquility', which is no IANA time zone",
        ),
    ],
)
def test_a_bad_journey_is_exit_code_2_with_file_pointer_and_reason(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "mine.json").write_text(content)
    result = trackbed("serve", "--port", "0", "--journeys", str(tmp_path))
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_faults_from_a_file_stand_in_every_workspace_with_counters_of_its_own(tmp_path: Path) -> None:
    rule = {"provider": "trackru", "operation": "listCarriers", "cause": "server-error"}
    (tmp_path / "f.json").write_text(json.dumps({"faults": [rule, {"provider": "trackru", "latency_ms": 0}]}))
    with announced(tmp_path, "--port", "0", "--faults", "f.json") as about:
        control = Control(about["url"])
        command = ["curl", "-s", "-o", os.devnull, "-w", "%{http_code} %header{trackbed-cause}", f"{about['url']}/trackru/v1/carriers"]
        said = [
            subprocess.run([*command, "-H", f"Api-Key: {account}"], check=True, capture_output=True, text=True).stdout
            for account in ("sbx_a", "sbx_a", "sbx_empty_b")
        ]
        assert [answer.split()[1:] for answer in said] == [["server-error"], [], ["server-error"]]
        counts = {}
        for name in ("sbx_a", "sbx_empty_b", "sbx_empty_c", "sbx_d"):
            faults = control.get(f"/_sandbox/workspaces/{name}/faults")["faults"]
            counts[name] = [(fault["id"], fault["matched"], fault["applied"]) for fault in faults]
        fresh = [("f1", 0, 0), ("f2", 0, 0)]
        assert counts == {
            "sbx_a": [("f1", 2, 1), ("f2", 2, 1)],
            "sbx_empty_b": [("f1", 1, 1), ("f2", 1, 0)],
            "sbx_empty_c": fresh,
            "sbx_d": fresh,
        }
        control.delete("/_sandbox/workspaces/sbx_a")
        assert control.get("/_sandbox/workspaces/sbx_a/faults")["faults"][0]["applied"] == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "f.json#: is not JSON"),
        ("[]", "f.json#: "),
        ('{"rules": []}', 'f.json#: is not an object with a list: {"faults": ['),
        ('{"faults": {}}', "f.json#: is not an object with a list"),
        ('{"faults": [], "more": 1}', "f.json#: is not an object with a list"),
        ('{"faults": [{}]}', "f.json#/faults/0: "),
        ('{"faults": [5]}', "f.json#/faults/0: "),
        ('{"faults": [{"latency_ms": 1}, {"latency_ms": -1}]}', "f.json#/faults/1/latency_ms: must be at least 0"),
        ('{"faults": [{"latency_ms": 1, "providor": "trackru"}]}', "f.json#/faults/0"),
        ('{"faults": [{"latency_ms": 1, "provider": "trakru"}]}', "did you mean 'trackru'? expected one of"),
        ('{"faults": [{"cause": "tired", "provider": "trackru"}]}', "f.json#/faults/0/cause: there is no cause 'tired' here; "),
        ('{"faults": [{"latency_ms": 1, "operation": "createTrakking"}]}', "f.json#/faults/0/operation: there is no operation"),
    ],
)
def test_a_bad_file_of_faults_is_exit_code_2_with_file_pointer_and_reason(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "f.json").write_text(content)
    result = trackbed("serve", "--port", "0", "--faults", "f.json", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--faults", "nothing.json"], "nothing.json#: cannot be read"),
        (["--journeys", "nothing"], "'nothing' does not exist"),
        (["--journeys", "nothing.json"], "nothing.json"),
    ],
)
def test_a_file_or_folder_that_is_not_there_is_exit_code_2(tmp_path: Path, arguments: list[str], words: str) -> None:
    result = trackbed("serve", "--port", "0", *arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert words in result.stderr


def test_the_version_is_told() -> None:
    assert trackbed("--version").stdout == f"trackbed, version {__version__}\n"
