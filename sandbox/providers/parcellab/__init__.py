"""parcelLab: what its document can't say, one room for each thing that it can't say."""

from __future__ import annotations

from sandbox.providers.parcellab.api import Parcellab

__all__ = ["Parcellab"]
