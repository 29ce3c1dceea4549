"""A document of anybody's, of OpenAPI 3.0 or 3.1, and a server that keeps to it, or breaks it in one way."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

import pytest
import tiny
from click.testing import CliRunner
from flask import Flask, jsonify, request
from forms import DOCUMENT, forms

from contracts.cli import main

FOLDER = Path(__file__).parent / "documents"
PRICE = "/components/schemas/NewBook/properties/price/exclusiveMinimum"


def books(wrong: str = "") -> Flask:  # noqa: C901 - an API of three operations, with all that may be wrong with it
    """Make an implementation of both documents, which say the same; what is `wrong` with it is named."""
    app = Flask("books")
    app.logger.disabled = True
    kept: dict[str, dict[str, Any]] = {}
    numbers = itertools.count(1)

    @app.errorhandler(404)
    @app.errorhandler(405)
    @app.errorhandler(415)
    def refused(error: Any) -> Any:
        headers = {"Allow": ", ".join(error.valid_methods)} if error.code == 405 else {}
        return jsonify(error=error.name), error.code, headers

    def good(body: Any) -> bool:
        if not isinstance(body, dict) or body.keys() - {"title", "price", "subtitle"}:
            return False
        title, price, subtitle = body.get("title"), body.get("price"), body.get("subtitle")
        if not isinstance(price, int | float) or isinstance(price, bool) or not math.isfinite(price):
            return False
        if wrong == "knows no null" and "subtitle" in body and subtitle is None:
            return False
        least = price >= 0 if wrong == "takes the bound" else price > 0
        short = subtitle is None or (isinstance(subtitle, str) and len(subtitle) <= 5)
        return isinstance(title, str) and 1 <= len(title) <= 30 and least and price <= 1000 and short

    @app.post("/books")
    def add() -> Any:
        if request.mimetype != "application/json":
            return jsonify(error="type"), 415
        body = request.get_json(silent=True)
        if not good(body):
            return jsonify(error="body"), 400
        ident = f"book-{next(numbers)}"
        kept[ident] = {"id": ident, "subtitle": None, **body}
        told = {**kept[ident], "title": None} if wrong == "tells null" else kept[ident]
        return jsonify(told), 202 if wrong == "answers 202" else 201

    @app.get("/books/<ident>")
    def read(ident: str) -> Any:
        return jsonify(kept[ident]) if ident in kept else (jsonify(error="none"), 404)

    @app.delete("/books/<ident>")
    def remove(ident: str) -> Any:
        return ("", 204) if kept.pop(ident, None) else (jsonify(error="none"), 404)

    return app


def verify(version: str, wrong: str = "") -> tuple[int, dict[str, Any]]:
    with tiny.served(books(wrong)) as url:
        arguments = ["verify", str(FOLDER / f"books{version}.yaml"), "--url", url, "--seed", "1", "--json", "--strict"]
        result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    return result.exit_code, json.loads(result.stdout)


@pytest.mark.parametrize("version", ["30", "31"])
def test_a_server_that_keeps_to_a_document_of_anybodys_is_exit_0(version: str) -> None:
    code, told = verify(version)
    assert (code, told["findings"], told["left"]) == (0, [], [])
    summary = told["certificate"]["summary"]
    assert summary["operation"] == {"seen": 3, "shown": 0, "impossible": 0, "missing": 0}
    assert (summary["link"]["seen"], summary["link"]["missing"], summary["constraint"]["missing"]) == (2, 0, 0)


@pytest.mark.parametrize("version", ["30", "31"])
@pytest.mark.parametrize(
    ("wrong", "check", "where"),
    [
        ("takes the bound", "ST201", PRICE),
        ("knows no null", "ST202", "/paths/~1books/post"),
        ("tells null", "ST108", "/components/schemas/Book/properties/title/type"),
        ("answers 202", "ST103", "/paths/~1books/post/responses"),
    ],
)
def test_a_server_that_breaks_it_in_one_way_is_exit_1_with_that(version: str, wrong: str, check: str, where: str) -> None:
    code, told = verify(version, wrong)
    assert code == 1
    found = {(finding["check"], finding["operation"], finding["where"]) for finding in told["findings"]}
    assert (check, "addBook", where) in found
    assert {operation for _, operation, _ in found} == {"addBook"}, "nothing else is accused"
    sent = {name for finding in told["findings"] for step in finding["story"] for name in step["headers"]}
    assert "content-length" not in sent, "what was made shorter would have that of the longer one"


def test_what_a_document_without_notes_says_is_documented_and_fails_when_it_is_broken() -> None:
    with tiny.served(books("takes the bound")) as url:
        result = CliRunner().invoke(
            main, ["verify", str(FOLDER / "books31.yaml"), "--url", url, "--seed", "1", "--json"], catch_exceptions=False
        )
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert {finding["ruling"] for finding in told["findings"]} == {"failed"}


def test_a_document_without_operations_is_exit_2_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "hooks.json"
    file.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "Hooks", "version": "1"}, "webhooks": {}}))
    result = CliRunner().invoke(main, ["verify", str(file), "--url", "http://127.0.0.1:9"], catch_exceptions=False)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "trackbed: hooks.json has no operations, so there is nothing to verify.\n"


# --- bodies that are no JSON --------------------------------------------------------------------------------------------------


def told_of_forms(wrong: str, *command: str) -> tuple[int, dict[str, Any]]:
    with tiny.served(forms(wrong)) as url:
        result = CliRunner().invoke(main, [command[0], str(DOCUMENT), "--url", url, *command[1:], "--json"], catch_exceptions=False)
    return result.exit_code, json.loads(result.stdout)


def test_a_server_of_forms_uploads_and_text_is_exit_0_and_each_rule_was_tried() -> None:
    code, told = told_of_forms("", "verify", "--seed", "1", "--strict")
    assert (code, told["findings"]) == (0, [])
    summary = told["certificate"]["summary"]
    assert (summary["operation"]["missing"], summary["constraint"]["missing"]) == (0, 0)
    assert summary["constraint"]["seen"] > 5


@pytest.mark.parametrize(
    ("wrong", "operation"), [("takes zero", "sendForm"), ("takes one more", "upload"), ("knows no blanks", "sendText")]
)
def test_a_server_of_them_that_breaks_the_document_in_one_way_is_exit_1(wrong: str, operation: str) -> None:
    code, told = told_of_forms(wrong, "verify", "--seed", "1", "--strict")
    assert code == 1
    assert {finding["operation"] for finding in told["findings"]} == {operation}


def test_their_payloads_are_answered_as_labelled_and_a_wrong_one_is_found() -> None:
    code, told = told_of_forms("", "payloads", "--run")
    assert (code, told["counts"]["otherwise"], told["counts"]["not_tried"]) == (0, 0, 0)
    code, told = told_of_forms("takes one more", "payloads", "--run")
    assert code == 1
    otherwise = {result["id"] for result in told["results"] if result["verdict"] == "otherwise"}
    assert otherwise == {"forms.upload.note.too-long", "forms.upload.note.too-long-combining"}
