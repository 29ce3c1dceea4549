"""What they sent, and what we send: JSON Schema checks, compiled once, with every problem at its place.

The checks are made by jsonschema-rs against the document itself, so a problem names the rule it broke by its JSON
pointer. A valid value costs one call; only an invalid one is looked at closely.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, unquote

import jsonschema_rs

from sandbox.document import pointer
from sandbox.errors import SpecError
from sandbox.exchange import Problem

BACKTRACK_LIMIT = 100_000
MANY = 10_000
_SHOWN = 10  # how many allowed values a message lists


class Check:
    """One compiled schema."""

    __slots__ = ("_parameters", "_validator", "ok")

    def __init__(self, validator: jsonschema_rs.Draft202012Validator, *, parameters: bool = False) -> None:
        self._validator = validator
        self._parameters = parameters
        self.ok = validator.is_valid

    def problems(self, value: Any) -> tuple[Problem, ...]:
        """Say all that is wrong with a value; nothing for a valid one.

        Of a value with more than ten thousand parts only the first problem is told: the list would cost more than the body.
        """
        if self.ok(value):
            return ()
        if larger(value, MANY):
            return tuple(self._flatten([self._first(value)]))
        return tuple(self._flatten(self._validator.iter_errors(value)))

    def broken(self, value: Any) -> frozenset[str]:
        """Name every rule that a value breaks by its JSON pointer: those of all branches too, where a choice fits none."""
        return frozenset() if self.ok(value) else frozenset(_rules(self._validator.iter_errors(value)))

    def _first(self, value: Any) -> jsonschema_rs.ValidationError:
        try:
            self._validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            return error
        raise AssertionError("a value is both valid and not")  # pragma: no cover - the validator contradicts itself

    def _flatten(self, errors: Iterable[jsonschema_rs.ValidationError]) -> Iterator[Problem]:
        for error in errors:
            kind = error.kind
            if isinstance(kind, _CHOICES):
                yield from self._flatten(_best(kind.context, len(error.instance_path)))
            else:
                yield from self._problems(error)

    def _problems(self, error: jsonschema_rs.ValidationError) -> Iterator[Problem]:
        kind, keyword, rule = error.kind, _keyword(error), _rule(error)
        if isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
            yield Problem(self._place([*error.instance_path, kind.property]), keyword, "is required", kind.property, None, rule)
        elif isinstance(
            kind,
            (jsonschema_rs.ValidationErrorKind.AdditionalProperties, jsonschema_rs.ValidationErrorKind.UnevaluatedProperties),
        ):
            for name in kind.unexpected:
                yield Problem(self._place([*error.instance_path, name]), keyword, "is not a known member", None, None, rule)
        else:
            expected = getattr(kind, "value", None)
            yield Problem(self._place(error.instance_path), keyword, _sentence(keyword, expected), expected, error.instance, rule)

    def _place(self, path: list[str | int]) -> str:
        if not self._parameters:
            return pointer(*path)
        location, *rest = path
        return f"{location}:{rest[0]}{pointer(*rest[1:])}" if rest else str(location)


_CHOICES = (jsonschema_rs.ValidationErrorKind.AnyOf, jsonschema_rs.ValidationErrorKind.OneOfNotValid)


def _rules(errors: Iterable[jsonschema_rs.ValidationError]) -> Iterator[str]:
    for error in errors:
        yield _rule(error)
        if isinstance(error.kind, _CHOICES):
            for branch in error.kind.context:
                yield from _rules(branch)


def _rule(error: jsonschema_rs.ValidationError) -> str:
    """Say which rule was broken, by its JSON pointer in the document."""
    rule, keyword = unquote((error.absolute_keyword_location or "").partition("#")[2]), _keyword(error)  # written as part of a URI
    return rule.rpartition(keyword)[0] + keyword if keyword == "dependentRequired" else rule  # the validator adds a position


def larger(value: Any, limit: int) -> bool:
    """Tell whether a value has more than `limit` parts, without looking at many more."""
    todo, count = [value], 0
    while todo and count <= limit:
        node = todo.pop()
        if isinstance(node, (dict, list)):
            count += len(node)
            todo.extend(node.values() if isinstance(node, dict) else node)
    return count > limit


def _keyword(error: jsonschema_rs.ValidationError) -> str:
    """Name the broken keyword as it stands in the document: the validator calls `dependentRequired` just `required`."""
    return "dependentRequired" if error.kind.name == "required" and "dependentRequired" in error.schema_path[-2:] else error.kind.name


def _best(branches: list[list[jsonschema_rs.ValidationError]], depth: int) -> list[jsonschema_rs.ValidationError]:
    """Choose the branch of an `anyOf` or `oneOf` that the value was probably meant for.

    The fewest misses of const on the value itself or its direct members decide (a tag says which branch is meant), then
    those of type, const or enum, then the fewest problems, then the order of the document.
    """

    def misfit(errors: list[jsonschema_rs.ValidationError]) -> tuple[int, int, int]:
        shape = [e.kind.name for e in errors if e.kind.name in ("type", "const", "enum") and len(e.instance_path) <= depth + 1]
        return shape.count("const"), len(shape), len(errors)

    return min(branches, key=misfit)


def _sentence(keyword: str, expected: Any) -> str:
    """Say what is wrong, for the one who has to mend it."""
    if keyword == "type":
        return f"must be of type {' or '.join(expected)}"
    if keyword == "enum":
        return f"must be one of {', '.join(map(repr, expected[:_SHOWN]))}{' …' if len(expected) > _SHOWN else ''}"
    return _SENTENCES.get(keyword, f"does not satisfy {keyword}").format(expected)


_SENTENCES = {
    "const": "must be {0!r}",
    "pattern": "must match {0}",
    "format": "must be a valid {0}",
    "minLength": "must have at least {0} characters",
    "maxLength": "must have at most {0} characters",
    "minItems": "must have at least {0} items",
    "maxItems": "must have at most {0} items",
    "minProperties": "must have at least {0} members",
    "maxProperties": "must have at most {0} members",
    "minimum": "must be at least {0}",
    "maximum": "must be at most {0}",
    "exclusiveMinimum": "must be more than {0}",
    "exclusiveMaximum": "must be less than {0}",
    "multipleOf": "must be a multiple of {0}",
    "uniqueItems": "must not have the same item twice",
    "falseSchema": "is not allowed here",
    "not": "is not allowed as it is",
}


_TOP = (["paths"], ["components"])  # where schemas stand in a document


class Registry:
    """A whole document, known to the validator, so that every schema in it is compiled where it stands.

    Nothing is ever fetched: a reference out of the document fails.
    """

    def __init__(self, file: str, tree: dict[str, Any]) -> None:
        self.file = file
        self._base = f"trackbed:///{file}"
        self._registry = jsonschema_rs.Registry([(self._base, tree)], draft=jsonschema_rs.Draft202012)

    def uri(self, where: str) -> str:
        """Write the address of the schema at a JSON pointer."""
        return f"{self._base}#{quote(where, safe='/~')}"

    def check(self, where: str) -> Check:
        """Compile the schema at a JSON pointer. Raises SpecError."""
        return self.compile({"$ref": self.uri(where)}, where)

    def compile(self, schema: dict[str, Any], where: str = "", *, parameters: bool = False) -> Check:
        """Compile a schema that refers into the document. With `parameters` its two outer levels are location and name."""
        try:
            validator = jsonschema_rs.Draft202012Validator(
                schema,
                registry=self._registry,
                offline=True,
                validate_formats=True,
                mask="the value",  # else a message quotes it whole, and nobody reads these messages
                pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=BACKTRACK_LIMIT),
            )
        except jsonschema_rs.ValidationError as error:  # the document itself is what it looked at, unless a schema stands alone
            path = [*error.instance_path]
            raise SpecError(self.file, pointer(*path) if path[:1] in _TOP else where, f"is not a usable schema: {error.message}") from None
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise SpecError(self.file, where, f"is not a usable schema: {error}") from None
        return Check(validator, parameters=parameters)
