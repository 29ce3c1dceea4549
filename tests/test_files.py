"""A file is whole or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import files


def test_a_file_is_written_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    files.write(tmp_path / "a.json", b"one")
    files.write(tmp_path / "a.json", b"two")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.json": b"two"}


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    files.write(tmp_path / "a.json", b"one")
    with pytest.raises(TypeError):
        files.write(tmp_path / "a.json", "no bytes")  # type: ignore[arg-type]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.json": b"one"}


def test_a_dash_is_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    files.write(Path("-"), b"there\n")
    assert capfdbinary.readouterr().out == b"there\n"
