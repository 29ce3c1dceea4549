"""The command line, run as a user runs it."""

from __future__ import annotations

import shlex
import socket
import subprocess
from pathlib import Path

import pytest
from servers import free_port, serving, trackbed

from sandbox import __version__
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


def test_the_version_is_told() -> None:
    assert trackbed("--version").stdout == f"trackbed, version {__version__}\n"
