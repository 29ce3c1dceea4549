"""Puts a sandbox together: documents, providers, scenes, and what they share. Everything that can be wrong is found here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from sandbox import document, faults, lint, scene, security
from sandbox.errors import DataError, Refused
from sandbox.journal import Journal, Kept
from sandbox.lifetime import Lifetime
from sandbox.memory import MemoryStore
from sandbox.pipeline import Api, Shared
from sandbox.providers import PROVIDERS
from sandbox.resources import FIXTURES, SPECS
from sandbox.spec import Spec
from sandbox.store import Store, StoreError, StoreUnavailable, Transaction
from sandbox.timeline import Clock, Journeys


@dataclass(frozen=True)
class Settings:
    """What a user may choose.

    `providers` empty means all; `data` is a scene file, `faults` a file of fault rules for every workspace, `journeys` a folder
    of further journeys; `hosts` are further host names to serve; with a `token` the control plane asks for it.
    Beyond `max_workspaces`, and unused for `workspace_ttl`, workspaces end.
    """

    providers: tuple[str, ...] = ()
    seed: int = 0
    data: Path | None = None
    empty: bool = False
    any_credentials: bool = False
    hosts: tuple[str, ...] = ()
    rate_limits: bool = False
    faults: Path | None = None
    journeys: Path | None = None
    token: str | None = None
    store: str | None = None
    max_workspaces: int | None = None
    workspace_ttl: timedelta | None = None

    @property
    def ends_workspaces(self) -> bool:
        """Whether workspaces end that nobody deletes."""
        return self.max_workspaces is not None or self.workspace_ttl is not None


@dataclass(frozen=True)
class Sandbox:
    """Everything that one process serves."""

    apis: Mapping[str, Api]
    shared: Shared
    settings: Settings

    @cached_property
    def control(self) -> Api:
        """The control plane, built when it is first needed; an API is ready sooner without it."""
        from sandbox.control import ControlApi  # noqa: PLC0415 - as said

        return ControlApi(self.apis, self.shared, self.settings.token)


def assemble(settings: Settings, *, clock: Clock | None = None) -> Sandbox:
    """Build a sandbox. Raises SpecError, DataError or StoreError, and KeyError for a provider that does not exist."""
    names = settings.providers or tuple(PROVIDERS)
    changes = scene.read_changes(settings.data, tuple(PROVIDERS)) if settings.data else {}
    clock = clock or Clock()
    store, journal = _store(settings, clock)
    ends = Lifetime(store, journal, clock, most=settings.max_workspaces, ttl=settings.workspace_ttl)
    shared = Shared(
        store=store,
        clock=clock,
        journal=journal,
        journeys=Journeys.load(FIXTURES / "journeys", *((settings.journeys,) if settings.journeys else ())),
        seed=settings.seed,
        known=security.any_account if settings.any_credentials else security.sandbox_account,
        rate_limits=settings.rate_limits,
        lifetime=ends if settings.ends_workspaces else None,
    )
    apis: dict[str, Api] = {}
    for name in names:
        provider, spec = PROVIDERS[name](), Spec.load(SPECS / f"{name}.yaml")
        lint.check(spec, provider)
        file = settings.data.name if settings.data and name in changes else ""
        apis[name] = Api(spec, provider, shared, scene.load(FIXTURES, name, changes=changes.get(name), file=file))
    _set_scenes(apis, shared.store, settings)
    return Sandbox(apis, shared, settings)


def _store(settings: Settings, clock: Clock) -> tuple[Store, Kept]:
    """Open the store, and the journal that goes with it. Raises StoreError."""
    if settings.store is None:
        return MemoryStore(clock if settings.ends_workspaces else None), Journal()
    from sandbox.ledger import Ledger  # noqa: PLC0415 - a sandbox in memory is ready sooner without it
    from sandbox.sql import SqlStore  # noqa: PLC0415 - as above

    store = SqlStore(settings.store, clock)
    store.prepare()
    try:
        return store, Ledger(store)
    except StoreUnavailable as gone:
        raise StoreError(str(store), f"can't be used: {gone}") from None
    finally:
        store.close()  # no connection may be there when workers are forked


def _set_scenes(apis: Mapping[str, Api], store: Store, settings: Settings) -> None:
    rules = _fault_rules(settings.faults, apis) if settings.faults else []
    if rules:
        store.set_scene(lambda transaction: _add_faults(transaction, rules), empty=True)
    store.set_scene(lambda transaction: _fill(apis, transaction, settings, rules))


def _add_faults(transaction: Transaction, rules: list[dict[str, Any]]) -> None:
    for rule in rules:
        faults.add(transaction, rule)


def _fault_rules(path: Path, apis: Mapping[str, Api]) -> list[dict[str, Any]]:
    """Read a file of fault rules: an object whose `faults` is a list of what the control plane's `addFault` takes."""
    raw = document.read_data(path)
    if raw.keys() != {"faults"} or not isinstance(raw["faults"], list):
        raise DataError(path.name, "", 'is not an object with a list: {"faults": [{"provider": …, "cause": …}]}')
    check = Spec.load(SPECS / "control.yaml").check("/components/schemas/FaultRule")
    found = []
    for index, rule in enumerate(raw["faults"]):
        try:
            for problem in check.problems(rule):
                raise DataError(path.name, f"/faults/{index}{problem.place}", problem.message)
            found.append(faults.completed({name: api.spec for name, api in apis.items()}, rule))
        except Refused as no:
            raise DataError(path.name, f"/faults/{index}{no.problems[0].place}", no.problems[0].message) from None
    return found


def _fill(apis: Mapping[str, Api], transaction: Transaction, settings: Settings, rules: list[dict[str, Any]]) -> None:
    _add_faults(transaction, rules)
    if settings.empty:
        return
    for name, api in apis.items():
        try:
            api.provider.set_scene(api.world("scene", transaction))
        except (KeyError, ValueError) as error:
            raise DataError(settings.data.name if settings.data else f"{name}/scene.json", "", f"cannot be set: {error}") from error
