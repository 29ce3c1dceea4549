"""Texts that are as long as they must be and match what they must: short and plain ones first."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from functools import lru_cache, reduce
from operator import and_
from typing import Any

from contracts.payloads import automaton, ecma, patterns, syntax
from contracts.payloads.automaton import TooLarge
from contracts.payloads.facets import Facets
from contracts.payloads.languages import Term, both, literal, non

_QUICK_LIMIT = 200


def strings(solver: Any, facets: Facets) -> Iterator[str]:
    """Yield texts that keep the bounds."""
    if facets.length.empty:
        solver.fail(f"no text has at least {facets.length.low} and at most {facets.length.high} characters")
        return
    for found in (facets.formats, facets.languages):
        if torn := next((one for one, yes in found if yes and (one, False) in found), None):
            solver.fail(f"{torn} is both demanded and forbidden")
            return
    excluded = frozenset(one for one in facets.nots if isinstance(one, str))
    offered = _formatted(solver, facets) if facets.formats else _matching(solver, facets) if facets.languages else _plain(facets)
    left_out = given = False
    for value in offered:
        if value in excluded:
            left_out = True
        else:
            given = True
            yield value
    if left_out and not given:
        yield from _others(solver, facets, excluded)


def _others(solver: Any, facets: Facets, excluded: Collection[str]) -> Iterator[str]:
    """Find texts where all that were offered are excluded: an automaton knows whether there is another."""
    if facets.formats:
        solver.exact = False
        solver.fail(f"no other text of the format {facets.formats[0][0]} is known that fits")
        return
    literals = [non(literal(one)) for one in sorted(excluded) if _fits(facets, one)]
    yield from _words(solver, facets, literals, f" other than {len(literals)} that are excluded")


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
    if any(bool(ecma.finder(pattern)(value)) is not yes for pattern, yes in facets.languages):
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
    for name in wanted:
        fewest, most = syntax.LENGTHS.get(name, (0, None))
        if (most is not None and length.low > most) or (length.high is not None and length.high < fewest):
            solver.fail(f"a text of the format {name} has {fewest} to {most or 'any number of'} characters")
            return
    if not wanted and all(name not in syntax.BAD for name, yes in facets.formats if not yes):
        solver.fail(f"every text is a {facets.formats[0][0]}: nobody checks it")
        return
    solver.exact = False
    solver.fail(f"no text of the format {facets.formats[0][0]} is known that fits")


def _stretched(name: str, facets: Facets) -> Iterator[str]:
    """Make a text of a format as long as it must be."""
    for begin, middle, end in syntax.STRETCH.get(name, ()):
        for size in (facets.length.low, facets.length.high):
            gap = (size or 0) - len(begin) - len(end)
            if gap > 0:
                yield begin + (_labels(gap) if middle.endswith(".") else middle * gap) + end


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
    tried = False
    for value in _guesses(key, solver.quick):
        if _fits(facets, value, formats=False):
            tried = True
            yield value
    if solver.quick is not None:
        solver.exact = False
        return
    yield from _words(solver, facets, [], "", tried=tried)


def _words(solver: Any, facets: Facets, more: list[Term], others: str, *, tried: bool = False) -> Iterator[str]:
    """Find texts by an automaton: those that have what patterns ask for, and are in each of some `more` languages."""
    key, length = tuple(sorted(set(facets.languages))), facets.length
    try:
        machine = automaton.machine(both([*(_language(pattern, yes=yes) for pattern, yes in key), *more]))
    except (ecma.Unknown, TooLarge):
        if not tried:
            yield from _lax(solver, facets, more)
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
        matches = " and ".join(("" if yes else "not ") + pattern for pattern, yes in key)
        solver.fail(f"no text{bounds}{others}{' matches ' if matches else ' is left'}{matches} (automaton)")


def _lax(solver: Any, facets: Facets, more: list[Term]) -> Iterator[str]:
    """Find texts where the language of a pattern is not worked out, among those that have what is."""
    solver.exact = False
    solver.fail("the languages of its patterns are not worked out")
    try:
        machine = automaton.machine(both([*(patterns.language(pattern, lax=True) for pattern, yes in facets.languages if yes), *more]))
    except (ecma.Unknown, TooLarge):
        return
    words = itertools.islice(machine.words(facets.length.low, facets.length.high), 400)
    yield from (value for value in words if _fits(facets, value))


def _language(pattern: str, *, yes: bool) -> Term:
    return patterns.language(pattern) if yes else non(patterns.language(pattern))


@lru_cache(maxsize=2048)
def _guesses(languages: tuple[tuple[str, bool], ...], only: str | None) -> tuple[str, ...]:
    """Guess texts near the borders of patterns (of one only, where it is given). Each is cheap to try."""
    if all(yes for _, yes in languages):
        return ()
    for pattern in (
        [only] if only is not None else sorted((pattern for pattern, _ in languages), key=lambda one: (not one.startswith("^"), len(one)))
    ):
        near = _near(pattern)
        kept = reduce(and_, (_hits(one, pattern) if yes else ~_hits(one, pattern) for one, yes in languages))
        if found := [value for index, value in enumerate(near) if kept >> index & 1]:
            return tuple(sorted(found, key=len))
    return ()


@lru_cache(maxsize=8192)
def _hits(one: str, pattern: str) -> int:
    """Tell which of the texts near a pattern match another one, as the bits of an integer."""
    found = ecma.finder(one)
    return sum(1 << index for index, value in enumerate(_near(pattern)) if found(value))


@lru_cache(maxsize=2048)
def _near(pattern: str) -> tuple[str, ...]:
    try:
        machine = automaton.machine(patterns.language(pattern, lax=True))
    except (ecma.Unknown, TooLarge):
        return ()
    found = dict.fromkeys(machine.cover()) if len(machine.moves) <= _QUICK_LIMIT else {}
    longest = sorted(found, key=len, reverse=True)
    deepest = next(filter(machine.accepts, longest), longest[0] if longest else "")
    for word in (*itertools.islice(machine.words(0, None), 4), deepest):
        found |= dict.fromkeys((word, word + ".", "." + word, word + "0", word + "a", "0" + word, "a" + word, word.swapcase(), word * 2))
    return tuple(found)
