"""Texts that are as long as they must be and match what they must: short and plain ones first."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from contracts.payloads import automaton, patterns, syntax
from contracts.payloads.automaton import TooLarge, both, non
from contracts.payloads.facets import Facets

_QUICK_LIMIT = 200


def strings(solver: Any, facets: Facets) -> Iterator[str]:
    """Yield texts that keep the bounds."""
    if facets.length.empty:
        solver.fail(f"no text has at least {facets.length.low} and at most {facets.length.high} characters")
        return
    if facets.formats:
        yield from _formatted(solver, facets)
    elif facets.languages:
        yield from _matching(solver, facets)
    else:
        yield from _plain(facets)


def _plain(facets: Facets) -> Iterator[str]:
    low, high = facets.length.low, facets.length.high
    size = low if high == 0 else max(low, 1)
    yield "a" * size
    if size != low:
        yield ""
    for number in range(2, 400):
        one = str(number).rjust(size, "a")
        if high is None or len(one) <= high:
            yield one


def _fits(facets: Facets, value: str, *, formats: bool = True) -> bool:
    length = facets.length
    if len(value) < length.low or (length.high is not None and len(value) > length.high):
        return False
    if any((patterns.compiled(pattern).search(value) is not None) is not yes for pattern, yes in facets.languages):
        return False
    return not formats or all(_is(name, value) is yes for name, yes in facets.formats)


@lru_cache(maxsize=8192)
def _is(name: str, value: str) -> bool:
    import jsonschema_rs  # noqa: PLC0415

    return jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True).is_valid(value)


def _formatted(solver: Any, facets: Facets) -> Iterator[str]:
    wanted = [name for name, yes in facets.formats if yes]
    offered = itertools.chain(
        *([value for _, value in syntax.GOOD.get(name, ())] for name, _ in facets.formats if name in wanted),
        *(_stretched(name, facets) for name in wanted),
        *([value for _, value in syntax.BAD.get(name, ())] for name, yes in facets.formats if not yes),
        () if wanted else _plain(facets),
    )
    found = False
    for value in offered:
        if _fits(facets, value):
            found = True
            yield value
    if found:
        return
    if any(name not in syntax.GOOD for name in wanted) or not wanted:
        yield from (value for value in itertools.islice(_matching(solver, facets), 50) if _fits(facets, value))
    length = facets.length
    fixed = next((syntax.FIXED[name] for name in wanted if name in syntax.FIXED), None)
    if fixed and (length.low > fixed[1] or (length.high is not None and length.high < fixed[0])):
        solver.fail(f"a {wanted[0]} has {fixed[0]}{f' to {fixed[1]}' if fixed[1] > fixed[0] else ''} characters")
        return
    if not wanted and all(name not in syntax.BAD for name, yes in facets.formats if not yes):
        solver.fail(f"every text is a {facets.formats[0][0]}: nobody checks it")
        return
    solver.exact = False
    solver.fail(f"no text of the format {facets.formats[0][0]} is known that fits")


def _stretched(name: str, facets: Facets) -> Iterator[str]:
    """Make a text of a format as long as it must be."""
    if name not in syntax.STRETCH:
        return
    begin, middle, end = syntax.STRETCH[name]
    length = facets.length
    for size in (length.low, length.high):
        if size and size > len(begin) + len(end):
            gap = size - len(begin) - len(end)
            filling = _labels(gap) if middle.endswith(".") else (middle * gap)[:gap]
            yield begin + filling + end


def _labels(size: int) -> str:
    """Write labels of a host name, each with its dot, `size` characters long."""
    parts = []
    while size > 0:
        label = min(size, 63) - 1
        label = label - 1 if size - label - 1 == 1 else label
        parts.append("b" * label + ".")
        size -= label + 1
    return "".join(parts)


def _matching(solver: Any, facets: Facets) -> Iterator[str]:
    """Find texts by trying first, and by automata where that gives nothing: they know whether there is any."""
    key = tuple(sorted(set(facets.languages)))
    length = facets.length
    tried = False
    for value in _guesses(key):
        if _fits(facets, value, formats=False):
            tried = True
            yield value
    try:
        machine = automaton.machine(both(_language(pattern, yes=yes) for pattern, yes in key))
    except (patterns.Unknown, TooLarge):
        if not tried:
            solver.exact = False
            solver.fail("the languages of its patterns are not worked out")
        return
    found = False
    for value in itertools.islice(machine.words(length.low, length.high), 400):
        found = True
        yield value
    if not found:
        bounds = (
            ""
            if length.high is None and not length.low
            else f" of {length.low} to {'any number of' if length.high is None else length.high} characters"
        )
        solver.fail(f"no text{bounds} matches {' and '.join(('' if yes else 'not ') + pattern for pattern, yes in key)} (automaton)")


def _language(pattern: str, *, yes: bool) -> automaton.Term:
    return patterns.language(pattern) if yes else non(patterns.language(pattern))


@lru_cache(maxsize=2048)
def _guesses(languages: tuple[tuple[str, bool], ...]) -> tuple[str, ...]:
    """Guess texts near the borders of patterns: their shortest ones with one thing changed. Each is cheap to try."""
    if all(yes for _, yes in languages):
        return ()
    for wanted in (True, False):
        found = dict.fromkeys(value for pattern, yes in languages if yes is wanted for value in _near(pattern))
        kept = [value for value in found if all((patterns.compiled(one).search(value) is not None) is yes for one, yes in languages)]
        if kept:
            return tuple(sorted(kept, key=len))
    return ()


@lru_cache(maxsize=2048)
def _near(pattern: str) -> tuple[str, ...]:
    try:
        machine = automaton.machine(patterns.language(pattern))
    except (patterns.Unknown, TooLarge):
        return ()
    found = dict.fromkeys(machine.cover()) if len(machine.moves) <= _QUICK_LIMIT else {}
    for word in itertools.islice(machine.words(0, None), 4):
        found |= dict.fromkeys((word, word + ".", "." + word, word + "0", word + "a", "0" + word, "a" + word, word.swapcase(), word * 2))
    return tuple(found)
