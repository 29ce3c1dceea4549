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


@dataclass(frozen=True, slots=True)
class Provider:
    """What is known beside a document: how a credential is shown (None: as documented), and the promises that no schema states.

    `scene` is what a target needs to have, by default what the sandbox has. For `recipes` and `places` see `contracts.causes.Known`.
    """

    show: Show | None
    promises: tuple[Promise, ...]
    scene: Mapping[str, Any] = field(default_factory=dict)
    recipes: Mapping[tuple[str, str], Recipe] = field(default_factory=dict)
    places: Callable[[Outcome], frozenset[str]] | None = None


PROVIDERS: Mapping[str, Provider] = {
    "billink": Provider(billink.show, billink.PROMISES, billink.SCENE, places=billink.places),
    "delivery_solutions": Provider(delivery_solutions.show, delivery_solutions.PROMISES, delivery_solutions.SCENE),
    "parcellab": Provider(parcellab.show, parcellab.PROMISES),
    "trackru": Provider(None, trackru.PROMISES, trackru.SCENE),
}
