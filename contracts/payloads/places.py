"""What was shown at each place of a request: its payloads so far, and which accepted one is nearest to another."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from contracts.payloads.contexts import Context, Found
from contracts.payloads.edits import Edit

_LONG = 10_000


@dataclass(eq=False, slots=True)
class Place:
    """The payloads of a place: their values, contexts and ids in the order in which they came, and which of them are accepted."""

    values: list[Any] = field(default_factory=list)
    contexts: list[Context] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    _accepted: list[int] = field(default_factory=list)
    _near: dict[int, int] = field(default_factory=dict)  # the last accepted one of each context
    _at: dict[Any, list[int]] = field(default_factory=dict)  # where each value is, of the first values: where edits are known none asks
    _indexed: int = 0
    _unsummed: list[bytes] = field(default_factory=list)
    _sum: Any = field(default_factory=lambda: blake2b(digest_size=16))

    def add(self, found: Found, written: bytes, ident: str, *, accepted: bool) -> None:
        """Keep a payload. `written` is the JSON of its value."""
        if accepted:
            self._near[found.context.number] = position = len(self.values)
            self._accepted.append(position)
        self.values.append(found.value)
        self.contexts.append(found.context)
        self.ids.append(ident)
        self._unsummed.append(written)

    def positions(self, edit: Edit) -> Any:
        """List the positions of payloads that may show an edit."""
        if not edit.only or isinstance(edit.probe[0], (dict, list)):
            return range(len(self.values))
        for position in range(self._indexed, len(self.values)):
            value = self.values[position]
            if not isinstance(value, (dict, list)) and not (isinstance(value, str) and len(value) > _LONG):
                self._at.setdefault((type(value), value), []).append(position)
        self._indexed = len(self.values)
        return self._at.get((type(edit.probe[0]), edit.probe[0]), ())

    def summed(self) -> bytes:
        """Sum up the values that are there."""
        self._sum.update(b"\0".join((*self._unsummed, b"")))
        self._unsummed.clear()
        return bytes(self._sum.digest())

    def nearest(self, value: Any, context: int | None = None) -> str | None:
        """Name the accepted payload that is the fewest edits apart, the latest of a context before others; None where none is accepted."""
        if not self._accepted:
            return None
        latest = self._near.get(context, self._accepted[-1]) if context is not None else self._accepted[0]
        if isinstance(value, (dict, list)):
            latest = min((latest, *self._accepted), key=lambda position: apart(value, self.values[position]))
        return self.ids[latest]


def apart(one: Any, other: Any) -> int:
    """Count the edits between two values: members and items that are changed, added or left out, each as deep inside as possible."""
    if isinstance(one, dict) and isinstance(other, dict):
        return sum(apart(one[name], other[name]) if name in one and name in other else 1 for name in one.keys() | other.keys())
    if isinstance(one, list) and isinstance(other, list):
        return abs(len(one) - len(other)) + sum(map(apart, one, other))
    return int(type(one) is not type(other) or one != other)
