"""Requests written as payloads: how each is sent, and its label."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any
from urllib.parse import quote, urlencode

from contracts import bodies
from contracts.payloads import doubts, label
from contracts.payloads.contexts import Context, Found
from contracts.payloads.edits import Edit
from contracts.payloads.payload import PLACEHOLDER, Draft, Expected, Payload, Verdict
from contracts.payloads.schema import RequestSchema
from sandbox import codec
from sandbox.causes import Cause
from sandbox.document import steps_of
from sandbox.exchange import Problem

_SHORT = 1000  # bytes of a body that is compared as it is
_MARK = "\ue000open\ue000"  # stands where a value will come


@dataclass(frozen=True, slots=True)
class _Template:
    """The draft of a request with an open place in its body: what is before the value, and what is behind it."""

    draft: Draft
    before: bytes
    behind: bytes


Striking = Callable[[str, Draft, Any], tuple[Cause, ...]]  # of a place, a draft, and what the body of that says


def nothing(_: str, __: Draft, ___: Any) -> tuple[Cause, ...]:
    """Find that no cause of business may strike."""
    return ()


class Writer:
    """Writes requests as payloads, with their labels. `striking` finds what may strike an accepted call that is about a place."""

    def __init__(self, schema: RequestSchema, striking: Striking = nothing) -> None:
        self.schema = schema
        self._striking = striking
        self._doubts: dict[tuple[Cause, ...], Expected] = {}
        self.spec, self.operation = schema.spec, schema.operation
        self._taken: dict[str, int] = {}
        self._accepted = label.accepted(self.spec, self.operation)
        pointed = self.spec.credential if self.operation.credential else None
        self.credential = ("body", *steps_of(pointed)) if pointed else None
        self._templates: dict[Context, _Template | None] = {}
        self._places: dict[Context, str] = {}
        self._refusals: dict[Any, tuple[Expected, str]] = {}
        self._notes: dict[tuple[str, str | None], tuple[bool, str]] = {}

    @staticmethod
    def key(draft: Draft) -> Any:
        """Sum up what is sent: two payloads with the same sum are one."""
        body = draft.body
        if body is not None and len(body) > _SHORT:
            body = blake2b(body, digest_size=16).digest()
        return draft.path, draft.query, *draft.headers.items(), body

    def id(self, place: str, case: str) -> str:
        """Make an id that no other payload has."""
        base = f"{self.spec.name}.{self.operation.id}.{label.name_of(place)}.{case}"
        self._taken[base] = count = self._taken.get(base, 0) + 1
        return base if count == 1 else f"{base}-{count}"

    def whole(self, request: Mapping[str, Any], name: str) -> Payload:
        """Write an accepted request that is remarkable as a whole."""
        rule = self.schema.body_where or self.operation.where
        draft = self.draft(request, ())
        doubt = self._doubt("", draft, request)
        return Payload(
            id=f"{self.spec.name}.{self.operation.id}.{name}",
            title=f"{self.operation.id}: the {name} request",
            kind="valid",
            operation=self.operation.id,
            draft=draft,
            verdict="either" if doubt else "accept",
            expected=doubt or self._accepted,
            place="",
            rule=rule,
            source=self._provenance(rule, None)[1],
        )

    def refused(self, found: Found, edit: Edit, draft: Draft, problems: tuple[Problem, ...], twin: str | None) -> Payload:
        """Write a request that is refused for `problems` because of one value, and shows an edit by that."""
        place = self.place(found)
        problem = _chosen(problems, edit.rule)
        expected, severity = self._refusal(problems, problem.place)
        case = edit.fails if problem.rule.startswith(edit.rule) or edit.keyword == problem.keyword else f"{edit.fails}-{problem.keyword}"
        inferred, source = self._provenance(problem.rule, problem.keyword)
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

    def accepted(self, found: Found, edit: Edit, draft: Draft) -> Payload:
        """Write a request that the schema accepts, and that shows an edit."""
        place = self.place(found)
        expected: Expected = self._accepted
        verdict: Verdict = "accept"
        if place.startswith("path:"):
            expected, verdict = label.unknown(self.spec, self.operation, place) or (expected, verdict)
        if self.credential == found.steps and edit.change != "forbidden":
            wrong = label.forbidden(self.spec, self.operation, place)
            expected, verdict = (wrong, "reject") if wrong else (expected, "either")
        if verdict == "accept" and (doubt := self._doubt(place, draft, found.request)):
            expected, verdict = doubt, "either"
        inferred, source = self._provenance(edit.rule, edit.keyword)
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
        inferred, source = self._provenance(problem.rule, problem.keyword)
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
            headers["content-type"] = bodies.content_type(self.schema.media_type)
            value = (
                request["body"]
                if self.credential is None or steps[: len(self.credential)] == self.credential
                else self._placed(request["body"])
            )
            body = bodies.write(value, self.schema.media_type)
        return Draft(self.operation.method, path, urlencode(pairs), headers, body)

    def draft_at(self, found: Found, written: bytes) -> Draft:
        """Write a request as it is sent. Where only a value in a JSON body is new, its JSON, `written`, is put between what is known."""
        context = found.context
        if context not in self._templates:
            self._templates[context] = self._template(context)
        template = self._templates[context]
        if template is None:
            return self.draft(found.request, found.steps)
        plain = template.draft
        return Draft(plain.method, plain.path, plain.query, plain.headers, b"".join((template.before, written, template.behind)))

    def place(self, found: Found) -> str:
        """Write the place of a value; where it is the name of a member, the place is that member."""
        place = self._places.get(found.context)
        if place is None:
            named = any(not isinstance(step, (str, int)) for step in found.steps)
            place = label.place_of(tuple(step if isinstance(step, (str, int)) else found.value for step in found.steps))
            if not named:
                self._places[found.context] = place
        return place

    def _template(self, context: Context) -> _Template | None:
        steps = context.steps
        named = any(not isinstance(step, (str, int)) for step in steps)
        holds_credential = self.credential is not None and steps != self.credential and steps == self.credential[: len(steps)]
        if named or holds_credential or steps[:1] != ("body",) or not bodies.is_json(self.schema.media_type):
            return None
        draft = self.draft(context.fill(_MARK), steps)
        before, mark, behind = (draft.body or b"").partition(codec.dump(_MARK))
        return _Template(draft, before, behind) if mark else None

    def _doubt(self, place: str, draft: Draft, request: Mapping[str, Any]) -> Expected | None:
        """Say what a call that the schema allows is answered with where business may refuse it; None where nothing may strike it."""
        causes = self._striking(place, draft, request.get("body"))
        if causes and causes not in self._doubts:
            self._doubts[causes] = doubts.either(self._accepted, causes)
        return self._doubts[causes] if causes else None

    def _refusal(self, problems: tuple[Problem, ...], place: str) -> tuple[Expected, str]:
        """Say what is answered to a request with some problems: which cause it falls under is told by their keywords and places."""
        key = (place, *[(problem.keyword, problem.place) for problem in problems])
        if key not in self._refusals:
            self._refusals[key] = label.refused(self.spec, self.operation, problems, place)
        return self._refusals[key]

    def _provenance(self, rule: str, keyword: str | None) -> tuple[bool, str]:
        if (rule, keyword) not in self._notes:
            self._notes[rule, keyword] = label.provenance(self.schema, rule, keyword)
        return self._notes[rule, keyword]

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
