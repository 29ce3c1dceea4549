"""How a judge talks to a target, against the sandbox in process."""

from __future__ import annotations

from contracts import documents
from contracts.caller import Caller
from contracts.providers import PROVIDERS
from contracts.target import WsgiTarget
from sandbox.timeline import Clock

from callers import sandbox_app


def caller(clock: Clock, text: str) -> Caller:
    app = sandbox_app("trackru", clock=clock)
    return Caller(documents.load("trackru"), WsgiTarget(app, "/trackru"), text, PROVIDERS["trackru"].show)


def test_a_lone_sandbox_name_has_a_second_account_that_sees_nothing_of_the_first(clock: Clock) -> None:
    first = caller(clock, "sbx_empty_first")
    second = first.foreign()
    assert second is not None
    number = first.unique()
    assert first.call("createTracking", {"tracking_number": number, "carrier_code": "sto"}).accepted
    where = {"carrier_code": "sto", "tracking_number": number}
    assert (first.call("getTracking", params=where).accepted, second.call("getTracking", params=where).accepted) == (True, False)


def test_any_other_credential_has_none(clock: Clock) -> None:
    for text in ("a-real-key", "id:secret", "sbx_name:secret", "", "sbx_", "sbx_a b"):
        assert caller(clock, text).foreign() is None, text
    assert caller(clock, "sbx_x").as_nobody().foreign() is None


def test_values_are_unique_to_a_caller_and_the_same_in_every_run(clock: Clock) -> None:
    one, again = caller(clock, "sbx_x"), caller(clock, "sbx_x")
    made = [one.unique("A"), one.unique("A"), one.as_("sbx_y").unique("A")]
    assert len(set(made)) == 3
    assert made[:2] == [again.unique("A"), again.unique("A")]
