"""Payloads from the wire: labelled by the document, one edit from a call that is accepted, the same in every run."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import jiter
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import documents
from contracts.payloads import business, labels, spoils, wire
from contracts.payloads.formats import jsonl
from contracts.payloads.payload import Payload
from contracts.payloads.recipe import World
from contracts.payloads.recipes import RECIPES
from sandbox.spec import Spec

SPEC = {name: documents.load(name) for name in RECIPES}


def of(spec: Spec, seed: int = 0) -> list[Payload]:
    operations = spec.operations.values()
    return [payload for one in operations for source in (wire.payloads, business.payloads) for payload in source(spec, one, World(seed))]


ALL = {name: of(spec) for name, spec in SPEC.items()}
ENCODED = (".escaped", ".utf-16-without-mark", ".utf-32")  # identifiers can't be seen in these
IDENTIFIER = re.compile(rb"[0-9A-Fa-f-]{36}|(?i:tb-?)?[0-9A-Fa-f]{12}")
BY_ID = {payload.id: payload for payloads in ALL.values() for payload in payloads}


def test_each_id_is_there_once() -> None:
    assert [ident for ident, count in Counter(p.id for payloads in ALL.values() for p in payloads).items() if count > 1] == []


@pytest.mark.parametrize("name", SPEC)
def test_the_same_seed_makes_the_same_bytes_and_another_seed_other_identifiers_only(name: str) -> None:
    first, again, other = (list(jsonl.lines(of(SPEC[name], seed))) for seed in (0, 0, 7))
    assert first == again
    assert first != other
    for payload, one, two in zip(ALL[name], first, other, strict=True):
        if not payload.id.endswith(ENCODED) and b'"base64"' not in one:
            assert IDENTIFIER.sub(b"#", one) == IDENTIFIER.sub(b"#", two)


@pytest.mark.parametrize("name", SPEC)
def test_a_rejected_payload_names_a_twin_that_is_accepted_and_no_other_does(name: str) -> None:
    for payload in ALL[name]:
        if payload.verdict == "reject":
            assert payload.twin is not None, payload.id
            twin = BY_ID[payload.twin]
            assert (twin.verdict, twin.operation) == ("accept", payload.operation), payload.id
        else:
            assert payload.twin is None


@pytest.mark.parametrize("name", SPEC)
def test_every_operation_has_a_usual_call_whose_body_and_parameters_are_valid(name: str) -> None:
    spec = SPEC[name]
    for operation in spec.operations.values():
        usual = BY_ID[f"{name}.{operation.id}.usual"]
        assert spec.router.find(usual.draft.path) is not None
        if operation.body and usual.draft.headers["content-type"] == "application/json":
            assert operation.body.media["application/json"].problems(json.loads(usual.draft.body or b"")) == ()


@pytest.mark.parametrize(
    ("ident", "cause", "status", "code", "place"),
    [
        ("trackru.createTracking.credential.absent", "bad-key", 200, 4001, "header:api-key"),
        ("trackru.createTracking.body.utf-16", "malformed", 200, 4012, ""),
        ("trackru.createTracking.body.too-large", "too-large", 413, 4012, ""),
        ("trackru.createTracking.content-type.xml", "media-type", 200, 4012, "header:content-type"),
        ("trackru.createTracking.method.get", "wrong-method", 405, 405, None),
        ("trackru.createTracking.path.unknown", "unknown-path", 404, 404, None),
        ("trackru.createTracking.carrier_code.in-query", "missing-carrier", 200, 4012, "/carrier_code"),
        ("trackru.createTracking.twice", "duplicate", 200, 4016, "/tracking_number"),
        ("trackru.createTracking.credential.revoked", "key-deleted", 200, 4002, None),
        ("trackru.createTrackings.forty-one", "too-many-items", 200, 4020, None),
        ("trackru.updateTracking.status-5", "bad-status", 200, 4033, "/status"),
        ("billink.createTracker.credential.absent", "invalid", 422, None, "/billinkID"),
        ("billink.createTracker.credential.wrong", "access-denied", 403, None, "/billinkID"),
        ("delivery_solutions.updateTracker.credential.wrong", "bad-token-on-update", 401, "UJ0001", "header:authorization"),
        ("delivery_solutions.issueToken.body.empty", "bad-token-request", 400, "10400", ""),
        ("delivery_solutions.issueToken.credential.denied", "blocked-client", 403, "10403", None),
        ("delivery_solutions.createTracker.delivery-without-address", "missing-address", 400, "MISSING_TRACKER_DATA", "/deliveryAddress"),
        ("delivery_solutions.listTrackers.createdAt-too-long", "window-too-long", 400, "INVALID_DATA", "/createdAt"),
        ("parcellab.putOrder.credential.absent", "not-authenticated", 401, "not_authenticated", "header:authorization"),
        ("parcellab.putOrder.credential.other-scheme", "authentication-failed", 401, "authentication_failed", "header:authorization"),
        ("parcellab.putOrder.path.no-slash", "missing-slash", 301, None, None),
        ("parcellab.putOrder.foreign-account", "foreign-account", 403, None, "/account"),
        ("parcellab.getOrder.information", "impossible-id", 404, "not_found", "path:id"),
    ],
)
def test_a_label_says_what_the_document_says(ident: str, cause: str, status: int, code: Any, place: str | None) -> None:
    expected = BY_ID[ident].expected
    assert (expected.cause, expected.statuses, expected.code, expected.place) == (cause, (status,), code, place)


def test_a_payload_that_may_be_taken_either_way_is_never_answered_with_a_fault_of_the_server() -> None:
    either = [payload for payloads in ALL.values() for payload in payloads if payload.verdict == "either"]
    assert len(either) > 100
    for payload in either:
        assert min(payload.expected.statuses) < 300
        assert max(payload.expected.statuses) < 500


def test_the_methods_of_a_path_are_tried_once() -> None:
    tried = Counter((p.draft.method, p.draft.path) for p in ALL["trackru"] if ".method." in p.id and "{" not in p.draft.path)
    assert tried["PUT", "/v1/trackings/get"] == 1
    assert not any(p.id.startswith("trackru.listTrackingsByPost.method.") for p in ALL["trackru"])


# --- bytes -------------------------------------------------------------------------------------------------------------------

VALUES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8)
MEMBERS = st.dictionaries(st.text(max_size=8), VALUES | st.lists(VALUES, max_size=3), min_size=1, max_size=4)


def spoil(name: str, body: bytes) -> bytes | None:
    return next(spoiled for spoiled in spoils.JSON if spoiled.name == name).spoil(body)


@settings(max_examples=50, deadline=None)
@given(value=MEMBERS)
def test_a_strict_reader_agrees_with_every_verdict_on_bytes(value: Any) -> None:
    body = orjson.dumps(value)
    for spoiled in spoils.JSON:
        changed = spoiled.spoil(body)
        if changed is None or changed == body or spoiled.verdict == "either":
            continue
        if spoiled.verdict == "accept":
            assert orjson.loads(changed) == value, spoiled.name
        else:
            with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
                orjson.loads(changed)


@settings(max_examples=50, deadline=None)
@given(value=MEMBERS)
def test_a_member_that_comes_twice_is_all_that_is_wrong(value: Any) -> None:
    for name in ("duplicate-keys", "differing-duplicate-keys"):
        spoiled = spoil(name, orjson.dumps(value))
        if spoiled is not None:
            assert orjson.loads(spoiled) == value
            with pytest.raises(ValueError, match=r"(?i)duplicate key"):
                jiter.from_json(spoiled, catch_duplicate_keys=True)


def test_a_body_without_an_object_has_no_spoils_that_need_one() -> None:
    assert spoil("nan", b'["a"]') is None
    assert spoil("nan", b"[{}]") == b'[{"trackbed":NaN}]'
    assert spoil("duplicate-keys", b"{}") is None


# --- documents of users ------------------------------------------------------------------------------------------------------

DOCUMENT = """
openapi: 3.1.0
info: {title: Shop, version: '1'}
paths:
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer, minimum: 5}}]
    get:
      operationId: readThing
      parameters: [{name: size, in: query, required: true, schema: {type: string}, example: big}]
      responses: {'200': {description: Good}}
    put:
      operationId: writeThing
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}, example: {name: a}}}}
      responses: {'204': {description: Good}}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Spec:
    (tmp_path / "shop.yaml").write_text(DOCUMENT)
    return documents.load(tmp_path / "shop.yaml")


