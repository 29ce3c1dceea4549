"""`trackbed ctl`, run as a user runs it, against a sandbox that runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from servers import Server, free_port, serving, trackbed

Ctl = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("ctl"), "trackru", "parcellab") as running:
        yield running


@pytest.fixture
def account(request: pytest.FixtureRequest) -> str:
    return f"sbx_empty_{request.node.name[:40].replace('[', '_').rstrip(']')}"


@pytest.fixture
def ctl(server: Server, account: str, tmp_path: Path) -> Ctl:
    """Run a command on the test's own workspace, in an empty folder."""

    def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        here = {"TRACKBED_URL": server.url, "TRACKBED_WORKSPACE": account, **environment}
        return trackbed("ctl", *words, cwd=tmp_path, env=os.environ | here)

    return run


def call(server: Server, account: str, path: str, body: Any = None, method: str | None = None) -> Any:
    headers = {"Api-Key": account, "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{server.url}/trackru{path}", data, headers, method=method)) as reply:
        return json.load(reply)


def create(server: Server, account: str, number: str) -> Any:
    return call(server, account, "/v1/trackings/post", {"tracking_number": number, "carrier_code": "sto"})


def status(server: Server, account: str, number: str) -> str:
    return str(call(server, account, f"/v1/trackings/sto/{number}")["data"][0]["status"])


def said(result: subprocess.CompletedProcess[str]) -> str:
    assert (result.returncode, result.stderr) == (0, ""), result
    return result.stdout


def test_the_clock_moves_parcels_and_says_what_happened(ctl: Ctl, server: Server, account: str) -> None:
    create(server, account, "SBX-CUSTOMS-1")
    assert "frozen" in said(ctl("clock", "freeze"))
    lines = said(ctl("clock", "advance", "3d12h")).splitlines()
    assert [line.split("  ")[3] for line in lines[1:]] == [
        "accepted",
        "departed",
        "exported",
        "imported",
        "customs-entered",
        "customs-held",
    ]
    assert status(server, account, "SBX-CUSTOMS-1") == "exception"
    assert "customs-released  Frankfurt, DE" in said(ctl("clock", "step", "sbx-customs-1"))
    assert status(server, account, "SBX-CUSTOMS-1") == "transit"


def test_the_clock_is_set_scaled_and_released(ctl: Ctl) -> None:
    assert said(ctl("clock", "set", "2026-03-02")).startswith("2026-03-02 00:00:0")
    assert "running, 3600 times as fast" in said(ctl("clock", "scale", "3600"))
    assert "frozen, 3600 times as fast" in said(ctl("clock", "freeze"))
    assert said(ctl("clock", "set", "2026-03-02T09:00+02:00")).startswith("2026-03-02 07:00:00Z")
    assert said(ctl("clock")).startswith("2026-03-02 07:00:00Z")
    assert "running" in said(ctl("clock", "run"))


def test_every_answer_can_be_had_as_json(ctl: Ctl, account: str) -> None:
    assert json.loads(said(ctl("clock", "set", "2026-03-02", "--json")))["events"] == []
    assert json.loads(said(ctl("--json", "clock")))["own"] is True
    assert account in {one["name"] for one in json.loads(said(ctl("workspaces", "--json")))["workspaces"]}
    assert json.loads(said(ctl("faults", "add", "--cut", "9", "--json")))["cut_after"] == 9
    assert json.loads(said(ctl("faults", "--json")))["faults"][0]["id"] == "f1"
    assert json.loads(said(ctl("reset", "--json"))) == {"name": account}


def test_a_fault_strikes_and_passes(ctl: Ctl, server: Server, account: str) -> None:
    assert "times 1, provider trackru, cause server-error" in said(ctl("faults", "add", "--provider", "trackru", "--cause", "server-error"))
    assert create(server, account, "A1-000")["meta"]["code"] == 500
    assert create(server, account, "A1-000")["meta"]["code"] == 200
    assert "struck 1 of 2 calls" in said(ctl("faults", "list"))
    assert said(ctl("faults", "remove", "f1")) == "f1 is gone.\n"
    assert ctl("faults").stderr == "There are no faults.\n"


