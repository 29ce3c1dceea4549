"""Each payload is what its label says, for two validators: accepted, or refused for exactly the rule that is named."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import wide
from jsonschema import validators
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from contracts import documents
from contracts.court.reference import formats
from contracts.payloads import derive, ecma
from contracts.payloads.derive import Derivation, Derived
from contracts.payloads.payload import PLACEHOLDER
from contracts.payloads.solver import Solver
from sandbox.document import pointer
from sandbox.exchange import Problem
from sandbox.spec import Spec
from sandbox.validation import MANY

FOLDER = Path(__file__).parent / "documents"
SMALL = sorted(FOLDER.glob("*.yaml"))
OURS = ["billink", "trackru", "delivery_solutions", "parcellab"]
OPERATIONS = [
    *((name, operation) for name in OURS for operation in documents.load(name).operations),
    *((str(path), operation) for path in SMALL for operation in documents.load(path).operations),
]
LONG = 100_000


@cache
def loaded(name: str) -> Spec:
    return documents.load(name)


@cache
def derived(name: str, operation: str) -> tuple[Derivation, tuple[Derived, ...]]:
    work = derive.derivation(loaded(name), loaded(name).operations[operation])
    return work, tuple(work.payloads())


each_operation = pytest.mark.parametrize(("name", "operation"), OPERATIONS, ids=lambda value: Path(value).stem)


# --- the reference: jsonschema, with the meaning that ECMA-262 gives patterns and exact decimals -------------------------------------


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[jsonschema.ValidationError]:
    if isinstance(instance, str) and not ecma.compiled(pattern).search(instance):
        yield jsonschema.ValidationError("pattern")


def _multiple_of(_: Any, step: float, instance: Any, __: Any) -> Iterator[jsonschema.ValidationError]:
    if isinstance(instance, (int, float)) and not isinstance(instance, bool) and Decimal(str(instance)) % Decimal(str(step)):
        yield jsonschema.ValidationError("multipleOf")


Reference = validators.extend(jsonschema.Draft202012Validator, {"pattern": _pattern, "multipleOf": _multiple_of})


def reference(work: Derivation) -> Any:
    bundle = work.schema.bundle
    base = bundle.uri("").partition("#")[0]
    resource = DRAFT202012.create_resource(bundle.tree)
    # Some versions of Python's urllib leave out an authority that is empty.
    registry: Any = Registry().with_resources([(base, resource), (base.replace("///", "/"), resource)])
    return Reference(work.schema.root, registry=registry, format_checker=formats())


def found(errors: Any, depth: int = 0) -> Iterator[tuple[tuple[Any, ...], str]]:
    """List what the reference finds, as places and keywords; of branches those of the one that fits best, as our own reports do."""
    for error in errors:
        path, keyword = tuple(error.absolute_path), str(error.validator)
        if error.context and keyword in ("anyOf", "oneOf"):
            branches: dict[int, list[Any]] = {}
            for inner in error.context:
                branches.setdefault(inner.relative_schema_path[0], []).append(inner)
            if len(branches) == len(error.validator_value):
                yield from found(min((branches[index] for index in sorted(branches)), key=lambda some: misfit(some, len(path))))
                continue
        if "propertyNames" in error.absolute_schema_path:
            yield path, "propertyNames"
        elif keyword == "required":
            yield from ((((*path, name)), "required") for name in error.validator_value if name not in error.instance)
        elif keyword == "dependentRequired":
            yield from (
                ((*path, name), keyword)
                for one, names in error.validator_value.items()
                if one in error.instance
                for name in names
                if name not in error.instance
            )
        elif keyword == "items" and error.validator_value is False:
            yield from (((*path, at), "falseSchema") for at in range(len(error.schema.get("prefixItems", ())), len(error.instance)))
        elif keyword == "None":
            yield path, "falseSchema"
        else:
            yield path, {"minContains": "contains", "maxContains": "contains"}.get(keyword, keyword)


def misfit(errors: list[Any], depth: int) -> tuple[int, int, int]:
    leaves = list(found(errors))
    shape = [keyword for path, keyword in leaves if keyword in ("type", "const", "enum") and len(path) <= depth + 1]
    return shape.count("const"), len(shape), len(leaves)


def steps_of(problem: Problem) -> tuple[str, ...]:
    place = problem.place
    if place.startswith("/") or not place:
        return ("body", *place.split("/")[1:])
    location, _, rest = place.partition(":")
    return (location, *rest.split("/"))


def matches(path: tuple[Any, ...], keyword: str, problem: Problem) -> bool:
    """Tell whether both name the same. The reference does not name a member that is too much, but its object."""
    steps = tuple(pointer(step)[1:] for step in path)
    if keyword in ("additionalProperties", "unevaluatedProperties"):
        return problem.keyword == keyword and steps_of(problem)[:-1] == steps
    return (problem.keyword, steps_of(problem)) == (keyword, steps)


@each_operation
def test_both_validators_find_just_what_the_label_names(name: str, operation: str) -> None:
    work, payloads = derived(name, operation)
    check = reference(work)
    for one in payloads:
        payload, problems = one.payload, work.schema.problems(one.request)
        errors = list(check.iter_errors(one.request))
        if payload.keyword is None:
            assert not problems, payload.id
            assert not errors, payload.id
            continue
        named = [
            problem
            for problem in problems
            if (problem.place, problem.keyword, problem.rule) == (payload.place, payload.keyword, payload.rule)
        ]
        assert named, payload.id
        assert {problem.keyword for problem in problems if problem is not named[0]} == set(payload.beside), payload.id
        assert errors, payload.id
        told = list(found(errors))
        assert any(matches(path, keyword, named[0]) for path, keyword in told), (payload.id, told, named)
        assert {keyword for _, keyword in told} <= {payload.keyword, *payload.beside}, (payload.id, told)


@each_operation
def test_every_label_is_whole(name: str, operation: str) -> None:
    _, payloads = derived(name, operation)
    ids = {one.payload.id: one.payload for one in payloads}
    assert len(ids) == len(payloads)
    for one in payloads:
        payload = one.payload
        assert payload.title
        assert payload.rule.startswith("/"), payload.id
        assert payload.expected.statuses, payload.id
        if payload.keyword is not None:
            assert payload.verdict == "reject", payload.id
            assert payload.twin is not None, payload.id
            assert payload.twin == f"{name}.{operation}.usual" or ids[payload.twin].verdict == "accept", payload.id


@each_operation
def test_no_two_payloads_are_the_same(name: str, operation: str) -> None:
    _, payloads = derived(name, operation)
    drafts = [one.payload.draft for one in payloads]
    sent = {(draft.path, draft.query, tuple(sorted(draft.headers.items())), draft.body) for draft in drafts}
    assert len(sent) == len(drafts)


def test_the_same_payloads_come_every_time() -> None:
    spec = documents.load("trackru")
    first, second = (list(derive.payloads(spec, spec.operations["createTracking"])) for _ in range(2))
    assert first == second


def find(name: str, operation: str, ending: str) -> Derived:
    return next(one for one in derived(name, operation)[1] if one.payload.id.endswith(ending))


def test_a_label_says_status_cause_code_and_place_as_the_document_does() -> None:
    expected = find("trackru", "createTracking", "tracking_number.missing").payload.expected
    assert (expected.statuses, expected.cause, expected.code, expected.means, expected.place) == (
        (200,),
        "missing-number",
        4013,
        400,
        "/tracking_number",
    )
    assert find("trackru", "createTracking", "title.null-instead").payload.expected.cause == "invalid"


def test_without_causes_the_documented_refusals_that_fit_are_expected() -> None:
    name = str(FOLDER / "parameters.yaml")
    assert find(name, "check", "query.limit.missing").payload.expected.statuses == (400,)
    assert find(name, "check", "path.number.too-great").payload.expected.statuses == (400, 404)
    assert find(str(FOLDER / "references.yaml"), "check", "name.missing").payload.expected.statuses == (422,)
    assert find(name, "check", "query.limit.greatest-number").payload.expected.statuses == (200,)


def test_a_parameter_is_sent_where_it_travels() -> None:
    draft = find(str(FOLDER / "parameters.yaml"), "check", "cookie.seen.b").payload.draft
    assert draft.path.startswith("/shops/")
    assert draft.headers["cookie"] == "seen=b"
    assert "limit=" in draft.query
    assert len(draft.headers["x-trace"]) >= 4


def test_a_credential_in_the_body_is_a_placeholder_but_where_it_is_what_is_tried() -> None:
    for one in derived("billink", "createTracker")[1]:
        body = one.payload.draft.body or b""
        about = one.payload.place.startswith("/billinkID") or one.payload.place == ""
        assert about or PLACEHOLDER.encode() in body, one.payload.id
    wrong = find("billink", "createTracker", "billinkID.cjk").payload
    assert (wrong.verdict, wrong.keyword, wrong.expected.cause) == ("reject", None, "access-denied")


def test_what_is_inferred_says_why() -> None:
    payload = find("trackru", "createTracking", "destination_code.one-longer").payload
    assert payload.inferred
    assert "two-letter" in payload.source
    assert not find("trackru", "createTracking", "tracking_number.missing").payload.inferred


def test_lengths_are_counted_in_code_points() -> None:
    name = str(FOLDER / "texts.yaml")
    longest = find(name, "check", "name.longest-four-byte")
    assert longest.payload.verdict == "accept"
    assert len(longest.request["body"]["name"]) == 40
    combined = find(name, "check", "name.too-long-combining")
    assert combined.payload.keyword == "maxLength"
    assert len(combined.request["body"]["name"]) == 41


def test_text_that_must_survive_is_tried_at_every_free_text() -> None:
    shown = {
        one.payload.id.rpartition(".")[2]: one.request["body"]["title"]
        for one in derived("trackru", "createTracking")[1]
        if one.payload.place == "/title" and one.payload.verdict == "accept"
    }
    assert shown["apostrophe"] == "O'Brien"
    assert shown["null-word"] == "Null"
    assert {"combining", "right-to-left", "emoji-joined", "cjk", "four-byte", "zero-width"} <= shown.keys()


def test_where_a_keyword_cannot_break_alone_its_neighbour_is_named() -> None:
    beside = [one.payload for one in derived("billink", "createTracker")[1] if one.payload.place == "/carrierCode" and one.payload.beside]
    assert [(payload.keyword, payload.beside) for payload in beside if one_of(payload.draft.body, b'"carrierCode":""')] in (
        [("minLength", ("enum",))],
        [("enum", ("minLength",))],
    )


def one_of(body: bytes | None, part: bytes) -> bool:
    return body is not None and part in body


def test_branches_that_a_tag_tells_apart_are_not_searched_one_against_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen of them took 6.5 million steps where nothing looked ahead, and searches ended without a result."""
    spec = documents.load(FOLDER / "tagged.yaml")
    steps: list[int] = []
    start = Solver.start

    def counted(solver: Solver) -> None:
        steps.append(solver._steps)
        start(solver)

    monkeypatch.setattr(Solver, "start", counted)
    assert len(list(derive.payloads(spec, spec.operations["addRules"]))) > 400
    assert sum(steps) < 450_000


def test_the_fullest_request_of_a_huge_schema_is_as_full_as_one_can_send(tmp_path: Path) -> None:
    spec = wide.spec(tmp_path)
    smallest, fullest = itertools.islice(derive.payloads(spec, spec.operations["make"]), 2)
    assert (smallest.id, fullest.id) == ("wide.make.smallest", "wide.make.fullest")
    parts = (fullest.draft.body or b"").count(b":")
    assert MANY < parts < 2 * MANY
