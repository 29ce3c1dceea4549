"""What only each provider knows of payloads: the explicit table, by the name of the document."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contracts.payloads.recipe import Doubt, Recipe
from contracts.payloads.recipes import billink, delivery_solutions, parcellab, trackru

RECIPES: Mapping[str, tuple[Recipe, ...]] = {
    "billink": billink.RECIPES,
    "delivery_solutions": delivery_solutions.RECIPES,
    "parcellab": parcellab.RECIPES,
    "trackru": trackru.RECIPES,
}

# How a credential is bound to an account number that is not that of the bodies.
FOREIGN: Mapping[str, Callable[[str], str]] = {"parcellab": parcellab.bound_elsewhere}

# Where a call that the schema allows may be refused, beside what the documents tell themselves.
DOUBTS: Mapping[str, tuple[Doubt, ...]] = {
    "delivery_solutions": delivery_solutions.DOUBTS,
    "parcellab": parcellab.DOUBTS,
    "trackru": trackru.DOUBTS,
}
