"""Puts a sandbox together: documents, providers, scenes, and what they share. Everything that can be wrong is found here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox import lint, scene, security
from sandbox.errors import DataError
from sandbox.journal import Journal
from sandbox.pipeline import Api, Shared
from sandbox.providers import PROVIDERS
from sandbox.resources import FIXTURES, SPECS
from sandbox.spec import Spec
from sandbox.store import MemoryStore, Transaction
from sandbox.timeline import Clock, Journeys


@dataclass(frozen=True)
class Settings:
    """What a user may choose. `providers` empty means all; `data` is a scene file; `hosts` are further host names to serve."""

    providers: tuple[str, ...] = ()
    seed: int = 0
    data: Path | None = None
    empty: bool = False
    any_credentials: bool = False
    hosts: tuple[str, ...] = ()
    rate_limits: bool = False


@dataclass(frozen=True)
class Sandbox:
    """Everything that one process serves."""

    apis: Mapping[str, Api]
    shared: Shared
    settings: Settings


def assemble(settings: Settings, *, clock: Clock | None = None) -> Sandbox:
    """Build a sandbox. Raises SpecError or DataError, and KeyError for a provider that does not exist."""
    names = settings.providers or tuple(PROVIDERS)
    changes = scene.read_changes(settings.data, tuple(PROVIDERS)) if settings.data else {}
    shared = Shared(
        store=MemoryStore(),
        clock=clock or Clock(),
        journal=Journal(),
        journeys=Journeys.load(FIXTURES / "journeys"),
        seed=settings.seed,
        known=security.any_account if settings.any_credentials else security.sandbox_account,
        rate_limits=settings.rate_limits,
    )
    apis: dict[str, Api] = {}
    for name in names:
        provider, spec = PROVIDERS[name](), Spec.load(SPECS / f"{name}.yaml")
        lint.check(spec, provider)
        file = settings.data.name if settings.data and name in changes else ""
        apis[name] = Api(spec, provider, shared, scene.load(FIXTURES, name, changes=changes.get(name), file=file))
    if not settings.empty:
        shared.store.set_scene(lambda transaction: _fill(apis, transaction, settings))
    return Sandbox(apis, shared, settings)


def _fill(apis: Mapping[str, Api], transaction: Transaction, settings: Settings) -> None:
    for name, api in apis.items():
        try:
            api.provider.set_scene(api.world("scene", transaction))
        except (KeyError, ValueError) as error:
            raise DataError(settings.data.name if settings.data else f"{name}/scene.json", "", f"cannot be set: {error}") from error
