"""Patterns as ECMA-262 means them: the language that one describes, and the patterns that differ from it by one edit.

A pattern that Python cannot parse, or that looks behind, refers back or asks for word boundaries, has no language here (Unknown).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

from contracts.payloads import automaton
from contracts.payloads.ecma import Unknown, compiled, readable, tokens
from contracts.payloads.languages import ALPHABET, ANY, EMPTY, Ranges, Term, alt, both, cat, chars, non, outside, ranges, repeat

# Private to `re`, and still the one reader of patterns that knows what Python knows.
sre: Any = import_module("re._constants")
_parser: Any = import_module("re._parser")

_DIGIT: Ranges = ((0x30, 0x39),)
_WORD: Ranges = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
_SPACE: Ranges = ranges(
    [(9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)]
)
_CATEGORIES = {
    sre.CATEGORY_DIGIT: _DIGIT,
    sre.CATEGORY_NOT_DIGIT: outside(_DIGIT, ALPHABET),
    sre.CATEGORY_SPACE: _SPACE,
    sre.CATEGORY_NOT_SPACE: outside(_SPACE, ALPHABET),
    sre.CATEGORY_WORD: _WORD,
    sre.CATEGORY_NOT_WORD: outside(_WORD, ALPHABET),
}
_LINE: Ranges = outside(((10, 10),), ALPHABET)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@lru_cache(maxsize=4096)
def language(pattern: str, *, lax: bool = False) -> Term:
    """Make the language of all texts in which a pattern is found. Raises Unknown.

    With `lax` what has no language here, such as a word boundary, asks for nothing: some of the texts are found by the pattern then.
    """
    try:
        items = list(_parser.parse(readable(pattern)))
    except (re.error, OverflowError, RecursionError):
        raise Unknown(pattern) from None
    return _Reader(lax).sequence(items, ANY, ANY)


@dataclass(frozen=True)
class _Reader:
    """Reads what Python's parser made of a pattern."""

    lax: bool

    def sequence(self, items: list[Any], before: Term, after: Term) -> Term:
        """Join what a sequence matches with what may stand around it."""
        result = after
        for index in range(len(items) - 1, -1, -1):
            kind, argument = items[index]
            lead = before if index == 0 else EMPTY
            if kind is sre.AT:
                result = self._anchor(argument, (index == 0, index == len(items) - 1), before, result, after)
                continue
            if kind in (sre.ASSERT, sre.ASSERT_NOT) and (argument[0] > 0 or not self.lax):
                result = cat(lead, both((result, self._ahead(kind, argument))))
                continue
            inner_items = _group(kind, argument)
            if inner_items is not None and _anchored(inner_items) and (index == 0 or index == len(items) - 1 or not self.lax):
                if not (index == 0 or index == len(items) - 1):
                    raise Unknown
                result = self._edge(inner_items, lead, result)
                continue
            result = cat(lead, self._one(kind, argument), result)
        return result if items else cat(before, after)

    def _ahead(self, kind: Any, argument: Any) -> Term:
        direction, inner = argument
        if direction < 0:
            raise Unknown
        seen = self.sequence(list(inner), EMPTY, ANY)
        return seen if kind is sre.ASSERT else non(seen)

    def _anchor(self, argument: Any, edges: tuple[bool, bool], before: Term, result: Term, after: Term) -> Term:
        if argument in (sre.AT_BEGINNING, sre.AT_BEGINNING_STRING) and edges[0]:
            return result
        if argument in (sre.AT_END, sre.AT_END_STRING) and edges[1] and result == after:
            return before if edges[0] else EMPTY
        if not self.lax:
            raise Unknown
        return cat(before if edges[0] else EMPTY, result)

    def _edge(self, branches: list[Any], before: Term, after: Term) -> Term:
        """Let a group at the edge of a pattern, which holds anchors itself, reach over that edge."""
        if len(branches) == 1 and branches[0][0] is sre.BRANCH:
            return alt(self.sequence(list(branch), before, after) for branch in branches[0][1][1])
        return self.sequence(branches, before, after)

    def _one(self, kind: Any, argument: Any) -> Term:  # noqa: PLR0911 - one line for each kind of item
        if kind is sre.LITERAL:
            return chars(((argument, argument),))
        if kind is sre.NOT_LITERAL:
            return chars(outside(((argument, argument),), ALPHABET))
        if kind is sre.ANY:
            return chars(_LINE)
        if kind is sre.IN:
            return chars(_class(argument))
        if kind is sre.BRANCH:
            return alt(cat(*(self._one(*item) for item in branch)) for branch in argument[1])
        if kind is sre.SUBPATTERN and (self.lax or not (argument[1] or argument[2])):
            return cat(*(self._one(*item) for item in argument[3]))
        if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            low, high, body = argument
            return repeat(cat(*(self._one(*item) for item in body)), low, None if high is sre.MAXREPEAT else high)
        if not self.lax:
            raise Unknown
        return ANY if kind is sre.GROUPREF else EMPTY


