"""Numbers that lie where they must: nearest to a bound first."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from contracts.payloads.facets import Facets, Interval, exact

STEP = Fraction(1, 1000)
TRIES = 400


def numbers(solver: Any, facets: Facets, *, whole: bool) -> Iterator[int | float]:
    """Yield integers, or numbers that are none, that keep the bounds."""
    inside = facets.number
    grid = Fraction(1) if whole else None
    for one, yes in facets.multiples:
        if yes:
            grid = one if grid is None else _lcm(grid, one)
    avoid = [one for one, yes in facets.multiples if not yes]
    if grid is not None and any((grid / one).denominator == 1 for one in avoid):
        solver.fail(f"every multiple of {float(grid):g} is one of {float(avoid[0]):g}")
        return
    if grid is not None and grid.denominator == 1 and not whole:
        solver.fail(f"every multiple of {float(grid):g} is an integer")
        return
    found = False
    for value in itertools.islice(_on_grid(inside, grid) if grid is not None else _anywhere(inside, avoid), TRIES):
        if not inside.has(value) or any((value / one).denominator == 1 for one in avoid) or (value.denominator == 1) is not whole:
            continue
        plain: int | float = int(value) if whole else float(value)
        if exact(plain) == value:
            found = True
            yield plain
    if not found:
        if grid is None or not _few(inside, grid):
            solver.exact = solver.exact and _closed(inside)
        of = f" that is a multiple of {float(grid):g}" if grid not in (None, 1) else ""
        solver.fail(f"no {'integer' if whole else 'number'}{of} lies in {inside}")


def _closed(inside: Interval) -> bool:
    if inside.low is None or inside.high is None:
        return False
    return inside.low > inside.high or (inside.low == inside.high and (inside.low_open or inside.high_open or inside.low.denominator == 1))


def _few(inside: Interval, grid: Fraction) -> bool:
    return inside.low is not None and inside.high is not None and (inside.high - inside.low) / grid < TRIES


def _lcm(one: Fraction, other: Fraction) -> Fraction:
    return Fraction(math.lcm(one.numerator * other.denominator, other.numerator * one.denominator), one.denominator * other.denominator)


def _on_grid(inside: Interval, grid: Fraction) -> Iterator[Fraction]:
    if inside.low is not None:
        first = math.ceil(inside.low / grid)
        yield from (
            grid * index
            for index in itertools.takewhile(lambda index: inside.high is None or grid * index <= inside.high, itertools.count(first))
        )
    elif inside.high is not None:
        yield from (grid * index for index in itertools.count(math.floor(inside.high / grid), -1))
    else:
        yield from (grid * index for index in itertools.count(1))


def _anywhere(inside: Interval, avoid: list[Fraction]) -> Iterator[Fraction]:
    """Yield fractions near the lower bound, or the upper one, or one half."""
    steps = [
        STEP,
        STEP / 10,
        *(one / 2 for one in avoid),
        *(one / 10 for one in avoid),
        STEP / 1000,
        Fraction(1, 100),
        Fraction(1, 10),
        Fraction(1, 2),
    ]
    for bound, sign in ((inside.low, 1), (inside.high, -1)):
        if bound is not None:
            yield bound
            yield from (bound + sign * step for step in steps)
            yield from (bound + sign * index * STEP for index in range(2, 60))
    if inside.low is not None and inside.high is not None:
        yield (inside.low + inside.high) / 2
        yield Fraction(1, 2)  # near a bound that is huge no fraction is a float
    if inside.low is None and inside.high is None:
        yield from (index + Fraction(1, 2) for index in range(20))
        yield from steps
