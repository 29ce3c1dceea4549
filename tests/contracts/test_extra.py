"""Without the extra, the commands that need it say what to install, and the sandbox works."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from contracts.extra import PACKAGES

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
BLOCKED = """import sys
for name in sys.argv.pop(1).split(","):
    sys.modules[name.replace("-", "_")] = None
from contracts.cli import main
main(prog_name="trackbed")
"""


def without(packages: tuple[str, ...], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command where packages can't be imported."""
    line = [sys.executable, "-c", BLOCKED, ",".join(packages), *arguments]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("command", ["verify", "payloads"])
@pytest.mark.parametrize(
    "packages", [PACKAGES[:-1], ("schemathesis",), ("junitparser",)], ids=["all", "the engine", "one that is used last"]
)
def test_a_command_that_lacks_a_package_says_what_to_install(command: str, packages: tuple[str, ...]) -> None:
    """Werkzeug is not among those that are blocked: Flask brings it."""
    url = () if command == "payloads" else ("--url", "http://127.0.0.1:1", "--report", "junit=a.xml")
    result = without(packages, command, "trackru", *url)
    assert (result.returncode, result.stdout) == (2, "")
    said = f"trackbed: {command} needs {', '.join(packages)}, which is not installed: pip install 'trackbed[contracts]'.\n"
    assert result.stderr == said


def test_what_needs_no_extra_works_without() -> None:
    result = without(PACKAGES[:-1], "--help")
    assert (result.returncode, result.stderr) == (0, "")


def test_the_packages_are_those_of_the_extra() -> None:
    declared = tomllib.loads(PROJECT.read_text())["project"]["optional-dependencies"]["contracts"]
    assert {line.partition(">")[0].partition("=")[0].partition("[")[0] for line in declared} == set(PACKAGES)


def test_nothing_is_left_where_a_command_runs_and_tables_of_characters_are_kept_for_the_next_one(tmp_path: Path) -> None:
    here, home = tmp_path / "here", tmp_path / "home"
    here.mkdir()
    environment = {name: value for name, value in os.environ.items() if name != "HYPOTHESIS_STORAGE_DIRECTORY"}
    environment |= {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    line = [sys.executable, "-m", "contracts", "payloads", "trackru", "createTracking", "--kind", "random", "--random", "1"]
    done = subprocess.run(line, cwd=here, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert len(done.stdout.splitlines()) == 2
    assert list(here.iterdir()) == []
    assert list(home.rglob("charmap.json.gz"))
