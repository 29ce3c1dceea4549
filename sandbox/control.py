"""What the sandbox serves about itself: the start page, health, the documents, the outbox, and pages for parcels' recipients."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from typing import Any

import orjson
from flask import Blueprint, Response, abort, render_template, request

from sandbox import __version__, codec
from sandbox.assembly import Sandbox
from sandbox.pipeline import Api
from sandbox.resources import SPECS
from sandbox.store import SHARED


def owns(path: str) -> bool:
    """Tell whether a path is the sandbox's own under any host name."""
    return path.startswith(("/_sandbox/", "/t/"))


def blueprint(sandbox: Sandbox) -> Blueprint:
    """Make the blueprint of everything that is the sandbox's own."""
    control = Blueprint("control", __name__, template_folder="templates")

    @control.get("/")
    def index() -> Response | str:
        about = overview(sandbox, request.host_url.rstrip("/"))
        if request.accept_mimetypes.best_match(("application/json", "text/html"), "application/json") == "text/html":
            return render_template("index.html", **about)
        return _json(about)

    @control.get("/healthz")
    def health() -> Response:
        return _json({"status": "ok", "version": __version__, "providers": list(sandbox.apis)})

    @control.get("/_sandbox/specs/<provider>.yaml")
    def document(provider: str) -> Response:
        if provider not in sandbox.apis:
            abort(404)
        return Response((SPECS / f"{provider}.yaml").read_bytes(), mimetype="application/yaml")

    @control.get("/_sandbox/outbox")
    def outbox() -> Response:
        return _json({"messages": messages(sandbox, request.args.get("workspace", "sbx_demo"))})

    @control.get("/t/<code>")
    def page(code: str) -> str:
        with sandbox.shared.store.transaction(SHARED) as transaction:
            found = transaction.get("links", code)
        link = codec.load(found) if found else abort(404)
        api = sandbox.apis.get(link["provider"]) or abort(404)
        with sandbox.shared.store.transaction(link["world"]) as transaction:
            shown = api.provider.page(api.world(link["world"], transaction), link)
        return render_template("page.html", page=shown) if shown else abort(404)

    return control


def overview(sandbox: Sandbox, site: str) -> dict[str, Any]:
    """Say where each API is, how to get in, and what to try first. `site` is the address of the sandbox itself."""
    return {
        "name": "Trackbed",
        "version": __version__,
        "credentials": "Any credential that starts with sbx_ is good; each is an account with a world of its own.",
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


def messages(sandbox: Sandbox, workspace: str) -> list[dict[str, Any]]:
    """List what the real services would have sent in one world by now, oldest first."""
    with sandbox.shared.store.transaction(workspace) as transaction:
        found = [
            {"provider": name, **asdict(message)}
            for name, api in sandbox.apis.items()
            for message in api.provider.messages(api.world(workspace, transaction))
        ]
    return sorted(found, key=lambda message: message["at"])


def _json(value: Any) -> Response:
    return Response(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE), mimetype="application/json")
