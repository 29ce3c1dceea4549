"""What is alike: schemas that say the same, and places of which the same is asked. What was found for one is good for all others.

A document says the same thing at many places and in several operations. Schemas have numbers here: equal ones the same. A place is
described by the numbers of what is demanded there; two with one description have the same openings and need the same values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from contracts.payloads.schema import Bundle
from sandbox import codec

_NOTES = ("description", "title", "$comment")  # what a schema may say beside its rules


@dataclass(eq=False, slots=True)
class Memory:
    """What is known of one document: `openings` of places (see `witness`), `plans` (`derive`) and `changes` (`edits`) of schemas.

    `told` are the problems of parts of requests, by the rules of the part and its JSON, with the pointer of the schema that was asked;
    places are written from the part on (see `told`).
    """

    openings: dict[Any, Any] = field(default_factory=dict)
    plans: dict[Any, list[Any]] = field(default_factory=dict)
    changes: dict[Any, Any] = field(default_factory=dict)
    told: dict[tuple[str | int, bytes], Any] = field(default_factory=dict)
    _numbers: dict[int, tuple[Any, int]] = field(default_factory=dict)
    _texts: dict[bytes, int] = field(default_factory=dict)

    def number(self, node: Any) -> int:
        """Give the number of a schema. It is kept, so that its id stays its own."""
        known = self._numbers.get(id(node))
        if known is None:
            said = node if isinstance(node, bool) else rules(node)
            known = self._numbers[id(node)] = (node, self._texts.setdefault(codec.dump(said), len(self._texts)))
        return known[1]

    def numbers(self, demands: Iterable[Any]) -> tuple[Any, ...]:
        """Describe demands by the numbers of their schemas."""
        return tuple((type(one).__name__, self.number(one[0]), *one[1:]) for one in demands)


def rules(node: Mapping[str, Any]) -> dict[str, Any]:
    """Take from a schema what it rules, and leave what it notes."""
    return {key: value for key, value in node.items() if key[:2] != "x-" and key not in _NOTES}


@lru_cache(maxsize=16)
def memory(_: Bundle) -> Memory:
    """Give what is known of a document: nothing at first."""
    return Memory()
