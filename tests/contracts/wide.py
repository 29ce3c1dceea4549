"""A small document of a huge body: schemas that are used again and again give it two million members. And a server that takes everything."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask

from contracts import documents
from sandbox.spec import Spec

LEVELS = 6


def file(folder: Path, **media: Any) -> Path:
    """Write the document; `media` stands beside the schema of the body."""

    def members(schema: dict[str, Any]) -> dict[str, Any]:
        return {"type": "object", "properties": dict.fromkeys("abcdefgh", schema)}

    schemas = {f"Level{level}": members({"$ref": f"#/components/schemas/Level{level + 1}"}) for level in range(LEVELS)}
    schemas[f"Level{LEVELS}"] = members({"type": "string"})
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Level0"}, **media}}}
    answers = {"200": {"description": "Made.", "content": {"application/json": {"schema": {"type": "object"}}}}}
    tree = {
        "openapi": "3.1.0",
        "info": {"title": "Wide", "version": "1"},
        "paths": {"/things": {"post": {"operationId": "make", "requestBody": body, "responses": answers}}},
        "components": {"schemas": schemas},
    }
    path = folder / "wide.json"
    path.write_text(json.dumps(tree))
    return path


def spec(folder: Path, **media: Any) -> Spec:
    """Read the document."""
    return documents.load(str(file(folder, **media)))


def taking_everything(asked: Callable[[], object] = lambda: None) -> Flask:
    """Make a server that accepts whatever comes; `asked` is called for each."""
    app = Flask("wide")

    @app.post("/things")
    def make() -> dict[str, Any]:
        asked()
        return {}

    return app
