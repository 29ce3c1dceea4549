"""What a sandbox says of itself to someone who has just started it: where everything is, and what to try first."""

from __future__ import annotations

import shlex
from typing import Any

from sandbox import __version__, codec, curl
from sandbox.assembly import Sandbox
from sandbox.pipeline import Api
from sandbox.security import DEMO


def overview(sandbox: Sandbox, site: str) -> dict[str, Any]:
    """Say where each API is, how to get in, and what to try first. `site` is the address of the sandbox itself."""
    return {
        "name": "Trackbed",
        "version": __version__,
        "credentials": "Any credential that starts with sbx_ is good; each is an account with a world of its own.",
        "control": {"url": f"{site}/_sandbox", "document": f"{site}/_sandbox/specs/control.yaml"},
        "providers": [_provider(api, site) for api in sandbox.apis.values()],
    }


def _provider(api: Api, site: str) -> dict[str, Any]:
    base = f"{site}/{api.spec.name}"
    return {
        "name": api.spec.name,
        "title": api.spec.title,
        "url": base,
        "instead_of": [f"https://{host}" for host in api.spec.hosts],
        "document": f"{site}/_sandbox/specs/{api.spec.name}.yaml",
        "header": api.provider.credential_header,
        "credential": {"headers": curl.credential_headers(api, DEMO), "body": curl.credential_body(api, DEMO)},
        "try": first_call(api, base),
        "operations": [{"id": op.id, "method": op.method, "path": op.path, "summary": op.summary} for op in api.spec.operations.values()],
    }


def first_call(api: Api, base: str) -> str:
    """Write a curl line that succeeds: the first create of the document, with its shortest example."""
    operations = list(api.spec.operations.values())
    operation = next((op for op in operations if op.creates and op.body), operations[0])
    words = ["curl", "-i"] + ([] if operation.method == "POST" else ["-X", operation.method]) + [base + operation.path]
    if api.provider.credential_header:
        words += ["-H", api.provider.credential_header]
    if operation.body:
        shortest = min(map(codec.dump, operation.body.examples.values()), key=len)
        words += ["-H", f"Content-Type: {next(iter(operation.body.media))}", "-d", shortest.decode()]
    return shlex.join(words)
