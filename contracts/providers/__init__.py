"""What each document can't say about the provider it describes: the explicit table. A provider is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contracts.caller import Outcome
    from contracts.causes import Recipe
    from contracts.credentials import Show
    from contracts.promises import Promise
    from contracts.run.lifecycle import Machine


@dataclass(frozen=True, slots=True)
class Provider:
    """What is known beside a document: how a credential is shown (None: as documented), the promises that no schema states, and a scene.

    `scene` names what no call creates; a target of one's own may have it under other names. `machine` imports what lives whole lives (see
    `contracts.run.lifecycle`), and Hypothesis with it; for `recipes` and `places` see `contracts.causes.Known`.
    """

    show: Show | None
    promises: tuple[Promise, ...]
    scene: Mapping[str, Any] = field(default_factory=dict)
    machine: Callable[[], type[Machine]] | None = None
    recipes: Mapping[tuple[str, str], Recipe] = field(default_factory=dict)
    places: Callable[[Outcome], frozenset[str]] | None = None


def _billink_machine() -> type[Machine]:
    from contracts.providers.machines.billink import Creates  # noqa: PLC0415 - with Hypothesis it takes long

    return Creates


@cache
def _billink() -> Provider:
    from contracts.providers import billink  # noqa: PLC0415 - as the module says

    return Provider(billink.show, billink.PROMISES, billink.SCENE, _billink_machine, places=billink.places)


def _delivery_solutions_machine() -> type[Machine]:
    from contracts.providers.machines.delivery_solutions import Trackers  # noqa: PLC0415 - with Hypothesis it takes long

    return Trackers


@cache
def _delivery_solutions() -> Provider:
    from contracts.providers import delivery_solutions  # noqa: PLC0415

    return Provider(delivery_solutions.show, delivery_solutions.PROMISES, delivery_solutions.SCENE, _delivery_solutions_machine)


def _parcellab_machine() -> type[Machine]:
    from contracts.providers.machines.parcellab import Orders  # noqa: PLC0415 - with Hypothesis it takes long

    return Orders


@cache
def _parcellab() -> Provider:
    from contracts.providers import parcellab  # noqa: PLC0415

    return Provider(parcellab.show, parcellab.PROMISES, parcellab.SCENE, _parcellab_machine, parcellab.RECIPES)


def _trackru_machine() -> type[Machine]:
    from contracts.providers.machines.trackru import Trackings  # noqa: PLC0415 - with Hypothesis it takes long

    return Trackings


@cache
def _trackru() -> Provider:
    from contracts.providers import trackru  # noqa: PLC0415

    return Provider(None, trackru.PROMISES, trackru.SCENE, _trackru_machine)


MADE: dict[str, Callable[[], Provider]] = {
    "billink": _billink,
    "delivery_solutions": _delivery_solutions,
    "parcellab": _parcellab,
    "trackru": _trackru,
}


class _Providers(Mapping[str, Provider]):
    """Providers by name, each made when it is asked for."""

    def __getitem__(self, name: str) -> Provider:
        return MADE[name]()

    def __contains__(self, name: object) -> bool:
        return name in MADE

    def __iter__(self) -> Iterator[str]:
        return iter(MADE)

    def __len__(self) -> int:
        return len(MADE)


PROVIDERS: Mapping[str, Provider] = _Providers()
