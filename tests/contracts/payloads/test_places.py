"""The accepted payload that a refused one names is as near as there is one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import documents
from contracts.payloads.places import apart
from contracts.payloads.selection import Selection

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON)
def test_edits_are_counted_the_same_from_both_sides_and_none_are_between_equals(one: Any, other: Any) -> None:
    assert apart(one, other) == apart(other, one)
    assert (apart(one, other) == 0) == (json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))


@given(st.dictionaries(st.sampled_from("abc"), JSON, min_size=1), JSON)
def test_a_member_that_is_changed_added_or_left_out_is_one_edit(whole: dict[str, Any], value: Any) -> None:
    name = min(whole)
    assert apart(whole, whole | {"d": value}) == 1
    assert apart({**whole, name: "here"}, {**whole, name: 7}) == 1
    assert apart([whole], [whole, value]) == 1


@pytest.mark.parametrize("name", ["billink", "trackru", "delivery_solutions", "parcellab"])
def test_a_refused_value_is_one_edit_from_its_twin_unless_rules_hang_together(name: str) -> None:
    found = {payload.id: payload for payload in Selection(documents.load(name)).payloads()}
    about = [payload for payload in found.values() if payload.verdict == "reject" and payload.keyword and payload.place.startswith("/")]
    further = []
    for payload in about:
        one, other = payload.draft, found[payload.twin or ""].draft
        if one.body and not one.raw and one.query == other.query and one.headers["content-type"] == "application/json":
            further += [payload.id] if apart(json.loads(one.body), json.loads(other.body or b"null")) != 1 else []
    assert len(about) > 20
    assert len(further) <= len(about) // 50, further
