"""Each rule of a body can be broken by one wrong value, and one that no value can break says why."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny
import wide

from contracts import documents
from contracts.constraints import constraints, follow
from contracts.run.course import run
from contracts.run.phases import Options
from contracts.run.rules import GONE, breaking, breaking_query, put
from contracts.run.selection import Selection


@pytest.mark.parametrize("name", ["billink", "trackru"])
def test_what_is_said_to_break_a_rule_breaks_it(name: str) -> None:
    spec = documents.load(name)
    for operation in spec.operations.values():
        if operation.body is None:
            continue
        check = next(iter(operation.body.media.values()))
        found = list(breaking(spec, operation, set(constraints(spec, operation))))
        assert found
        for broken in found:
            assert (broken.rule in check.broken(broken.body)) is (broken.body is not None), broken.rule


def test_a_rule_beside_a_wider_form_cannot_be_broken() -> None:
    spec = documents.load("trackru")
    found = list(breaking(spec, spec.operations["createTrackings"], {"/components/schemas/TrackingNumber/pattern"}))
    assert [(broken.rule, broken.body) for broken in found] == [("/components/schemas/TrackingNumber/pattern", None)]


def test_a_rule_that_stands_at_a_million_places_is_broken_at_one_of_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr("contracts.run.rules.follow", lambda spec, where: looked.append(where) or follow(spec, where))
    spec = wide.spec(tmp_path, example={})
    deepest = f"/components/schemas/Level{wide.LEVELS}/properties/a/type"
    (found,) = breaking(spec, spec.operations["make"], {deepest, "/nowhere"})
    assert found.rule == deepest
    assert len(looked) < 2_000


def test_a_rule_of_a_query_is_broken_by_a_text() -> None:
    spec = documents.load("parcellab")
    rule = "/components/parameters/cursor/schema/maxLength"
    operation = spec.operations["listOrders"]
    ((found, query),) = breaking_query(spec, operation, {rule})
    assert found == rule
    assert rule in operation.check_parameters.broken({"query": query})


def test_a_value_is_put_where_it_belongs() -> None:
    assert put({"a": [{"b": 1}, 2]}, ("a", 0, "b"), "x") == {"a": [{"b": "x"}, 2]}
    assert put({"a": 1}, ("a",), GONE) == {}
    assert put({"a": [1, 2]}, ("a", 0), GONE) == {"a": [2]}
    assert put(None, ("a", 0, "b"), 7) == {"a": [{"b": 7}]}


def test_a_run_breaks_every_rule_of_a_body(tmp_path: Path) -> None:
    only = Selection(frozenset(("conformance",)))
    result = run(tiny.judged(tmp_path), Options(selection=only))
    assert [row for row in result.certificate.missing if row.kind == "constraint"] == []
    assert (result.exit_code, result.verdicts) == (0, ())
