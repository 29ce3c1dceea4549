"""What can be done to the bytes of a body: each spoil is one idea, with the verdict that RFC 8259 or the form standard gives it.

JSON values can't hold these: they stand in no schema, and two readers may read two different things.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from contracts.payloads.payload import PLACEHOLDER, Verdict

Spoil = Callable[[bytes], bytes | None]


@dataclass(frozen=True, slots=True)
class Spoiled:
    """One thing to do to a body. `spoil` gives None for a body that it can't be done to."""

    name: str
    title: str
    spoil: Spoil
    verdict: Verdict = "reject"


def _member(text: bytes) -> Spoil:
    """Put a member into the first object of a body."""

    def spoil(body: bytes) -> bytes | None:
        start = body.find(b"{") + 1
        if not start:
            return None
        comma = b"" if body[start:].lstrip().startswith(b"}") else b","
        return body[:start] + b'"trackbed":' + text + comma + body[start:]

    return spoil


def _repeated(*, differs: bool) -> Spoil:
    """Write the first member of the first object twice; where the two differ, the first one is null."""

    def spoil(body: bytes) -> bytes | None:
        if (match := re.search(rb'\{("(?:[^"\\]|\\.)*":)("(?:[^"\\]|\\.)*"|-?[0-9.]+|true|false|null)', body)) is None:
            return None
        first = b"null" if differs else match[2]
        return body[: match.start(1)] + match[1] + first + b"," + body[match.start(1) :]

    return spoil


def _escaped(body: bytes) -> bytes:
    """Write every character of every string as an escape, but for those of a credential that is still to come."""
    return re.sub(
        rb'"(?:[^"\\]|\\.)*"', lambda match: match[0] if PLACEHOLDER in match[0].decode() else _escapes(json.loads(match[0])), body
    )


def _escapes(text: str) -> bytes:
    return b'"' + b"".join(b"\\u" + unit.encode() for unit in text.encode("utf-16-be").hex(" ", 2).split()) + b'"'


def _nested(depth: int) -> Spoil:
    return _member(b"[" * depth + b"]" * depth)


JSON = (
    Spoiled("empty", "No body at all", lambda _: b""),
    Spoiled("blank", "A body of blanks", lambda _: b" \n\t "),
    Spoiled("text", "A body that is no JSON", lambda _: b"tracking"),
    Spoiled("truncated", "A body that ends too early", lambda body: body[:-1]),
    Spoiled("trailing-comma", "A comma behind the last member", lambda body: body[:-1] + b"," + body[-1:]),
    Spoiled("two-documents", "Two JSON texts instead of one", lambda body: body + b" " + body),
    Spoiled("trailing-text", "Text behind the JSON", lambda body: body + b" x"),
    Spoiled("single-quotes", "Single quotes around names and strings", lambda body: body.replace(b'"', b"'")),
    Spoiled("comment", "A comment before the JSON", lambda body: b"/* usual */" + body),
    Spoiled("nan", "NaN as a number", _member(b"NaN")),
    Spoiled("infinity", "Infinity as a number", _member(b"Infinity")),
    Spoiled("minus-infinity", "-Infinity as a number", _member(b"-Infinity")),
    Spoiled("leading-zero", "A number with a leading zero", _member(b"007")),
    Spoiled("plus-sign", "A number with a plus sign", _member(b"+1")),
    Spoiled("hexadecimal", "A hexadecimal number", _member(b"0x1F")),
    Spoiled("bare-fraction", "A number that begins with its point", _member(b".5")),
    Spoiled("bare-point", "A number that ends with its point", _member(b"1.")),
    Spoiled("python-words", "A word of Python instead of one of JSON", _member(b"None")),
    Spoiled("line-break-in-string", "A line break in a string, not escaped", _member(b'"a\nb"')),
    Spoiled("control-character", "A control character in a string, not escaped", _member(b'"a\x01b"')),
    Spoiled("raw-nul", "A NUL in a string, not escaped", _member(b'"a\0b"')),
    Spoiled("bad-escape", "An escape that JSON does not have", _member(rb'"\x41"')),
    Spoiled("short-escape", "A Unicode escape of two digits", _member(rb'"\u41"')),
    Spoiled("utf-16", "UTF-16 with its byte-order mark", lambda body: body.decode().encode("utf-16")),
    Spoiled("utf-16-without-mark", "UTF-16 without a byte-order mark", lambda body: body.decode().encode("utf-16-be")),
    Spoiled("utf-32", "UTF-32 without a byte-order mark", lambda body: body.decode().encode("utf-32-le")),
    Spoiled("latin-1", "A letter in Latin-1", _member("\u0022K\u00e4se\u0022".encode("latin-1"))),
    Spoiled("overlong-utf-8", "A slash in two bytes of UTF-8, which is overlong", _member(b'"\xc0\xaf"')),
    Spoiled("surrogate-in-utf-8", "A surrogate written as UTF-8", _member(b'"\xed\xa0\x80"')),
    Spoiled("cut-utf-8", "A character of three bytes without its third", _member(b'"\xe2\x82"')),
    Spoiled("beyond-unicode", "A character behind the last one of Unicode", _member(b'"\xf4\x90\x80\x80"')),
    Spoiled("byte-order-mark", "A byte-order mark before UTF-8", lambda body: b"\xef\xbb\xbf" + body, "either"),
    Spoiled("duplicate-keys", "A member twice, with the same value", _repeated(differs=False), "either"),
    Spoiled("differing-duplicate-keys", "A member twice, null first", _repeated(differs=True), "either"),
    Spoiled("1e400", "A number beyond what a double holds", _member(b"1e400"), "either"),
    Spoiled("5000-digits", "An integer of 5,000 digits", _member(b"9" * 5000), "either"),
    Spoiled("lone-surrogate", "An escape that is half of a character", _member(rb'"\ud800"'), "either"),
    Spoiled("swapped-surrogates", "The halves of a character in the wrong order", _member(rb'"\ude00\ud83d"'), "either"),
    Spoiled("nul-escape", "A NUL as an escape", _member(rb'"\u0000"'), "either"),
    Spoiled("prototype", "A member called __proto__", lambda body: _renamed(body, b"__proto__"), "either"),
    Spoiled("depth-32", "32 nested arrays", _nested(32), "either"),
    Spoiled("depth-512", "512 nested arrays", _nested(512), "either"),
    Spoiled("depth-10000", "10,000 nested arrays", _nested(10_000), "either"),
    Spoiled("white-space", "Blanks and line breaks around everything", lambda body: b"\r\n\t " + body + b" \t\r\n", "accept"),
    Spoiled("escaped", "Every character of every string as an escape", _escaped, "accept"),
)

FORM = (
    Spoiled("empty", "No body at all", lambda _: b""),
    Spoiled("json", "JSON under the name of a form", lambda _: b'{"a":1}'),
    Spoiled("bad-percent", "Bytes that are no UTF-8, percent-encoded", lambda body: body + b"&trackbed=%ff", "either"),
    Spoiled("latin-1", "A letter in Latin-1, not encoded", lambda body: body + b"&trackbed=\xe4", "either"),
    Spoiled("name-twice", "A name twice, with the same value", lambda body: body + b"&" + body, "either"),
    Spoiled("trailing-ampersand", "An ampersand behind the last pair", lambda body: body + b"&", "either"),
)


def _renamed(body: bytes, name: bytes) -> bytes | None:
    spoiled = _member(b'{"trackbed":true}')(body)
    return spoiled and spoiled.replace(b'"trackbed"', b'"' + name + b'"', 1)
