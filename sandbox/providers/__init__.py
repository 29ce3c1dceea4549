"""The providers: one file each, listed here by hand. None knows another, and the engine knows none by name."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.pipeline import Provider
from sandbox.providers.billink import Billink
from sandbox.providers.delivery_solutions import DeliverySolutions
from sandbox.providers.parcellab import Parcellab
from sandbox.providers.trackru import Trackru

PROVIDERS: Mapping[str, type[Provider]] = {
    "billink": Billink,
    "delivery_solutions": DeliverySolutions,
    "parcellab": Parcellab,
    "trackru": Trackru,
}
