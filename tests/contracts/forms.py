"""A server that keeps to payloads/documents/forms.yaml, or breaks it in one way: a form, an upload and a text, no JSON."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from flask import Flask, request

DOCUMENT = Path(__file__).parent / "payloads" / "documents" / "forms.yaml"


def forms(wrong: str = "") -> Flask:
    """Make an implementation; what is `wrong` with it is named."""
    app = Flask("forms")
    app.logger.disabled = True

    def answer(media_type: str, good: Any) -> Any:
        if request.mimetype != media_type or "content-encoding" in request.headers:
            return "another type", 415
        return ("", 204) if good() else ("not good", 422)

    @app.post("/form")
    def form() -> Any:
        def good() -> bool:
            given = request.form
            times = re.fullmatch(r"\d+" if wrong == "takes zero" else "0*[1-9][0-9]*", given.get("times", "1"))
            return 2 <= len(given.get("name", "")) <= 5 and times is not None and given.get("sure", "true") in ("true", "false")

        return answer("application/x-www-form-urlencoded", good)

    @app.post("/upload")
    def upload() -> Any:
        def good() -> bool:
            return "file" in {*request.form, *request.files} and len(request.form.get("note", "")) <= (
                10 if wrong == "takes one more" else 9
            )

        return answer("multipart/form-data", good)

    @app.post("/text")
    def text() -> Any:
        if not request.data and not request.mimetype:
            return "", 204

        def good() -> bool:
            return len(request.data.decode("utf-8", "ignore")) >= 2 and not (
                wrong == "knows no blanks" and request.data != request.data.strip()
            )

        return answer("text/plain", good)

    return app
