"""Automata of regular languages: the shortest text that one holds, one of a given length, and whether there is any at all.

`machine` makes a deterministic automaton of a language by its derivatives.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from contracts.payloads.languages import ALPHABET, NONE, Ranges, Term, after, borders, nullable, outside, ranges

MAX_STATES = 1_200


class TooLarge(Exception):
    """A language whose automaton would have more than MAX_STATES states."""


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
        points = sorted(borders(state) | {0, 0x110000})
        for low, high in itertools.pairwise(points):
            target = after(state, low)
            if target is NONE:
                continue
            if target not in numbers:
                if len(numbers) >= MAX_STATES:
                    raise TooLarge
                numbers[target] = len(terms)
                terms.append(target)
            grouped.setdefault(numbers[target], []).append((low, high - 1))
        moves.append([(target, kept) for target, pairs in grouped.items() if (kept := _clip(ranges(pairs)))])
    return Machine(moves, sum(1 << number for one, number in numbers.items() if nullable(one)))


@lru_cache(maxsize=4096)
def _clip(points: Ranges) -> Ranges:
    return ranges((max(a, c), min(b, d)) for a, b in points for c, d in ALPHABET if max(a, c) <= min(b, d))


def empty(term: Term) -> bool:
    """Tell whether a language has no text at all. Raises TooLarge."""
    return machine(term).length(0, None) is None
