"""What a project keeps in its pyproject.toml is the default of each option, and a mistake there is named with its place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click
import pytest
from servers import trackbed

from sandbox import cli, configuration
from sandbox.errors import DataError

NOWHERE = "203.0.113.1"  # no address of this machine, so a start ends at once and says where it wanted to listen


def read(folder: Path, text: str, commands: click.Group = cli.main) -> dict[str, Any]:
    path = folder / "pyproject.toml"
    path.write_text(text)
    return configuration.defaults(path, commands)


def listens_on(folder: Path, *arguments: str, **environment: str) -> str:
    """Try to start, and return what the command says of the address."""
    result = trackbed("serve", *arguments, cwd=folder, env=os.environ | environment)
    assert result.returncode == 2
    return result.stderr


@pytest.mark.parametrize(
    ("flags", "environment", "table", "address"),
    [
        ([], {}, "", f"{NOWHERE}:8080"),
        ([], {}, "port = 9001", f"{NOWHERE}:9001"),
        ([], {"TRACKBED_PORT": "9002"}, "", f"{NOWHERE}:9002"),
        ([], {"TRACKBED_PORT": "9002"}, "port = 9001", f"{NOWHERE}:9002"),
        (["--port", "9003"], {}, "port = 9001", f"{NOWHERE}:9003"),
        (["--port", "9003"], {"TRACKBED_PORT": "9002"}, "", f"{NOWHERE}:9003"),
        (["--port", "9003"], {"TRACKBED_PORT": "9002"}, "port = 9001", f"{NOWHERE}:9003"),
    ],
)
def test_an_option_beats_the_environment_which_beats_the_file(
    tmp_path: Path, flags: list[str], environment: dict[str, str], table: str, address: str
) -> None:
    (tmp_path / "pyproject.toml").write_text(f'[tool.trackbed]\nhost = "{NOWHERE}"\n{table}\n')
    assert f"cannot listen on {address}:" in listens_on(tmp_path, *flags, **environment)


def test_a_project_without_a_table_or_without_a_file_changes_nothing(tmp_path: Path) -> None:
    assert configuration.defaults(tmp_path / "pyproject.toml", cli.main) == {"serve": {}}
    assert read(tmp_path, '[project]\nname = "mine"\n') == {"serve": {}}


def test_every_option_of_serve_can_be_kept(tmp_path: Path) -> None:
    lines = ['host = "::1"', "port = 0", "seed = 7", 'data = "a.json"', "empty = true", 'journeys = "here"', 'faults = "f.json"']
    lines += ['store = "sqlite:///s.db"', "rate-limits = true", "any-credentials = true", 'allow-host = ["a", "b"]', "json = true"]
    lines += ["workers = 2", "max-workspaces = 9", 'workspace-ttl = "7d"']
    kept = read(tmp_path, "[tool.trackbed]\n" + "\n".join(lines))["serve"]
    options = {parameter.name for parameter in cli.serve.params if isinstance(parameter, click.Option)}
    assert kept.keys() == options
    assert (kept["hosts"], kept["rate_limits"], kept["as_json"], kept["port"]) == (["a", "b"], True, True, 0)


@pytest.mark.parametrize("option", [option for option in cli.serve.params if isinstance(option, click.Option)], ids=lambda o: o.opts[0])
def test_every_option_of_serve_can_be_set_in_the_environment(option: click.Option) -> None:
    assert option.envvar == "TRACKBED_" + option.opts[0].removeprefix("--").upper().replace("-", "_")


def test_a_table_below_is_for_the_command_of_its_name(tmp_path: Path) -> None:
    @click.group()
    def group() -> None: ...

    @group.command()
    @click.option("--port")
    def serve(port: str) -> None: ...

    @group.command()
    @click.option("--workspace")
    def look(workspace: str) -> None: ...

    found = read(tmp_path, '[tool.trackbed]\nport = 1\n[tool.trackbed.look]\nworkspace = "sbx_ci"\n', group)
    assert found == {"serve": {"port": 1}, "look": {"workspace": "sbx_ci"}}
    with pytest.raises(DataError, match="did you mean 'workspace'") as caught:
        read(tmp_path, '[tool.trackbed.look]\nworkspaec = "sbx_ci"\n', group)
    assert caught.value.pointer == "/tool/trackbed/look/workspaec"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.trackbed]\nprot = 1\n", "pyproject.toml#/tool/trackbed/prot: is no option; did you mean 'port'?"),
        ("[tool.trackbed]\nallow_host = []\n", "pyproject.toml#/tool/trackbed/allow_host: is no option; did you mean 'allow-host'?"),
        ("[tool.trackbed]\nzzz = 1\n", "pyproject.toml#/tool/trackbed/zzz: is no option; expected one of host, port, "),
        ("[tool.trackbed.sreve]\nport = 1\n", "pyproject.toml#/tool/trackbed/sreve: is no command; expected one of "),
        ('[tool.trackbed]\nallow-host = "a"\n', "pyproject.toml#/tool/trackbed/allow-host: must be a list"),
        ("[tool.trackbed]\nport = [1]\n", "pyproject.toml#/tool/trackbed/port: must not be a list"),
        ("[tool]\ntrackbed = 5\n", "pyproject.toml#/tool/trackbed: is not a table"),
        ("tool = 5\n", "pyproject.toml#/tool: is not a table"),
        ("[tool.trackbed\n", "pyproject.toml#: is no TOML: "),
        ('[tool.trackbed]\nport = "many"\n', "'many' is not a valid integer"),
        ('[tool.trackbed]\njourneys = "nowhere"\n', "'nowhere' does not exist"),
    ],
)
def test_a_mistake_in_the_file_is_exit_code_2_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    result = trackbed("serve", "--host", NOWHERE, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr.replace("\n", " ")
    assert "Traceback" not in result.stderr


def test_a_file_that_is_no_utf8_is_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b'[tool.trackbed]\nhost = "\xff"\n')
    result = trackbed("serve", cwd=tmp_path)
    assert result.returncode == 2
    assert "pyproject.toml#: is no TOML" in result.stderr


def test_only_the_file_of_the_current_folder_counts(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.trackbed]\nnonsense = 1\n")
    below = tmp_path / "below"
    below.mkdir()
    assert f"cannot listen on {NOWHERE}:8080" in listens_on(below, "--host", NOWHERE)


def test_the_table_of_a_command_that_others_bring_does_not_stop_the_sandbox(tmp_path: Path) -> None:
    @click.group()
    def group() -> None: ...

    @group.command()
    @click.option("--port")
    def serve(port: str) -> None: ...

    (tmp_path / "pyproject.toml").write_text('[tool.trackbed]\nport = 0\n\n[tool.trackbed.verify]\nurl = "http://127.0.0.1:1"\n')
    assert configuration.defaults(tmp_path / "pyproject.toml", group) == {"serve": {"port": 0}}
