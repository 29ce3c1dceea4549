"""A story told again: the same calls, as somebody else who has never been there.

What the one who told it first was called, the values that they made and the ids that they were given stand in the requests; each is
replaced by what it is this time.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.caller import Outcome, meaning, parsed
from contracts.findings import Step
from contracts.run.identities import Identity
from contracts.target import NoAnswer, Target
from sandbox.exchange import Request
from sandbox.spec import Operation, Spec

_SHORTEST = 5  # characters of an id that is worth following; shorter values are everywhere
_FOLLOWED = 5000


@dataclass(frozen=True)
class Player:
    """Plays stories to a target. `known` are those who may have told them, `fresh` makes somebody new each time."""

    spec: Spec
    target: Target
    known: Sequence[Identity]
    fresh: Callable[[], Identity]

    def play(self, steps: Sequence[Step]) -> tuple[Step, ...] | None:
        """Send a story again, and give it with the answers of this time; None where one gets no answer.

        A last step that had no answer before may have none again: its answer is None then.
        """
        swaps = self._names(steps)
        played: list[Step] = []
        for index, step in enumerate(steps):
            request = swapped(step.request, swaps)
            try:
                answer = self.target.send(request)
            except NoAnswer:
                last = index == len(steps) - 1 and step.answer is None
                return (*played, Step(request, None)) if last else None
            played.append(Step(request, answer))
            if step.answer is not None:
                swaps.update(_changed(parsed(step.answer), parsed(answer)))
        return tuple(played)

    def _names(self, steps: Sequence[Step]) -> dict[str, str]:
        text = "\n".join(_text(step.request) for step in steps)
        swaps: dict[str, str] = {}
        for old in self.known:
            if (old.core and old.core in text) or old.prefix in text:
                new = self.fresh()
                swaps[old.prefix] = new.prefix
                if old.core:
                    swaps[old.core] = new.core
        return swaps


def swapped(request: Request, swaps: dict[str, str]) -> Request:
    """Write a request with other names, values and ids."""
    if not swaps:
        return request
    pattern = re.compile("|".join(map(re.escape, sorted(swaps, key=len, reverse=True))))

    def swap(text: str) -> str:
        return pattern.sub(lambda match: swaps[match[0]], text)

    body = swap(request.body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    headers = {name: _swap_basic(value, swap) or swap(value) for name, value in request.headers.items()}
    return request._replace(path=swap(request.path), query=swap(request.query), headers=headers, body=body)


def _swap_basic(value: str, swap: Callable[[str], str]) -> str | None:
    """Change what an encoded credential holds; None for a header that holds none."""
    word, _, coded = value.rpartition(" ")
    plain = _decoded(coded) if word else None
    return None if plain is None else f"{word} {base64.b64encode(swap(plain).encode()).decode()}"


def _decoded(text: str) -> str | None:
    try:
        plain = base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return plain if ":" in plain else None


def _text(request: Request) -> str:
    headers = " ".join(f"{value} {_decoded(value.rpartition(' ')[2]) or ''}" for value in request.headers.values())
    return f"{request.path} {request.query} {headers} {request.body.decode('utf-8', 'replace')}"


def _changed(before: Any, after: Any) -> Iterator[tuple[str, str]]:
    """Yield the values that were one thing then and are another now, at the same place of an answer."""
    todo, count = [(before, after)], 0
    while todo and count < _FOLLOWED:
        old, new = todo.pop()
        count += 1
        if isinstance(old, dict) and isinstance(new, dict):
            todo += [(old[name], new[name]) for name in old.keys() & new.keys()]
        elif isinstance(old, list) and isinstance(new, list):
            todo += list(zip(old, new, strict=False))
        elif old != new and type(old) is type(new) and isinstance(old, (str, int)) and len(str(old)) >= _SHORTEST:
            yield str(old), str(new)


def read(spec: Spec, operation: Operation, step: Step) -> Outcome | None:
    """Read a step as the document means it; None for one without an answer."""
    if step.answer is None:
        return None
    body = parsed(step.answer)
    return Outcome(operation, step.request, step.answer, body, meaning(spec, operation, step.answer.status, body))
