"""Which operation a path means. Fixed paths are looked up, templated ones matched; a fixed path wins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.spec import Operation

_VARIABLE = re.compile(r"\{([^{}]+)\}")
_NO_VARIABLES: Mapping[str, str] = {}

Route = tuple[Mapping[str, "Operation"], Mapping[str, str]]


class Router:
    """The paths of one document. `aliases` map one path prefix to another and are tried where nothing else matches."""

    def __init__(self, operations: Iterable[Operation], aliases: Mapping[str, str]) -> None:
        self._fixed: dict[str, dict[str, Operation]] = {}
        self._templated: dict[str, tuple[re.Pattern[str], tuple[str, ...], dict[str, Operation]]] = {}
        self._aliases = sorted(aliases.items(), key=lambda pair: -len(pair[0]))
        for operation in operations:
            self._add(operation)

    def _add(self, operation: Operation) -> None:
        if "{" not in operation.path:
            self._fixed.setdefault(operation.path, {})[operation.method] = operation
            return
        parts = _VARIABLE.split(operation.path)  # literal, name, literal, name, …
        pattern = re.compile("([^/]+)".join(map(re.escape, parts[::2])))
        self._templated.setdefault(operation.path, (pattern, tuple(parts[1::2]), {}))[2][operation.method] = operation

    def find(self, path: str) -> Route | None:
        """Find the operations of a path, by method, and the values of its variables; None for an unknown path."""
        for _ in range(len(self._aliases) + 1):
            if (found := self._find(path)) is not None:
                return found
            alias = next((pair for pair in self._aliases if path.startswith(pair[0])), None)
            if alias is None:
                return None
            path = alias[1] + path[len(alias[0]) :]
        return None

    def _find(self, path: str) -> Route | None:
        if methods := self._fixed.get(path):
            return methods, _NO_VARIABLES
        for pattern, names, operations in self._templated.values():
            if match := pattern.fullmatch(path):
                return operations, dict(zip(names, match.groups(), strict=True))
        return None
