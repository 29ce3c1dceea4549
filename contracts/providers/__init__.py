"""What each document can't say about the provider it describes: the explicit table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.caller import Outcome
from contracts.causes import Recipe
from contracts.credentials import Show
from contracts.promises import Promise
from contracts.providers import billink, delivery_solutions, parcellab, trackru
from contracts.providers.machines.billink import Creates
from contracts.providers.machines.delivery_solutions import Trackers
from contracts.providers.machines.parcellab import Orders
from contracts.providers.machines.trackru import Trackings
from contracts.run.lifecycle import Machine


@dataclass(frozen=True, slots=True)
class Provider:
    """What is known beside a document: how a credential is shown (None: as documented), the promises that no schema states, and a scene.

    `scene` names what no call creates; a target of one's own may have it under other names. `machine` lives whole lives (see
    `contracts.run.lifecycle`); for `recipes` and `places` see `contracts.causes.Known`.
    """

    show: Show | None
    promises: tuple[Promise, ...]
    scene: Mapping[str, Any] = field(default_factory=dict)
    machine: type[Machine] | None = None
    recipes: Mapping[tuple[str, str], Recipe] = field(default_factory=dict)
    places: Callable[[Outcome], frozenset[str]] | None = None


PROVIDERS: Mapping[str, Provider] = {
    "billink": Provider(billink.show, billink.PROMISES, billink.SCENE, Creates, places=billink.places),
    "delivery_solutions": Provider(delivery_solutions.show, delivery_solutions.PROMISES, delivery_solutions.SCENE, Trackers),
    "parcellab": Provider(parcellab.show, parcellab.PROMISES, parcellab.SCENE, Orders, parcellab.RECIPES),
    "trackru": Provider(None, trackru.PROMISES, trackru.SCENE, Trackings),
}
