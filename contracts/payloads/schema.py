"""The request of an operation as one JSON Schema: parameters by where they travel, and the body.

A request is the value `{"path": {…}, "query": {…}, "header": {…}, "cookie": {…}, "body": …}`, with the locations that the operation
has. Its schema refers into the document, so that a rule keeps its JSON pointer. Beside it stands what any request must be to travel
at all (`world`): a text in a path has no slash, a form holds nothing but texts, or what is read from one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

from contracts.bodies import BYTES, FORMS, TEXT, media_type_of, written_as
from contracts.constraints import members
from contracts.payloads.facets import Ways
from contracts.payloads.judge import CHECKED, INNER, QUICK, Test
from sandbox import document
from sandbox.document import pointer
from sandbox.exchange import Problem
from sandbox.spec import Operation, Parameter, Spec
from sandbox.validation import BACKTRACK_LIMIT

Schema = Any  # a mapping, or true or false
LOCATIONS = ("path", "query", "header", "cookie")

WHOLE = frozenset(("unevaluatedProperties", "unevaluatedItems"))
MUTE = frozenset(("minContains", "maxContains", "then", "else"))  # judged with another
_MOST = 20_000  # schemas of which anything is kept


@dataclass(slots=True)
class _Known:
    """The tests of a schema as far as they were asked for, and what it comes to. The schema is kept so that its id stays its own."""

    node: Mapping[str, Any]
    ways: dict[tuple[str | None, bool], Ways] = field(default_factory=dict)
    single: dict[str, Test | None] = field(default_factory=dict)
    whole: tuple[Test, ...] | None = None


class Bundle:
    """A document whose schemas can be taken apart, edited and compiled. References in it are whole addresses."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self._base = spec.registry.uri("").partition("#")[0]
        self.tree = self._absolute(spec.tree)
        self._registry = jsonschema_rs.Registry([(self._base, self.tree)], draft=jsonschema_rs.Draft202012)
        self._checks: dict[Any, Test] = {}
        self._schemas: dict[int, _Known] = {}
        nodes = [*_mappings(self.tree)]
        self.looks = any(not WHOLE.isdisjoint(node) for node in nodes)  # whether there may be an `unevaluated…`
        self.longest = max((len(node["prefixItems"]) for node in nodes if isinstance(node.get("prefixItems"), list)), default=0)
        self._targets: dict[str, Schema] = {}  # what the document's references lead to

    def _absolute(self, node: Any) -> Any:
        if isinstance(node, dict):
            return {
                key: self.uri(value[1:]) if key == "$ref" and isinstance(value, str) and value.startswith("#") else self._absolute(value)
                for key, value in node.items()
                if key not in ("x-causes", "responses")
            }
        return [self._absolute(value) for value in node] if isinstance(node, list) else node

    def uri(self, where: str) -> str:
        """Write the address of what stands at a JSON pointer."""
        return self.spec.registry.uri(unquote(where))

    @staticmethod
    def where(reference: str) -> str:
        """Read the JSON pointer out of an address."""
        return unquote(reference.partition("#")[2])

    def at(self, reference: str) -> Schema:
        """Find the schema at an address."""
        if reference not in self._targets:
            self._targets[reference] = document.at(self.tree, self.where(reference))
        return self._targets[reference]

    def compile(self, schema: Schema) -> Any:
        """Compile a schema whose references are addresses."""
        return jsonschema_rs.Draft202012Validator(
            schema,
            registry=self._registry,
            offline=True,
            validate_formats=True,
            pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=BACKTRACK_LIMIT),
        )

    def holds(self, node: Schema, value: Any) -> bool:
        """Tell whether a value satisfies a schema."""
        if isinstance(node, bool):
            return node
        known = self._schemas.get(id(node)) or self._begin(node)
        if known.whole is None:
            known.whole = tuple(test for key in node if key not in MUTE and (test := self._test(known, key)) is not None)
        for test in known.whole:  # noqa: SIM110 - the innermost loop of all: a generator would cost as much as its tests
            if not test(value):
                return False
        return True

    def kept(self, node: Mapping[str, Any], key: str) -> Test | None:
        """Give the test of one keyword of a schema of which more will be asked (see `test`)."""
        known = self._schemas.get(id(node)) or self._begin(node)
        return known.single[key] if key in known.single else self._test(known, key)

    def ways(self, node: Mapping[str, Any]) -> dict[tuple[str | None, bool], Ways]:
        """Give what is known of the ways to keep a schema or to break it, by keyword; who finds more puts it in (see `solver`)."""
        return (self._schemas.get(id(node)) or self._begin(node)).ways

    def _begin(self, node: Mapping[str, Any]) -> _Known:
        if len(self._schemas) >= _MOST:
            self._schemas.clear()
        known = self._schemas[id(node)] = _Known(node)
        return known

    def _test(self, known: _Known, key: str) -> Test | None:
        if key not in known.single:
            known.single[key] = self.test(known.node, key)
        return known.single[key]

    def test(self, node: Mapping[str, Any], key: str) -> Test | None:
        """Make the test of one keyword of a schema; None for one that every value keeps."""
        if (quick := QUICK.get(key)) is not None:
            return quick(node[key])
        if (inner := INNER.get(key)) is not None:
            return inner(self, node)
        if key not in CHECKED:
            return None
        return self._evaluated(node, key) if key in WHOLE else self._compiled(key, node[key])

    def _compiled(self, key: str, value: Any) -> Test:
        name = (key, json.dumps(value))
        if name not in self._checks:
            self._checks[name] = self.compile({key: value}).is_valid
        return self._checks[name]

    def _evaluated(self, node: Mapping[str, Any], key: str) -> Test:
        """Test a keyword that depends on what all others of its schema have looked at."""
        kind = list if key == "unevaluatedItems" else dict
        compiled: list[Any] = []  # when the first value of the kind comes

        def test(value: Any) -> bool:
            if not isinstance(value, kind):
                return True
            if not compiled:
                compiled.append(self.compile(node))
            return not any(error.schema_path[0] == key for error in compiled[0].iter_errors(value))

        return test


