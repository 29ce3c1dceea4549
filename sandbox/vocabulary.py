"""Which fields a document may use, and where. What is not in these tables the engine does not implement.

A keyword that is ignored is a promise that is not kept, so an unknown one stops the start. The tables name, for every
kind of object in an OpenAPI 3.1 document, its fields and the kind of object each holds: a name alone is one object,
`[name]` a list of them, `{name}` a map, `-` any value.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox import patterns
from sandbox.document import escape, looks_like_local
from sandbox.errors import SpecError

_NOTES = "x-source - x-inferred -"
_METHODS = "get put post delete options head patch trace".split()


def _fields(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


KINDS: Mapping[str, Mapping[str, str]] = {
    "document": _fields(
        "openapi - info - jsonSchemaDialect - servers [server] paths {path} components components security - tags -"
        f" externalDocs - x-causes {{cause}} x-accepted - x-credential - x-max-body - x-aliases - {_NOTES}"
    ),
    "server": _fields("url - description -"),
    "path": _fields("summary - description - parameters [parameter] " + " ".join(f"{method} operation" for method in _METHODS)),
    "operation": _fields(
        "tags - summary - description - externalDocs - operationId - parameters [parameter] requestBody body"
        f" responses {{response}} deprecated - security - x-causes {{cause}} x-list - x-rate-limit - {_NOTES}"
    ),
    "parameter": _fields(f"name - in - description - required - deprecated - schema schema example - examples {{example}} {_NOTES}"),
    "body": _fields(f"description - content {{media}} required - {_NOTES}"),
    "media": _fields("schema schema example - examples {example}"),
    "response": _fields(f"description - headers {{header}} content {{media}} links {{link}} {_NOTES}"),
    "header": _fields(f"description - required - deprecated - schema schema example - examples {{example}} {_NOTES}"),
    "link": _fields(f"operationId - parameters - requestBody - description - {_NOTES}"),
    "example": _fields(f"summary - description - value - {_NOTES}"),
    "cause": _fields(f"when - status - code - means - example - response - severity - unique - avoid - {_NOTES}"),
    "components": _fields(
        "schemas {schema} responses {response} parameters {parameter} examples {example} requestBodies {body}"
        " headers {header} securitySchemes {scheme} links {link}"
    ),
    "scheme": _fields(f"type - description - name - in - scheme - bearerFormat - flows - {_NOTES}"),
    "schema": _fields(
        "type - enum - const - multipleOf - maximum - exclusiveMaximum - minimum - exclusiveMinimum - maxLength -"
        " minLength - pattern - maxItems - minItems - uniqueItems - maxContains - minContains - maxProperties -"
        " minProperties - required - dependentRequired - allOf [schema] anyOf [schema] oneOf [schema] not schema"
        " if schema then schema else schema dependentSchemas {schema} prefixItems [schema] items schema contains schema"
        " properties {schema} patternProperties {schema} additionalProperties schema propertyNames schema"
        " unevaluatedItems schema unevaluatedProperties schema format - title - description - default - deprecated -"
        f" readOnly - writeOnly - examples - contentEncoding - contentMediaType - {_NOTES}"
    ),
}

FORMATS = frozenset(
    "date-time date time duration email idn-email hostname idn-hostname ipv4 ipv6 uri uri-reference iri iri-reference uuid"
    " uri-template json-pointer relative-json-pointer regex int32 int64 float double password binary byte".split()
)
_REF_FIELDS = frozenset(("$ref", "summary", "description"))


def check(file: str, tree: Mapping[str, Any], *, own: bool) -> None:
    """Refuse a document that says something the engine would not hear. Raises SpecError with file, pointer and reason.

    In a document that is not our `own`, unknown `x-` fields are skipped, as OpenAPI says.
    """
    for kind, where, node in _objects("document", "", tree):
        if not isinstance(node, Mapping):
            raise SpecError(file, where, f"is not an object, as a {kind} must be")
        if "$ref" in node:
            _check_reference(file, where, node, kind)
        for name in node:
            if name == "$ref" or name in KINDS[kind] or (not own and name.startswith("x-")):
                continue
            raise SpecError(file, f"{where}/{escape(name)}", _unknown(name, kind))
        if kind == "schema":
            _check_schema(file, where, node)


def schemas(tree: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every schema object of a document, inner ones too, with its JSON pointer."""
    for kind, where, node in _objects("document", "", tree):
        if kind == "schema" and isinstance(node, Mapping):
            yield where, node


def _objects(kind: str, where: str, node: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield every object that the tables know, with its kind and its JSON pointer, outer ones first."""
    if kind == "schema" and isinstance(node, bool):
        return
    yield kind, where, node
    if not isinstance(node, Mapping):
        return
    for name, inner in KINDS[kind].items():
        if inner == "-" or name not in node:
            continue
        child, at = node[name], f"{where}/{escape(name)}"
        if inner[0] == "{" and isinstance(child, Mapping):
            for key, value in child.items():
                yield from _objects(inner[1:-1], f"{at}/{escape(key)}", value)
        elif inner[0] == "[" and isinstance(child, list):
            for index, value in enumerate(child):
                yield from _objects(inner[1:-1], f"{at}/{index}", value)
        else:
            yield from _objects(inner.strip("[]{}"), at, child)


def _unknown(name: str, kind: str) -> str:
    near = difflib.get_close_matches(name, KINDS[kind], 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"is a field that Trackbed does not implement in a {kind}{hint}"


def _check_reference(file: str, where: str, node: Mapping[str, Any], kind: str) -> None:
    target = node["$ref"]
    if not isinstance(target, str) or not looks_like_local(target):
        raise SpecError(file, f"{where}/$ref", f"points outside the document ({target!r}); bundle what it needs into this file")
    if kind != "schema" and (beside := set(node) - _REF_FIELDS):
        raise SpecError(file, where, f"has {min(beside)!r} beside a $ref, where it would be ignored")


def _check_schema(file: str, where: str, node: Mapping[str, Any]) -> None:
    if isinstance(pattern := node.get("pattern"), str):
        _check_pattern(file, f"{where}/pattern", pattern, capped="maxLength" in node)
    for pattern in node.get("patternProperties", ()):
        _check_pattern(file, f"{where}/patternProperties/{escape(pattern)}", pattern, capped=False)
    if (name := node.get("format")) is not None and name not in FORMATS:
        raise SpecError(file, f"{where}/format", f"is {name!r}, a format that Trackbed does not check")


def _check_pattern(file: str, where: str, pattern: str, *, capped: bool) -> None:
    if reason := patterns.fault(pattern):
        raise SpecError(file, where, reason)
    if patterns.looks_around(pattern) and not capped:
        raise SpecError(file, where, f"pattern {pattern!r} looks around, which takes a backtracking engine; give it a maxLength")
