"""How tests talk to a sandbox in process: through the Flask door, as one account of one provider."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask

from sandbox.app import create_app
from sandbox.assembly import Settings, assemble
from sandbox.timeline import Clock

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Result:
    """An answer: header names in lower case; `body` parsed, None without content."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def cause(self) -> str | None:
        return self.headers.get("trackbed-cause")


class Caller:
    """One account of one provider. `headers` carry its credential; paths are those of the document."""

    def __init__(self, app: Flask, provider: str, headers: Mapping[str, str]) -> None:
        self.app = app
        self.provider = provider
        self.headers = dict(headers)

    def send(
        self, method: str, path: str, *, json: Any = None, data: bytes | str | None = None, headers: Mapping[str, str] | None = None
    ) -> Result:
        """Send one request; `json` is written as JSON, `data` goes as it is. A header of value None is left out."""
        merged = {**self.headers, **({} if json is None else JSON), **(headers or {})}
        sent = {name: value for name, value in merged.items() if value is not None}
        body = data if json is None else _dump(json)
        response = self.app.test_client().open(f"/{self.provider}{path}", method=method, data=body, headers=sent)
        raw = response.get_data()
        is_json = "json" in (response.content_type or "")
        return Result(
            response.status_code, {k.lower(): v for k, v in response.headers.items()}, _load(raw) if is_json and raw else raw or None
        )

    def get(self, path: str, **options: Any) -> Result:
        return self.send("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Result:
        return self.send("POST", path, json=json, **options)

    def put(self, path: str, json: Any = None, **options: Any) -> Result:
        return self.send("PUT", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> Result:
        return self.send("DELETE", path, **options)


def sandbox_app(*providers: str, clock: Clock, **settings: Any) -> Flask:
    """Build an application of its own: state, clock and journal belong to nobody else."""
    sandbox = assemble(Settings(providers=providers, **settings), clock=clock)
    app = create_app(sandbox=sandbox)
    app.extensions["sandbox"] = sandbox
    return app


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _load(raw: bytes) -> Any:
    return json.loads(raw)
