"""What is selected is a whole: what a payload names is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts import documents
from contracts.payloads.formats import jsonl
from contracts.payloads.selection import Selection
from sandbox.providers import PROVIDERS

FOLDER = Path(__file__).parent / "documents"


@pytest.mark.parametrize("name", [*PROVIDERS, str(FOLDER / "parameters.yaml")], ids=lambda name: Path(name).stem)
def test_the_twin_of_every_refused_payload_is_there_and_accepted(name: str) -> None:
    verdicts: dict[str, str] = {}
    twins: list[tuple[str, str | None]] = []
    for payload in Selection(documents.load(name)).payloads():
        assert payload.id not in verdicts
        verdicts[payload.id] = payload.verdict
        if payload.verdict == "reject":
            twins.append((payload.id, payload.twin))
        else:
            assert payload.twin is None
    assert len(twins) > 10
    assert [(ident, twin) for ident, twin in twins if verdicts.get(twin or "") != "accept"] == []


@pytest.mark.parametrize(("name", "operation"), [("delivery_solutions", "updateTracker"), ("trackru", "listTrackingsByPost")])
def test_a_drawn_payload_has_no_twin_that_business_may_refuse(name: str, operation: str) -> None:
    wanted = Selection(documents.load(name), (operation,), frozenset(("random",)), random=30)
    found = {payload.id: payload for payload in wanted.payloads()}
    twins = [payload.twin for payload in found.values() if payload.verdict == "reject"]
    usual = f"{name}.{operation}.usual"
    assert usual in twins
    assert all(twin == usual or found[twin or ""].verdict == "accept" for twin in twins)


def test_what_the_scene_names_stands_in_every_call_that_needs_it() -> None:
    spec = documents.load("parcellab")
    scene = {"account": 777, "courier": "pigeon-post"}
    plain, named = (list(Selection(spec, ("sendEvent", "putOrder"), frozenset(("business",)), scene=one).payloads()) for one in ({}, scene))
    lines = [[b"".join(jsonl.lines((payload,))) for payload in payloads if payload.needs != "scene"] for payloads in (plain, named)]
    assert all(b"12345" not in line and b"dhl-germany" not in line for line in lines[1])
    assert [line.replace(b"12345", b"777").replace(b"dhl-germany", b"pigeon-post") for line in lines[0]] == lines[1]
    assert any(b"pigeon-post" in line for line in lines[1])
