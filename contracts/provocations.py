"""How to bring about the faults that every API knows: no credential, another media type, a body that breaks one rule.

Which cause of the document such a fault falls under the document says; nothing here knows a provider.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.bodies import FORMS, is_json
from contracts.caller import Caller, Outcome
from contracts.constraints import bodies, follow, named_parameters
from contracts.proofs import with_standing
from contracts.ready import examples, play, put, ready
from contracts.scenarios import Step
from sandbox import parameters
from sandbox.causes import Cause
from sandbox.document import at, pointer
from sandbox.exchange import Problem, Request
from sandbox.spec import Operation, Spec

Make = Callable[[Caller], Outcome]
GONE = object()  # in an edit: take the member out
WRONG = "no-such-credential"
STANDINGS = {"revoked": "unauthenticated", "denied": "forbidden", "readonly": "forbidden"}
SPREAD = 4  # how many different rules a cause is tried with
MANY = 41
MOST = 300  # members of a body that are edited: causes are to be shown, not all rules broken
_METHODS = ("DELETE", "PUT", "PATCH", "POST", "GET")
_COMMAS = ",".join(f"no-{index}" for index in range(MANY))
_VALUES: tuple[Any, ...] = (GONE, _COMMAS, "no such value", 7, "", "!", {}, [], None, True, -1, 1.5, 10**12, ["no such value"])
_TEXTS: tuple[str, ...] = (_COMMAS, "no such value", "0", "-1", "1.5", "!", "")


@dataclass(frozen=True, slots=True)
class Provocation:
    """A way to bring a cause about. `places` are where the fault is, as `sandbox.exchange.Problem` writes places; none for the whole."""

    cause: Cause
    make: Make
    title: str
    places: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a call: a JSON pointer into the body, or `query:name` or `path:name`, and what to put there."""

    place: str
    value: Any

    def apply(self, step: Step) -> Step:
        """Give the call with the change."""
        location, colon, name = self.place.partition(":")
        if colon and location in ("query", "path"):
            return Step(step.operation, {**step.params, name: self.value}, step.body)
        if self.value is not GONE:
            return Step(step.operation, step.params, put(step.body, self.place, self.value))
        outer, _, name = self.place.rpartition("/")
        rest = {key: value for key, value in at(step.body, outer).items() if pointer(key) != f"/{name}"}
        return Step(step.operation, step.params, put(step.body, outer, rest))


def provocations(spec: Spec, operation: Operation) -> Iterator[Provocation]:
    """Yield the ways to bring causes of an operation about that follow from the document alone."""
    yield from _credentials(spec, operation)
    yield from _bodies(spec, operation)
    yield from _rules(spec, operation)
    yield from _paths(spec, operation)


# --- who is calling ----------------------------------------------------------------------------------------------------------------


def _credentials(spec: Spec, operation: Operation) -> Iterator[Provocation]:
    if not operation.secured:
        return
    if operation.needs and (cause := spec.cause_for("unauthenticated", operation, "absent")):
        yield Provocation(cause, lambda caller: play(caller.as_nobody(), ready(caller, operation)), "no credential")
    if cause := spec.cause_for("unauthenticated", operation, "unknown"):
        yield Provocation(cause, lambda caller: play(caller.as_(WRONG), ready(caller, operation)), "an unknown credential")
    for standing, kind in STANDINGS.items():
        writes = any(need.roles - {"read"} for need in operation.needs)
        if (standing != "readonly" or writes) and (cause := spec.cause_for(kind, operation, standing)):
            yield Provocation(cause, _as(standing, operation), f"a {standing} credential")


def _as(standing: str, operation: Operation) -> Make:
    def make(caller: Caller) -> Outcome:
        step = ready(caller, operation)
        return play(caller.as_(with_standing(caller, standing)), step)

    return make


# --- bodies ------------------------------------------------------------------------------------------------------------------------


