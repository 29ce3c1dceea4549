r"""Patterns of ECMA-262 in words that Python reads: `\p{…}`, `\u{…}`, names of groups, and what `\d`, `\w` and `$` mean there."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache

import jsonschema_rs

from contracts.payloads.languages import Ranges, outside, ranges
from sandbox.validation import BACKTRACK_LIMIT

_DIGIT: Ranges = ((0x30, 0x39),)
_WORD: Ranges = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
_ALL: Ranges = ((0, 0x10FFFF),)
_SHORT = {"d": _DIGIT, "w": _WORD, "D": outside(_DIGIT, _ALL), "W": outside(_WORD, _ALL)}
_LONG = {  # long names of general categories (PropertyValueAliases.txt)
    "Letter": "L", "Cased_Letter": "LC", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt",
    "Modifier_Letter": "Lm", "Other_Letter": "Lo", "Mark": "M", "Nonspacing_Mark": "Mn", "Spacing_Mark": "Mc", "Number": "N",
    "Decimal_Number": "Nd", "Letter_Number": "Nl", "Other_Number": "No", "Punctuation": "P", "Symbol": "S", "Separator": "Z",
    "Space_Separator": "Zs", "Other": "C", "Control": "Cc", "Format": "Cf",
}  # fmt: skip
_ESCAPE = re.compile(
    r"\\(?:[pP]\{(?P<named>[^}]*)\}|u\{(?P<point>[0-9A-Fa-f]+)\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|c(?P<control>[A-Za-z])|.)", re.DOTALL
)
_MEMBER = re.compile(rf"{_ESCAPE.pattern}|\[", re.DOTALL)
_TOKEN = re.compile(
    rf"(?P<escape>{_ESCAPE.pattern})|(?P<class>\[\^?(?:\\.|[^\]\\])*\])"
    r"|(?P<look>\(\?[=!]|\(\?<[=!])|(?P<open>\((?:\?:|\?P?<[^>]*>)?)|(?P<close>\))|(?P<or>\|)"
    r"|(?P<quant>(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??)|(?P<anchor>[\^$])|(?P<char>.)",
    re.DOTALL,
)


class Unknown(Exception):
    """A pattern whose language is not worked out here."""


def tokens(pattern: str) -> list[tuple[str, str]]:
    """Split a pattern into its tokens, each with its kind."""
    return [(str(found.lastgroup), found[0]) for found in _TOKEN.finditer(pattern)]


def readable(pattern: str) -> str:
    """Write a pattern in words that Python's parser reads. Raises Unknown for a property that is not known here."""
    return "".join(_written(kind, text) for kind, text in tokens(pattern))


def _written(kind: str, text: str) -> str:
    if kind == "class":
        head = "[^" if text.startswith("[^") else "["
        return head + _MEMBER.sub(_in_class, text[len(head) : -1]) + "]"
    if kind == "open" and text.startswith("(?<"):
        return "(?P" + text[2:]
    found = _ESCAPE.fullmatch(text) if kind == "escape" else None
    return text if found is None else _alone(found)


def _alone(found: re.Match[str]) -> str:
    inner = _in_class(found)
    return inner if inner == found[0] else f"[{inner}]"


def _in_class(found: re.Match[str]) -> str:
    if found[0] == "[":
        return r"\["  # it opens nothing there
    if found["named"] is not None:
        of = category(found["named"])
        return _listed(of if found[0][1] == "p" else outside(of, _ALL))
    if found["point"] is not None or found["control"] is not None:
        point = int(found["point"], 16) if found["point"] else ord(found["control"]) % 32
        return _listed(((point, point),))
    return found[0]


def _listed(points: Ranges) -> str:
    return "".join(f"\\U{low:08x}" if low == high else f"\\U{low:08x}-\\U{high:08x}" for low, high in points)


@cache
def _categories() -> dict[str, Ranges]:
    found: dict[str, list[tuple[int, int]]] = {}
    start = 0
    for name, run in itertools.groupby(map(unicodedata.category, map(chr, range(0x110000)))):
        end = start + sum(1 for _ in run)
        found.setdefault(name, []).append((start, end - 1))
        start = end
    return {name: tuple(pairs) for name, pairs in found.items()}


@lru_cache(maxsize=64)
def category(name: str) -> Ranges:
    """List the code points of a general category, by its short or long name. Raises Unknown for another property."""
    short = name.removeprefix("General_Category=").removeprefix("gc=")
    short = _LONG.get(short, short)
    held = ("Lu", "Ll", "Lt") if short == "LC" else (short,)
    found = ranges(pair for one, pairs in _categories().items() if short and one.startswith(held) for pair in pairs)
    if not found:
        raise Unknown(name)
    return found


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern for Python with the meaning that ECMA-262 gives it. Raises Unknown."""
    try:
        return re.compile("".join(_meant(kind, text) for kind, text in tokens(readable(pattern))))
    except (re.error, OverflowError, RecursionError):
        raise Unknown(pattern) from None


def _meant(kind: str, text: str) -> str:
    if kind == "anchor" and text == "$":
        return r"\Z"
    if kind == "class":
        return re.sub(r"\\(.)", lambda found: _listed(_SHORT[found[1]]) if found[1] in _SHORT else found[0], text, flags=re.DOTALL)
    return f"[{_listed(_SHORT[text[1]])}]" if kind == "escape" and text[1:] in _SHORT else text


@lru_cache(maxsize=4096)
def finder(pattern: str) -> Callable[[str], object]:
    """Make what tells whether a pattern is found in a text. What Python cannot compile the validator judges, which takes longer."""
    try:
        return compiled(pattern).search
    except Unknown:
        options = jsonschema_rs.FancyRegexOptions(backtrack_limit=BACKTRACK_LIMIT)
        return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=options).is_valid
