"""What each document can't say about the provider it describes: the explicit table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.credentials import Show
from contracts.promises import Promise
from contracts.providers import billink, delivery_solutions, parcellab, trackru


@dataclass(frozen=True, slots=True)
class Provider:
    """What is known beside a document: how a credential is shown (None: as documented), and the promises that no schema states."""

    show: Show | None
    promises: tuple[Promise, ...]


PROVIDERS: Mapping[str, Provider] = {
    "billink": Provider(billink.show, billink.PROMISES),
    "delivery_solutions": Provider(delivery_solutions.show, delivery_solutions.PROMISES),
    "parcellab": Provider(parcellab.show, parcellab.PROMISES),
    "trackru": Provider(None, trackru.PROMISES),
}
