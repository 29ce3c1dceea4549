"""Which document a judge reads: one of ours by the provider's name, or any OpenAPI 3.0 or 3.1 document by its path."""

from __future__ import annotations

import difflib
from pathlib import Path

from contracts import foreign
from sandbox import document
from sandbox.errors import SpecError
from sandbox.resources import FIXTURES, SPECS
from sandbox.spec import Spec


class UnknownDocument(Exception):
    """There is no such document; the text says which there are."""


def load(name: str | Path) -> Spec:
    """Load the document of a provider, or the one at a path (YAML, or JSON by its suffix).

    Raises UnknownDocument, and SpecError (file, pointer, reason) for one that cannot be read.
    """
    ours = sorted(path.stem for path in SPECS.glob("*.yaml") if (FIXTURES / path.stem).is_dir())
    if name in ours:
        return Spec.load(SPECS / f"{name}.yaml")
    path = Path(name)
    if path.suffix in (".yaml", ".yml", ".json") or path.exists():
        return _foreign(path)
    near = difflib.get_close_matches(str(name), ours, 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    expected = f"expected one of {', '.join(ours)}, or the path of an OpenAPI document (.yaml or .json)"
    raise UnknownDocument(f"there is no provider {str(name)!r}; {hint}{expected}")


def _foreign(path: Path) -> Spec:
    tree = document.read(path, aliases=True)
    try:
        return Spec(path.stem, path.name, foreign.adapt(path.name, tree))
    except (KeyError, TypeError, AttributeError, ValueError, StopIteration, RecursionError) as error:
        # Thousands of ways to be no OpenAPI document are not worth a sentence each.
        raise SpecError(path.name, "", f"is not built as an OpenAPI document is ({type(error).__name__}: {str(error)[:200]})") from None
