"""The sandbox passes its own contracts: all that the documents say, in the default profile, with nothing left unproved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from servers import Server, serving

from contracts.cli import main
from contracts.providers import PROVIDERS


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_sandbox_keeps_every_promise_and_nothing_is_left_unproved(provider: str, seed: int, server: Server, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    result = CliRunner().invoke(main, ["verify", provider, "--url", server.url, "--seed", str(seed), "--report", f"json={report}"])
    assert result.exit_code == 0, result.output
    told = json.loads(report.read_text())
    assert [(one["check"], one["operation"], one["message"], one["story"][-1:]) for one in told["findings"]] == []
    assert [row for row in told["certificate"]["rows"] if row["state"] == "missing"] == []
    assert [one for one in told["untried"] if one["error"]] == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_quick_look_finds_nothing_either(provider: str, server: Server) -> None:
    result = CliRunner().invoke(main, ["verify", provider, "--url", server.url, "--seed", "0", "--profile", "quick", "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["findings"] == []