def _group(kind: Any, argument: Any) -> list[Any] | None:
    return list(argument[3]) if kind is sre.SUBPATTERN else [(kind, argument)] if kind is sre.BRANCH else None


def _anchored(items: list[Any]) -> bool:
    for kind, argument in items:
        if kind in (sre.AT, sre.ASSERT, sre.ASSERT_NOT):
            return True
        inner = [list(branch) for branch in argument[1]] if kind is sre.BRANCH else [list(argument[3])] if kind is sre.SUBPATTERN else []
        if any(map(_anchored, inner)):
            return True
    return False


def _class(members: list[Any]) -> Ranges:
    pairs: list[tuple[int, int]] = []
    negated = False
    for kind, argument in members:
        if kind is sre.NEGATE:
            negated = True
        elif kind is sre.LITERAL:
            pairs.append((argument, argument))
        elif kind is sre.RANGE:
            pairs.append(argument)
        elif kind is sre.CATEGORY:
            pairs += _CATEGORIES[argument]
    return outside(ranges(pairs), ALPHABET) if negated else ranges(pairs)


# --- edits -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PatternEdit:
    """A pattern after one edit; `change` says what was done to it, `name` the same in a word or two."""

    change: str
    pattern: str

    @property
    def name(self) -> str:
        """What was done, as it stands in ids."""
        for sign, word in _WORDS:
            if self.change.startswith(sign) and self.change.endswith(word[0]):
                return word[1]
        return next((name for ending, name in _ENDINGS if self.change.endswith(ending)), "pattern")


_WORDS = (
    ("^ ", ("dropped", "text-before")),
    ("$ ", ("dropped", "text-after")),
    ("branch ", ("dropped", "one-branch")),
    ("(?", ("dropped", "look-around")),
)
_ENDINGS = (
    ("exactly one longer", "exactly-one-longer"),
    ("one longer", "one-longer"),
    ("one shorter", "one-shorter"),
    ("at least one more", "one-fewer-repeats"),
    ("at least one less", "one-repeat-short"),
    ("opened", "any-character"),
    ("letter case", "other-letter-case"),
    ("lower case", "lower-case"),
    ("upper case", "upper-case"),
    ("dropped", "one-character-class"),
)


@lru_cache(maxsize=1024)
def edits(pattern: str) -> tuple[PatternEdit, ...]:
    """List every pattern that differs by one edit and can be compiled, each once."""
    return tuple(_each(pattern))


def _each(pattern: str) -> Iterator[PatternEdit]:
    seen = {pattern}
    for change, parts in _edits(tokens(pattern)):
        edited = "".join(parts)
        if edited not in seen and _compiles(edited):
            seen.add(edited)
            yield PatternEdit(change, edited)


def _compiles(pattern: str) -> bool:
    try:
        compiled(pattern)
    except Unknown:
        return False
    return True


