"""What a generated case gets before it goes, so that a right implementation can do what it is asked.

A schema can't say that a number must be new, that a carrier must exist or who is calling: the causes of the document do (`unique`,
`avoid`, `x-credential`), and its links say where what was created can be read. A member is only touched where it is valid in itself:
what a negative case is about stays wrong.
"""

from __future__ import annotations

import copy
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts import links
from contracts.bodies import FORM
from contracts.caller import Caller, Outcome
from contracts.conformance.events import Made
from sandbox.document import at, steps_of
from sandbox.spec import Operation, Spec

_VARIABLE = re.compile(r"\{([^{}]+)\}")
_FILL = 12  # as long as a value is made at least, where it must be longer than what is counted


@dataclass
class Shaper:
    """One for each account. `known` are the parameters, by operation, under which something was created and not yet deleted."""

    caller: Caller
    known: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def shape(self, made: Made) -> None:
        """Change a case in place. A body that holds what is no JSON, such as a file, stays as it is."""
        operation = self.caller.spec.operations[made.operation]
        if operation.body is not None and isinstance(made.body, (dict, list)) and _is_plain(made.body):
            body = copy.deepcopy(made.body)
            if made.positive and made.phase == "stateful" and operation.creates:
                body = _example(operation, body)
            body = self._whole(made, operation, body)
            if body != made.body:
                made.replace(body)
        if made.path and made.phase != "stateful":
            self._lead(made, operation)

    def example(self, operation: Operation, body: Any, *, about: str = "") -> Any:
        """Make an example of the document one that can be sent any number of times. What it is `about`, a JSON pointer, stays as it is."""
        made = Made("", operation.id, True, False, "examples", "", "", about, {}, body, lambda _: None)  # noqa: FBT003 - a row of values
        return self._whole(made, operation, copy.deepcopy(body))

    def way(self, operation: Operation) -> str | None:
        """Write a path of an operation that leads to something that exists; None where nothing is known."""
        places = self.known.get(operation.id)
        if not places or "{" not in operation.path:
            return None
        return _VARIABLE.sub(lambda name: str(places[-1].get(name[1], name[0])), operation.path)

    def learn(self, outcome: Outcome) -> None:
        """Remember what an accepted call has created, or forget what it has deleted."""
        operation = outcome.operation
        if operation.method == "DELETE":
            for places in self.known.values():
                places[:] = [place for place in places if not _within(place, outcome.request.path)]
            return
        for link in links.links(self.caller.spec, operation):
            filled = links.parameters(self.caller.spec, link, outcome) if link.status == outcome.status else None
            if filled:
                self.known.setdefault(link.leads_to, []).append({name.rpartition(".")[2]: value for name, value in filled.items()})

    def _whole(self, made: Made, operation: Operation, body: Any) -> Any:
        if isinstance(body, dict):
            return self._clear(made, operation, body)
        alone = _alone(self.caller.spec, operation)
        if alone is None or alone.body is None:
            return body
        check = next(iter(alone.body.media.values()))
        return [self._clear(made, alone, item) if isinstance(item, dict) and check.ok(item) else item for item in body]

    def _clear(self, made: Made, operation: Operation, body: dict[str, Any]) -> dict[str, Any]:
        """Keep a body clear of the causes that valid data can meet, and show the credential in it."""
        if made.positive and FORM in (operation.body.media if operation.body else ()):
            # A list travels in a form as the same name several times, which a reader may refuse.
            body = {name: value for name, value in body.items() if not isinstance(value, (dict, list))}
        sound = _Sound(operation, body)
        for name, value in self.caller.shown(operation).body.items():
            if name in body and sound.at(f"/{name}") and made.target != f"/{name}":
                body[name] = value
        renewed = (
            operation.method != "PUT" or made.phase == "examples" or _number(body) % 2
        )  # a PUT is tried on what is new and on what is there
        for cause in operation.refusals.values():
            places = [place for place in cause.avoid if _has(body, place) and sound.at(place) and not _about(made, place)]
            example = _nearest(operation, body, cause.avoid) if places else None
            for place in places:
                if _has(example, place):
                    _put(body, place, copy.deepcopy(at(example, place)))
            for place in cause.unique:
                if renewed and _has(body, place) and sound.at(place) and not (made.phase == "examples" and made.target == place):
                    self._renew(operation, body, place)
        return body

    def _renew(self, operation: Operation, body: dict[str, Any], place: str) -> None:
        old = at(body, place)
        for value in _fresh(old, self.caller.unique()):
            _put(body, place, value)
            if _Sound(operation, body).at(place):
                return
        _put(body, place, old)

    def _lead(self, made: Made, operation: Operation) -> None:
        """Lead a case to something that exists, unless it is about the way there."""
        places = self.known.get(operation.id)
        check = operation.check_parameters
        if not places or check is None or made.target in made.path:
            return
        if not any(problem.place.startswith("path:") for problem in check.problems({"path": dict(made.path)})):
            made.path.update({name: str(value) for name, value in places[-1].items() if name in made.path})


