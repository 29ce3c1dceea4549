"""A document with fewer optional members in its requests, for a run that has little time: which ones are left is told by the seed.

Making values for a large body is what costs, so that a sample of the requests alone saves little. A request that fits what is left fits
the whole, since only members that are nowhere required go, and none from an object that is closed.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox import document
from sandbox.spec import Operation

FEW = 12  # members that are made quickly
HUGE = 5_000  # members that are not written out
_CLOSING = ("additionalProperties", "unevaluatedProperties", "propertyNames", "patternProperties", "minProperties", "maxProperties")


def thin(tree: dict[str, Any], operation: Operation, seed: int, one_in: int) -> None:
    """Keep of the optional members of a request body one in so many, in place."""
    body = document.at(tree, operation.where).get("requestBody", {})
    while "$ref" in body:
        body = document.at(tree, body["$ref"][1:])
    for media in body.get("content", {}).values():
        if "schema" in media:
            media["schema"] = _Thinner(tree, f"{seed} {operation.id}", one_in).thin(media["schema"])


def members(tree: Mapping[str, Any], operation: Operation) -> int:
    """Count the members that a request body speaks of, at any depth; of more than HUGE it gives HUGE + 1."""
    body = document.at(tree, operation.where).get("requestBody", {})
    while "$ref" in body:
        body = document.at(tree, body["$ref"][1:])
    schemas = [media["schema"] for media in body.get("content", {}).values() if "schema" in media]
    return min(sum(_count(tree, schema) for schema in schemas), HUGE + 1)


def _count(tree: Mapping[str, Any], schema: Any) -> int:
    return sum(1 for _ in itertools.islice(_Thinner(tree, "", 1).names(schema), HUGE + 1))


class _Thinner:
    """Writes one schema anew, references filled in. `open` are those being filled in: one that leads back to itself stays."""

    def __init__(self, tree: Mapping[str, Any], salt: str, one_in: int) -> None:
        self.tree = tree
        self.salt = salt
        self.one_in = one_in
        self.open: list[str] = []

    def thin(self, schema: Any) -> Any:
        """Take members out, unless there are few, or so many that they can't be written out."""
        if not FEW < _count(self.tree, schema) <= HUGE:
            return schema
        whole = self.inlined(schema)
        return self._pruned(whole, frozenset(_needed(whole)))

    def names(self, node: Any) -> Iterator[str]:
        """Name every member that a schema speaks of, at any depth: as often as if its references were filled in."""
        for item in node if isinstance(node, list) else ():
            yield from self.names(item)
        if not isinstance(node, dict):
            return
        if isinstance(node.get("properties"), dict):
            yield from node["properties"]
        reference = node.get("$ref")
        if follows := isinstance(reference, str) and reference not in self.open:
            self.open.append(reference)
            yield from self.names(document.at(self.tree, reference[1:]))
            self.open.pop()
        for key, value in node.items():
            if key != "$ref" or not follows:
                yield from self.names(value)

    def inlined(self, node: Any) -> Any:
        """Fill references in."""
        if isinstance(node, list):
            return [self.inlined(item) for item in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref")
        if not isinstance(reference, str) or reference in self.open:
            return {key: self.inlined(value) for key, value in node.items()}
        self.open.append(reference)
        target = self.inlined(document.at(self.tree, reference[1:]))
        self.open.pop()
        beside = {key: self.inlined(value) for key, value in node.items() if key != "$ref"}
        return {"allOf": [target], **beside} if beside.keys() & target.keys() else {**target, **beside}

    def _pruned(self, node: Any, needed: frozenset[str]) -> Any:
        if isinstance(node, list):
            return [self._pruned(item, needed) for item in node]
        if not isinstance(node, dict):
            return node
        written = {key: self._pruned(value, needed) for key, value in node.items() if key not in ("example", "examples")}
        members = written.get("properties")
        if isinstance(members, dict) and not any(key in node for key in _CLOSING):
            written["properties"] = {name: value for name, value in members.items() if name in needed or self._stays(name)}
        return written

    def _stays(self, name: str) -> bool:
        return zlib.crc32(f"{self.salt} {name}".encode()) % self.one_in == 0


def _needed(node: Any) -> Iterator[str]:
    """Name every member that some rule asks for, or looks at."""
    if isinstance(node, list):
        for item in node:
            yield from _needed(item)
    elif isinstance(node, dict):
        if isinstance(node.get("required"), list):
            yield from (name for name in node["required"] if isinstance(name, str))
        for rule in ("dependentRequired", "dependentSchemas"):
            yield from node.get(rule, {}) if isinstance(node.get(rule), dict) else ()
        for value in node.values():
            yield from _needed(value)
