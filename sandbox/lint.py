"""What no linter checks: that a document agrees with itself and with the code that serves it.

It runs at every start, so a document that promises what nobody keeps stops the server and not a user's test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox import causes, vocabulary
from sandbox.document import at, escape, pointer
from sandbox.errors import SpecError
from sandbox.exchange import Problem
from sandbox.spec import Operation, Spec

_ANY = (Problem("\0", "\0"),)  # fits no row that asks for a place or a keyword


def check(spec: Spec, provider: object) -> None:
    """Hold a document to itself and to its provider. Raises SpecError for the first disagreement."""
    for where, reason in _faults(spec, provider):
        raise SpecError(spec.file, where, reason)


def _faults(spec: Spec, provider: object) -> Iterator[tuple[str, str]]:
    yield from _methods(spec, provider)
    yield from _bounds(spec)
    yield from _root_causes(spec)
    for operation in spec.operations.values():
        yield from _causes(spec, operation)
        yield from _examples(operation)
        yield from _links(spec, operation)


def _methods(spec: Spec, provider: object) -> Iterator[tuple[str, str]]:
    """Each operation has its method, in the document's order, and there is no other public method."""
    wanted = [operation.method_name for operation in spec.operations.values()]
    present = [name for name in vars(type(provider)) if callable(getattr(provider, name)) and not name.startswith("_")]
    own = [name for name in present if name not in ("identify", "refuse", "set_scene", "messages", "page")]
    if own != wanted:
        odd = next(
            (pair for pair in zip([*wanted, "nothing"], [*own, "nothing"], strict=False) if pair[0] != pair[1]), ("nothing", "nothing")
        )
        yield "/paths", f"and {type(provider).__name__} disagree: the document has {odd[0]!r} where the class has {odd[1]!r}"


def _bounds(spec: Spec) -> Iterator[tuple[str, str]]:
    for where, schema in vocabulary.schemas(spec.tree):
        kind = schema.get("type")
        numbers = kind == "integer" or (isinstance(kind, list) and "integer" in kind)
        if numbers and "enum" not in schema and "const" not in schema and not {"minimum", "maximum"} <= schema.keys():
            yield where, "is an integer without minimum and maximum"
        if (kind == "array" or (isinstance(kind, list) and "array" in kind)) and not {"items", "prefixItems"} & schema.keys():
            yield where, "is an array without items"


def _root_causes(spec: Spec) -> Iterator[tuple[str, str]]:
    for kind in ("unknown-path", "wrong-method", "too-large"):
        cause = causes.find((spec.causes,), kind, None, _ANY)
        if cause is None or spec.response(cause, None) is None:
            yield "/x-causes", f"has no row for {kind} whose response is one of components/responses"
    for cause in spec.causes.values():
        if cause.response is not None:
            yield from _shown(spec, cause, None)


def _causes(spec: Spec, operation: Operation) -> Iterator[tuple[str, str]]:
    for kind in _kinds(operation):
        cause = causes.find((operation.causes, spec.causes), kind, None, _ANY)
        if cause is None:
            yield operation.where, f"can be refused as {kind}, but no row of x-causes says how"
        else:
            yield from _shown(spec, cause, operation)
    for cause in operation.causes.values():
        yield from _shown(spec, cause, operation)
        yield from _clear(operation, cause)


def _clear(operation: Operation, cause: causes.Cause) -> Iterator[tuple[str, str]]:
    """Each member that keeps clear of a cause is in an example of the body."""
    examples = operation.body.examples.values() if operation.body else ()
    for field, pointers in (("unique", cause.unique), ("avoid", cause.avoid)):
        for place in pointers:
            if not any(_holds(example, place) for example in examples):
                yield f"{cause.where}/{field}", f"names {place!r}, which no example of the body of {operation.id} has"


def _holds(value: Any, place: str) -> bool:
    try:
        at(value, place)
    except KeyError:
        return False
    return True


def _kinds(operation: Operation) -> Iterator[str]:
    """Name the faults that the engine can find in a request for an operation."""
    if operation.secured:
        yield "unauthenticated"
    if operation.body is not None:
        yield from ("media-type", "malformed", "too-large")
    if operation.body is not None or operation.check_parameters is not None:
        yield "invalid"
    if operation.rate_limit is not None:
        yield "rate-limited"


def _shown(spec: Spec, cause: causes.Cause, operation: Operation | None) -> Iterator[tuple[str, str]]:
    response = spec.response(cause, operation)
    name = operation.id if operation else "a request for no operation"
    if response is None:
        yield cause.where, f"answers {name} with {cause.status}, which is not among its responses"
    elif response.check is not None and cause.example not in response.examples:
        yield cause.where, f"names the example {cause.example!r}, which {name} does not have under {cause.status}"


def _examples(operation: Operation) -> Iterator[tuple[str, str]]:
    """Each example conforms, and each body and each reply with content has one."""
    if operation.body:
        check_ = next(iter(operation.body.media.values()))
        yield from _conform(f"{operation.where}/requestBody", check_, operation.body.examples)
    for response in operation.responses.values():
        if response.check:
            yield from _conform(response.where, response.check, response.examples)
        for name, header in response.headers.items():
            if header.required and header.example is None:
                yield response.where, f"requires the header {name} and shows no example of it"


def _conform(where: str, check_: Any, examples: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if not examples:
        yield where, "has no named example"
    for name, value in examples.items():
        for problem in check_.problems(value):
            yield where, f"has the example {name!r}, in which {problem}"


def _links(spec: Spec, operation: Operation) -> Iterator[tuple[str, str]]:
    raw = spec.tree["paths"][operation.path][operation.method.lower()]["responses"]
    for status, response in raw.items():
        for name, link in response.get("links", {}).items():
            where = f"{operation.where}/responses/{status}/links/{escape(name)}"
            target = spec.operations.get(link.get("operationId", ""))
            if target is None:
                yield where, f"leads to the operation {link.get('operationId')!r}, which does not exist"
                continue
            known = {parameter.name for parameter in target.parameters}
            for parameter in link.get("parameters", {}):
                if parameter.rpartition(".")[2] not in known:
                    yield pointer() + where, f"sets the parameter {parameter!r}, which {target.id} does not have"
