"""Business payloads: every cause that calls can bring about is brought about, by payloads that never meet each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from contracts import documents
from contracts.payloads import bases, business, wire
from contracts.payloads.payload import Payload
from contracts.payloads.recipe import USUAL, Fresh
from contracts.payloads.recipes import RECIPES

SPEC = {name: documents.load(name) for name in RECIPES}

# Causes that no call brings about, and what does.
BY_FAULT_ONLY = {
    ("billink", "", "server-error"): "a fault, or Prefer",
    ("delivery_solutions", "", "server-error"): "a fault, or Prefer",
    ("delivery_solutions", "issueToken", "too-many-requests"): "a limit that the sandbox keeps with --rate-limits, a fault, or Prefer",
    ("parcellab", "", "server-error"): "a fault, or Prefer",
    ("parcellab", "", "too-many-requests"): "a limit that no page puts a number to: a fault, or Prefer",
    ("trackru", "", "server-error"): "a fault, or Prefer",
    ("trackru", "", "unavailable"): "a fault, or Prefer",
    ("trackru", "", "too-many-requests"): "a limit that the sandbox keeps with --rate-limits, a fault, or Prefer",
    ("trackru", "createTracking", "quota"): "a quota that no call tells or sets: a fault, or Prefer",
    ("trackru", "listTrackings", "read-quota"): "a quota that no call tells or sets: a fault, or Prefer",
    ("trackru", "listTrackingsByPost", "read-quota"): "a quota that no call tells or sets: a fault, or Prefer",
}
# Causes that a broken schema brings about and no recipe: their payloads come from the document's schemas.
BY_SCHEMA = {
    ("delivery_solutions", "listTrackers", "invalid"),
    ("delivery_solutions", "updateTracker", "invalid"),
    ("trackru", "", "invalid"),
    ("trackru", "createTracking", "bad-number"),
    ("trackru", "lookUpTracking", "bad-number"),
    ("trackru", "detectCarriers", "bad-number"),
}


def causes() -> Iterator[tuple[str, str, str]]:
    """Name every cause of every table: the document, the operation (empty for the document's own), the cause."""
    for name, spec in SPEC.items():
        yield from ((name, "", cause) for cause in spec.causes)
        yield from ((name, operation.id, cause) for operation in spec.operations.values() for cause in operation.causes)


def brought_about() -> set[tuple[str, str, str]]:
    found = set()
    for name, spec in SPEC.items():
        for operation in spec.operations.values():
            for payload in (*wire.payloads(spec, operation), *business.payloads(spec, operation)):
                cause = payload.expected.cause
                if cause is not None:
                    found.add((name, operation.id if cause in operation.causes else "", cause))
    return found


def test_every_cause_has_a_payload_or_a_reason_why_no_call_brings_it_about() -> None:
    assert set(causes()) - brought_about() - BY_SCHEMA == set(BY_FAULT_ONLY)


def test_no_reason_stands_for_a_cause_that_has_a_payload() -> None:
    assert brought_about() & (set(BY_FAULT_ONLY) | BY_SCHEMA) == set()


@pytest.mark.parametrize("name", SPEC)
def test_every_recipe_is_of_an_operation_and_is_cooked(name: str) -> None:
    made = {payload.id for operation in SPEC[name].operations.values() for payload in business.payloads(SPEC[name], operation)}
    for recipe in RECIPES[name]:
        assert recipe.operation in SPEC[name].operations
        assert recipe.name == USUAL or f"{name}.{recipe.operation}.{recipe.name}" in made


@pytest.mark.parametrize("name", SPEC)
def test_every_fixture_that_any_account_can_play_is_a_payload(name: str) -> None:
    made = [payload for operation in SPEC[name].operations.values() for payload in business.payloads(SPEC[name], operation)]
    known = {payload.id for payload in made if ".known." in payload.id}
    assert len(known) == sum(not scenario.foreign for scenario in business._scenarios(SPEC[name]))
    assert all(payload.needs == "scene" for payload in made if payload.id in known)


def identifiers(payload: Payload) -> set[str]:
    return set(re.findall(r"(?=[0-9]*[A-F])[0-9A-F]{12}", repr((payload.draft, payload.before))))


@pytest.mark.parametrize("name", SPEC)
def test_no_two_payloads_have_an_identifier_in_common(name: str) -> None:
    seen: dict[str, str] = {}
    for operation in SPEC[name].operations.values():
        for payload in (*wire.payloads(SPEC[name], operation), *business.payloads(SPEC[name], operation)):
            for identifier in identifiers(payload):
                assert seen.setdefault(identifier, payload.id) == payload.id


def test_identifiers_follow_from_owner_and_seed() -> None:
    def some(owner: str, seed: int) -> tuple[str, ...]:
        fresh = Fresh(owner, seed)
        return fresh("TB"), fresh("TB"), fresh.uuid()

    assert some("a", 0) == some("a", 0)
    assert len({*some("a", 0), *some("a", 1), *some("b", 0)}) == 9
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}", Fresh("a").uuid())


# --- one edit apart ----------------------------------------------------------------------------------------------------------


def shape(value: Any) -> Any:
    """Take what tells a call from another, but for the identifiers that each has of its own."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return re.sub(r"(?i:tb-?)?[0-9A-Fa-f]{12}|[0-9a-f-]{36}", "#", value) if isinstance(value, str) else value


def edits(one: Any, other: Any) -> int:
    """Count the smallest set of places in which two values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        return sum(edits(one.get(key), other.get(key)) for key in one.keys() | other.keys())
    if isinstance(one, list) and isinstance(other, list):
        return sum(map(edits, one, other)) + abs(len(one) - len(other))
    return int(one != other)


@pytest.mark.parametrize("name", SPEC)
def test_a_refused_recipe_is_one_edit_from_its_twin(name: str) -> None:
    """A member, a parameter, the scene or the credential; a window is one edit whichever end moves."""
    recipes = {(recipe.operation, recipe.name): recipe for recipe in RECIPES[name]}
    for recipe in recipes.values():
        if recipe.cause is None:
            continue
        twin = recipes[recipe.operation, recipe.twin]
        assert twin.cause is None
        mine, theirs = recipe.make(Fresh("mine")), twin.make(Fresh("theirs"))
        said = edits(shape(mine.body), shape(theirs.body)) + edits(shape(dict(mine.params)), shape(dict(theirs.params)))
        if said == 0 and recipe.credential == twin.credential:
            assert mine != theirs  # what differs is the scene, or which of its identifiers is named
        else:
            assert said + (recipe.credential != twin.credential) == 1, (recipe.operation, recipe.name)


def test_a_recipe_for_a_cause_that_is_not_there_is_a_mistake_of_ours() -> None:
    spec = SPEC["trackru"]
    with pytest.raises(KeyError, match="has no cause"):
        business._cause(spec, spec.operations["getTracking"], "quota")


def test_recipes_of_another_document_are_not_taken() -> None:
    spec = SPEC["trackru"]
    assert {recipe.operation for recipe in bases.recipes(spec, spec.operations["getTracking"])} == {"getTracking"}