def _bodies(spec: Spec, operation: Operation) -> Iterator[Provocation]:
    if operation.body is None:
        return
    media_type = next(iter(operation.body.media), "")
    if cause := spec.cause_for("media-type", operation):
        yield Provocation(cause, lambda caller: _with(caller, operation, {"content-type": "text/plain"}), "another media type")
    if is_json(media_type) and (cause := spec.cause_for("malformed", operation)):
        yield Provocation(cause, lambda caller: _raw(caller, operation, b'{"a": [1, '), "a body that is not JSON")
    if cause := spec.cause_for("too-large", operation):
        yield Provocation(cause, lambda caller: _larger(caller, operation), f"a body of more than {spec.max_body} bytes")


def _with(caller: Caller, operation: Operation, headers: Mapping[str, str]) -> Outcome:
    return play(caller, ready(caller, operation), **headers)


def _raw(caller: Caller, operation: Operation, raw: bytes) -> Outcome:
    return caller.call(operation.id, raw, params=ready(caller, operation).params)


def _larger(caller: Caller, operation: Operation) -> Outcome:
    """Send a body that is right but for the blanks behind it."""
    step = ready(caller, operation)
    request = caller.request(operation, {} if step.body is None else step.body, params=step.params)
    blanks = caller.spec.max_body + 1 - len(request.body)
    return caller.send(operation, request._replace(body=request.body + b" " * blanks))


# --- rules of the document ---------------------------------------------------------------------------------------------------------


def _rules(spec: Spec, operation: Operation) -> Iterator[Provocation]:
    """Yield for each cause of an invalid request some edits of a good one that can only fall under it.

    The first body that can show a cause shows it: the document's other examples may need what is not there.
    """
    tried: dict[str, list[tuple[str, str]]] = {}
    places: set[str] = set()
    for body in examples(spec, operation) or (None,):
        before = frozenset(tried)
        for edit, problems in _edits(spec, operation, body, places):
            causes = {spec.cause_for("invalid", operation, None, (problem,)) for problem in problems}
            cause = spec.cause_for("invalid", operation, None, problems)
            rule = (problems[0].place.partition(":")[0], problems[0].keyword)
            if cause is None or cause.name in before or len(causes) > 1:
                continue
            if rule in (rules := tried.setdefault(cause.name, [])) or len(rules) >= SPREAD:
                continue
            rules.append(rule)
            what = f"{problems[0].place or 'the body'}: {problems[0].keyword}"
            yield Provocation(cause, _edited(operation, edit, body), what, frozenset(problem.place for problem in problems))


def _edited(operation: Operation, edit: Edit, body: Any) -> Make:
    """Make the call with an edit; a credential in the body is written into it before, so that it may be what is edited."""

    def make(caller: Caller) -> Outcome:
        step = ready(caller, operation, body)
        if not (operation.credential and isinstance(step.body, Mapping)):
            return play(caller, edit.apply(step))
        whole = Step(step.operation, step.params, {**caller.shown(operation).body, **step.body})
        return play(caller.as_nobody(), edit.apply(whole))

    return make


def _edits(spec: Spec, operation: Operation, body: Any, places: set[str]) -> Iterator[tuple[Edit, tuple[Problem, ...]]]:
    """Yield edits that break rules, with what is wrong then; those that break one rule come first. Each of `places` is edited once."""
    step = Step(operation.id, {}, body)
    found = [*_body_edits(spec, operation, step, places)] if operation.body is not None and body is not None else []
    found += _parameter_edits(spec, operation)
    yield from sorted(found, key=lambda pair: len(pair[1]))


def _body_edits(spec: Spec, operation: Operation, step: Step, places: set[str]) -> Iterator[tuple[Edit, tuple[Problem, ...]]]:
    media_type, where = next(bodies(spec, operation))
    check = operation.body.media[media_type] if operation.body else None
    members = [pair for pair in _members("", step.body, tuple(_declared(spec, where))) if pair[0] not in places]
    places.update(place for place, _ in members)
    for place, value in (*members[:MOST], *members[MOST:][-1:]):  # the last one is the whole
        many = [value * MANY] if isinstance(value, list) and value else []
        for new in (*_VALUES, *many):
            if new is GONE and not _in_an_object(step.body, place):
                continue
            if media_type in FORMS and not (place and (new is GONE or isinstance(new, str))):
                continue
            edit = Edit(place, new)
            if check and (problems := check.problems(edit.apply(step).body)):
                yield edit, problems


