"""A tiny API with its document, right or wrong in one way that a test chooses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from typing import Any

from contracts.caller import Caller
from contracts.target import Target, WsgiTarget
from sandbox.spec import Spec

REFUSAL = {"type": "object", "required": ["why"], "properties": {"why": {"type": "string"}}, "unevaluatedProperties": False}


def _refused(why: str) -> dict[str, Any]:
    return {"description": why, "content": {"application/json": {"schema": REFUSAL, "examples": {why: {"value": {"why": why}}}}}}


def _cause(status: int, why: str, **more: Any) -> dict[str, Any]:
    return {"status": status, "code": why, "example": why, "severity": "hard", "x-source": "https://notes.example/causes", **more}


_ID = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "pattern": "^[a-z0-9]+$", "maxLength": 20},
}
_NOTE = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "size": {"type": "integer", "minimum": 1, "maximum": 10}},
    "unevaluatedProperties": False,
}
_NEW = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 3, "maxLength": 20, "x-inferred": {"maxLength": "measured"}},
        "size": {"type": "integer", "minimum": 1, "maximum": 10},
        "shelf": {"type": "string", "maxLength": 20},
    },
    "additionalProperties": False,
}
_EXAMPLE = {"id": "n1", "name": "milk"}
_ONE = {"description": "A note.", "content": {"application/json": {"schema": _NOTE, "examples": {"one": {"value": _EXAMPLE}}}}}
TREE: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Notes", "version": "1"},
    "servers": [{"url": "https://notes.example"}],
    "security": [{"Token": []}],
    "x-source": "https://notes.example",
    "x-causes": {
        "stranger": _cause(401, "stranger", when={"problem": "unauthenticated"}),
        "invalid": _cause(400, "invalid", when={"problem": ["invalid", "malformed", "media-type"]}),
    },
    "paths": {
        "/notes": {
            "post": {
                "operationId": "createNote",
                "x-causes": {"taken": _cause(409, "taken", unique="/name"), "no-shelf": _cause(422, "no-shelf", avoid="/shelf")},
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": _NEW, "examples": {"milk": {"value": {"name": "milk", "shelf": "kitchen"}}}}
                    },
                },
                "responses": {
                    "201": {
                        **_ONE,
                        "headers": {"location": {"required": True, "schema": {"type": "string", "examples": ["/notes/n1"]}}},
                        "links": {
                            "read": {"operationId": "readNote", "parameters": {"id": "$response.body#/id"}},
                            "delete": {"operationId": "deleteNote", "parameters": {"id": "$response.body#/id"}},
                        },
                    },
                    **{
                        str(status): _refused(why)
                        for status, why in ((400, "invalid"), (401, "stranger"), (409, "taken"), (422, "no-shelf"))
                    },
                },
            }
        },
        "/notes/{id}": {
            "get": {
                "operationId": "readNote",
                "parameters": [_ID],
                "x-causes": {"gone": _cause(404, "gone")},
                "responses": {"200": _ONE, **{str(s): _refused(w) for s, w in ((400, "invalid"), (401, "stranger"), (404, "gone"))}},
            },
            "delete": {
                "operationId": "deleteNote",
                "parameters": [_ID],
                "x-causes": {"gone": _cause(404, "gone")},
                "responses": {
                    "204": {"description": "Gone."},
                    **{str(s): _refused(w) for s, w in ((400, "invalid"), (401, "stranger"), (404, "gone"))},
                },
            },
        },
    },
    "components": {"securitySchemes": {"Token": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/token", "scopes": {}}}}}},
}


def spec(**edits: Any) -> Spec:
    """Read the document; `edits` go over its root."""
    return Spec("notes", "notes.yaml", deepcopy(TREE) | edits)


Answer = tuple[int, Any, Mapping[str, str]]


class Notes:
    """The application. `fault` is what is wrong with it."""

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.worlds: dict[str, dict[str, dict[str, Any]]] = {}
        self.spec = spec()
        self.seen: list[str] = []

    def __call__(self, environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        who = environ.get("HTTP_AUTHORIZATION", "")
        self.seen.append(f"{who} {environ['REQUEST_METHOD']} {environ['PATH_INFO']}?{environ['QUERY_STRING']} {body!r}")
        status, value, headers = self.answer(environ["REQUEST_METHOD"], environ["PATH_INFO"], who, body)
        sent = b"" if value is None else json.dumps(value).encode()
        kind = "text/plain" if self.fault == "text" else "application/json"
        start_response(f"{status} x", [*headers.items(), *([("content-type", kind)] if sent else []), ("content-length", str(len(sent)))])
        return [sent]

    def answer(self, method: str, path: str, who: str, body: bytes) -> Answer:
        methods, variables = self.spec.router.find(path) or ({}, {})
        if not methods:
            return 404, {"why": "unknown"}, {}
        if method not in methods:
            allow = {} if self.fault == "no-allow" else {"allow": ", ".join(methods)}
            return (200, None, {}) if self.fault == "open-patch" and method == "PATCH" else (405, None, allow)
        if not who.startswith("Bearer good") and self.fault != "no-auth":
            return 401, {"why": "stranger"}, {}
        notes = self.worlds.setdefault(who, {})
        return self.create(notes, body) if method == "POST" else self.one(notes, method, variables)

    def one(self, notes: dict[str, dict[str, Any]], method: str, variables: Mapping[str, str]) -> Answer:
        if self.spec.operations["readNote"].check_parameters.problems({"path": variables}):  # type: ignore[union-attr]
            return 400, {"why": "invalid"}, {}
        note = notes.get(variables["id"])
        if note is None:
            return 404, {"why": "gone"}, {}
        if method == "DELETE":
            if self.fault != "undead":
                del notes[variables["id"]]
            return 204, None, {}
        return 200, note, {}

    def create(self, notes: dict[str, dict[str, Any]], body: bytes) -> Answer:
        if self.fault == "hollow":
            return 409, {"why": "taken"}, {}
        try:
            value = json.loads(body)
            problems = self.spec.operations["createNote"].body.media["application/json"].problems(value)  # type: ignore[union-attr]
        except ValueError:
            return 400, {"why": "invalid"}, {}
        if self.fault == "off-by-one" and isinstance(value, dict) and isinstance(value.get("name"), str) and len(value["name"]) == 21:
            problems = ()
        if problems or (self.fault == "too-strict" and value.get("size") == 10):
            return (400, {"why": "invalid"}, {}) if self.fault != "odd-status" else (418, {"why": "invalid"}, {})
        if self.fault == "astral" and any(ord(character) > 0xFFFF for character in value["name"]):
            raise RuntimeError("astral")
        return self.store(notes, value)

    def store(self, notes: dict[str, dict[str, Any]], value: dict[str, Any]) -> Answer:
        if any(note["name"] == value["name"] for note in notes.values()):
            return 409, {"why": "taken"}, {}
        if value.get("shelf", "kitchen") != "kitchen":
            return 422, {"why": "no-shelf"}, {}
        note = {"id": f"n{len(notes) + 1}"} | {name: member for name, member in value.items() if name != "shelf"}
        if self.fault != "lost":
            notes[note["id"]] = note
        told = note | {"secret": 1} if self.fault == "leak" else note
        return 201, told, {} if self.fault == "no-location" else {"location": f"/notes/{note['id']}"}


def caller(app: Any, number: int = 0, target: Target | None = None, **more: Any) -> Caller:
    """Give a caller of the application, with an account of this number."""
    return Caller(spec(), target or WsgiTarget(app), f"good{number}", **more)