class _Sound:
    """Tells which members of a body are valid in themselves."""

    def __init__(self, operation: Operation, body: Any) -> None:
        check = next(iter(operation.body.media.values())) if operation.body and operation.body.media else None
        self._places = {problem.place for problem in check.problems(body)} if check else set()

    def at(self, pointer: str) -> bool:
        return not any(place == pointer or place.startswith(pointer + "/") for place in self._places)


def _is_plain(value: Any) -> bool:
    """Tell whether a value is JSON through and through."""
    if type(value) is dict:
        return all(map(_is_plain, value.values()))
    return all(map(_is_plain, value)) if type(value) is list else value is None or type(value) in (str, int, float, bool)


def _example(operation: Operation, body: Any) -> Any:
    """Take an example of the document for half of the bodies; which half, and which example, is told by the body itself."""
    examples = list(operation.body.examples.values()) if operation.body else []
    number = _number(body)
    if not examples or number % 2:
        return body
    return copy.deepcopy(examples[number // 2 % len(examples)])


def _number(body: Any) -> int:
    """Give a number that a body always has, to choose by: what is drawn again must come out the same."""
    return zlib.crc32(json.dumps(body, sort_keys=True, default=str).encode()) >> 4


def _nearest(operation: Operation, body: Any, places: tuple[str, ...]) -> Any:
    """Choose the example that has of some members most of those that a body has, and fewest that it has not."""
    has = {place for place in places if _has(body, place)}
    examples = operation.body.examples.values() if operation.body else ()
    return min(examples, key=lambda example: len(has ^ {place for place in places if _has(example, place)}), default=None)


def _alone(spec: Spec, operation: Operation) -> Operation | None:
    """Find the operation that takes alone what is an element of this one's body; None where there is none."""
    elements = (
        [item for example in operation.body.examples.values() if isinstance(example, list) for item in example] if operation.body else []
    )
    for other in spec.operations.values():
        if elements and other.creates and other.body and all(next(iter(other.body.media.values())).ok(item) for item in elements):
            return other
    return None


def _fresh(old: Any, new: str) -> Iterator[Any]:
    """Give values that nobody has sent, the one most like the old one first."""
    digits = "".join(character if character.isdigit() else str(ord(character) % 10) for character in new)
    if isinstance(old, str):
        if len(old) > len(new):
            yield old[: -len(new)] + new
        yield from (new, new.rjust(_FILL, "0"), digits, digits.rjust(_FILL, "1"))
    elif isinstance(old, int) and not isinstance(old, bool):
        yield int("1" + digits)
        yield int(digits[-6:])


def _about(made: Made, pointer: str) -> bool:
    """Tell whether a valid case is about a member of the body."""
    if made.phase == "examples" and made.target:
        return made.target == pointer or made.target.startswith(pointer + "/")
    if not made.scenario or not made.positive:
        return False
    names = made.location.split("/properties/")[1:]
    return "/".join(names).startswith("/".join(steps_of(pointer)))


def _has(body: Any, pointer: str) -> bool:
    try:
        at(body, pointer)
    except KeyError:
        return False
    return True


def _put(body: Any, pointer: str, value: Any) -> None:
    *steps, last = steps_of(pointer)
    for step in steps:
        body = body[int(step)] if isinstance(body, list) else body[step]
    body[int(last) if isinstance(body, list) else last] = value


def _within(place: Mapping[str, Any], path: str) -> bool:
    steps = path.split("/")
    return all(str(value) in steps for value in place.values())
