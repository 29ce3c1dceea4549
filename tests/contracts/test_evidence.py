"""What was seen is counted by what the document says of it, and what was asked for by name only as shown."""

from __future__ import annotations

from dataclasses import replace

from contracts import documents
from contracts.caller import Caller
from contracts.run.evidence import Evidence
from contracts.target import WsgiTarget
from sandbox.timeline import Clock

from callers import sandbox_app

SPEC = documents.load("trackru")
NEW = {"tracking_number": "7712345678", "carrier_code": "sto"}


def heard(clock: Clock) -> tuple[Caller, Evidence]:
    evidence = Evidence(SPEC)
    return Caller(SPEC, WsgiTarget(sandbox_app("trackru", clock=clock), "/trackru"), "sbx_empty_seen", heard=evidence.hear), evidence


def test_an_operation_counts_when_it_was_accepted_not_when_it_was_answered(clock: Clock) -> None:
    caller, evidence = heard(clock)
    caller.call("getTracking", params={"carrier_code": "sto", "tracking_number": "99999999"})
    assert (evidence.answered["getTracking", 200], evidence.accepted["getTracking"]) == (1, 0)
    caller.call("createTracking", NEW)
    caller.call("getTracking", params=NEW)
    assert (evidence.answered["getTracking", 200], evidence.accepted["getTracking"]) == (2, 1)


def test_a_cause_is_known_by_its_code(clock: Clock) -> None:
    caller, evidence = heard(clock)
    for _ in range(2):
        caller.call("createTracking", NEW)
    assert evidence.causes == {("createTracking", "duplicate")}


def test_a_rule_is_broken_by_the_request_whatever_the_answer(clock: Clock) -> None:
    caller, evidence = heard(clock)
    caller.call("createTracking", {"tracking_number": 5})
    caller.call("listTrackings", params={"limit": 0, "page": "x"})
    schemas, parameters = "/components/schemas", "/components/parameters"
    assert evidence.broken == {
        ("createTracking", f"{schemas}/NewTracking/required"),
        ("createTracking", f"{schemas}/TrackingNumber/type"),
        ("listTrackings", f"{parameters}/limit/schema/minimum"),
        ("listTrackings", f"{parameters}/page/schema/type"),
    }


def test_what_a_target_was_asked_for_by_name_is_only_shown(clock: Clock) -> None:
    caller, evidence = heard(clock)
    caller.call("createTracking", NEW, headers={"Prefer": "cause=quota"})
    assert evidence.causes_shown == {("createTracking", "quota")}
    assert (evidence.causes, evidence.accepted, evidence.shown) == (set(), {}, {("createTracking", 200)})


def test_bytes_that_cannot_be_read_break_no_rule_of_a_schema(clock: Clock) -> None:
    caller, evidence = heard(clock)
    for body in (b"{", b"\xff", b'{"tracking_number": 1, "tracking_number": 2}'):
        caller.call("createTracking", body)
    assert evidence.broken == set()
    assert evidence.calls == 3


def test_a_method_that_is_not_the_operations_proves_nothing_of_it(clock: Clock) -> None:
    caller, evidence = heard(clock)
    operation = SPEC.operations["createTracking"]
    outcome = caller.send(operation, caller.request(operation, NEW)._replace(method="OPTIONS"))
    evidence.hear(replace(outcome, means=200))
    assert (evidence.accepted, evidence.answered) == ({}, {})
