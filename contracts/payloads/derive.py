"""The payloads of a document's schemas: the fewest requests by which every single edit of a rule is noticed, each one idea.

Edits are gone through in the order of the document. What an earlier payload already shows needs no other. A refused payload has what
one edit allows and everything else right, so it breaks one rule; its twin is the accepted payload at the same place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from urllib.parse import quote, urlencode

from contracts.payloads import label
from contracts.payloads.edits import Edit, edits
from contracts.payloads.facets import Demand
from contracts.payloads.payload import PLACEHOLDER, Draft, Expected, Payload, Verdict
from contracts.payloads.schema import MUTE, Bundle, RequestSchema
from contracts.payloads.sites import INNER, Site, sites
from contracts.payloads.solver import Solver
from contracts.payloads.witness import Finder, Found, affected
from sandbox import codec
from sandbox.document import pointer, steps_of
from sandbox.exchange import Problem
from sandbox.spec import Operation, Spec

_NEIGHBOURS = frozenset(  # keywords that may only break together with another of the same schema
    "minLength maxLength pattern format enum minimum maximum exclusiveMinimum exclusiveMaximum multipleOf".split()
)
_DEEP = (INNER | {"$ref", "allOf", "anyOf", "oneOf", "not", "if", "dependentSchemas"} | MUTE) - {"minContains"}
_LONG = 10_000
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, eq=False, slots=True)
class Derived:
    """A payload with what it was made of: the request as one value, and the edit that asked for it (None for one that none asked for)."""

    payload: Payload
    request: Mapping[str, Any]
    edit: Edit | None


@dataclass(eq=False, slots=True)
class Missed:
    """An edit that no payload notices. `equivalent` tells that none can; then `reasons` say why."""

    edit: Edit
    equivalent: bool
    reasons: tuple[str, ...]


@dataclass
class Derivation:
    """The work on one operation. `missed` fills up while payloads are taken."""

    schema: RequestSchema
    missed: list[Missed] = field(default_factory=list)
    killed: list[tuple[Edit, str]] = field(default_factory=list)
    edits: int = 0

    def __post_init__(self) -> None:
        self._finder = Finder(self.schema)
        self._writer = Writer(self.schema)
        self._at: dict[Any, list[tuple[Found, Derived]]] = {}
        self._values: dict[tuple[Site, str], list[int]] = {}  # at which positions a place has a value
        self._seen: dict[bytes, Derived] = {}
        self._plans = _plans(self.schema.bundle)
        self._own_plans: dict[str, list[Any]] = {}  # of schemas that others, named by their ids, decide about as well

    def payloads(self) -> Iterator[Derived]:
        """Yield the payloads: the smallest and the fullest request, then those that the edits ask for."""
        yield from self._whole()
        for site in sites(self.schema):
            yield from self._of_site(site)

    def _of_site(self, site: Site) -> Iterator[Derived]:
        """Go through the edits of one site; where the same schema was met in the same surroundings, its answers are known."""
        held = self._at.setdefault(site.start, [])
        key = self._likeness(site, held)
        plans = self._plans if key and "#" not in key else self._own_plans
        plan = plans.get(key) if key else None
        answers: list[Any] = []
        for index, edit in enumerate(edits(site)):
            self.edits += 1
            answer = plan[index] if plan else self._answer(edit, held)
            if isinstance(answer, Found) and plan:
                answer = self._again(edit, held, answer)
            answers.append(answer)
            if (made := self._take(edit, held, answer)) is not None:
                yield made
        if key and not plan:
            plans[key] = answers

    def _likeness(self, site: Site, held: list[tuple[Found, Derived]]) -> str | None:
        """Describe a schema without inner ones and all that matters around it; None for another."""
        node = site.node
        if isinstance(node, bool) or not site.where or any(key in _DEEP for key in node):
            return None
        contexts, whole = self._finder.contexts(site.start)
        routes = self._finder.routes(site)
        asked = [[context.sign, *_named(context.demands)] for context in contexts]
        turned = [[sign, *_named(route)] for route, sign in routes]
        where = [site.plain, site.key, site.first is None, site.trail[1:2], self._writer.credential == site.trail[1::2]]
        values = [found.value for found, _ in held]
        plain = {key: value for key, value in node.items() if not key.startswith("x-") and key != "description"}
        return json.dumps([plain, whole, asked, turned, where, values])

    def _answer(self, edit: Edit, held: list[tuple[Found, Derived]]) -> Any:
        """Say what shows an edit: the position of a payload that is there, a new one, or why there is none."""
        touched = affected(edit.site.node, edit.after)
        only = self._values.get((edit.site.start, json.dumps(edit.probe[0])), ()) if edit.only else range(len(held))
        for index in only:
            found = held[index][0]
            if self._finder.kills(edit, found, touched):
                return index
        found_now = self._finder.find(edit)
        return found_now if found_now is not None else (self._finder.solver.exact, tuple(self._finder.solver.reasons))

    def _again(self, edit: Edit, held: list[tuple[Found, Derived]], answer: Found) -> Any:
        context = self._finder.contexts(edit.site.start)[0][answer.context.number]
        request = context.fill(answer.value)
        if self.schema.ok(request) is not answer.accepted:
            return self._answer(edit, held)
        return Found(request, answer.value, context.steps, context, answer.accepted)

    def _take(self, edit: Edit, held: list[tuple[Found, Derived]], answer: Any) -> Derived | None:
        if isinstance(answer, int):
            self.killed.append((edit, held[answer][1].payload.id))
            return None
        if not isinstance(answer, Found):
            self.missed.append(Missed(edit, *answer))
            if not (edit.change == "dropped" and edit.keyword in _NEIGHBOURS and edit.site.plain):
                return None
            answer = self._finder.together(edit)
            if answer is None or not any(problem.rule == edit.rule for problem in self.schema.problems(answer.request)):
                return None
            return self._make(edit, held, answer)[0]
        made, known = self._make(edit, held, answer)
        shown = made or known
        if shown is not None:
            if not isinstance(answer.value, str) or len(answer.value) <= _LONG:
                self._values.setdefault((edit.site.start, json.dumps(answer.value)), []).append(len(held))
            held.append((answer, shown))
            self.killed.append((edit, shown.payload.id))
        return made

    def _make(self, edit: Edit, held: list[tuple[Found, Derived]], answer: Found) -> tuple[Derived | None, Derived | None]:
        """Write a payload; gives it as the first, or as the second one with the same request that was there before."""
        draft = self._writer.draft(answer.request, answer.steps)
        key = self._writer.key(draft)
        if (known := self._seen.get(key)) is not None:
            return None, known
        made = self._seen[key] = Derived(self._writer.single(answer, edit, self._twin(held, answer), draft), answer.request, edit)
        return made, None

    def _whole(self) -> Iterator[Derived]:
        demands = [Demand(self.schema.root, None, yes=True), Demand(self.schema.world, None, yes=True)]
        for name, full in (("smallest", False), ("fullest", True)):
            for request in Solver(self.schema.bundle, full=full).solve(demands, plain=True):
                if self.schema.ok(request):
                    if (made := self._new(self._writer.whole(request, name), request, None)) is not None:
                        yield made
                    break

    def _new(self, payload: Payload, request: Any, edit: Edit | None) -> Derived | None:
        key = self._writer.key(payload.draft)
        if key in self._seen:
            return None
        self._seen[key] = made = Derived(payload, request, edit)
        return made

    def _twin(self, held: list[tuple[Found, Derived]], found: Found) -> str | None:
        """Find the accepted payload nearest to a refused one: at the same place, in the same surroundings if there is one."""
        if found.accepted:
            return None
        good = [(other, made) for other, made in held if made.payload.verdict == "accept"]
        near = [made for other, made in good if other.context is found.context]
        if near or good:
            return (near[-1] if near else good[-1][1]).payload.id
        first = next((made for made in self._seen.values() if made.payload.verdict == "accept"), None)
        return first.payload.id if first else None


class Writer:
    """Writes requests as payloads, with their labels."""

    def __init__(self, schema: RequestSchema) -> None:
        self.schema = schema
        self.spec, self.operation = schema.spec, schema.operation
        self._taken: dict[str, int] = {}
        self._accepted = label.accepted(self.spec, self.operation)
        pointed = self.spec.credential if self.operation.credential else None
        self.credential = ("body", *steps_of(pointed)) if pointed else None

    @staticmethod
    def key(draft: Draft) -> bytes:
        """Sum up what is sent: two payloads with the same sum are one."""
        head = "\0".join((draft.path, draft.query, *(f"{name}:{value}" for name, value in draft.headers.items()), draft.credential))
        return blake2b(head.encode() + b"\0" + (draft.body if draft.body is not None else b"-"), digest_size=16).digest()

    def id(self, place: str, case: str) -> str:
        """Make an id that no other payload has."""
        base = f"{self.spec.name}.{self.operation.id}.{label.name_of(place)}.{case}"
        self._taken[base] = count = self._taken.get(base, 0) + 1
        return base if count == 1 else f"{base}-{count}"

    def whole(self, request: Mapping[str, Any], name: str) -> Payload:
        """Write an accepted request that is remarkable as a whole."""
        rule = self.schema.body_where or self.operation.where
        return Payload(
            id=f"{self.spec.name}.{self.operation.id}.{name}",
            title=f"{self.operation.id}: the {name} request",
            kind="valid",
            operation=self.operation.id,
            draft=self.draft(request, ()),
            verdict="accept",
            expected=self._accepted,
            place="",
            rule=rule,
            source=label.provenance(self.schema, rule, None)[1],
        )

    def single(self, found: Found, edit: Edit, twin: str | None, draft: Draft) -> Payload:
        """Write a request that shows one edit."""
        place = label.place_of(tuple(found.value if not isinstance(step, (str, int)) else step for step in found.steps))
        if found.accepted:
            return self._good(found, edit, place, draft)
        problems = self.schema.problems(found.request)
        problem = _chosen(problems, edit.rule)
        expected, severity = label.refused(self.spec, self.operation, problems, problem.place)
        case = edit.fails if problem.rule.startswith(edit.rule) or edit.keyword == problem.keyword else f"{edit.fails}-{problem.keyword}"
        inferred, source = label.provenance(self.schema, problem.rule, problem.keyword)
        return Payload(
            id=self.id(problem.place or place, case),
            title=label.title(problem.place or place, case, problem, found.value),
            kind="invalid",
            operation=self.operation.id,
            draft=draft,
            verdict="reject",
            expected=expected,
            place=problem.place,
            rule=problem.rule,
            keyword=problem.keyword,
            beside=tuple(dict.fromkeys(other.keyword for other in problems if other is not problem)),
            severity=severity,
            inferred=inferred,
            source=source,
            twin=twin,
        )

    def _good(self, found: Found, edit: Edit, place: str, draft: Draft) -> Payload:
        expected: Expected = self._accepted
        verdict: Verdict = "accept"
        if place.startswith("path:"):
            expected, verdict = label.unknown(self.spec, self.operation, place) or (expected, verdict)
        if self.credential == found.steps and edit.change != "forbidden":
            wrong = label.forbidden(self.spec, self.operation, place)
            expected, verdict = (wrong, "reject") if wrong else (expected, "either")
        inferred, source = label.provenance(self.schema, edit.rule, edit.keyword)
        return Payload(
            id=self.id(place, edit.passes),
            title=label.title(place, edit.passes, None, found.value),
            kind="invalid" if verdict == "reject" else "valid",
            operation=self.operation.id,
            draft=draft,
            verdict=verdict,
            expected=expected,
            place=place,
            rule=edit.rule,
            keyword=None,
            inferred=inferred,
            source=source,
        )

    def drawn_good(self, request: Mapping[str, Any], number: int) -> Payload:
        """Write an accepted request that was drawn at random."""
        made = self.whole(request, f"random-valid-{number}")
        return replace(made, kind="random", title=f"{self.operation.id}: accepted, drawn at random ({number})")

    def drawn_bad(self, request: Mapping[str, Any], steps: tuple[Any, ...], number: int, twin: str) -> Payload:
        """Write a refused request that was drawn at random: its twin with one value changed."""
        problem = self.schema.problems(request)[0]
        expected, severity = label.refused(self.spec, self.operation, (problem,), problem.place)
        inferred, source = label.provenance(self.schema, problem.rule, problem.keyword)
        return Payload(
            id=f"{self.spec.name}.{self.operation.id}.random-invalid-{number}",
            title=f"{self.operation.id}: {problem.place or 'the body'} {problem.message or problem.keyword}, drawn at random ({number})",
            kind="random",
            operation=self.operation.id,
            draft=self.draft(request, steps),
            verdict="reject",
            expected=expected,
            place=problem.place,
            rule=problem.rule,
            keyword=problem.keyword,
            severity=severity,
            inferred=inferred,
            source=source,
            twin=twin,
        )

    def draft(self, request: Mapping[str, Any], steps: tuple[Any, ...]) -> Draft:
        """Write a request as it is sent. A credential in the body is a placeholder, unless it is what the payload is about."""
        path = self.operation.path
        for name, value in request.get("path", {}).items():
            path = path.replace(f"{{{name}}}", _plain(value))
        pairs = [(name, text) for name, value in request.get("query", {}).items() for text in self._texts("query", name, value)]
        headers = {name: ",".join(self._texts("header", name, value)) for name, value in request.get("header", {}).items()}
        if cookies := request.get("cookie"):
            headers["cookie"] = "; ".join(f"{name}={quote(_plain(value), safe='')}" for name, value in cookies.items())
        body = None
        if "body" in request:
            headers["content-type"] = self.schema.media_type
            value = (
                request["body"]
                if self.credential is None or steps[: len(self.credential)] == self.credential
                else self._placed(request["body"])
            )
            body = urlencode(value).encode() if self.schema.media_type == FORM and isinstance(value, dict) else codec.dump(value)
        return Draft(self.operation.method, path, urlencode(pairs), headers, body)

    def _texts(self, location: str, name: str, value: Any) -> list[str]:
        parameter = self.schema.parameters.get((location, name))
        if isinstance(value, list):
            texts = [_plain(one) for one in value]
            return texts if parameter is None or (parameter.explode and location == "query") else [",".join(texts)]
        return [_plain(value)]

    def _placed(self, body: Any) -> Any:
        step = (self.credential or ("body", ""))[1]
        return {**body, step: PLACEHOLDER} if isinstance(body, dict) and step in body else body


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return re.sub(r"\.0$", "", f"{value:.30f}".rstrip("0") + "0") if isinstance(value, float) else str(value)


def _chosen(problems: tuple[Problem, ...], rule: str) -> Problem:
    """Take the problem that an edit is about, the first one where none is."""
    return next((problem for problem in problems if problem.rule.startswith(rule)), problems[0])


def _named(demands: Iterable[Any]) -> list[str]:
    """Name demands by the schemas that make them, which live as long as the work on one operation."""
    return [f"#{id(one[0])} {one[1:]}" for one in demands]


@lru_cache(maxsize=16)
def _plans(_: Bundle) -> dict[str, list[Any]]:
    """Keep the answers for schemas that were met, for all operations of a document."""
    return {}


def derivation(spec: Spec, operation: Operation) -> Derivation:
    """Begin the work on one operation."""
    return Derivation(RequestSchema(spec, operation))


def payloads(spec: Spec, operation: Operation) -> Iterator[Payload]:
    """Yield the payloads of an operation that its schemas ask for, in the order of the document."""
    for derived in derivation(spec, operation).payloads():
        yield derived.payload


__all__ = ["Derivation", "Derived", "Expected", "Missed", "derivation", "payloads", "pointer"]
