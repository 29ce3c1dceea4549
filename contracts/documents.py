"""Which document a judge reads: one of ours by the provider's name."""

from __future__ import annotations

import difflib

from sandbox.providers import PROVIDERS
from sandbox.resources import SPECS
from sandbox.spec import Spec


class UnknownDocument(Exception):
    """There is no such document; the text says which there are."""


def load(name: str) -> Spec:
    """Load the document of a provider. Raises UnknownDocument, and SpecError for one that cannot be read."""
    if name in PROVIDERS:
        return Spec.load(SPECS / f"{name}.yaml")
    near = difflib.get_close_matches(name, PROVIDERS, 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise UnknownDocument(f"there is no provider {name!r}; {hint}expected one of {', '.join(PROVIDERS)}")
