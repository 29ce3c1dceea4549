"""What the sandbox shows: the start page, health, the documents, and pages for parcels' recipients."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, abort, render_template, request

from sandbox import __version__, codec
from sandbox.assembly import Sandbox
from sandbox.overview import overview
from sandbox.resources import SPECS
from sandbox.store import SHARED


def blueprint(sandbox: Sandbox) -> Blueprint:
    """Make the blueprint of everything that the sandbox shows."""
    home = Blueprint("home", __name__, template_folder="templates")

    @home.get("/")
    def index() -> Response | str:
        about = overview(sandbox, request.host_url.rstrip("/"))
        if request.accept_mimetypes.best_match(("application/json", "text/html"), "application/json") == "text/html":
            return render_template("index.html", **about)
        return _json(about)

    @home.get("/healthz")
    def health() -> Response:
        return _json({"status": "ok", "version": __version__, "providers": list(sandbox.apis)})

    @home.get("/_sandbox/specs/<provider>.yaml")
    def document(provider: str) -> Response:
        if provider not in (*sandbox.apis, "control"):
            abort(404)
        return Response((SPECS / f"{provider}.yaml").read_bytes(), mimetype="application/yaml")

    @home.get("/t/<code>")
    def page(code: str) -> str:
        with sandbox.shared.store.transaction(SHARED) as transaction:
            found = transaction.get("links", code)
        link = codec.load(found) if found else abort(404)
        api = sandbox.apis.get(link["provider"]) or abort(404)
        with sandbox.shared.store.transaction(link["world"]) as transaction:
            shown = api.provider.page(api.world(link["world"], transaction), link)
        return render_template("page.html", page=shown) if shown else abort(404)

    return home


def _json(value: Any) -> Response:
    return Response(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE), mimetype="application/json")
