"""How a call is refused: in the gateway's words where credentials are at fault, in the platform's for all the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sandbox import idents
from sandbox.document import steps_of
from sandbox.exchange import Problem, Refusal, Reply, Request

TRANS_ID = re.compile(r"[A-Za-z0-9.-]{3,36}")
LONGEST_HEADER = 200  # characters of a message in a header
MISSING = ("required", "dependentRequired", "missing-data")
UNPLACED = ("media-type", "malformed", "too-large")

# What the platform says to causes that no schema states, and the kind of thing that it means.
WORDING: Mapping[str, tuple[str, str | None]] = {
    "unknown-provider": ("This provider is not configured in corporate.", "provider"),
    "unknown-location": ("This location is not configured in corporate.", "location"),
    "duplicate-tracker": ("A tracker with this trackerExternalId exists already.", "tracker"),
    "unknown-tracker": ("Tracker with id, {entity_id}, is not found", "tracker"),
    "reversed-window": ("{parameter} ends before it starts.", None),
    "window-too-long": ("{parameter} date range cannot be greater than 30 days", None),
    "bad-page-token": ("currentToken is not valid.", None),
}


def reply(refusal: Refusal) -> Reply:
    """Say no in the envelope that the document shows for the cause, with its headers."""
    gateway = "response" in refusal.example
    body = _gateway(refusal) if gateway else _platform(refusal)
    message = body["response"]["errors"][0]["message"] if gateway else body["message"]
    headers = {"apierrorcode": str(refusal.cause.code), "apierrormsg": _header(message), **_ids(refusal)}
    if "allow" in refusal.values:
        headers["allow"] = refusal.values["allow"]
    return Reply(refusal.cause.status, body, headers)


def _gateway(refusal: Refusal) -> Any:
    """Take the gateway's one sentence; only a form that can't be used is described."""
    if refusal.cause.name != "bad-token-request" or not refusal.problems:
        return refusal.example
    return {
        "response": {
            "errors": [{"code": refusal.cause.code, "message": f"Invalid Request: {_sentence(problem)}"} for problem in refusal.problems]
        }
    }


def _platform(refusal: Refusal) -> Any:
    if not refusal.problems:
        return refusal.example
    # What the call is refused for comes first.
    errors = sorted((_detail(refusal, problem) for problem in refusal.problems), key=lambda error: error["type"] != refusal.cause.code)
    raised = refusal.problems[0].keyword in WORDING
    return {"type": refusal.cause.code, "message": errors[0]["message"] if raised else refusal.example["message"], "errors": errors}


def _detail(refusal: Refusal, problem: Problem) -> dict[str, Any]:
    parameter, keyword = _parameter(problem), problem.keyword
    if keyword in WORDING:
        wording, entity = WORDING[keyword]
        kind = "DUPLICATE_ID" if keyword == "duplicate-tracker" else refusal.cause.code
        message = wording.format(parameter=parameter, **problem.values)
        return _error(kind, message, parameter, problem.values.get("entity_id"), entity)
    if keyword == "required" and problem.place == "/deliveryAddress":
        return _error("MISSING_TRACKER_DATA", "Delivery Address not provided.", parameter)
    if keyword in MISSING:
        return _error("INVALID_DATA", f"{parameter} is a required field. The field is missing.", parameter)
    return _error("INVALID_DATA", f"{_sentence(problem)}.", None if keyword in UNPLACED else parameter)


def _error(kind: str, message: str, parameter: str | None, entity_id: str | None = None, entity: str | None = None) -> dict[str, Any]:
    return {"type": kind, "message": message, "parameter": parameter, "entityId": entity_id, "entity": entity}


def _parameter(problem: Problem) -> str | None:
    """Name a place with dots on the way to it; None for the body as a whole."""
    location, colon, name = problem.place.partition(":")
    return name if colon and "/" not in location else ".".join(steps_of(problem.place)) or None


def _sentence(problem: Problem) -> str:
    """Say what is wrong where; what is said of bytes is a sentence of its own."""
    return problem.message if problem.keyword == "malformed" else f"{_parameter(problem) or 'the body'} {problem.message}"


def _header(message: str) -> str:
    """Make a text fit for a header: one line of printable ASCII, not too long."""
    plain = "".join(sign if " " <= sign <= "~" else "?" if sign.isprintable() else " " for sign in message)
    return " ".join(plain.split())[:LONGEST_HEADER].rstrip()


def _ids(refusal: Refusal) -> dict[str, str]:
    """Give the call the ids that the document asks for; no world is known yet, so they follow from the request."""
    operation, request = refusal.operation, refusal.request
    response = operation.responses.get(refusal.cause.status) if operation else None
    if response is None or "transid" not in response.headers:
        return {}
    return {"bkndtransid": _made(request, 12), "transId": _client_id(request) or _made(request, 20)}


def _client_id(request: Request) -> str | None:
    sent = request.headers.get("transid", "")
    return sent if TRANS_ID.fullmatch(sent) else None


def _made(request: Request, digits: int) -> str:
    return idents.hexadecimal(digits, digits, request.method, request.path, sorted(request.headers.items()), request.body)
