"""Findings that are known are accepted, new ones are not, and what is known no longer is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.findings import Finding
from contracts.run import baseline
from contracts.run.results import Verdict
from sandbox.errors import DataError


def verdict(check: str, ruling: str = "failed") -> Verdict:
    return Verdict(ruling, Finding("promise", check, "createNote", "/paths", "it is wrong"))  # type: ignore[arg-type]


def test_what_was_written_is_accepted_and_the_rest_is_not(tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    assert baseline.write(path, [verdict("old"), verdict("unsure", "doubtful"), verdict("chance", "flake")]) == 2
    known = baseline.read(path)
    judged = baseline.accept([verdict("old"), verdict("unsure", "doubtful"), verdict("new")], known)
    assert [one.ruling for one in judged] == ["known", "known", "failed"]


def test_what_is_not_found_any_more_is_stale(tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    baseline.write(path, [verdict("old"), verdict("mended")])
    assert baseline.stale([verdict("old")], baseline.read(path)) == (("promise", "mended", "createNote", "/paths", ""),)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("known.json", "{", "is not JSON"),
        ("known.json", "[]", "is not a mapping"),
        ("known.json", '{"known": []}', "is no baseline; expected"),
        ("known.json", '{"format": "trackbed-baseline-1", "known": [{"kind": "law"}]}', "known.json#/known/0: lacks one of"),
        ("known.yaml", "", "its name ends in .json"),
    ],
)
def test_a_file_that_is_none_says_what_is_wrong(tmp_path: Path, name: str, content: str, said: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=said):
        baseline.read(tmp_path / name)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"known\.json#: cannot be read"):
        baseline.read(tmp_path / "known.json")
