"""A small API of its own, so that the engine is tested without any real provider."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sandbox.answers import Answer
from sandbox.errors import Refused
from sandbox.exchange import Account, Call, Credential, Refusal, Reply, Request
from sandbox.journal import Journal
from sandbox.memory import MemoryStore
from sandbox.outbox import Message
from sandbox.pipeline import Accounts, Api, Shared
from sandbox.resources import FIXTURES
from sandbox.spec import Spec
from sandbox.timeline import Clock, Journeys
from sandbox.workspace import World

INFERRED = {"severity": "hard", "x-inferred": "made up"}


def _error(name: str) -> dict[str, Any]:
    return {
        "description": name,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}, "examples": {name: {"value": {"error": name}}}}},
    }


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Toys", "version": "1"},
    "servers": [{"url": "https://toys.example"}],
    "security": [{"Key": ["write"]}],
    "x-max-body": 1000,
    "x-aliases": {"/old/": "/"},
    "x-causes": {
        "bad-key": {"when": {"problem": "unauthenticated"}, "status": 401, "example": "bad-key", **INFERRED},
        "forbidden": {"when": {"problem": "forbidden"}, "status": 403, "example": "forbidden", **INFERRED},
        "bad-request": {"when": {"problem": ["malformed", "invalid"]}, "status": 400, "example": "bad-request", **INFERRED},
        "media-type": {"when": {"problem": "media-type"}, "status": 415, "example": "media-type", **INFERRED},
        "too-large": {"when": {"problem": "too-large"}, "status": 413, "response": "TooLarge", "example": "too-large", **INFERRED},
        "unknown-path": {
            "when": {"problem": "unknown-path"},
            "status": 404,
            "response": "UnknownPath",
            "example": "unknown-path",
            **INFERRED,
        },
        "wrong-method": {
            "when": {"problem": "wrong-method"},
            "status": 405,
            "response": "WrongMethod",
            "example": "wrong-method",
            **INFERRED,
        },
    },
    "paths": {
        "/toys": {
            "post": {
                "operationId": "createToy",
                "x-causes": {
                    "nameless": {
                        "when": {"problem": "invalid", "keyword": ["required"], "place": "/name"},
                        "status": 422,
                        "example": "nameless",
                        **INFERRED,
                    },
                    "taken": {"status": 409, "example": "taken", **INFERRED},
                },
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Toy"},
                            "examples": {"bear": {"value": {"name": "bear"}}},
                        }
                    },
                },
                "responses": {
                    "201": {
                        "description": "Made.",
                        "headers": {"Location": {"required": True, "schema": {"type": "string"}, "example": "/toys/bear"}},
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Made"},
                                "examples": {"made": {"value": {"name": "bear", "id": "00000000"}}},
                            }
                        },
                        "links": {"read": {"operationId": "getToy", "parameters": {"name": "$response.body#/name"}}},
                    },
                    "400": _error("bad-request"),
                    "401": _error("bad-key"),
                    "403": _error("forbidden"),
                    "409": _error("taken"),
                    "415": _error("media-type"),
                    "422": _error("nameless"),
                },
            }
        },
        "/toys/{name}": {
            "parameters": [{"name": "name", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 20}}],
            "get": {
                "operationId": "getToy",
                "security": [{"Key": ["read"]}, {"Password": ["read"]}, {"Token": ["read"]}],
                "x-causes": {"unknown-toy": {"status": 404, "example": "unknown-toy", **INFERRED}},
                "parameters": [
                    {"name": "times", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 9, "default": 1}},
                    {"name": "tags", "in": "query", "schema": {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 9}}},
                    {"name": "loud", "in": "query", "schema": {"type": "boolean"}},
                    {"name": "size", "in": "query", "schema": {"type": "number"}},
                    {"name": "X-Mood", "in": "header", "schema": {"type": "string", "enum": ["good", "bad"]}},
                ],
                "responses": {
                    "200": {
                        "description": "It.",
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Made"},
                                "examples": {"bear": {"value": {"name": "bear", "id": "00000000"}}},
                            }
                        },
                    },
                    "400": _error("bad-request"),
                    "401": _error("bad-key"),
                    "403": _error("forbidden"),
                    "404": _error("unknown-toy"),
                },
            },
        },
    },
    "components": {
        "securitySchemes": {
            "Key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "Password": {"type": "http", "scheme": "basic"},
            "Token": {"type": "oauth2", "flows": {}},
        },
        "schemas": {
            "Toy": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 20}, "price": {"type": "number"}, "parts": {}},
            },
            "Made": {
                "type": "object",
                "required": ["name", "id"],
                "properties": {
                    "name": {"type": "string"},
                    "id": {"type": "string", "pattern": "^[0-9a-f]{8}$"},
                    "price": {"type": "number"},
                    "parts": {},
                    "seen": {},
                },
                "unevaluatedProperties": False,
            },
            "Error": {
                "type": "object",
                "required": ["error"],
                "properties": {"error": {"type": "string"}, "places": {"type": "array", "items": {"type": "string"}}},
                "unevaluatedProperties": False,
            },
        },
        "responses": {
            "TooLarge": _error("too-large"),
            "UnknownPath": _error("unknown-path"),
            "WrongMethod": _error("wrong-method")
            | {"headers": {"Allow": {"required": True, "schema": {"type": "string"}, "example": "POST"}}},
        },
    },
}


class Toys:
    """The toy provider."""

    credential_header = "X-Key: sbx_demo"

    def identify(self, credential: Credential, accounts: Accounts) -> Account:
        return accounts.known(credential.text.partition(":")[0])

    def refuse(self, refusal: Refusal) -> Reply:
        headers = {"allow": refusal.values["allow"]} if "allow" in refusal.values else {}
        return Reply(refusal.cause.status, {"error": refusal.cause.name, "places": [p.place for p in refusal.problems]}, headers)

    def set_scene(self, world: World) -> None:
        for name in world.scene.get("toys", ()):
            world.put("toys", name, {"name": name, "id": "0" * 8})

    def messages(self, world: World) -> Iterator[Message]:
        return iter(())

    def page(self, world: World, link: Mapping[str, Any]) -> None:
        return None

    def create_toy(self, call: Call) -> Reply:
        name = call.body["name"]
        made = {**call.body, "id": call.world.new_hex("toys", 8)}
        if call.world.get("toys", name):
            raise Refused("taken", place="/name")
        call.world.put("toys", name, made)
        if name == "late":
            raise Refused("taken", place="/name")
        if name == "crash":
            raise RuntimeError("the workshop burns")
        if name == "broken":
            return Reply(201, {"name": 5}, {"location": "/toys/5"})
        if name == "silent":
            return Reply(201, made)
        if name == "split":
            return Reply(201, made, {"location": "/a\r\nset-cookie: b"})
        if name == "teapot":
            return Reply(418, made)
        return Reply(201, made, {"location": f"/toys/{name}"})

    def get_toy(self, call: Call) -> Reply:
        made = call.world.get("toys", call.params["name"])
        if made is None:
            raise Refused("unknown-toy")
        seen = {key: value for key, value in call.params.items() if key != "name"}
        return Reply(200, made | {"seen": seen})


def toy_spec(change: Callable[[dict[str, Any]], Any] = lambda tree: None) -> Spec:
    """Index the toy document, after a change to it."""
    tree = copy.deepcopy(DOCUMENT)
    change(tree)
    return Spec("toys", "toys.yaml", tree)


def toy_api(clock: Clock, *, scene: Mapping[str, Any] | None = None, **shared: Any) -> Api:
    """Make a toy API that nobody else uses."""
    common = Shared(MemoryStore(), clock, Journal(), Journeys.load(FIXTURES / "journeys"), **shared)
    api = Api(toy_spec(), Toys(), common, scene or {})
    common.store.set_scene(lambda transaction: api.provider.set_scene(api.world("scene", transaction)))
    return api


def send(api: Api, method: str, path: str, body: bytes | str = b"", **headers: str) -> Answer:
    """Send one request to a toy API, with a good key and JSON unless the headers say otherwise."""
    named = {"x-key": "sbx_empty_toy", "content-type": "application/json"} | {
        key.replace("_", "-"): value for key, value in headers.items()
    }
    path, _, query = path.partition("?")
    raw = body.encode() if isinstance(body, str) else body
    return api.answer(
        Request(method, path, query, {k: v for k, v in named.items() if v != ""}, raw, "http://toys.example", "http://toys.example")
    )
