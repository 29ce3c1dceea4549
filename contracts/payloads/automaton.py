"""Regular languages: which texts they hold, the shortest one, one of a given length, and whether there is any at all.

A language is a term (made by `chars`, `cat`, `alt`, `both`, `non`, `repeat`); `machine` makes a deterministic automaton of it, by
Brzozowski's derivatives, so that intersection and complement cost nothing to write. The alphabet is Unicode without surrogates and
without the five characters on which engines differ about what ends a line or is a blank (U+000D, U+0085, U+2028, U+2029, U+FEFF).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

Ranges = tuple[tuple[int, int], ...]
Term = tuple[Any, ...]

MAX_STATES = 1_200


class TooLarge(Exception):
    """A language whose automaton would have more than MAX_STATES states."""


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

NONE: Term = ("none",)
EMPTY: Term = ("empty",)
ANY: Term = ("repeat", ("chars", ALPHABET), 0, None)


def chars(given: Ranges) -> Term:
    """Make the language of one character out of some."""
    return ("chars", given) if given else NONE


def cat(*terms: Term) -> Term:
    """Join languages one after the other."""
    result = EMPTY
    for term in reversed(terms):
        if NONE in (term, result):
            return NONE
        result = term if result == EMPTY else result if term == EMPTY else _chain(term, result)
    return result


def _chain(first: Term, second: Term) -> Term:
    return ("cat", first[1], _chain(first[2], second)) if first[0] == "cat" else ("cat", first, second)


def alt(terms: Iterable[Term]) -> Term:
    """Unite languages."""
    parts = {part for term in terms for part in (term[1] if term[0] == "alt" else (term,))} - {NONE}
    if ANY in parts:
        return ANY
    sets = [part for part in parts if part[0] == "chars"]
    if len(sets) > 1:
        parts = parts.difference(sets) | {chars(ranges(pair for part in sets for pair in part[1]))}
    return NONE if not parts else next(iter(parts)) if len(parts) == 1 else ("alt", frozenset(parts))


def both(terms: Iterable[Term]) -> Term:
    """Take what all languages have in common."""
    parts = {part for term in terms for part in (term[1] if term[0] == "both" else (term,))} - {ANY}
    if NONE in parts:
        return NONE
    return ANY if not parts else next(iter(parts)) if len(parts) == 1 else ("both", frozenset(parts))


def non(term: Term) -> Term:
    """Take every text that a language does not have."""
    if term[0] == "non":
        return term[1]  # type: ignore[no-any-return]
    return ANY if term == NONE else NONE if term == ANY else ("non", term)


def repeat(term: Term, low: int, high: int | None) -> Term:
    """Repeat a language; `high` None is without end."""
    if high == 0 or term == EMPTY:
        return EMPTY
    if term == NONE:
        return NONE if low else EMPTY
    if low == high == 1:
        return term
    return ("repeat", term, low, high)


def text(value: str) -> Term:
    """Make the language of exactly one text."""
    return cat(*(chars(((ord(letter), ord(letter)),)) for letter in value))


@lru_cache(maxsize=65_536)
def _nullable(term: Term) -> bool:  # noqa: PLR0911 - one line for each kind of term
    match term[0]:
        case "empty":
            return True
        case "none" | "chars":
            return False
        case "cat":
            return _nullable(term[1]) and _nullable(term[2])
        case "alt":
            return any(map(_nullable, term[1]))
        case "both":
            return all(map(_nullable, term[1]))
        case "non":
            return not _nullable(term[1])
        case _:
            return term[2] == 0 or _nullable(term[1])


@lru_cache(maxsize=65_536)
def _breaks(term: Term) -> frozenset[int]:
    """Collect where the alphabet falls apart for the first character of a term."""
    match term[0]:
        case "chars":
            return frozenset(point for low, high in term[1] for point in (low, high + 1))
        case "cat":
            return _breaks(term[1]) | _breaks(term[2]) if _nullable(term[1]) else _breaks(term[1])
        case "alt" | "both":
            return frozenset().union(*map(_breaks, term[1]))
        case "non" | "repeat":
            return _breaks(term[1])
        case _:
            return frozenset()


def _after(term: Term, point: int) -> Term:  # noqa: PLR0911 - one line for each kind of term
    """Take what may follow a first character (Brzozowski's derivative)."""
    match term[0]:
        case "chars":
            return EMPTY if any(low <= point <= high for low, high in term[1]) else NONE
        case "cat":
            first = cat(_after(term[1], point), term[2])
            return alt((first, _after(term[2], point))) if _nullable(term[1]) else first
        case "alt":
            return alt(_after(part, point) for part in term[1])
        case "both":
            return both(_after(part, point) for part in term[1])
        case "non":
            return non(_after(term[1], point))
        case "repeat":
            _, inner, low, high = term
            return cat(_after(inner, point), repeat(inner, max(low - 1, 0), None if high is None else high - 1))
        case _:
            return NONE


# --- automata ----------------------------------------------------------------------------------------------------------------


@dataclass
class Machine:
    """A deterministic automaton: for each state its moves, as (target, code points), and the states where a text may end."""

    moves: list[list[tuple[int, Ranges]]]
    final: int  # sets of states are bits of an integer
    _back: list[int] = field(default_factory=list)  # which states end in exactly k more characters, for k = 0, 1, …
    _seen: dict[int, int] = field(default_factory=dict)
    _turn: tuple[int, int] | None = None  # where that list begins to repeat itself, and after how many

    def ends_in(self, count: int) -> int:
        """Give the states from which some text of exactly `count` characters is accepted."""
        while self._turn is None and len(self._back) <= count:
            states = self.final if not self._back else self._before(self._back[-1])
            if states in self._seen:
                start = self._seen[states]
                self._turn = (start, len(self._back) - start)
            else:
                self._seen[states] = len(self._back)
                self._back.append(states)
        return self._back[self._index(count)]

    def _index(self, count: int) -> int:
        if self._turn is None or count < len(self._back):
            return count
        start, period = self._turn
        return start + (count - start) % period

    def _before(self, states: int) -> int:
        found = 0
        for state, moves in enumerate(self.moves):
            if any(states >> target & 1 for target, _ in moves):
                found |= 1 << state
        return found

    def length(self, low: int, high: int | None) -> int | None:
        """Find the least length from `low` to `high` of an accepted text; None for none. This is exact."""
        last = low + len(self.moves) + self._spread()
        for count in range(low, last if high is None else min(high, last) + 1):
            if self.ends_in(count) & 1:
                return count
        return None

    def length_down(self, low: int, high: int) -> int | None:
        """Find the greatest length from `low` to `high` of an accepted text."""
        for count in range(high, max(low, high - len(self.moves) - self._spread()) - 1, -1):
            if self.ends_in(count) & 1:
                return count
        return None

    def _spread(self) -> int:
        """Say after how many further lengths nothing new can come."""
        self.ends_in(4 * len(self.moves) + 64)
        return len(self._back) + 1

    def word(self, count: int, prefer: Ranges = ()) -> str:
        """Write an accepted text of exactly `count` characters, of `prefer` where it may; ask `length` first whether there is one."""
        parts: list[str] = []
        state, left = 0, count
        seen: dict[tuple[int, int], tuple[int, int]] = {}
        while left:
            key = (state, self._index(left))
            if self._turn and left >= len(self._back) and key in seen:  # the same again: lay it down as often as it fits
                at, was = seen.pop(key)
                period, block = was - left, "".join(parts[at:])
                times = (left - len(self._back)) // period
                parts.append(block * times)
                left -= times * period
                seen.clear()
                if not left:
                    break
            else:
                seen[key] = (len(parts), left)
            state, letter = self._step(state, self.ends_in(left - 1), prefer)
            parts.append(letter)
            left -= 1
        return "".join(parts)

    def _step(self, state: int, towards: int, prefer: Ranges) -> tuple[int, str]:
        options = [(target, letter(points, prefer)) for target, points in self.moves[state] if towards >> target & 1]
        return min(options, key=lambda option: _rank(option[1], prefer))

    def words(self, low: int, high: int | None) -> Iterator[str]:
        """Yield accepted texts, a few of each length, short ones first; not all that there are."""
        count = self.length(low, high)
        while count is not None:
            yield from self._some(count)
            count = self.length(count + 1, high) if high is None or count < high else None

    def _some(self, count: int, most: int = 24) -> Iterator[str]:
        """Yield texts of one length that take different ways, at most `most`."""
        stack, given = [(0, "")], 0
        while stack and given < most:
            state, begun = stack.pop()
            left = count - len(begun)
            if not left:
                given += 1
                yield begun
            elif left > 200:  # only the beginning of a long text is worth varying
                yield self.word(count)
                return
            else:
                towards = self.ends_in(left - 1)
                steps = [(target, one) for target, points in self.moves[state] if towards >> target & 1 for one in _few(points)]
                stack += [(target, begun + one) for target, one in sorted(steps, key=lambda step: -_rank(step[1], ())[0])]

    def cover(self) -> Iterator[str]:
        """Yield texts that try every move out of every state, and a character that has no move there; not all are accepted."""
        reach, queue = {0: ""}, [0]
        for state in queue:
            for target, points in self.moves[state]:
                if target not in reach:
                    reach[target] = reach[state] + letter(points)
                    queue.append(target)
        for state, begun in reach.items():
            held = ranges(pair for _, points in self.moves[state] for pair in points)
            steps = [(target, one) for target, points in self.moves[state] for one in _few(points)]
            yield from (begun + one + self._end(target) for target, one in steps)
            strange = outside(held, ALPHABET)
            for one in _few(strange) if strange else ():
                yield from (begun + one, begun + one + self._end(state), begun + one + "a", begun + one + "0")
            yield begun

    def _end(self, state: int) -> str:
        """Write the shortest text that is accepted from a state; nothing where none is."""
        left = next((count for count in range(len(self.moves) + 1) if self.ends_in(count) >> state & 1), 0)
        parts = []
        for count in range(left - 1, -1, -1):
            state, one = self._step(state, self.ends_in(count), ())
            parts.append(one)
        return "".join(parts)

    def accepts(self, value: str) -> bool:
        """Tell whether the language has a text."""
        state = 0
        for one in map(ord, value):
            for target, points in self.moves[state]:
                if any(low <= one <= high for low, high in points):
                    state = target
                    break
            else:
                return False
        return bool(self.final >> state & 1)


_NICE = ((0x61, 0x7A), (0x30, 0x39), (0x41, 0x5A), (0x2D, 0x2E), (0x5F, 0x5F), (0x21, 0x7E), (0x20, 0x20), (0xA1, 0x2FF), (0x4E00, 0x9FFF))


def letter(points: Ranges, prefer: Ranges = ()) -> str:
    """Choose a character that people can read, one of `prefer` first."""
    for wanted_low, wanted_high in (*prefer, *_NICE):
        for low, high in points:
            if max(low, wanted_low) <= min(high, wanted_high):
                return chr(max(low, wanted_low))
    return chr(points[0][0])


def _few(points: Ranges) -> list[str]:
    """Choose up to three characters of different kinds."""
    found = [chr(max(low, a)) for a, b in _NICE[:4] for low, high in points if max(low, a) <= min(high, b)]
    return list(dict.fromkeys([letter(points), *found]))[:3]


def _rank(one: str, prefer: Ranges) -> tuple[int, int]:
    point = ord(one)
    for index, (low, high) in enumerate((*prefer, *_NICE)):
        if low <= point <= high:
            return index, point
    return 99, point


@lru_cache(maxsize=4096)
def machine(term: Term) -> Machine:
    """Make the automaton of a term, with the states only that lead to an end. Raises TooLarge."""
    numbers: dict[Term, int] = {term: 0}
    moves: list[list[tuple[int, Ranges]]] = []
    terms = [term]
    for state in terms:
        grouped: dict[int, list[tuple[int, int]]] = {}
        points = sorted(_breaks(state) | {0, 0x110000})
        for low, high in itertools.pairwise(points):
            target = _after(state, low)
            if target == NONE:
                continue
            if target not in numbers:
                if len(numbers) >= MAX_STATES:
                    raise TooLarge
                numbers[target] = len(terms)
                terms.append(target)
            grouped.setdefault(numbers[target], []).append((low, high - 1))
        moves.append([(target, kept) for target, pairs in grouped.items() if (kept := _clip(ranges(pairs)))])
    return Machine(moves, sum(1 << number for one, number in numbers.items() if _nullable(one)))


def _clip(points: Ranges) -> Ranges:
    return ranges((max(a, c), min(b, d)) for a, b in points for c, d in ALPHABET if max(a, c) <= min(b, d))


def empty(term: Term) -> bool:
    """Tell whether a language has no text at all. Raises TooLarge."""
    return machine(term).length(0, None) is None