def test_every_option_of_a_fault_reaches_its_rule(ctl: Ctl) -> None:
    words = "--operation createTracking --path /v1/* --body /carrier_code=sto --body /n=5 --nth 2 --probability 0.5 --times 3"
    effects = "--rate-limit 10/60 --latency 5 --truncate 3 --content-type text/html --cut 4 --dribble 16/100"
    rule = json.loads(said(ctl("faults", "add", "--json", *words.split(), *effects.split())))
    assert rule == {
        "id": "f1",
        "operation": "createTracking",
        "path": "/v1/*",
        "nth": 2,
        "probability": 0.5,
        "times": 3,
        "latency_ms": 5,
        "truncate_at": 3,
        "content_type": "text/html",
        "cut_after": 4,
        "body": {"/carrier_code": "sto", "/n": 5},
        "rate_limit": {"calls": 10, "per_s": 60},
        "dribble": {"bytes": 16, "every_ms": 100},
        "matched": 0,
        "applied": 0,
    }
    assert json.loads(said(ctl("faults", "add", "--json", "--expire-token")))["expire_token"] is True
    assert said(ctl("faults", "clear")) == "There are no faults now.\n"


def test_the_journal_shows_the_last_exchanges_and_explains_them(ctl: Ctl, server: Server, account: str) -> None:
    create(server, account, "A1-000")
    create(server, account, "A1-000")
    lines = said(ctl("journal", "--curl", "--cause", "duplicate")).splitlines()
    assert "POST /trackru/v1/trackings/post  200  duplicate" in lines[0]
    assert lines[1].strip().startswith("curl -i -X POST")
    assert said(ctl("explain")) == said(ctl("explain", lines[0].split()[0]))
    assert "refused for the cause duplicate with 200, which stands for 409" in said(ctl("explain"))
    assert json.loads(said(ctl("journal", "--har", "-", "--text", "a1-000")))["log"]["version"] == "1.2"


def test_calls_without_an_account_are_shown_where_no_workspace_is_named(server: Server, ctl: Ctl) -> None:
    server.raw(b"GET /trackru/nowhere HTTP/1.0\r\nHost: localhost\r\n\r\n")
    assert "-  GET /trackru/nowhere  404  unknown-path" in said(ctl("journal", TRACKBED_WORKSPACE=""))
    assert ctl("journal").stderr == "There are no entries.\n"


def test_the_journal_is_followed_live(server: Server, account: str) -> None:
    command = [sys.executable, "-u", "-m", "sandbox", "ctl", "journal", "--follow", "--json", "--url", server.url, "-w", account]
    create(server, account, "A1-000")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            numbers = [json.loads(process.stdout.readline())["number"]]  # whoever answers is listening
            for number in ("A1-001", "A1-002"):
                create(server, account, number)
                entry = json.loads(process.stdout.readline())
                assert number in entry["request"]["body"]
                numbers.append(entry["number"])
        finally:
            process.terminate()
    assert numbers == sorted(set(numbers))


def test_a_snapshot_is_restored_from_its_file(ctl: Ctl, server: Server, account: str, tmp_path: Path) -> None:
    create(server, account, "A1-000")
    said(ctl("clock", "freeze"))
    assert said(ctl("snapshot", "world.json")) == ""
    assert json.loads((tmp_path / "world.json").read_text()) == json.loads(said(ctl("snapshot")))
    assert said(ctl("reset")) == f"{account} is fresh.\n"
    assert call(server, account, "/v1/trackings/get")["meta"]["code"] == 4031
    assert f"{account} holds 1 documents" in said(ctl("restore", "world.json"))
    assert call(server, account, "/v1/trackings/get")["data"]["items"][0]["tracking_number"] == "A1-000"
    assert [path.name for path in tmp_path.iterdir()] == ["world.json"]