def _in_an_object(body: Any, place: str) -> bool:
    """Tell whether a member can be taken out: it is there, and in an object."""
    outer, slash, name = place.rpartition("/")
    try:
        return bool(slash) and isinstance(around := at(body, outer), Mapping) and any(pointer(key) == f"/{name}" for key in around)
    except KeyError:
        return False


def _members(place: str, value: Any, more: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield the places of a JSON value, outer ones last, of a list the first element; `more` are members that could be there too."""
    if isinstance(value, Mapping):
        for name in dict.fromkeys((*value, *more)):
            yield from _members(place + pointer(name), value.get(name))
    elif isinstance(value, list) and value:
        yield from _members(f"{place}/0", value[0])
    yield place, value


def _declared(spec: Spec, where: str) -> Iterator[str]:
    """Name the members that the schema at a place has, those of its parts too."""
    node, where = follow(spec, where)
    if isinstance(node, Mapping):
        yield from node.get("properties", ())
        for keyword in ("allOf", "anyOf", "oneOf"):
            for index in range(len(node.get(keyword, ()))):
                yield from _declared(spec, f"{where}/{keyword}/{index}")


def _parameter_edits(spec: Spec, operation: Operation) -> Iterator[tuple[Edit, tuple[Problem, ...]]]:
    if operation.check_parameters is None:
        return
    given = {parameter.name: "aaaa-1" for parameter in operation.parameters if parameter.location == "path"}
    for node, _ in named_parameters(spec, operation):
        if node["in"] in ("query", "path"):
            for text in _TEXTS:
                place = f"{node['in']}:{node['name']}"
                on_path = node["in"] == "path"
                if on_path and not (text and "," not in text):
                    continue
                variables = {**given, node["name"]: text} if on_path else given
                found = _wrong(operation, variables, "" if on_path else f"{node['name']}={text}")
                if problems := tuple(problem for problem in found if problem.place == place):
                    yield Edit(place, text), problems


def _wrong(operation: Operation, variables: Mapping[str, str], query: str) -> tuple[Problem, ...]:
    check = operation.check_parameters
    return check.problems(parameters.read(operation, variables, Request("GET", "/", query))) if check else ()


# --- paths and methods -----------------------------------------------------------------------------------------------------------


def _paths(spec: Spec, operation: Operation) -> Iterator[Provocation]:
    if cause := spec.cause_for("wrong-method", None):
        methods = spec.router.find(operation.path)
        taken = set(methods[0]) if methods else {operation.method}
        if other := next((method for method in _METHODS if method not in taken), None):
            yield Provocation(cause, _sent(operation, method=other), f"the method {other}")
    nowhere = (f"{operation.path.rstrip('/')}/no-such-place", "/no-such-place", "/no/such/place/in/this/document")
    unknown = next((path for path in nowhere if not (spec.router.find(path) or spec.router.find(f"{path}/"))), None)
    if unknown and (cause := spec.cause_for("unknown-path", None)):
        yield Provocation(cause, _sent(operation, path=unknown), "a path that no operation has")
    if operation.path.endswith("/") and operation.method == "GET" and (cause := spec.cause_for("missing-slash", None)):
        yield Provocation(cause, _sent(operation, cut=True), "a path without its slash")


def _sent(operation: Operation, *, method: str = "", path: str = "", cut: bool = False) -> Make:
    """Send a good call with another method, on another path, or without the slash at the end of its own."""

    def make(caller: Caller) -> Outcome:
        step = ready(caller, operation)
        args = () if step.body is None else (step.body,)
        request = caller.request(operation, *args, params=step.params)
        return caller.send(
            operation, request._replace(method=method or request.method, path=path or (request.path.rstrip("/") if cut else request.path))
        )

    return make
