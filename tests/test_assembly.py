"""A sandbox is put together from what is there, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox import faults
from sandbox.assembly import Sandbox, Settings, assemble
from sandbox.errors import DataError
from sandbox.exchange import Request
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


def rules(sandbox: Sandbox, workspace: str) -> list[tuple[str, str | None]]:
    with sandbox.shared.store.transaction(workspace) as transaction:
        return [(rule["id"], rule.get("cause")) for rule in faults.rules(transaction)]


@pytest.mark.parametrize("empty", [False, True])
def test_every_fresh_workspace_has_each_rule_of_the_file_once(clock: Clock, tmp_path: Path, empty: bool) -> None:
    path = tmp_path / "f.json"
    path.write_text(json.dumps({"faults": [{"cause": "server-error"}, {"latency_ms": 1}]}))
    sandbox = assemble(Settings(faults=path, empty=empty), clock=clock)
    for workspace in ("sbx_a", "sbx_empty_a", "public"):
        assert rules(sandbox, workspace) == [("f1", "server-error"), ("f2", None)]
    assert sandbox.shared.store.workspaces() == []


def test_a_file_of_faults_is_held_to_the_providers_that_are_served(clock: Clock, tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text(json.dumps({"faults": [{"provider": "billink", "cause": "unknown-invoice"}]}))
    assert rules(assemble(Settings(("billink",), faults=path), clock=clock), "sbx_a") == [("f1", "unknown-invoice")]
    with pytest.raises(DataError, match="expected one of trackru") as caught:
        assemble(Settings(("trackru",), faults=path), clock=clock)
    assert (caught.value.file, caught.value.pointer) == ("f.json", "/faults/0/provider")


def test_journeys_of_ones_own_are_there_beside_the_shipped_ones(clock: Clock, tmp_path: Path) -> None:
    places = {"moon": {"city": "Tranquility", "country": "US", "zone": "Etc/UTC"}}
    mine = {"title": "To the moon", "places": places, "steps": [{"milestone": "announced", "after_s": 0, "place": "moon"}]}
    (tmp_path / "moon.json").write_text(json.dumps(mine))
    sandbox = assemble(Settings(journeys=tmp_path), clock=clock)
    assert sandbox.shared.journeys.of("SBX-MOON-1").title == "To the moon"
    assert {*assemble(Settings(), clock=clock).shared.journeys, "moon"} == set(sandbox.shared.journeys)


def test_the_control_plane_is_of_the_same_sandbox_and_asks_for_the_token_of_the_settings(clock: Clock) -> None:
    for token, status in ((None, 200), ("secret", 401)):
        sandbox = assemble(Settings(token=token), clock=clock)
        assert sandbox.control.shared is sandbox.shared
        request = Request("GET", "/_sandbox/workspaces", "", {"host": "localhost"}, b"", "http://localhost", "http://localhost")
        assert sandbox.control.answer(request).status == status
