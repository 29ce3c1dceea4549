"""A tiny API of anybody's: its document, an implementation that may be wrong in a way of its own, and a real server for it."""

from __future__ import annotations

import contextlib
import copy
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.serving import WSGIRequestHandler, make_server

from contracts import documents
from contracts.run.runner import Judged
from contracts.target import WsgiTarget
from sandbox.spec import Spec

KEY = "sbx_tiny"


def _reply(description: str, schema: str, **more: Any) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}, **more}


REFUSALS = {
    "400": _reply("It is not as it must be.", "Error"),
    "401": _reply("Nobody knows you.", "Error"),
    "405": _reply("Not that way.", "Error"),
    "415": _reply("Not that type.", "Error"),
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Notes", "version": "1"},
    "servers": [{"url": "https://notes.example"}],
    "security": [{"Key": []}],
    "paths": {
        "/notes": {
            "post": {
                "operationId": "createNote",
                "x-source": "https://notes.example/docs#create",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/NewNote"},
                            "examples": {"short": {"value": {"text": "hello"}}},
                        }
                    },
                },
                "responses": {
                    "201": _reply(
                        "Made.",
                        "Note",
                        links={
                            "read": {"operationId": "readNote", "parameters": {"id": "$response.body#/id"}},
                            "remove": {"operationId": "deleteNote", "parameters": {"id": "$response.body#/id"}},
                        },
                    ),
                    **REFUSALS,
                },
            },
        },
        "/notes/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {
                "operationId": "readNote",
                "x-source": "https://notes.example/docs#read",
                "responses": {
                    "200": _reply("It.", "Note"),
                    "401": REFUSALS["401"],
                    "404": _reply("None.", "Error"),
                    "405": REFUSALS["405"],
                },
            },
            "delete": {
                "operationId": "deleteNote",
                "x-source": "https://notes.example/docs#delete",
                "responses": {
                    "204": {"description": "Gone."},
                    "401": REFUSALS["401"],
                    "404": _reply("None.", "Error"),
                    "405": REFUSALS["405"],
                },
            },
        },
    },
    "components": {
        "securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
        "schemas": {
            "NewNote": {
                "type": "object",
                "required": ["text"],
                "properties": {
                    "text": {"type": "string", "minLength": 1, "maxLength": 20},
                    "stars": {"type": "integer", "minimum": 0, "maximum": 5},
                },
                "additionalProperties": False,
            },
            "Note": {
                "type": "object",
                "required": ["id", "text"],
                "properties": {"id": {"type": "string"}, "text": {"type": "string"}, "stars": {"type": "integer"}},
                "unevaluatedProperties": False,
            },
            "Error": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}, "unevaluatedProperties": False},
        },
    },
}


def document(folder: Path, change: Callable[[dict[str, Any]], Any] = lambda tree: None) -> Path:
    """Write the document into a folder, after a change to it."""
    tree = copy.deepcopy(DOCUMENT)
    change(tree)
    path = folder / "notes.json"
    path.write_text(json.dumps(tree))
    return path


def spec(folder: Path) -> Spec:
    return documents.load(document(folder))


def notes(*wrong: str) -> Flask:  # noqa: C901 - an API of three operations, with all that may be wrong with it
    """Make the implementation; what it does `wrong` is named."""
    app = Flask("notes")
    app.logger.disabled = True
    kept: dict[tuple[str, str], dict[str, Any]] = {}

    def no(status: int, reason: str) -> tuple[Response, int]:
        return jsonify({"error": reason}), status

    @app.before_request
    def known() -> Any:
        if "refuses-all" in wrong:
            return no(400, "no")
        if "unauthorized" in wrong or (not request.headers.get("X-Key", "").startswith("sbx_") and "open" not in wrong):
            return no(401, "who are you")
        return None

    @app.errorhandler(405)
    def method(error: Any) -> Any:
        return jsonify({"error": "method"}), 405, {"Allow": ", ".join(error.valid_methods)}

    @app.errorhandler(404)
    def nowhere(_: Any) -> Any:
        return no(404, "nothing")

    @app.post("/notes")
    def create() -> Any:
        if request.mimetype != "application/json":
            return no(415, "type")
        body = request.get_json(silent=True)
        if not _good(body) or "creates-nothing" in wrong:
            return no(400, "body")
        if "crash" in wrong and body.get("stars") == 5:
            return no(500, "\x1b[31mthe end\x07")
        if "overloaded" in wrong and body.get("stars") == 4:
            return no(503, "later")
        note = {"id": f"note-{len(kept) + 1:06}", **body}
        if "forgets" not in wrong:
            kept[request.headers.get("X-Key", ""), note["id"]] = note
        return jsonify({**note, "secret": 1} if "leaks" in wrong else note), 201

    @app.get("/notes/<note>")
    def read(note: str) -> Any:
        found = kept.get((request.headers.get("X-Key", ""), note))
        return jsonify(found) if found else no(404, "none")

    @app.delete("/notes/<note>")
    def delete(note: str) -> Any:
        return ("", 204) if kept.pop((request.headers.get("X-Key", ""), note), None) else no(404, "none")

    def _good(body: Any) -> bool:
        if not isinstance(body, dict) or body.keys() - {"text", "stars"} or not isinstance(body.get("text"), str):
            return False
        stars = body.get("stars", 0)
        longest = 21 if "too-long" in wrong else 20
        if not 1 <= len(body["text"]) <= longest or isinstance(stars, bool) or not isinstance(stars, (int, float)):
            return False
        return stars == int(stars) and 0 <= stars <= 5

    return app


def judged(folder: Path, *wrong: str, credential: str | None = KEY) -> Judged:
    return Judged(spec(folder), WsgiTarget(notes(*wrong)), credential)


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # it writes head and body apart, and the second would wait 40 ms for word of the first

    def log_request(self, *_: Any) -> None: ...


@contextlib.contextmanager
def served(app: Any, certified: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve an application for real, over TLS for whom a certificate is given; give its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet, ssl_context=certified)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"{'https' if certified else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
