"""Which regular expressions a document may hold: only those that no engine can be made to run away on.

A backtracking engine takes exponential or polynomial time when the same text can be divided between two unbounded
repeats in many ways, as in `^(a+)+$` or `[0-9]*[0-9]*`. Our own checks run in linear time either way, but these documents are
read by other tools too. The test is a little stricter than the truth: a pattern it refuses can always be written so that
it passes.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

# Private to `re`, and still the one reader of patterns that knows what Python knows.
sre: Any = import_module("re._constants")
_parser: Any = import_module("re._parser")

MANY = 1000  # a repeat that may run this often counts as unbounded
_ALL = frozenset(range(257))  # code points 0 to 255; 256 stands for all others
_CATEGORIES = {
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_NOT_DIGIT: r"\D",
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S",
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_NOT_WORD: r"\W",
}
_LOOKS = (sre.ASSERT, sre.ASSERT_NOT)
_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)
_MEETS, _BLOCKED, _PASSES = "meets", "blocked", "passes"


def fault(pattern: str) -> str | None:
    """Say why a pattern is refused, in a sentence that says what to write instead; None when it is fine."""
    try:
        tree = _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"pattern {pattern!r} is not a regular expression that every engine reads: {error}"
    overlap = _overlap(list(tree))
    return overlap and f"pattern {pattern!r} {overlap}"


def looks_around(pattern: str) -> bool:
    """Tell whether a pattern looks ahead or behind, which linear-time engines cannot."""
    return "(?=" in pattern or "(?!" in pattern or "(?<=" in pattern or "(?<!" in pattern


def _overlap(items: list[Any]) -> str | None:
    """Find two unbounded repeats in a sequence that can share a stretch of text, at this level or below."""
    items = _flatten(items)
    for position, (kind, argument) in enumerate(items):
        if found := _below(kind, argument):
            return found
        if _unbounded(kind, argument) and _reaches(_characters([items[position]]), items[position + 1 :]) is _MEETS:
            return "has two unbounded repeats that can match the same text; put something between them that neither matches"
    return None


def _below(kind: Any, argument: Any) -> str | None:
    if kind in _LOOKS:
        return _overlap(list(argument[1]))
    if kind is sre.BRANCH:
        return next((found for branch in argument[1] if (found := _overlap(list(branch)))), None)
    if kind in _REPEATS:
        return _repeat(argument)
    return None


def _repeat(argument: Any) -> str | None:
    low, high, body = argument
    flat = _flatten(list(body))
    if high > 1 and _branches_meet(flat):
        return "repeats an alternative whose branches can begin alike; factor the common beginning out"
    # A body that comes round again is followed by itself.
    again = _overlap(flat + flat) if high > 1 else _overlap(flat)
    return again and (again if low == high == 1 else "has a repeat inside a repeat that can match the same text; write one repeat")


def _flatten(items: list[Any]) -> list[Any]:
    """Open the groups that stand in a sequence, so that neighbours are seen as neighbours."""
    return [inner for kind, argument in items for inner in (_flatten(list(argument[3])) if kind is sre.SUBPATTERN else [(kind, argument)])]


def _branches_meet(items: list[Any]) -> bool:
    for kind, argument in items:
        if kind is sre.BRANCH:
            branches = [list(branch) for branch in argument[1]]
            firsts = [_first(branch) for branch in branches]
            empty = [branch for branch in branches if not any(_must_match(*item) for item in branch)]
            if len(empty) > 1 or any(one & other for index, one in enumerate(firsts) for other in firsts[index + 1 :]):
                return True
    return False


def _unbounded(kind: Any, argument: Any) -> bool:
    return kind in _REPEATS and argument[1] >= MANY


def _reaches(characters: frozenset[int], following: list[Any]) -> str:
    """Tell whether text of `characters` can run on into an unbounded repeat that follows.

    `meets` when it can, `blocked` when something in between must match other text, `passes` when nothing is in the way.
    """
    for kind, argument in _flatten(following):
        parts = _parts(kind, argument)
        if _unbounded(kind, argument) and characters & _first(parts[0]):
            return _MEETS
        results = {_reaches(characters, part) for part in parts} or {_single(kind, argument, characters)}
        if _MEETS in results:
            return _MEETS
        if results == {_BLOCKED} and _must_match(kind, argument):
            return _BLOCKED
    return _PASSES


def _single(kind: Any, argument: Any, characters: frozenset[int]) -> str:
    return _BLOCKED if _must_match(kind, argument) and not characters & _characters([(kind, argument)]) else _PASSES


def _must_match(kind: Any, argument: Any) -> bool:
    """Tell whether an item consumes at least one character."""
    if kind in _REPEATS:
        return bool(argument[0]) and any(_must_match(*item) for item in argument[2])
    if kind is sre.BRANCH:
        return all(any(_must_match(*item) for item in branch) for branch in argument[1])
    if kind is sre.SUBPATTERN:
        return any(_must_match(*item) for item in argument[3])
    return kind not in (sre.AT, *_LOOKS)


def _parts(kind: Any, argument: Any) -> list[list[Any]]:
    if kind in _REPEATS:
        return [list(argument[2])]
    if kind is sre.SUBPATTERN:
        return [list(argument[3])]
    return [list(branch) for branch in argument[1]] if kind is sre.BRANCH else []


def _first(items: list[Any]) -> frozenset[int]:
    """Collect the characters that a sequence may begin with."""
    found: frozenset[int] = frozenset()
    for item in _flatten(items):
        kind, argument = item
        if kind is sre.BRANCH:
            found |= frozenset().union(*(_first(list(branch)) for branch in argument[1]))
        elif parts := _parts(kind, argument):
            found |= _first(parts[0])
        else:
            found |= _characters([item])
        if _must_match(kind, argument):
            break
    return found


def _characters(items: list[Any]) -> frozenset[int]:
    """Collect every character that a sequence may match anywhere."""
    found: frozenset[int] = frozenset()
    for kind, argument in items:
        if parts := _parts(kind, argument):
            found |= frozenset().union(*map(_characters, parts))
        elif kind is sre.LITERAL:
            found |= {min(argument, 256)}
        elif kind is sre.NOT_LITERAL:
            found |= _ALL - ({argument} if argument < 256 else set())
        elif kind is sre.ANY:
            found |= _ALL
        elif kind is sre.IN:
            found |= _class(argument)
    return found


def _class(members: list[Any]) -> frozenset[int]:
    found: frozenset[int] = frozenset()
    negated = False
    for kind, argument in members:
        if kind is sre.NEGATE:
            negated = True
        elif kind is sre.LITERAL:
            found |= {min(argument, 256)}
        elif kind is sre.RANGE:
            found |= frozenset(range(min(argument[0], 256), min(argument[1], 256) + 1))
        elif kind is sre.CATEGORY:
            found |= frozenset(code for code in range(256) if re.match(_CATEGORIES[argument], chr(code))) | {256}
    return _ALL - (found - {256}) if negated else found