def _mappings(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _mappings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _mappings(value)


@lru_cache(maxsize=16)
def bundle(spec: Spec) -> Bundle:
    """Take a document apart, once."""
    return Bundle(spec)


class RequestSchema:
    """The schema of an operation's requests, for one media type of its body; without it where we do not write what it takes."""

    def __init__(self, spec: Spec, operation: Operation) -> None:
        self.bundle = bundle(spec)
        self.spec, self.operation = spec, operation
        self.media_type = media_type_of(operation) or ""
        self.rules: dict[str, str] = {}  # place of a parameter -> its JSON pointer
        self.parameters: dict[tuple[str, str], Parameter] = {(p.location, p.name): p for p in operation.parameters}
        groups: dict[str, dict[str, Any]] = {}
        for node, where in self._parameters():
            name = node["name"].lower() if node["in"] == "header" else node["name"]
            group = groups.setdefault(node["in"], {"type": "object", "properties": {}, "required": []})
            shown = (
                [node["example"]] if "example" in node else [one["value"] for one in node.get("examples", {}).values() if "value" in one]
            )
            group["properties"][name] = {"$ref": self.bundle.uri(f"{where}/schema"), **({"examples": shown} if shown else {})}
            group["required"] += [name] if node.get("required") else []
            self.rules[f"{node['in']}:{name}"] = where
        self.root: dict[str, Any] = {
            "type": "object",
            "properties": {location: groups[location] for location in LOCATIONS if location in groups},
            "required": [location for location in LOCATIONS if location in groups],
        }
        self.body_where = ""
        if self.media_type:
            self.body_where = self._body_where()
            self.root["properties"]["body"] = {"$ref": self.bundle.uri(self.body_where)}
            self.root["required"] += ["body"] if operation.body and operation.body.required else []
        self.world = self._world()
        self.ok = self.bundle.compile(self.root).is_valid

    def _follow(self, node: Any, where: str) -> tuple[Any, str]:
        while "$ref" in node:
            where = self.bundle.where(node["$ref"])
            node = document.at(self.bundle.tree, where)
        return node, where

    def _parameters(self) -> list[tuple[dict[str, Any], str]]:
        own = document.at(self.bundle.tree, self.operation.where)
        item, shared = document.at(self.bundle.tree, pointer("paths", self.operation.path)), pointer("paths", self.operation.path)
        raw = [(value, f"{self.operation.where}/parameters/{index}") for index, value in enumerate(own.get("parameters", ()))]
        raw += [(value, f"{shared}/parameters/{index}") for index, value in enumerate(item.get("parameters", ()))]
        found: dict[tuple[str, str], tuple[dict[str, Any], str]] = {}
        for pair in raw:
            node, where = self._follow(*pair)
            found.setdefault((node["in"], node["name"]), (node, where))
        return list(found.values())

    def _body_where(self) -> str:
        own = document.at(self.bundle.tree, self.operation.where)
        body, where = self._follow(own["requestBody"], f"{self.operation.where}/requestBody")
        name = next(name for name, media in body["content"].items() if "schema" in media)
        return f"{where}/content/{document.escape(name)}/schema"

    def _world(self) -> dict[str, Any]:
        groups: dict[str, Any] = {}
        for (location, name), parameter in self.parameters.items():
            group = groups.setdefault(location, {"properties": {}, "required": [], "additionalProperties": False})
            group["properties"][name] = _wire(location, parameter.kind, parameter.items)
            group["required"] += [name] if location == "path" else []
        written = written_as(self.media_type)
        if written in FORMS:
            described = {name: _wire("form", one.kind, one.items) for name, one in members(self.spec, self.body_where).items()}
            groups["body"] = {"type": "object", "properties": described, "additionalProperties": _wire("form")}
        elif written in (TEXT, BYTES):
            groups["body"] = {"type": "string"}
        return {"type": "object", "properties": groups, "required": [name for name in groups if name != "body"]}

    def problems(self, request: Mapping[str, Any]) -> tuple[Problem, ...]:
        """Say what is wrong with a request, just as a sandbox would."""
        found: tuple[Problem, ...] = ()
        if self.operation.check_parameters is not None:
            found = self.operation.check_parameters.problems({key: request[key] for key in request if key != "body"})
        if self.operation.body is not None and "body" in request:
            found += self.operation.body.media[self.media_type].problems(request["body"])
        return tuple(problem if problem.rule else self._ruled(problem) for problem in found)

    def _ruled(self, problem: Problem) -> Problem:
        """Give a missing parameter the rule that asks for it, which is no schema's."""
        rule = f"{self.rules.get(problem.place, '')}/required"
        return Problem(problem.place, problem.keyword, problem.message, problem.expected, problem.value, rule, problem.values)


_TEXT = {"path": r"^[^/\x00-\x1f\x7f]+$", "query": r"^[^\x00]*$", "header": "^[!-~](?:[ -~]*[!-~])?$", "cookie": "^[!-~]*$"}
_LIKE = {
    "integer": "^-?(?:0|[1-9][0-9]{0,30})$",
    "number": r"^-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?$",
    "boolean": "^(?:true|false)$",
}


@lru_cache(maxsize=64)
def _wire(location: str, kind: str = "string", items: str = "string") -> dict[str, Any]:
    """Say which values of a parameter, or of a member of a form, some text on the wire is read as."""
    if kind == "array":
        return {"type": "array", "minItems": 1, "items": _wire(location, items, "string")}
    if location == "form" and kind == "object":  # it travels as JSON
        return {"type": ["object", "string"]}
    text: dict[str, Any] = {"type": "string", **({"pattern": _TEXT[location]} if location in _TEXT else {})}
    if location == "path":
        text["not"] = {"enum": [".", ".."]}
    if kind not in _LIKE:
        return text
    unlike = {"allOf": [text, {"not": {"pattern": _LIKE[kind]}}]}
    return {"anyOf": [{"type": kind}, unlike]}
