"""A body is written in the media type that it travels in, so that whoever reads that finds the same members."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.formparser import parse_form_data

from contracts import bodies, documents
from sandbox import codec
from sandbox.exchange import Request
from sandbox.spec import Parameter

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters='\\"'), min_size=1, max_size=8)
VALUES = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
NUMBERS = st.integers(-(10**20), 10**20)
MEMBERS = st.dictionaries(NAMES, st.one_of(VALUES, st.lists(VALUES, min_size=1, max_size=3)), min_size=1, max_size=4)


def read(body: bytes, media_type: str) -> dict[str, list[str]]:
    """Read a form as a server does."""
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": bodies.content_type(media_type),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    _, form, files = parse_form_data(environ)
    assert not files
    return form.to_dict(flat=False)


@pytest.mark.parametrize("media_type", [bodies.FORM, bodies.MULTIPART])
@given(members=MEMBERS)
def test_a_server_reads_from_a_form_what_was_written(media_type: str, members: dict[str, Any]) -> None:
    expected = {name: value if isinstance(value, list) else [value] for name, value in members.items()}
    assert read(bodies.write(members, media_type), media_type) == expected


@pytest.mark.parametrize("media_type", [bodies.FORM, bodies.MULTIPART])
def test_in_a_form_what_is_no_text_is_written_as_json(media_type: str) -> None:
    written = bodies.write({"times": 2, "whole": 3.0, "part": 0.5, "sure": True, "tags": ["a", 1], "who": {"name": "Ivy"}}, media_type)
    assert read(written, media_type) == {
        "times": ["2"],
        "whole": ["3"],
        "part": ["0.5"],
        "sure": ["true"],
        "tags": ["a", "1"],
        "who": ['{"name":"Ivy"}'],
    }


@pytest.mark.parametrize("media_type", [bodies.FORM, bodies.MULTIPART])
@given(times=NUMBERS, sure=st.booleans(), note=VALUES, tags=st.lists(NUMBERS, min_size=1, max_size=3))
def test_what_was_written_is_read_again_by_the_types_of_its_members(media_type: str, **members: Any) -> None:
    kinds = {"times": "integer", "sure": "boolean", "note": "string", "tags": "array"}
    described = {name: Parameter(name, "form", kind, items="integer") for name, kind in kinds.items()}
    assert bodies.read(bodies.write(members, media_type), bodies.content_type(media_type), described) == members


def test_an_object_in_a_form_is_read_again() -> None:
    described = {"who": Parameter("who", "form", "object")}
    written = bodies.write({"who": {"name": "Ivy"}}, bodies.MULTIPART)
    assert bodies.read(written, bodies.content_type(bodies.MULTIPART), described) == {"who": {"name": "Ivy"}}


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (b"a=1&a=2", bodies.FORM),
        (b"no form", bodies.FORM),
        (b"no parts", "multipart/form-data"),
        (b"no parts", bodies.content_type(bodies.MULTIPART)),
        (b"{", "application/json"),
        (b"<a/>", "application/xml"),
    ],
)
def test_what_is_not_in_its_media_type_is_unreadable(body: bytes, header: str) -> None:
    with pytest.raises(codec.Unreadable):
        bodies.read(body, header, {})


def test_text_is_read_as_it_is() -> None:
    assert bodies.read("süß".encode(), "text/plain; charset=utf-8", {}) == "süß"


def test_a_quote_or_a_line_break_in_a_name_does_not_end_it() -> None:
    assert b'name="a%22b%0D%0Ac"' in bodies.write({'a"b\r\nc': "x"}, bodies.MULTIPART)


@pytest.mark.parametrize(
    ("media_type", "value", "written"),
    [
        ("application/json", {"a": 1}, b'{"a":1}'),
        ("application/vnd.shop.v2+json", {"a": 1}, b'{"a":1}'),
        ("application/json; charset=utf-8", "a", b'"a"'),
        ("*/*", [1], b"[1]"),
        ("text/plain", "a b", b"a b"),
        ("application/octet-stream", "\x00\u00e4", b"\x00\xc3\xa4"),
        ("application/json", b"as it is", b"as it is"),
    ],
)
def test_a_value_is_written_as_its_media_type_asks(media_type: str, value: Any, written: bytes) -> None:
    assert bodies.write(value, media_type) == written


@pytest.mark.parametrize(
    ("media_type", "header"),
    [
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/*", "text/plain"),
        ("multipart/form-data", f"multipart/form-data; boundary={bodies.BOUNDARY}"),
    ],
)
def test_the_content_type_is_one_that_a_request_can_have(media_type: str, header: str) -> None:
    assert bodies.content_type(media_type) == header


@pytest.mark.parametrize("media_type", ["application/xml", "text/xml", "image/png", "application/yaml", "text/csv", "multipart/mixed"])
def test_what_we_have_no_words_for_is_not_written(media_type: str) -> None:
    assert bodies.written_as(media_type) is None


def test_of_several_media_types_json_is_written_and_never_one_that_is_not(tmp_path: Any) -> None:
    taken = {name: {"schema": {"type": "object"}} for name in ("application/xml", "multipart/form-data", "application/json")}
    only = {"application/xml": {"schema": {"type": "object"}}}
    open_ = {"application/json": {"example": {"a": 1}}}
    paths = {
        path: {"post": {"operationId": path[1:], "requestBody": {"content": content}, "responses": {"204": {"description": "Taken."}}}}
        for path, content in (("/any", taken), ("/xml", only), ("/open", open_))
    }
    file = tmp_path / "several.json"
    file.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "Several", "version": "1"}, "paths": paths}))
    spec = documents.load(file)
    assert bodies.media_type_of(spec.operations["any"]) == "application/json"
    assert bodies.media_type_of(spec.operations["xml"]) is None
    assert bodies.media_type_of(spec.operations["open"]) == "application/json"
    body = spec.operations["open"].body
    assert body is not None
    assert body.check(Request("POST", "/open")).ok({"a": [None]}), "no schema: anything"


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1))
def test_a_path_travels_as_ascii(path: str) -> None:
    written = bodies.target_path(Request("GET", "/" + path))
    assert written.isascii()
    assert not set(written) & set(" \r\n?#")
