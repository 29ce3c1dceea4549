"""A sandbox is put together from what is there, or not at all."""

from __future__ import annotations

import pytest

from sandbox.assembly import Settings, assemble
from sandbox.providers import PROVIDERS
from sandbox.timeline import Clock


def test_all_providers_share_one_store_one_clock_and_one_journal(clock: Clock) -> None:
    sandbox = assemble(Settings(), clock=clock)
    assert list(sandbox.apis) == list(PROVIDERS)
    assert {id(api.shared) for api in sandbox.apis.values()} == {id(sandbox.shared)}


def test_only_the_named_providers_are_there_in_the_order_named(clock: Clock) -> None:
    names = tuple(reversed(PROVIDERS))
    assert tuple(assemble(Settings(names), clock=clock).apis) == names


def test_a_provider_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        assemble(Settings(("nobody",)))
