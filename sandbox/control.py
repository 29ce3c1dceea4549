"""What the sandbox serves about itself: the start page, health, the documents, the outbox, and pages for parcels' recipients."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import orjson
from flask import Blueprint, Response, abort, render_template, request

from sandbox import __version__, codec
from sandbox.assembly import Sandbox
from sandbox.overview import overview
from sandbox.resources import SPECS
from sandbox.store import SHARED


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
