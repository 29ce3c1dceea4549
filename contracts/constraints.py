"""Which rules the document sets for a request, one by one, and why some of them no request can break.

A rule is known by the JSON pointer of its keyword, as `sandbox.exchange.Problem.rule` has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.bodies import FORMS, JSON, read, written_as
from sandbox import codec, parameters
from sandbox.document import at, escape
from sandbox.exchange import Request
from sandbox.spec import Operation, Parameter, Spec, type_of

RULES = frozenset(
    "type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems"
    " uniqueItems contains maxProperties minProperties required dependentRequired not propertyNames format".split()
)
_MANY = ("properties", "patternProperties", "dependentSchemas")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_ONE = ("items", "then", "else")  # what is inside `if`, `not` and `contains` decides and refuses nothing
_CLOSING = ("additionalProperties", "unevaluatedProperties", "unevaluatedItems")
_NO_NUL = r"^[^\x00]*$"
_BRANCHES = ("allOf", "anyOf", "oneOf")
_DEEPEST = 8
_NOT_CHECKED = frozenset("int32 int64 float double password binary byte regex".split())  # formats that say what a value is for


@dataclass(frozen=True, slots=True)
class Constraint:
    """One rule: its pointer and its keyword. `impossible` says why no request over HTTP can break it, empty where one can."""

    rule: str
    keyword: str
    impossible: str = ""


def constraints(spec: Spec, operation: Operation) -> dict[str, Constraint]:
    """List the rules for an operation's request, by pointer, in the order of the document."""
    found: dict[str, Constraint] = {}
    for parameter, where in named_parameters(spec, operation):
        for constraint in _walk(spec, f"{where}/schema", set(), text=True):
            reason = constraint.impossible or _on_a_path(parameter, constraint)
            found.setdefault(constraint.rule, Constraint(constraint.rule, constraint.keyword, reason))
    for media_type, where in bodies(spec, operation):
        for constraint in _walk(spec, where, set(), text=written_as(media_type) != JSON):
            found.setdefault(constraint.rule, constraint)
    return found


def broken(spec: Spec, operation: Operation, variables: Mapping[str, str], request: Request) -> frozenset[str]:
    """Name the rules of the document that a request breaks; nothing for one whose bytes can't be read at all."""
    found: frozenset[str] = frozenset()
    if operation.check_parameters is not None:
        try:
            found |= operation.check_parameters.broken(parameters.read(operation, variables, request))
        except (parameters.Undecodable, KeyError):
            return frozenset()
    if operation.body is not None and request.body:
        try:
            found |= operation.body.check(request).broken(read_body(spec, operation, request))
        except (codec.Unreadable, StopIteration):
            return frozenset()
    return found


def read_body(spec: Spec, operation: Operation, request: Request) -> Any:
    """Read the body of a request by its media type. Raises codec.Unreadable."""
    where = dict(bodies(spec, operation)).get(media_of(request.headers))
    found = members(spec, where) if where and media_of(request.headers) in FORMS else {}
    return read(request.body, request.headers.get("content-type", JSON), found)


def members(spec: Spec, where: str, depth: int = 0) -> dict[str, Parameter]:
    """Give the members that a form may have, with their types as far as all schemas agree: what travels as text is read by its type."""
    node, where = follow(spec, where)
    if not isinstance(node, Mapping):
        return {}
    found = {name: _member(spec, name, f"{where}/properties/{escape(name)}") for name in node.get("properties", ())}
    for key in _BRANCHES if depth < _DEEPEST else ():
        for index in range(len(node.get(key, ()))):
            for name, one in members(spec, f"{where}/{key}/{index}", depth + 1).items():
                found[name] = one if found.get(name, one) == one else Parameter(name, "form", "string")
    return found


def _member(spec: Spec, name: str, where: str) -> Parameter:
    node, where = follow(spec, where)
    node = node if isinstance(node, Mapping) else {}
    items = follow(spec, f"{where}/items")[0] if isinstance(node.get("items"), Mapping) else {}
    return Parameter(name, "form", type_of(node), items=type_of(items))


def media_of(headers: Mapping[str, str]) -> str:
    """Take the media type out of headers, in lower case and without its parameters; empty for none."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def follow(spec: Spec, where: str) -> tuple[Any, str]:
    """Find what stands at a pointer, through references; the second value says where it really stands."""
    node = at(spec.tree, where)
    while isinstance(node, Mapping) and "$ref" in node:
        where = node["$ref"][1:]
        node = at(spec.tree, where)
    return node, where


def named_parameters(spec: Spec, operation: Operation) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the parameters of an operation with the places where they really stand."""
    shared = f"/paths/{escape(operation.path)}/parameters"
    for group in (f"{operation.where}/parameters", shared):
        for index in range(len(_there(spec, group))):
            yield follow(spec, f"{group}/{index}")


def _there(spec: Spec, where: str) -> Any:
    try:
        return at(spec.tree, where)
    except KeyError:
        return ()


def bodies(spec: Spec, operation: Operation) -> Iterator[tuple[str, str]]:
    """Yield the media types of an operation's body with the places of their schemas."""
    if operation.body is None:
        return
    node, where = follow(spec, f"{operation.where}/requestBody")
    for media_type in node["content"]:
        if "schema" in node["content"][media_type]:
            yield media_type.lower(), f"{where}/content/{escape(media_type)}/schema"


def _walk(spec: Spec, where: str, seen: set[str], *, text: bool) -> Iterator[Constraint]:
    """Go through a schema and all that it is made of. `text` tells that its values travel as text, not as JSON."""
    node = at(spec.tree, where)
    if where in seen or not isinstance(node, Mapping):
        return
    seen.add(where)
    if "$ref" in node:
        yield from _walk(spec, node["$ref"][1:], seen, text=text)
    for keyword, value in node.items():
        if keyword in RULES and not _says_nothing(keyword, value):
            yield Constraint(f"{where}/{keyword}", keyword, _of_text(keyword, value) if text else "")
        elif keyword in _CLOSING and value is False:
            yield Constraint(f"{where}/{keyword}", keyword)
    for inner in _inside(node, where):
        yield from _walk(spec, inner, seen, text=text)


def _inside(node: Mapping[str, Any], where: str) -> Iterator[str]:
    for keyword, value in node.items():
        if keyword in _MANY:
            yield from (f"{where}/{keyword}/{escape(name)}" for name in value)
        elif keyword in _LISTS:
            yield from (f"{where}/{keyword}/{index}" for index in range(len(value)))
        elif keyword in _ONE or (keyword in _CLOSING and isinstance(value, Mapping)):
            yield f"{where}/{keyword}"


def _says_nothing(keyword: str, value: Any) -> bool:
    empty = (keyword == "required" and not value) or (keyword.startswith("min") and value == 0) or value is False
    return empty or (keyword == "format" and value in _NOT_CHECKED)


def _of_text(keyword: str, value: Any) -> str:
    kinds = {value} if isinstance(value, str) else set(value) if isinstance(value, list) else set()
    if keyword == "type" and kinds & {"string", "array", "object"}:
        return "what is sent here is text, whatever it is"
    if keyword == "pattern" and value == _NO_NUL:
        return "a text with a NUL is refused as no text, before a rule of it is asked"
    return ""


def _on_a_path(parameter: Mapping[str, Any], constraint: Constraint) -> str:
    if parameter["in"] == "path" and constraint.keyword == "minLength":
        return "a path without this part is another path"
    return ""
