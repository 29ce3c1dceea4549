"""What a fresh account finds, as shipped or as a user wants it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox import scene
from sandbox.assembly import Settings, assemble
from sandbox.errors import DataError
from sandbox.providers import PROVIDERS
from sandbox.resources import FIXTURES
from sandbox.timeline import Clock

CARRIER = {"name": "Mine", "code": "mine", "phone": "", "homepage": "", "type": "express", "picture": "", "numbers": []}


def write(folder: Path, content: Any) -> Path:
    path = folder / "scene.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize("name", PROVIDERS)
def test_each_shipped_scene_conforms_to_its_schema(name: str) -> None:
    assert scene.load(FIXTURES, name)


def test_a_member_replaces_the_shipped_one_and_a_plus_adds_to_it(clock: Clock, tmp_path: Path) -> None:
    path = write(
        tmp_path, {"trackru": {"+carriers": [CARRIER], "trackings": [{"tracking_number": "MINE1", "carrier_code": "mine", "began_s": 0}]}}
    )
    api = assemble(Settings(("trackru",), data=path), clock=clock).apis["trackru"]
    assert [carrier["code"] for carrier in api.scene["carriers"]][-1] == "mine"
    assert len(api.scene["carriers"]) > 1
    assert [tracking["tracking_number"] for tracking in api.scene["trackings"]] == ["MINE1"]


@pytest.mark.parametrize(
    ("content", "pointer", "reason"),
    [
        ("{", "", "not JSON"),
        ({"nobody": {}}, "/nobody", "is no provider; expected one of"),
        ({"trackru": []}, "/trackru", "is not an object"),
        ({"trackru": {"carriers": []}}, "/trackru/carriers", "non-empty|fewer|less"),
        ({"trackru": {"trackings": [{"tracking_number": "x"}]}}, "/trackru/trackings/0", "required|oneOf"),
        ({"trackru": {"colour": 1}}, "/trackru", "colour"),
        ({"trackru": {"+carriers": {}}}, "/trackru/+carriers", "not of the same kind"),
        ({"trackru": {"+colour": []}}, "/trackru/+colour", "not of the same kind"),
    ],
)
def test_a_scene_that_is_none_is_refused_with_file_pointer_and_reason(tmp_path: Path, content: Any, pointer: str, reason: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(DataError, match=reason) as caught:
        assemble(Settings(("trackru",), data=path))
    assert (caught.value.file, caught.value.pointer) == ("scene.json", pointer)


def test_a_scene_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    path = write(
        tmp_path, {"trackru": {"trackings": [{"tracking_number": "MINE1", "carrier_code": "sto", "created_at": "2026-13-01T00:00:00Z"}]}}
    )
    with pytest.raises(DataError, match=r"scene\.json"):
        assemble(Settings(("trackru",), data=path))


def test_an_empty_sandbox_keeps_its_set_up_and_has_no_parcels(clock: Clock) -> None:
    sandbox = assemble(Settings(("trackru",), empty=True), clock=clock)
    with sandbox.shared.store.transaction("sbx_demo") as transaction:
        assert list(transaction.scan("trackru.trackings")) == []
    assert sandbox.apis["trackru"].scene["carriers"]
