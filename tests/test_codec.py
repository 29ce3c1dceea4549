"""JSON goes in only if it means one thing, and comes out as it was."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import codec

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=5),
    max_leaves=20,
)


@given(JSON_VALUES)
def test_what_is_written_is_read_again_unchanged(value: object) -> None:
    assert codec.load(codec.dump(value)) == value
    assert codec.read_json(codec.dump(value)) == value


@given(JSON_VALUES)
def test_every_reader_reads_what_is_written(value: object) -> None:
    assert json.loads(codec.dump(value)) == value


def test_long_integers_keep_all_their_digits() -> None:
    body = b'{"a":18446744073709551617,"b":-9223372036854775809}'
    assert codec.dump(codec.read_json(body)) == body


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the body is empty"),
        (b" \n", "the body is empty"),
        (b"{", "not JSON"),
        (b'{"a":1,"a":2}', 'duplicate key "a"'),
        (b'[{"b":{"x":1,"x":1}}]', 'duplicate key "x"'),
        (b"NaN", "not JSON"),
        (b"-Infinity", "not JSON"),
        (b"[1e400]", "infinity"),
        (b"[-1E+999]", "infinity"),
        (b"9" * 5000, "infinity"),
        (b'"\\ud800"', "surrogate"),
        (b'"\\udc00\\ud800"', "surrogate"),
        (b"\xef\xbb\xbf{}", "byte-order mark"),
        ("{}".encode("utf-16"), "UTF-16"),
        ("{}".encode("utf-16-be"), "UTF-16"),
        (b'"\xff"', "UTF-8"),
        (b'"\xc0\xaf"', "UTF-8"),
        (b'"a\x01"', "control character"),
        (b"{'a':1}", "not JSON"),
        (b"[1,]", "trailing comma"),
        (b"01", "leading zero"),
        (b"{}{}", "not JSON"),
        (b"[" * 65 + b"]" * 65, "deeper than 64"),
        (b"[" * 1000 + b"]" * 1000, "deeper than 64"),
        (b"[" * 100_000, "deeper than 64"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "deeper than 64"),
    ],
)
def test_what_is_ambiguous_or_broken_is_refused_with_a_reason(body: bytes, reason: str) -> None:
    with pytest.raises(codec.Unreadable, match=reason):
        codec.read_json(body)


@pytest.mark.parametrize(
    "body", [b"[" * 64 + b"]" * 64, b'"' + b"[" * 500 + b'"', b"[" + b"[]," * 500 + b"[]]", b'{"a":"\\u0000"}', b"1e308", b"-0.0"]
)
def test_what_only_looks_dangerous_is_read(body: bytes) -> None:
    assert codec.read_json(body) == json.loads(body)


def test_a_stored_value_is_as_long_as_its_text() -> None:
    assert len(codec.dump({"a": "x" * 800})) == 808


def test_a_form_is_read_by_name() -> None:
    assert codec.read_form(b"grant_type=client_credentials&a=%C3%A9+b&c=") == {"grant_type": "client_credentials", "a": "é b", "c": ""}
    assert codec.read_form(b"") == {}


@pytest.mark.parametrize("body", [b"a=1&a=2", b"a", b"\xff=1", b"a=%ff", b"&"])
def test_a_form_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(codec.Unreadable):
        codec.read_form(body)
