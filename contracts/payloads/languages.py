"""Regular languages as terms: made of one another, and what is left of one after a first character.

A term is made by `chars`, `cat`, `alt`, `both`, `non` and `repeat`, and taken apart by Brzozowski's derivatives, so that intersection
and complement cost nothing to write. The alphabet is Unicode without surrogates and without the five characters on which engines differ
about what ends a line or is a blank (U+000D, U+0085, U+2028, U+2029, U+FEFF).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from weakref import WeakValueDictionary

Ranges = tuple[tuple[int, int], ...]


def ranges(pairs: Iterable[tuple[int, int]]) -> Ranges:
    """Sort intervals of code points and join those that touch."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(pairs):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        elif low <= high:
            joined.append((low, high))
    return tuple(joined)


def outside(given: Ranges, whole: Ranges) -> Ranges:
    """Take the code points of `whole` that are not in `given`."""
    left, cursor = [], 0
    for low, high in given:
        left.append((cursor, low - 1))
        cursor = high + 1
    left.append((cursor, 0x10FFFF))
    return ranges((max(a, c), min(b, d)) for a, b in left if a <= b for c, d in whole if max(a, c) <= min(b, d))


ALPHABET: Ranges = outside(ranges([(0x0D, 0x0D), (0x85, 0x85), (0x2028, 0x2029), (0xD800, 0xDFFF), (0xFEFF, 0xFEFF)]), ((0, 0x10FFFF),))


# --- terms -------------------------------------------------------------------------------------------------------------------


class Term:
    """A language: its kind, and what it is made of. There are never two alike (see `_term`), so terms are compared by identity."""

    __slots__ = ("__weakref__", "kind", "parts")

    def __init__(self, kind: str, parts: tuple[Any, ...]) -> None:
        self.kind = kind
        self.parts = parts

    def __repr__(self) -> str:
        return f"{self.kind}{self.parts}"


_known: WeakValueDictionary[tuple[Any, ...], Term] = WeakValueDictionary()


def _term(kind: str, *parts: Any) -> Term:
    """Give the term that is made so. Large ones are compared all the time: to compare what they are made of would take most of it."""
    found = _known.get((kind, parts))
    if found is None:
        found = _known[kind, parts] = Term(kind, parts)
    return found


NONE: Term = _term("none")
EMPTY: Term = _term("empty")
ANY: Term = _term("repeat", _term("chars", ALPHABET), 0, None)


def chars(given: Ranges) -> Term:
    """Make the language of one character out of some."""
    return _term("chars", given) if given else NONE


def literal(text: str) -> Term:
    """Make the language of one text."""
    return cat(*(chars(((ord(one), ord(one)),)) for one in text))


def cat(*terms: Term) -> Term:
    """Join languages one after the other."""
    result = EMPTY
    for term in reversed(terms):
        if term is NONE or result is NONE:
            return NONE
        result = term if result is EMPTY else result if term is EMPTY else _chain(term, result)
    return result


def _chain(first: Term, second: Term) -> Term:
    return _term("cat", first.parts[0], _chain(first.parts[1], second)) if first.kind == "cat" else _term("cat", first, second)


def alt(terms: Iterable[Term]) -> Term:
    """Unite languages."""
    parts = {part for term in terms for part in (term.parts[0] if term.kind == "alt" else (term,))} - {NONE}
    if ANY in parts:
        return ANY
    sets = [part for part in parts if part.kind == "chars"]
    if len(sets) > 1:
        parts = parts.difference(sets) | {chars(ranges(pair for part in sets for pair in part.parts[0]))}
    return NONE if not parts else next(iter(parts)) if len(parts) == 1 else _term("alt", frozenset(parts))


def both(terms: Iterable[Term]) -> Term:
    """Take what all languages have in common."""
    parts = {part for term in terms for part in (term.parts[0] if term.kind == "both" else (term,))} - {ANY}
    if NONE in parts:
        return NONE
    return ANY if not parts else next(iter(parts)) if len(parts) == 1 else _term("both", frozenset(parts))


def non(term: Term) -> Term:
    """Take every text that a language does not have."""
    if term.kind == "non":
        return term.parts[0]  # type: ignore[no-any-return]
    return ANY if term is NONE else NONE if term is ANY else _term("non", term)


def repeat(term: Term, low: int, high: int | None) -> Term:
    """Repeat a language; `high` None is without end."""
    if high == 0 or term is EMPTY:
        return EMPTY
    if term is NONE:
        return NONE if low else EMPTY
    if low == high == 1:
        return term
    return _term("repeat", term, low, high)


# --- what a term begins with -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=65_536)
def nullable(term: Term) -> bool:  # noqa: PLR0911 - one line for each kind of term
    """Tell whether a language has the empty text."""
    match term.kind, term.parts:
        case "empty", _:
            return True
        case (("none" | "chars"), _):
            return False
        case "cat", (first, second):
            return nullable(first) and nullable(second)
        case "alt", (terms,):
            return any(map(nullable, terms))
        case "both", (terms,):
            return all(map(nullable, terms))
        case "non", (inner,):
            return not nullable(inner)
        case _, (inner, low, _):
            return low == 0 or nullable(inner)
    raise AssertionError(term.kind)


@lru_cache(maxsize=65_536)
def borders(term: Term) -> frozenset[int]:
    """Collect where the alphabet falls apart for the first character of a term."""
    match term.kind, term.parts:
        case "chars", (points,):
            return frozenset(point for low, high in points for point in (low, high + 1))
        case "cat", (first, second):
            return borders(first) | borders(second) if nullable(first) else borders(first)
        case (("alt" | "both"), (terms,)):
            return frozenset().union(*map(borders, terms))
        case (("non" | "repeat"), (inner, *_)):
            return borders(inner)
        case _:
            return frozenset()


@lru_cache(maxsize=65_536)
def after(term: Term, point: int) -> Term:  # noqa: PLR0911 - one line for each kind of term
    """Take what may follow a first character (Brzozowski's derivative)."""
    match term.kind, term.parts:
        case "chars", (points,):
            return EMPTY if any(low <= point <= high for low, high in points) else NONE
        case "cat", (begin, rest):
            first = cat(after(begin, point), rest)
            return alt((first, after(rest, point))) if nullable(begin) else first
        case "alt", (terms,):
            return alt(after(part, point) for part in terms)
        case "both", (terms,):
            return both(after(part, point) for part in terms)
        case "non", (inner,):
            return non(after(inner, point))
        case "repeat", (inner, low, high):
            return cat(after(inner, point), repeat(inner, max(low - 1, 0), None if high is None else high - 1))
        case _:
            return NONE
