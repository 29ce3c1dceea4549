"""What each document can't say about the provider it describes: the explicit table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.credentials import Show
from contracts.promises import Promise
from contracts.providers import billink, delivery_solutions, parcellab, trackru


@dataclass(frozen=True, slots=True)
class Provider:
    """What is known beside a document: how a credential is shown (None: as documented), the promises that no schema states, and a scene.

    `scene` names what no call creates; a target of one's own may have it under other names.
    """

    show: Show | None
    promises: tuple[Promise, ...]
    scene: Mapping[str, Any] = field(default_factory=dict)


PROVIDERS: Mapping[str, Provider] = {
    "billink": Provider(billink.show, billink.PROMISES),
    "delivery_solutions": Provider(delivery_solutions.show, delivery_solutions.PROMISES, delivery_solutions.SCENE),
    "parcellab": Provider(parcellab.show, parcellab.PROMISES),
    "trackru": Provider(None, trackru.PROMISES, trackru.SCENE),
}
