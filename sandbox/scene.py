"""What a fresh account finds: the scene of each provider, as shipped or as a user wants it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs

from sandbox import document
from sandbox.errors import DataError


def load(fixtures: Path, provider: str, *, changes: Mapping[str, Any] | None = None, file: str = "") -> dict[str, Any]:
    """Read a provider's scene and hold it to its schema.

    `changes` come from a user's `file`: a member replaces the shipped one of its name; with `+` in front of the name its
    items are added to it. Raises DataError.
    """
    folder = fixtures / provider
    scene = document.read_data(folder / "scene.json")
    for name, value in (changes or {}).items():
        scene[name.removeprefix("+")] = _added(scene, name, value, file, provider) if name.startswith("+") else value
    validator = jsonschema_rs.Draft202012Validator(document.read(folder / "scene.schema.json"), offline=True, validate_formats=True)
    for error in validator.iter_errors(scene):
        where = document.pointer(*([provider] if changes else []), *error.instance_path)
        raise DataError(file or f"{provider}/scene.json", where, error.message[:300])
    return scene


def read_changes(path: Path, providers: tuple[str, ...]) -> Mapping[str, Mapping[str, Any]]:
    """Read a user's scene file: an object with one member per provider. Raises DataError."""
    changes = document.read_data(path)
    for name, value in changes.items():
        if name not in providers:
            raise DataError(path.name, document.pointer(name), f"is no provider; expected one of {', '.join(providers)}")
        if not isinstance(value, Mapping):
            raise DataError(path.name, document.pointer(name), "is not an object")
    return changes


def _added(scene: Mapping[str, Any], name: str, value: Any, file: str, provider: str) -> Any:
    present = scene.get(name[1:])
    if isinstance(present, list) and isinstance(value, list):
        return present + value
    if isinstance(present, dict) and isinstance(value, dict):
        return present | value
    raise DataError(file, document.pointer(provider, name), f"cannot be added: the shipped {name[1:]!r} is not of the same kind")
