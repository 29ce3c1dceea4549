"""A store at rest is checked, exported and imported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from databases import empty_postgres
from servers import trackbed

from sandbox.sql import SqlStore
from sandbox.store import SHARED


def filled(url: str) -> str:
    store = SqlStore(url)
    store.prepare()
    for workspace in ("sbx_a", "sbx_empty_b"):
        with store.transaction(workspace) as transaction:
            transaction.put("trackru.trackings", "sto/ü", b'{"sent":{"title":"\xc3\xa4"},"n":12345678901234567890}')
            transaction.next("trackru.tracking")
            transaction.share("links", f"code-{workspace}", b'{"world":"%s","provider":"trackru"}' % workspace.encode())
    store.close()
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return filled(f"sqlite:///{tmp_path}/store.db" if request.param == "sqlite" else empty_postgres())


def timeless(text: str) -> list[object]:
    return [json.loads(line) | {"taken_at": None} for line in text.splitlines()]


def test_what_is_exported_is_the_same_after_an_import(url: str, tmp_path: Path) -> None:
    exported = trackbed("store", "export", url, "all.jsonl", cwd=tmp_path)
    assert (exported.returncode, exported.stdout, exported.stderr) == (0, "", "")
    other = f"sqlite:///{tmp_path}/other.db"
    imported = trackbed("store", "import", other, "all.jsonl", cwd=tmp_path)
    assert (imported.returncode, imported.stdout) == (0, f"2 workspaces are in {other}.\n")
    again = trackbed("store", "export", other)
    assert timeless(again.stdout) == timeless((tmp_path / "all.jsonl").read_text())
    assert [taken["workspace"] for taken in timeless(again.stdout)] == ["sbx_a", "sbx_empty_b"]  # type: ignore[index]
    store = SqlStore(other)
    with store.transaction(SHARED) as shared:
        assert shared.get("links", "code-sbx_a") is not None
    store.close()


def test_a_store_that_is_well_is_said_to_be(url: str) -> None:
    result = trackbed("store", "check", url)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.endswith("2 workspaces, nothing wrong.\n")


def test_a_document_that_is_no_json_is_found(url: str) -> None:
    store = SqlStore(url)
    with store.transaction("sbx_a") as transaction:
        transaction.put("trackru.trackings", "bad", b"{")
    store.ask(store.statements.note, s=7, w="sbx_a", a=1, v=1, b=b"[")
    store.close()
    result = trackbed("store", "check", url)
    assert result.returncode == 1
    assert "sbx_a trackru.trackings bad: " in result.stdout
    assert "journal 7: " in result.stdout


def test_a_file_that_is_damaged_is_found_and_left_alone(tmp_path: Path) -> None:
    url = filled(f"sqlite:///{tmp_path}/store.db")
    content = bytearray((tmp_path / "store.db").read_bytes())
    content[-4096:] = b"\xff" * 4096
    (tmp_path / "store.db").write_bytes(content)
    result = trackbed("store", "check", url)
    assert result.returncode in (1, 2)
    assert "Traceback" not in result.stderr
    assert (tmp_path / "store.db").read_bytes() == content


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{\n", "line 1 is no snapshot"),
        (b'{"format": "other"}\n', "line 1 is no snapshot: /workspace: is required"),
        (b'{"a": 1, "a": 2}\n', "line 1 is no snapshot"),
    ],
)
def test_a_file_that_is_no_export_changes_nothing(tmp_path: Path, content: bytes, told: str) -> None:
    url = filled(f"sqlite:///{tmp_path}/store.db")
    before = timeless(trackbed("store", "export", url).stdout)
    (tmp_path / "bad.jsonl").write_bytes(content)
    result = trackbed("store", "import", url, "bad.jsonl", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert told in result.stderr
    assert timeless(trackbed("store", "export", url).stdout) == before


def test_a_store_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    for command in ("check", "export"):
        result = trackbed("store", command, "sqlite:///none.db", cwd=tmp_path)
        assert result.returncode == 2
        assert "is not there" in result.stderr
    assert list(tmp_path.iterdir()) == []
