"""A fixture, played by another account than its own, has the reply that it shows."""

from __future__ import annotations

import pytest

from contracts import documents
from contracts.caller import Caller, Outcome
from contracts.providers import PROVIDERS
from contracts.scenarios import Scenario, read
from contracts.target import WsgiTarget
from sandbox.resources import FIXTURES
from sandbox.timeline import Clock

from callers import sandbox_app

SPEC = {name: documents.load(name) for name in PROVIDERS}
SCENARIOS = [(name, scenario) for name in PROVIDERS for scenario in read(SPEC[name], FIXTURES / name)]


def play(scenario: Scenario, caller: Caller) -> Outcome:
    for step in (*scenario.before, scenario.call):
        body = () if step.body is None else (step.body,)
        outcome = caller.call(step.operation, *body, params=step.params)
    return outcome


@pytest.mark.parametrize(("name", "scenario"), SCENARIOS, ids=lambda value: getattr(value, "name", value))
def test_any_account_can_play_a_scenario(name: str, scenario: Scenario, clock: Clock) -> None:
    caller = Caller(SPEC[name], WsgiTarget(sandbox_app(name, clock=clock), f"/{name}"), "sbx_player", PROVIDERS[name].show)
    outcome = play(scenario, caller)
    if scenario.foreign:
        assert outcome.accepted, "the credential was the point, and it was taken off"
    else:
        assert (outcome.status, outcome.answer.headers.get("trackbed-cause")) == (scenario.status, scenario.cause)
        assert outcome.problems() == ()


def test_most_scenarios_are_those_of_an_ordinary_account() -> None:
    assert {f"{name}/{scenario.name}" for name, scenario in SCENARIOS if scenario.foreign} == {
        "billink/createTracker-other-spelling",
        "billink/createTracker-wrong-credentials",
        "delivery_solutions/createTracker-bad-token",
        "delivery_solutions/issueToken-bad-client",
        "delivery_solutions/issueToken-blocked-client",
        "delivery_solutions/updateTracker-bad-token",
        "parcellab/putOrder-foreign-account",
    }