def test_the_outbox_lists_what_would_have_been_sent(ctl: Ctl) -> None:
    assert "email to sandy@example.com" in said(ctl("outbox", "-w", "sbx_demo"))


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["clock", "advance", "2x"], 2, "'2x' is no duration; write 2d"),
        (["clock", "advance", "999999w"], 2, "by"),
        (["clock", "set", "soon"], 2, "'soon' is no time; write it as in"),
        (["clock", "set", "1969-12-31"], 2, "/now"),
        (["clock", "step"], 1, "No parcel of this workspace has anything ahead of it. Create one first."),
        (["faults", "add"], 2, "/cause: is required"),
        (["faults", "add", "--cause", "duplicat"], 2, "did you mean 'duplicate'?"),
        (["faults", "add", "--provider", "trakru", "--cut", "1"], 2, "did you mean 'trackru'?"),
        (["faults", "add", "--rate-limit", "10"], 2, "--rate-limit '10' is not two numbers, such as 10/60"),
        (["faults", "add", "--cut", "1", "--body", "x"], 2, "--body 'x' is not POINTER=VALUE"),
        (["faults", "remove", "f9"], 1, "no rule of this id"),
        (["explain", "t999999"], 1, "The journal does not have this exchange"),
        (["restore", "missing.json"], 2, "missing.json"),
        (["snapshot", "no/such/folder.json"], 2, "No such file or directory"),
        (["clock", "--workspace", "no account"], 2, "path:workspace"),
        (["clok"], 2, "'clock'"),
        (["clock", "advence", "1d"], 2, "'advance'"),
        (["journal", "--folow"], 2, "--follow"),
    ],
)
def test_a_mistake_is_said_in_a_line_with_its_exit_code(ctl: Ctl, words: list[str], code: int, told: str) -> None:
    result = ctl(*words)
    assert (result.returncode, result.stdout) == (code, "")
    assert told in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_that_is_no_snapshot_changes_nothing(ctl: Ctl, server: Server, account: str, tmp_path: Path) -> None:
    create(server, account, "A1-000")
    for content, told in (("{", "world.json is no JSON"), ("{}", "/format: is required")):
        (tmp_path / "world.json").write_text(content)
        result = ctl("restore", "world.json")
        assert result.returncode == 2
        assert told in result.stderr
    assert call(server, account, "/v1/trackings/get")["data"]["total"] == "1"


def test_no_sandbox_is_said_with_what_to_do(ctl: Ctl) -> None:
    result = ctl("clock", "--url", f"http://127.0.0.1:{free_port()}")
    assert result.returncode == 2
    assert "start one with `trackbed serve`" in result.stderr


def test_an_option_beats_the_environment_which_beats_the_file(ctl: Ctl, account: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.trackbed.ctl]\nworkspace = "sbx_from_file"\n')
    ctl("clock", "freeze", "-w", "sbx_from_option")
    ctl("clock", "freeze")
    ctl("clock", "freeze", TRACKBED_WORKSPACE="")
    names = {one["name"] for one in json.loads(said(ctl("workspaces", "--json")))["workspaces"]}
    assert {"sbx_from_option", account, "sbx_from_file"} <= names
    (tmp_path / "pyproject.toml").write_text('[tool.trackbed.ctl]\nworkspce = "x"\n')
    result = ctl("clock")
    assert result.returncode == 2
    assert "pyproject.toml#/tool/trackbed/ctl/workspce: is no option; did you mean 'workspace'?" in result.stderr


def test_color_is_left_out_where_nobody_wants_it(ctl: Ctl, server: Server, account: str) -> None:
    call(server, account, "/v1/trackings/get")
    for variables in ({}, {"NO_COLOR": "1"}):
        assert "\x1b" not in said(ctl("journal", **variables))
