"""Recipes: calls of an operation whose outcome only the provider knows, with what must be there before.

A recipe is made anew for each payload, with identifiers of its own, so that no payload meets what another left. What it needs of the
target it names (`Named`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.payloads.payload import Needs, Shows, Step
from sandbox import idents

USUAL = "usual"


@dataclass
class Fresh:
    """Identifiers that belong to one payload: they follow from its id and the seed, in the order in which they are asked for."""

    owner: str
    seed: int = 0
    count: int = field(default=0, repr=False)

    def __call__(self, beginning: str = "", digits: int = 12) -> str:
        """Make a text of `digits` upper-case letters and digits behind a beginning."""
        self.count += 1
        return beginning + idents.hexadecimal(digits, self.seed, self.owner, self.count).upper()

    def number(self, digits: int = 12) -> str:
        """Make a text of decimal digits, the first of which is not 0."""
        self.count += 1
        low = 10 ** (digits - 1)
        return str(low + idents.number(9 * low, self.seed, self.owner, self.count))

    def uuid(self) -> str:
        """Make a UUID of version 4."""
        text = self("", 32).lower()
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"


@dataclass(frozen=True, slots=True)
class Call:
    """What is sent: parameters by name and body (None for none), after what `before` set up."""

    body: Any = None
    params: Mapping[str, Any] = field(default_factory=dict)
    before: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """One call and its outcome: accepted where `cause` is None, else the refusal for that cause at `place`.

    `twin` names the recipe of the same operation that is accepted and one edit apart.
    """

    operation: str
    name: str
    title: str
    make: Callable[[Fresh], Call]
    cause: str | None = None
    place: str = ""
    twin: str = USUAL
    credential: Shows = "good"
    needs: Needs = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A cause that may strike a call which the schema allows: when it is about `place`, or always where that is empty.

    `when` tells of a body whether it may strike that (None: any body). `shared` is one that strikes only where the account has taken
    other payloads before.
    """

    operation: str
    cause: str
    place: str = ""
    when: Callable[[Any], bool] | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """Something that is there and no call creates, such as an account: what the scene has under `name`, in the sandbox `otherwise`."""

    name: str
    otherwise: Any


@dataclass(frozen=True, slots=True)
class World:
    """Where payloads are to be sent: `seed` makes the identifiers, `scene` says what is called how there (as it does for verify)."""

    seed: int = 0
    scene: Mapping[str, Any] = field(default_factory=dict)

    def call(self, recipe: Recipe, owner: str) -> Call:
        """Make the call of a recipe for the payload `owner`."""
        made = recipe.make(Fresh(owner, self.seed))
        before = tuple(Step(step.operation, self._told(step.params), self._told(step.body)) for step in made.before)
        return Call(self._told(made.body), self._told(made.params), before)

    def _told(self, value: Any) -> Any:
        if isinstance(value, Named):
            return self.scene.get(value.name, value.otherwise)
        if isinstance(value, Mapping):
            return {name: self._told(inner) for name, inner in value.items()}
        return [self._told(inner) for inner in value] if isinstance(value, list) else value


SANDBOX = World()