def _edits(given: list[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    texts = [text for _, text in given]
    for index, (kind, text) in enumerate(given):
        before, after = texts[:index], texts[index + 1 :]
        if kind == "anchor":
            yield f"{text} dropped", [*before, *after]
        elif kind == "quant":
            for change, edited in _counts(text):
                yield change, [*before, edited, *after]
        elif kind == "class":
            for change, edited in _classes(text):
                yield change, [*before, edited, *after]
        elif kind == "look":
            end = _closing(given, index)
            yield f"{text}…) dropped", [*before, *texts[end + 1 :]]
    yield from _lengths(given)
    yield from _branches(given)
    for change, fold in (("in lower case", str.lower), ("in upper case", str.upper)):
        yield change, [_recased(kind, text, fold) for kind, text in given]
    yield "in any letter case", [_folded(kind, text) for kind, text in given]


def _counts(text: str) -> Iterator[tuple[str, str]]:
    """Change how often something may come, by one."""
    lazy = "?" if len(text) > 1 and text.endswith("?") else ""
    body = text.removesuffix("?") if lazy else text
    low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(body) or _numbers(body)
    wanted = {
        "one longer": (low, None if high is None else high + 1),
        "at least one more": (low + 1, high),
        "one shorter": (low, None if high is None else high - 1),
    }
    wanted["at least one less"] = (low - 1, high)
    if low == high:
        wanted = {"one longer": (low, high + 1), "one shorter": (low - 1, high), "exactly one longer": (low + 1, high + 1)}
    for change, (least, most) in wanted.items():
        if least >= 0 and (most is None or (most >= least and most > 0)) and (least, most) != (low, high):
            yield f"{text} {change}", f"{{{least},{'' if most is None else most}}}{lazy}"


def _numbers(body: str) -> tuple[int, int | None]:
    first, comma, second = body.strip("{}").partition(",")
    return int(first), int(second) if second else None if comma else int(first)


def _members(text: str) -> list[str]:
    inner = text[2:-1] if text.startswith("[^") else text[1:-1]
    return re.findall(
        r"(?:\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|.)|[^\\])(?:-(?:\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|.)|[^\\]))?", inner, re.DOTALL
    )


def _classes(text: str) -> Iterator[tuple[str, str]]:
    """Leave one member of a class out."""
    members = _members(text)
    head = "[^" if text.startswith("[^") else "["
    for index, member in enumerate(members):
        rest = members[:index] + members[index + 1 :]
        if rest:
            yield f"{member} of {text} dropped", f"{head}{_safe(rest)}]"
    if len(members) == 1 and head == "[^":
        yield f"{text} opened", r"[\s\S]"


def _safe(members: list[str]) -> str:
    """Keep a lone hyphen from becoming a range, and a caret from negating."""
    joined = [rf"\{member}" if member in ("-", "^") else member for member in members]
    return "".join(joined)


def _closing(given: list[tuple[str, str]], index: int) -> int:
    depth = 0
    for at in range(index, len(given)):
        depth += {"open": 1, "look": 1, "close": -1}.get(given[at][0], 0)
        if not depth:
            return at
    return len(given) - 1


def _lengths(given: list[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    """Make a pattern that counts nothing at its end one longer and one shorter there."""
    if len(given) > 1 and given[-1] == ("anchor", "$") and given[-2][0] in ("char", "escape", "class"):
        texts = [text for _, text in given[:-1]]
        yield "last one longer", [*texts, "{1,2}", "$"]
        yield "last one shorter", [*texts, "?", "$"]


def _branches(given: list[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    """Leave one alternative out."""
    texts = [text for _, text in given]
    starts, level = [[0]], 0
    for index, (kind, _) in enumerate(given):
        if kind in ("open", "look"):
            level += 1
            starts = [*starts[:level], [index + 1]]
        elif kind in ("close", "or"):
            yield from _without(texts, starts[level], index, last=kind == "close")
            starts[level].append(index + 1)
            level -= kind == "close"
    yield from _without(texts, starts[0], len(given), last=True)


def _without(texts: list[str], starts: list[int], end: int, *, last: bool) -> Iterator[tuple[str, list[str]]]:
    begin = starts[-1]
    if len(starts) > 1 and last:
        yield f"branch {''.join(texts[begin:end])} dropped", [*texts[: begin - 1], *texts[end:]]
    elif not last:
        yield f"branch {''.join(texts[begin:end])} dropped", [*texts[:begin], *texts[end + 1 :]]


def _recased(kind: str, text: str, fold: Any) -> str:
    if kind == "char":
        return str(fold(text))
    if kind != "class":
        return text
    return (
        text[: 2 if text.startswith("[^") else 1]
        + "".join(member if member.startswith("\\") else str(fold(member)) for member in _members(text))
        + "]"
    )


def _folded(kind: str, text: str) -> str:
    if kind == "char" and text.lower() in _LETTERS:
        return f"[{text.lower()}{text.upper()}]"
    if kind != "class":
        return text
    members = _members(text)
    folded = [
        one for member in members for one in dict.fromkeys((member, *(() if member.startswith("\\") else (member.lower(), member.upper()))))
    ]
    return ("[^" if text.startswith("[^") else "[") + _safe(folded) + "]"


def included(one: str, other: str) -> bool:
    """Tell whether every text in which one pattern is found has the other too. Raises Unknown or TooLarge."""
    return automaton.empty(both((language(one), non(language(other)))))
