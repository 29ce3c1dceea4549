"""A valid request for every named example of every operation of every provider, with good credentials."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from werkzeug.test import TestResponse

from sandbox import codec
from sandbox.exchange import Request
from sandbox.providers import PROVIDERS
from sandbox.resources import SPECS
from sandbox.spec import Operation, Spec

SPEC = {name: Spec.load(SPECS / f"{name}.yaml") for name in PROVIDERS}
EXISTING = {  # what the scene of a fresh account has
    "carrier_code": "sto",
    "tracking_number": "402934299065",
    "tracker_id": "62a051c1729b5dfcdeae1870",
    "id": "5d0c7a52-3f6e-4b1d-9a38-2c1f60b7e914",
}
NEEDED = {"getOrderInfo": "account=12345&order_number=ABC-0990"}
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Sample:
    """One request: `path` is that of the document, `case` the name of the example that `body` is."""

    provider: str
    operation: Operation
    case: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def __str__(self) -> str:
        return f"{self.provider}-{self.operation.id}-{self.case}"

    @property
    def target(self) -> str:
        """Path and query on the sandbox."""
        return f"/{self.provider}{self.path}" + (f"?{self.query}" if self.query else "")

    def request(self, **headers: str) -> Request:
        """The request as the pipeline gets it."""
        named = {key.lower(): value for key, value in self.headers.items()} | headers
        return Request(self.operation.method, self.path, self.query, named, self.body, "http://test.example", "http://test.example")

    def send(self, app: Flask, **headers: str) -> TestResponse:
        """Send it through the Flask door."""
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return app.test_client().open(self.target, method=self.operation.method, headers={**self.headers, **named}, data=self.body)

    def raw(self, **headers: str) -> bytes:
        """Write it as the bytes of a request after which the connection is closed."""
        named = {**self.headers, **{key.replace("_", "-"): value for key, value in headers.items()}}
        named |= {"Host": "127.0.0.1", "Connection": "close", "Content-Length": str(len(self.body))}
        lines = [f"{self.operation.method} {self.target} HTTP/1.1", *(f"{key}: {value}" for key, value in named.items())]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


def samples(*, account: str = "sbx_demo") -> Iterator[Sample]:
    """Yield the requests of an account, in the order of the documents."""
    for name, spec in SPEC.items():
        for operation in spec.operations.values():
            examples = operation.body.examples if operation.body else {"plain": None}
            for case, value in examples.items():
                yield _sample(name, operation, case, _as_account(spec, value, account), account)


def first_samples(*, account: str = "sbx_demo") -> list[Sample]:
    """List one request for each operation."""
    found: dict[tuple[str, str], Sample] = {}
    for sample in samples(account=account):
        found.setdefault((sample.provider, sample.operation.id), sample)
    return list(found.values())


def sample_of(provider: str, operation: str, *, account: str = "sbx_demo") -> Sample:
    """Find the first request of one operation."""
    return next(sample for sample in first_samples(account=account) if (sample.provider, sample.operation.id) == (provider, operation))


def credential(name: str, operation: Operation, account: str) -> dict[str, str]:
    """Write the header that opens an operation for an account."""
    if operation.needs and all(need.scheme.kind == "basic" for need in operation.needs):
        return {"Authorization": "Basic " + base64.b64encode(f"{account}:S3CRET".encode()).decode()}
    header, _, value = PROVIDERS[name].credential_header.replace("sbx_demo", account).partition(": ")
    return {header: value} if header else {}


def _as_account(spec: Spec, value: Any, account: str) -> Any:
    return value if spec.credential is None else {**value, spec.credential[1:]: account}


def _sample(name: str, operation: Operation, case: str, value: Any, account: str) -> Sample:
    media_type = next(iter(operation.body.media)) if operation.body else ""
    body = b"" if operation.body is None else urlencode(value).encode() if media_type == FORM else codec.dump(value)
    path = re.sub(r"\{([^{}]+)\}", lambda match: EXISTING[match[1]], operation.path)
    headers = credential(name, operation, account) | ({"Content-Type": media_type} if media_type else {})
    return Sample(name, operation, case, path, NEEDED.get(operation.id, ""), headers, body)