def test_a_document_of_a_user_gets_the_statuses_of_http(shop: Spec) -> None:
    found = {payload.id: payload for payload in of(shop)}
    assert found["shop.writeThing.usual"].draft.path == "/things/5"
    assert found["shop.writeThing.usual"].expected.statuses == (204,)
    assert found["shop.writeThing.content-type.absent"].expected.statuses == (400, 415)
    assert found["shop.writeThing.body.truncated"].expected.statuses == (400, 422)
    assert found["shop.readThing.method.delete"].expected.statuses == (404, 405)
    assert found["shop.readThing.size.in-header"].draft == replace(found["shop.readThing.usual"].draft, query="", headers={"size": "big"})
    assert not any(payload.kind == "business" or ".credential." in payload.id or "large" in payload.id for payload in found.values())


def test_a_document_of_a_user_that_has_a_name_of_ours_gets_no_recipes(tmp_path: Path) -> None:
    (tmp_path / "trackru.yaml").write_text(DOCUMENT.replace("writeThing", "createTracking"))
    spec = documents.load(tmp_path / "trackru.yaml")
    assert not any(payload.kind == "business" for payload in of(spec))


def test_every_kind_of_fault_has_statuses_of_http() -> None:
    assert {"unauthenticated", "unknown-path", "wrong-method", "media-type", "malformed", "too-large", "invalid"} == set(labels.BY_HTTP)
