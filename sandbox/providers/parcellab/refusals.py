"""How parcelLab says no: `{type, errors}` with one entry for each member at fault, or `{detail}` alone.

Members that the framework's serializers check are spoken of in its words; addresses, lines, mutations, attributes and events are
checked by models of another library, which has its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from sandbox.document import steps_of
from sandbox.exchange import Problem, Refusal
from sandbox.providers.parcellab.mutations import TYPES
from sandbox.providers.parcellab.orders import AMOUNTS

RETRY_AFTER_S = 30  # as the documented sentence says
CODES = {"required": "required", "missing-for-create": "required", "duplicate-order": "unique"}  # all others are `invalid`
BY_MODEL = frozenset("shipping_address billing_address articles_order mutations additional_recipients additional_attributes".split())

SERIALIZER = {
    "required": "This field is required.",
    "maxLength": "Ensure this field has no more than {expected} characters.",
    "minLength": "Ensure this field has at least {expected} characters.",
    "minimum": "Ensure this value is greater than or equal to {expected}.",
    "maximum": "Ensure this value is less than or equal to {expected}.",
    "enum": '"{value}" is not a valid choice.',
    "pattern": "Enter a valid value.",
    "string": "Not a valid string.",
    "integer": "A valid integer is required.",
    "number": "A valid number is required.",
    "boolean": "Must be a valid boolean.",
    "array": 'Expected a list of items but got type "{kind}".',
    "object": "Invalid data. Expected a dictionary, but got {kind}.",
    "email": "Enter a valid email address.",
    "uuid": "Must be a valid UUID.",
    "date": "Date has wrong format. Use one of these formats instead: YYYY-MM-DD.",
    "date-time": "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].",
}
MODEL = {
    "required": "Field required",
    "maxLength": "String should have at most {expected} character{s}",
    "minLength": "String should have at least {expected} character{s}",
    "minItems": "List should have at least {expected} item{s} after validation",
    "minimum": "Input should be greater than or equal to {expected}",
    "maximum": "Input should be less than or equal to {expected}",
    "pattern": "String should match pattern '{expected}'",
    "oneOf": "Give either quantity or quantity_to_cancel",
    "string": "Input should be a valid string",
    "integer": "Input should be a valid integer",
    "number": "Input should be a valid number",
    "boolean": "Input should be a valid boolean",
    "array": "Input should be a valid list",
    "object": "Input should be a valid dictionary",
    "email": "value is not a valid email address",
    "uri": "Input should be a valid URL",
    "date": "Input should be a valid date",
    "date-time": "Input should be a valid datetime",
}


def _unsupported(refusal: Refusal) -> str:
    name = refusal.problems[0].place.removeprefix("header:")
    what = "content encoding" if name == "content-encoding" else "media type"
    return f'Unsupported {what} "{refusal.request.headers.get(name, "")}" in request.'


# Sentences about the request as a whole.
WHOLE: Mapping[str, Callable[[Refusal], str]] = {
    "foreign-account": lambda no: f"This credential may not use account {no.values['account']}.",
    "malformed": lambda no: f"JSON parse error: {no.problems[0].message}.",
    "media-type": _unsupported,
    "wrong-method": lambda no: f'Method "{no.request.method}" not allowed.',
}


def headers(refusal: Refusal) -> dict[str, str]:
    """Tell what a refusal says beside its body: where to go, what is allowed, when to come back."""
    match refusal.cause.name:
        case "missing-slash":
            request = refusal.request
            query = f"?{quote(request.query, safe=_IN_QUERY)}" if request.query else ""
            return {"location": f"{urlsplit(request.base).path}{quote(request.path)}/{query}"}
        case "wrong-method":
            return {"allow": refusal.values["allow"]}
        case "too-many-requests":
            return {"retry-after": str(RETRY_AFTER_S)}
    return {}


_IN_QUERY = "%!$&'()*+,;=:@/?~-._"  # what may stand in a query as it is (RFC 3986)


def body(refusal: Refusal) -> dict[str, Any] | None:
    """Write the body in the shape of the documented example."""
    example: dict[str, Any] | None = refusal.example
    whole = WHOLE.get(refusal.cause.name) if refusal.problems or refusal.values else None  # nothing is wrong when a fault is asked for
    if example is None:
        return None
    if "errors" not in example:
        return {"detail": whole(refusal) if whole else example["detail"]}
    if whole:
        return example | {"errors": [example["errors"][0] | {"detail": whole(refusal)}]}
    if refusal.problems and refusal.cause.status == 400:
        return {"type": example["type"], "errors": _errors(refusal)}
    return example


def _errors(refusal: Refusal) -> list[dict[str, Any]]:
    """Write one entry for each member at fault, in the order they were found."""
    found: dict[str | None, dict[str, Any]] = {}
    by_model = refusal.operation is not None and refusal.operation.id == "sendEvent"
    for problem in refusal.problems:
        error = _checkpoints() if _is_of_checkpoints(problem) else _error(problem, by_model=by_model)
        found.setdefault(error["attr"], error)
    return list(found.values())


def _error(problem: Problem, *, by_model: bool) -> dict[str, Any]:
    steps = _steps(problem.place)
    by_model = by_model or bool(steps and steps[0] in BY_MODEL and (len(steps) > 1 or problem.keyword == "type"))
    detail = _by_model(problem, steps) if by_model else _by_serializer(problem, steps)
    return {"code": CODES.get(problem.keyword, "invalid"), "detail": detail, "attr": ".".join(steps) or None}


def _steps(place: str) -> list[str]:
    """Take a place apart, whether it is one in the body or a query parameter."""
    if place.startswith("query:"):
        return [step for step in place.removeprefix("query:").split("/") if step]
    return steps_of(place)


def _is_of_checkpoints(problem: Problem) -> bool:
    return problem.keyword == "not" and problem.place.endswith("/tracking/checkpoints")


def _checkpoints() -> dict[str, Any]:
    """Repeat a sentence that misses the point, as it was seen live by a third party."""
    return {"code": "required", "detail": "Mutations are required.", "attr": "mutations"}


# --- sentences ---------------------------------------------------------------------------------------------------------------


def _by_serializer(problem: Problem, steps: list[str]) -> str:
    if not problem.rule:
        return problem.message  # one of our own rules
    if problem.keyword == "type" and problem.value is None:
        return "This field may not be null."
    if problem.keyword == "minLength" and problem.value == "":
        return "This field may not be blank."
    if steps and steps[-1] in AMOUNTS and problem.keyword in ("type", "pattern"):
        return SERIALIZER["number"]
    return _filled(SERIALIZER, problem)


def _by_model(problem: Problem, steps: list[str]) -> str:
    if not problem.rule:
        return problem.message
    if problem.keyword == "const" and len(steps) == 3 and (steps[0], steps[2]) == ("mutations", "type"):
        expected = ", ".join(map(repr, TYPES))
        return f"Input tag '{problem.value}' found using 'type' does not match any of the expected tags: {expected}"
    if problem.keyword in ("enum", "const"):
        return f"Input should be {_listed(problem.expected if problem.keyword == 'enum' else [problem.expected])}"
    return _filled(MODEL, problem)


def _listed(values: list[Any]) -> str:
    *first, last = map(repr, values)
    return f"{', '.join(first)} or {last}" if first else last


def _filled(sentences: Mapping[str, str], problem: Problem) -> str:
    """Fill a sentence in; types and formats have one for each."""
    keyword, expected = problem.keyword, problem.expected
    if keyword == "type":
        keyword = next((name for name in expected if name != "null"), "")
    elif keyword == "format":
        keyword = expected
    sentence = sentences.get(keyword)
    if sentence is None:
        return f"{problem.message[:1].upper()}{problem.message[1:]}."
    return sentence.format(expected=expected, value=problem.value, kind=type(problem.value).__name__, s="" if expected == 1 else "s")
