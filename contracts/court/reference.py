"""The second opinion: jsonschema, a validator that shares nothing with the fast one, on requests and answers that are about to accuse.

Its patterns and its `multipleOf` get the meaning that ECMA-262 and decimal arithmetic give them; where the two still differ nobody is
accused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote

from contracts.caller import Outcome
from contracts.constraints import bodies, media_of, named_parameters, read_body
from sandbox import codec, parameters
from sandbox.exchange import Request
from sandbox.spec import Operation, Spec


def request_valid(spec: Spec, operation: Operation, request: Request) -> bool | None:
    """Tell whether a request keeps all rules, by the second validator; None where it can't be read as the document wants it."""
    variables = (spec.router.find(request.path) or ({}, {}))[1]
    try:
        found = parameters.read(operation, variables, request) if operation.parameters else {}
        body = read_body(spec, operation, request) if operation.body is not None and request.body else None
    except (parameters.Undecodable, codec.Unreadable, KeyError):
        return None
    for node, where in named_parameters(spec, operation):
        group = found.get(node["in"], {})
        name = node["name"].lower() if node["in"] == "header" else node["name"]
        if name not in group:
            if node.get("required"):
                return False
        elif not _valid(spec, f"{where}/schema", group[name]):
            return False
    return _body_valid(spec, operation, request, body)


def _body_valid(spec: Spec, operation: Operation, request: Request, body: Any) -> bool:
    if operation.body is None:
        return True
    if not request.body:
        return not operation.body.required
    schemas = dict(bodies(spec, operation))
    where = schemas.get(media_of(request.headers)) or next(iter(schemas.values()), None)
    return where is None or _valid(spec, where, body)


def answer_valid(spec: Spec, outcome: Outcome) -> bool | None:
    """Tell whether the body of an answer fits its schema, by the second validator; None where the document has none for it."""
    response = outcome.operation.responses.get(outcome.status)
    if response is None or response.check is None or response.media_type is None:
        return None
    media_type = response.media_type.replace("~", "~0").replace("/", "~1")
    return _valid(spec, f"{response.where}/content/{media_type}/schema", outcome.body)


def _valid(spec: Spec, where: str, value: Any) -> bool:
    return bool(_compiled(spec, where).is_valid(value))


@lru_cache(maxsize=512)
def _compiled(spec: Spec, where: str) -> Any:
    from referencing import Registry  # noqa: PLC0415 - as below
    from referencing.jsonschema import DRAFT202012  # noqa: PLC0415 - as below

    base = "urn:trackbed:document"
    registry = Registry().with_resource(base, DRAFT202012.create_resource(spec.tree))
    reference = {"$ref": f"{base}#{where.replace('%', '%25').replace('{', '%7B').replace('}', '%7D')}"}
    return _kind()(reference, registry=registry, format_checker=formats())


@cache
def _kind() -> Any:
    """Make the validator's class."""
    import jsonschema  # noqa: PLC0415 - takes a tenth of a second, which only those who judge should spend
    import referencing.jsonschema  # noqa: F401, PLC0415 - is needed with it
    from jsonschema import validators  # noqa: PLC0415 - as above

    def pattern(_: Any, expected: str, instance: Any, __: Any) -> Iterator[jsonschema.ValidationError]:
        if isinstance(instance, str) and not re.search(_ecma(expected), instance):
            yield jsonschema.ValidationError("pattern")

    def multiple_of(_: Any, step: float, instance: Any, __: Any) -> Iterator[jsonschema.ValidationError]:
        if isinstance(instance, (int, float)) and not isinstance(instance, bool) and not _divides(step, instance):
            yield jsonschema.ValidationError("multipleOf")

    return validators.extend(  # type: ignore[no-untyped-call]
        jsonschema.Draft202012Validator, {"pattern": pattern, "multipleOf": multiple_of}
    )


def load() -> None:
    """Load the validator before other threads are at work: its import parses Python code, and two threads that do so break each other.

    Seen as `SystemError: AST constructor recursion depth mismatch` in CPython 3.11, while Schemathesis' thread drew its values.
    """
    _kind()


@cache
def formats() -> Any:
    """Give jsonschema's checks of formats, with those of IRIs: one is what RFC 3987, 3.1, maps to a URI.

    The package that jsonschema would ask takes a second to build its grammar.
    """
    checker = copy(_kind().FORMAT_CHECKER)
    checker.checkers = dict(checker.checkers)
    for name, of_uri in (("iri", "uri"), ("iri-reference", "uri-reference")):
        checker.checks(name)(lambda value, of_uri=of_uri: not isinstance(value, str) or checker.conforms(_as_uri(value), of_uri))
    return checker


def _as_uri(text: str) -> str:
    return re.sub(r"[^\x00-\x7f]+", lambda found: quote(found[0], errors="surrogatepass"), text)


def _ecma(pattern: str) -> str:
    """Write an ECMA-262 pattern for Python: $ is the very end, digits and word characters are ASCII."""
    return re.sub(r"(?<!\\)\$", r"\\Z", pattern).replace(r"\d", "[0-9]").replace(r"\w", "[A-Za-z0-9_]")


def _divides(step: float, value: float) -> bool:
    try:
        return not Decimal(str(value)) % Decimal(str(step))
    except InvalidOperation:
        return True
