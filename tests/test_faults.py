"""Calls go wrong on request: which ones, how often, how that looks on the wire, and that nothing else suffers."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from moments import NOW
from samples import SPEC, Sample, first_samples, sample_of, samples
from servers import Server, serving, trackbed
from toy import Toys, send, toy_api, toy_spec

from sandbox import faults
from sandbox.faults import Effect, effect_of
from sandbox.pipeline import Api
from sandbox.timeline import Clock

from callers import Caller, Result, sandbox_app

ACCOUNT = "sbx_test"
SAMPLES = first_samples(account=ACCOUNT)
TRANSIENT = [(sample, cause.name) for sample in SAMPLES for cause in sample.operation.refusals.values() if cause.severity == "transient"]
HARD = {"billink": "unknown-invoice", "delivery_solutions": "bad-token", "parcellab": "duplicate-order", "trackru": "duplicate"}
CARRIERS = sample_of("trackru", "listCarriers", account=ACCOUNT)
LISTS = [sample_of("trackru", name, account=ACCOUNT) for name in ("listTrackings", "listTrackingsByPost")]
CREATE = sample_of("trackru", "createTracking", account=ACCOUNT)


class Plane:
    """The control plane of an application, for one workspace."""

    def __init__(self, app: Flask, workspace: str = ACCOUNT) -> None:
        self.caller = Caller(app, "_sandbox", {})
        self.base = f"/workspaces/{workspace}"

    def add(self, **rule: Any) -> dict[str, Any]:
        result = self.try_to_add(**rule)
        assert result.status == 201, result.body
        added: dict[str, Any] = result.body
        return added

    def try_to_add(self, **rule: Any) -> Result:
        return self.caller.post(f"{self.base}/faults", rule)

    def rules(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.caller.get(f"{self.base}/faults").body["faults"]
        return found

    def counts(self) -> list[tuple[int, int]]:
        return [(rule["matched"], rule["applied"]) for rule in self.rules()]

    def advance(self, by: str) -> None:
        assert self.caller.post(f"{self.base}/clock/advance", {"by": by}).status == 200

    def freeze(self) -> None:
        assert self.caller.put(f"{self.base}/clock", {"frozen": True}).status == 200


@pytest.fixture(scope="module")
def common() -> Flask:
    return sandbox_app(clock=Clock(NOW))


@pytest.fixture
def app(common: Flask) -> Flask:
    """All four providers, with fresh worlds, at a moment that does not pass."""
    for account in (ACCOUNT, "sbx_other"):
        reset(common, account)
    return common


@pytest.fixture
def plane(app: Flask) -> Plane:
    return Plane(app)


def reset(app: Flask, account: str = ACCOUNT) -> None:
    assert Caller(app, "_sandbox", {}).delete(f"/workspaces/{account}").status == 204


def undisturbed(app: Flask, sample: Sample) -> tuple[int, bytes]:
    """Tell what the first call of a fresh world gets."""
    answer = sample.send(app)
    reset(app)
    return answer.status_code, answer.data


def cause(app: Flask, sample: Sample) -> str | None:
    return sample.send(app).headers.get("Trackbed-Cause")


def causes(app: Flask, sample: Sample, times: int) -> list[str | None]:
    return [cause(app, sample) for _ in range(times)]


# --- which calls, and how often ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sample", "name"), TRANSIENT, ids=str)
def test_a_transient_fault_passes_and_the_same_call_then_succeeds(app: Flask, plane: Plane, sample: Sample, name: str) -> None:
    expected = undisturbed(app, sample)
    rule = plane.add(provider=sample.provider, operation=sample.operation.id, cause=name)
    assert (rule["times"], rule["matched"], rule["applied"]) == (1, 0, 0)
    assert cause(app, sample) == name
    answer = sample.send(app)
    assert (answer.status_code, answer.data, answer.headers.get("Trackbed-Cause")) == (*expected, None)
    assert plane.counts() == [(2, 1)]


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_hard_fault_strikes_until_it_is_removed_and_changes_nothing(app: Flask, plane: Plane, sample: Sample) -> None:
    name = next(name for name, found in sample.operation.refusals.items() if found.severity == "hard")
    expected = undisturbed(app, sample)
    rule = plane.add(provider=sample.provider, operation=sample.operation.id, cause=name)
    assert "times" not in rule
    assert causes(app, sample, 3) == [name] * 3
    plane.caller.delete(f"{plane.base}/faults/{rule['id']}")
    answer = sample.send(app)
    assert (answer.status_code, answer.data) == expected


def test_only_the_nth_call_goes_wrong(app: Flask, plane: Plane) -> None:
    plane.add(provider="trackru", cause="forbidden", nth=3)
    assert causes(app, CARRIERS, 5) == [None, None, "forbidden", None, None]
    assert plane.counts() == [(5, 1)]


def test_no_more_calls_go_wrong_than_was_said(app: Flask, plane: Plane) -> None:
    plane.add(cause="server-error", times=2)
    plane.add(provider="trackru", cause="forbidden", times=1)
    assert causes(app, CARRIERS, 4) == ["server-error", "server-error", "forbidden", None]
    assert plane.counts() == [(4, 2), (4, 1)]


def test_the_first_rule_that_strikes_decides_and_each_counts_what_fits_it(app: Flask, plane: Plane) -> None:
    plane.add(provider="trackru", operation="createTracking", cause="quota")
    plane.add(provider="trackru", path="/v1/carriers*", cause="forbidden", nth=2)
    plane.add(provider="trackru", cause="bad-key")
    assert causes(app, CARRIERS, 3) == ["bad-key", "forbidden", "bad-key"]
    assert causes(app, CREATE, 1) == ["quota"]
    assert plane.counts() == [(1, 1), (3, 1), (4, 2)]


def test_a_rule_waits_for_a_provider_an_operation_a_path_or_a_body(app: Flask, plane: Plane) -> None:
    everything = {str(sample): sample for sample in samples(account=ACCOUNT)}

    def struck() -> set[str]:
        return {name for name, sample in everything.items() if sample.send(app).content_type == "image/x-fault"}

    for rule, expected in (
        ({}, {name for name, sample in everything.items() if 204 not in sample.operation.responses}),
        ({"provider": "billink"}, {name for name in everything if name.startswith("billink-")}),
        ({"operation": "listTrackings"}, {"trackru-listTrackings-plain"}),
        ({"operation": "createTracker", "provider": "billink"}, {name for name in everything if name.startswith("billink-")}),
        ({"path": "/v1/carriers"}, {"trackru-listCarriers-plain"}),
        ({"path": "/v1/carriers*"}, {"trackru-listCarriers-plain", "trackru-detectCarriers-postal"}),
        ({"path": "/V1/*"}, set()),
        ({"body": {"/grant_type": "client_credentials"}}, {"delivery_solutions-issueToken-client-credentials"}),
        ({"body": {"/grant_type": "nothing"}}, set()),
    ):
        plane.caller.delete(f"{plane.base}/faults")
        plane.add(content_type="image/x-fault", **rule)
        found = struck()
        assert found == expected or (rule == {} and found >= expected), rule


@pytest.mark.parametrize(
    ("body", "wanted", "fits"),
    [
        ({"parts": [1, {"a/b": "x"}]}, {"/parts/1/a~1b": "x"}, True),
        ({"parts": [1, 2]}, {"/parts/0": 1, "/parts/1": 2}, True),
        ({"parts": [1, 2]}, {"/parts/0": 1, "/parts/1": 3}, False),
        ({"parts": [1]}, {"/parts/7": 1}, False),
        ({"parts": {"a": None}}, {"/parts/a": None}, True),
        ({"parts": {}}, {"/parts/a": None}, False),
        ({"parts": 1}, {"/parts": 1.0}, True),
        ({"parts": 1}, {"/parts": True}, False),
        ({"parts": False}, {"/parts": 0}, False),
        ({"parts": [True]}, {"/parts": [1]}, False),
        ({"parts": {"a": 1}}, {"/parts": {"a": 1}}, True),
        ({"parts": "x"}, {"/parts/0": "x"}, False),
    ],
)
def test_a_body_fits_when_it_has_these_values_as_json_compares_them(clock: Clock, body: Any, wanted: dict[str, Any], fits: bool) -> None:
    api = toy_api(clock)
    with api.shared.store.transaction("sbx_empty_toy") as transaction:
        faults.add(transaction, {"cause": "taken", "body": wanted})
    assert (send(api, "POST", "/toys", json.dumps({"name": "bear", **body})).status == 409) is fits


def test_calls_that_are_refused_anyway_are_not_counted(app: Flask, plane: Plane) -> None:
    plane.add(provider="trackru", cause="forbidden", nth=1)
    carriers = Caller(app, "trackru", {"Api-Key": ACCOUNT})
    assert carriers.get("/v1/carriers", headers={"Api-Key": "bad"}).cause == "bad-key"
    assert carriers.get("/v1/trackings/get?page=x").cause == "invalid"
    assert carriers.get("/v1/nowhere").cause == "unknown-path"
    assert plane.counts() == [(0, 0)]
    assert carriers.get("/v1/carriers").cause == "forbidden"


def test_a_call_that_the_provider_refuses_counts(app: Flask, plane: Plane) -> None:
    plane.add(provider="trackru", cause="forbidden", nth=2)
    gone = Caller(app, "trackru", {"Api-Key": ACCOUNT})
    assert [gone.get("/v1/trackings/sto/nothing").cause for _ in range(2)] == ["no-such-tracking", "forbidden"]


def test_a_cause_strikes_only_operations_that_have_it(app: Flask, plane: Plane) -> None:
    plane.add(cause="duplicate")
    assert [cause(app, sample) for sample in (CARRIERS, CREATE)] == [None, "duplicate"]
    assert plane.counts() == [(1, 1)]


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_token_expires_by_a_rule_as_by_preference(app: Flask, plane: Plane, sample: Sample) -> None:
    plane.add(provider=sample.provider, operation=sample.operation.id, expire_token=True, times=1)
    preferred, struck = sample.send(app, Prefer="expire-token"), sample.send(app)
    assert preferred.headers["Trackbed-Cause"] == struck.headers["Trackbed-Cause"]
    assert (preferred.status_code, preferred.data) == (struck.status_code, struck.data) or sample.provider == "delivery_solutions"
    assert "Trackbed-Cause" not in sample.send(app).headers


def test_an_operation_without_credentials_has_none_that_expire(clock: Clock) -> None:
    shared = toy_api(clock).shared
    api = Api(toy_spec(lambda tree: tree.update(security=[])), Toys(), shared, {})
    with shared.store.transaction("public") as transaction:
        faults.add(transaction, {"expire_token": True})
    assert send(api, "POST", "/toys", '{"name": "bear"}').status == 201


# --- chance --------------------------------------------------------------------------------------------------------------------


def drawn(seed: int, probability: float, *, account: str = ACCOUNT, rules_before: int = 0, calls: int = 400) -> list[int]:
    """Which of so many calls went wrong."""
    app = sandbox_app("trackru", clock=Clock(NOW), seed=seed)
    plane = Plane(app, account)
    for _ in range(rules_before):
        plane.add(cause="forbidden", probability=0)
    plane.add(provider="trackru", cause="forbidden", probability=probability)
    api, request = app.extensions["sandbox"].apis["trackru"], sample_of("trackru", "listCarriers", account=account).request()
    struck = [number for number in range(calls) if api.answer(request).headers.get("trackbed-cause") == "forbidden"]
    assert plane.counts()[-1] == (calls, len(struck))
    return struck


def test_chance_is_the_same_in_every_run_with_the_same_seed() -> None:
    assert drawn(7, 0.3) == drawn(7, 0.3)
    others = [drawn(8, 0.3), drawn(7, 0.3, account="sbx_other"), drawn(7, 0.3, rules_before=1)]
    assert all(other != drawn(7, 0.3) for other in others)


@pytest.mark.parametrize("probability", [0.05, 0.3, 0.5, 0.9])
def test_chance_is_about_as_likely_as_was_said(probability: float) -> None:
    """The seeds are fixed, so this holds in every run or in none; the bound is four standard deviations."""
    deviation = 4 * (400 * probability * (1 - probability)) ** 0.5
    for seed in range(3):
        assert abs(len(drawn(seed, probability)) - 400 * probability) < deviation


def test_what_is_certain_always_happens_and_what_is_impossible_never() -> None:
    assert drawn(0, 1, calls=50) == list(range(50))
    assert drawn(0, 0, calls=50) == []


def test_chance_counts_towards_how_often(app: Flask, plane: Plane) -> None:
    plane.add(provider="trackru", cause="forbidden", probability=0.5, times=3)
    assert Counter(causes(app, CARRIERS, 40)) == {None: 37, "forbidden": 3}


# --- worlds --------------------------------------------------------------------------------------------------------------------


def test_rules_of_one_world_touch_no_other(app: Flask, plane: Plane) -> None:
    plane.add(cause="server-error", times=9)
    assert cause(app, sample_of("trackru", "listCarriers", account="sbx_other")) is None
    assert Plane(app, "sbx_other").rules() == []
    assert cause(app, CARRIERS) == "server-error"
    Plane(app, "sbx_other").caller.delete(f"{Plane(app, 'sbx_other').base}/faults")
    assert len(plane.rules()) == 1


def test_a_reset_forgets_rules_and_their_counters(app: Flask, plane: Plane) -> None:
    plane.add(cause="server-error")
    plane.caller.delete(plane.base)
    assert plane.rules() == []
    assert cause(app, CARRIERS) is None
    assert plane.add(cause="server-error")["id"] == "f1"


def test_rules_are_listed_in_their_order_and_removed_by_their_ids(app: Flask, plane: Plane) -> None:
    ids = [plane.add(latency_ms=number)["id"] for number in range(3)]
    assert [rule["id"] for rule in plane.rules()] == ids == ["f1", "f2", "f3"]
    assert plane.caller.delete(f"{plane.base}/faults/f2").status == 204
    assert plane.caller.delete(f"{plane.base}/faults/f2").cause == "unknown-fault"
    assert [rule["latency_ms"] for rule in plane.rules()] == [0, 2]
    assert plane.add(latency_ms=9)["id"] == "f4"
    assert plane.caller.delete(f"{plane.base}/faults").status == 204
    assert plane.rules() == []


def test_a_rule_is_listed_as_it_was_given(plane: Plane) -> None:
    rules: list[dict[str, Any]] = [
        {"provider": "trackru", "operation": "createTracking", "cause": "server-error", "times": 3, "nth": 2, "probability": 0.25},
        {"provider": "parcellab", "path": "/v4/*", "body": {"/a": [1, None]}, "cut_after": 5, "dribble": {"bytes": 1, "every_ms": 0}},
        {"provider": "trackru", "rate_limit": {"calls": 1, "per_s": 0.5}},
        {"expire_token": True, "latency_ms": 5},
        {"truncate_at": 0, "content_type": "text/html"},
    ]
    for number, rule in enumerate(rules, 1):
        assert plane.add(**rule) == {"id": f"f{number}", **rule, "matched": 0, "applied": 0}
    assert [{name: value for name, value in rule.items() if name not in ("id", "matched", "applied")} for rule in plane.rules()] == rules


# --- rules that cannot be ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "place", "words"),
    [
        ({"provider": "trackruu", "cause": "quota"}, "/provider", ["did you mean 'trackru'?", *SPEC]),
        ({"provider": "zzz", "cause": "quota"}, "/provider", ["expected one of", *SPEC]),
        ({"operation": "createTrackin", "cause": "quota"}, "/operation", ["did you mean 'createTracking'?", "issueToken", "putOrder"]),
        ({"provider": "billink", "operation": "createTracking", "latency_ms": 1}, "/operation", ["did you mean 'createTracker'?"]),
        ({"cause": "server-eror"}, "/cause", ["did you mean 'server-error'?", "duplicate", "unknown-invoice"]),
        ({"provider": "billink", "cause": "duplicate"}, "/cause", ["unknown-invoice", "foreign-invoice"]),
        ({"operation": "listCarriers", "cause": "quota"}, "/cause", ["expected one of", "unavailable"]),
        ({"provider": "billink", "rate_limit": {"calls": 1, "per_s": 1}}, "/rate_limit", ["no documented reply"]),
    ],
)
def test_an_unknown_name_is_refused_with_the_known_ones_and_the_nearest(
    plane: Plane, rule: dict[str, Any], place: str, words: list[str]
) -> None:
    result = plane.try_to_add(**rule)
    assert (result.status, result.cause, result.body["problems"][0]["place"]) == (422, "unknown-name", place)
    assert all(word in result.body["detail"] for word in words), result.body["detail"]
    assert plane.rules() == []


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"provider": "trackru"},
        {"cause": "quota", "expire_token": True},
        {"cause": "quota", "rate_limit": {"calls": 1, "per_s": 1}},
        {"expire_token": True, "rate_limit": {"calls": 1, "per_s": 1}},
        {"expire_token": False},
        {"latency_ms": 60_001},
        {"latency_ms": 0.5},
        {"latency_ms": "1"},
        {"cut_after": 0},
        {"truncate_at": -1},
        {"content_type": "html"},
        {"content_type": "text/html\r\nx: y"},
        {"dribble": {"bytes": 0, "every_ms": 1}},
        {"dribble": {"bytes": 1}},
        {"rate_limit": {"calls": 1, "per_s": 0}},
        {"rate_limit": {"calls": 1, "per_s": 1, "group": "x"}},
        {"cause": "quota", "nth": 0},
        {"cause": "quota", "times": 0},
        {"cause": "quota", "probability": 1.1},
        {"cause": "quota", "body": {"no pointer": 1}},
        {"cause": "quota", "id": "f1"},
        {"cause": "quota", "sometimes": True},
    ],
)
def test_a_rule_that_could_not_be_kept_is_refused(plane: Plane, rule: dict[str, Any]) -> None:
    result = plane.try_to_add(**rule)
    assert (result.status, result.cause) == (422, "invalid")
    assert plane.rules() == []


# --- limits --------------------------------------------------------------------------------------------------------------------


def test_calls_beyond_a_limit_are_refused_with_the_providers_429(app: Flask, plane: Plane) -> None:
    for sample in SAMPLES:
        if (expected := sample.operation.limit_cause) is None:
            continue
        rule = plane.add(provider=sample.provider, operation=sample.operation.id, rate_limit={"calls": 1, "per_s": 60})
        assert cause(app, sample) != expected.name
        refused = sample.send(app)
        assert (refused.status_code, refused.headers["Trackbed-Cause"], expected.means) == (expected.status, expected.name, 429)
        plane.caller.delete(f"{plane.base}/faults/{rule['id']}")


def test_a_limit_counts_by_the_clock_of_its_world(clock: Clock) -> None:
    app = sandbox_app("trackru", clock=clock)
    plane = Plane(app)
    plane.freeze()
    plane.add(provider="trackru", rate_limit={"calls": 2, "per_s": 60})
    assert causes(app, CARRIERS, 4) == [None, None, "too-many-requests", "too-many-requests"]
    clock.fixed = NOW + timedelta(days=9)
    assert cause(app, CARRIERS) == "too-many-requests"
    plane.advance("59s")
    assert cause(app, CARRIERS) == "too-many-requests"
    plane.advance("1s")
    assert causes(app, CARRIERS, 3) == [None, None, "too-many-requests"]
    assert plane.counts() == [(9, 5)]


def test_a_limit_of_no_calls_refuses_each(app: Flask, plane: Plane) -> None:
    plane.add(provider="trackru", rate_limit={"calls": 0, "per_s": 1})
    assert causes(app, CARRIERS, 2) == ["too-many-requests"] * 2


def test_a_limit_can_be_lifted_after_some_calls(app: Flask, plane: Plane) -> None:
    plane.add(provider="trackru", rate_limit={"calls": 0, "per_s": 1}, times=2)
    assert causes(app, CARRIERS, 3) == ["too-many-requests", "too-many-requests", None]


def test_a_limit_never_tells_when_calls_came(app: Flask, plane: Plane) -> None:
    plane.add(provider="trackru", rate_limit={"calls": 5, "per_s": 1})
    cause(app, CARRIERS)
    assert "hits" not in plane.rules()[0]


def test_documented_limits_are_off_unless_asked_for(app: Flask) -> None:
    assert [cause(app, sample) for sample in LISTS * 3] == [None] * 6


def test_both_lists_of_trackru_share_one_documented_limit(clock: Clock) -> None:
    app = sandbox_app(clock=clock, rate_limits=True)
    other = sample_of("trackru", "listTrackings", account="sbx_other")
    assert [cause(app, sample) for sample in (LISTS[0], LISTS[1], LISTS[0])] == [None, "too-many-requests", "too-many-requests"]
    assert [cause(app, sample) for sample in (CARRIERS, CARRIERS, CREATE, other)] == [None] * 4
    clock.fixed = NOW + timedelta(milliseconds=999)
    assert cause(app, LISTS[1]) == "too-many-requests"
    clock.fixed = NOW + timedelta(seconds=1)
    assert [cause(app, sample) for sample in (LISTS[1], LISTS[0])] == [None, "too-many-requests"]


def test_a_documented_limit_follows_the_clock_of_its_world(clock: Clock) -> None:
    app = sandbox_app(clock=clock, rate_limits=True)
    plane = Plane(app)
    plane.freeze()
    assert causes(app, LISTS[0], 2) == [None, "too-many-requests"]
    clock.fixed = NOW + timedelta(days=1)
    assert cause(app, LISTS[0]) == "too-many-requests"
    plane.advance("1s")
    assert causes(app, LISTS[0], 2) == [None, "too-many-requests"]


LIMITED = [sample for sample in SAMPLES if sample.operation.rate_limit is not None]


@pytest.mark.parametrize("sample", LIMITED, ids=str)
def test_every_documented_limit_is_kept_to_the_call(clock: Clock, sample: Sample) -> None:
    app, limit = sandbox_app(sample.provider, clock=clock, rate_limits=True), sample.operation.rate_limit
    assert limit is not None
    within = causes(app, sample, limit["calls"])
    beyond = sample.send(app)
    assert "too-many-requests" not in within
    assert sample.operation.limit_cause is not None
    assert (beyond.headers["Trackbed-Cause"], beyond.status_code) == ("too-many-requests", sample.operation.limit_cause.status)
    clock.fixed = NOW + timedelta(seconds=limit["per_s"])
    assert cause(app, sample) != "too-many-requests"


def test_a_call_beyond_a_documented_limit_is_none_for_the_rules(clock: Clock) -> None:
    app = sandbox_app(clock=clock, rate_limits=True)
    Plane(app).add(provider="trackru", cause="forbidden", nth=2)
    assert causes(app, LISTS[0], 2) == [None, "too-many-requests"]
    assert Plane(app).counts() == [(1, 0)]


@given(st.lists(st.integers(0, 5000), max_size=60), st.integers(0, 4), st.sampled_from([0.5, 1, 2.5]))
def test_in_no_stretch_of_time_are_more_calls_admitted_than_a_limit_says(pauses_ms: list[int], calls: int, per_s: float) -> None:
    clock = Clock(NOW)
    api = toy_api(clock)
    with api.shared.store.transaction("sbx_toy") as transaction:
        world, hits, admitted = api.world("sbx_toy", transaction), [], []
        for pause_ms in pauses_ms:
            world.now += timedelta(milliseconds=pause_ms)
            before = sum(moment > world.now - timedelta(seconds=per_s) for moment in admitted)
            exceeded = faults._exceeds(hits, {"calls": calls, "per_s": per_s}, world)
            assert exceeded is (before >= calls)
            admitted += [] if exceeded else [world.now]


# --- from a file ---------------------------------------------------------------------------------------------------------------


def rules_file(folder: Path, *rules: dict[str, Any]) -> Path:
    path = folder / "faults.json"
    path.write_text(json.dumps({"faults": rules}))
    return path


@pytest.mark.parametrize("accounts", [("sbx_a", "sbx_b"), ("sbx_empty_a", "sbx_empty_b")])
def test_rules_of_a_file_hold_in_every_world_and_count_in_each(clock: Clock, tmp_path: Path, accounts: tuple[str, str]) -> None:
    app = sandbox_app(
        clock=clock, faults=rules_file(tmp_path, {"cause": "server-error"}, {"provider": "trackru", "cause": "forbidden", "nth": 2})
    )
    one, other = (sample_of("trackru", "listCarriers", account=account) for account in accounts)
    assert causes(app, one, 3) == ["server-error", "forbidden", None]
    assert Plane(app, accounts[1]).counts() == [(0, 0), (0, 0)]
    assert causes(app, other, 3) == ["server-error", "forbidden", None]
    assert [Plane(app, account).counts() for account in accounts] == [[(3, 1), (3, 1)]] * 2
    assert Plane(app, accounts[0]).add(latency_ms=1)["id"] == "f3"
    Plane(app, accounts[0]).caller.delete(Plane(app, accounts[0]).base)
    assert Plane(app, accounts[0]).counts() == [(0, 0), (0, 0)]


def test_the_server_keeps_the_rules_of_its_file(tmp_path: Path) -> None:
    path = rules_file(tmp_path, {"provider": "trackru", "cut_after": 3, "times": 1})
    with serving(tmp_path, "--faults", str(path)) as server:
        assert body_of(server.raw(CARRIERS.raw())) == b'{"m'
        assert json.loads(body_of(server.raw(CARRIERS.raw())))["meta"]["code"] == 200
        assert body_of(server.raw(sample_of("trackru", "listCarriers", account="sbx_other").raw())) == b'{"m'


@pytest.mark.parametrize(
    ("text", "where", "reason"),
    [
        ('{"faults": [{"provider": "trackru", "cause": "quotta"}]}', "#/faults/0/cause", "did you mean 'quota'?"),
        ('{"faults": [{"latency_ms": 1}, {"latency_ms": -1}]}', "#/faults/1/latency_ms", "0"),
        ('{"faults": {}}', "#", '{"faults": [{'),
        ('{"faults": [], "more": 1}', "#", '{"faults": [{'),
        ("[]", "#", ""),
        ("{", "#", "is not JSON"),
    ],
)
def test_a_file_that_cannot_be_kept_stops_the_start(tmp_path: Path, text: str, where: str, reason: str) -> None:
    path = tmp_path / "faults.json"
    path.write_text(text)
    result = trackbed("serve", "--port", "0", "--faults", str(path))
    assert result.returncode == 2
    assert f"faults.json{where}" in result.stderr
    assert reason in result.stderr
    assert "Traceback" not in result.stderr


# --- effects -------------------------------------------------------------------------------------------------------------------


@given(
    body=st.binary(max_size=200),
    cut=st.none() | st.integers(1, 300),
    dribble=st.none() | st.tuples(st.integers(1, 50), st.integers(0, 10)),
)
def test_the_pieces_of_a_body_are_its_beginning_in_order(body: bytes, cut: int | None, dribble: tuple[int, int] | None) -> None:
    pieces = list(Effect(cut_after=cut, dribble=dribble).pieces(body)) if body else []
    sent = b"".join(piece for _, piece in pieces)
    assert body.startswith(sent)
    if cut is None:
        assert sent == body
    elif len(body) > 1:
        assert len(sent) == min(cut, len(body) - 1)
    if dribble:
        assert {len(piece) for _, piece in pieces[:-1]} <= {dribble[0]}
        assert {pause_s for pause_s, _ in pieces} <= {dribble[1] / 1000}


def test_what_a_rule_says_is_what_a_preference_says() -> None:
    rule = {"latency_ms": 1, "truncate_at": 2, "content_type": "a/b", "cut_after": 3, "dribble": {"bytes": 4, "every_ms": 5}}
    assert effect_of(rule) == Effect(latency_ms=1, truncate_at=2, content_type="a/b", cut_after=3, dribble=(4, 5))
    assert effect_of({"cause": "x"}) == Effect(cause="x")
    assert effect_of({"expire_token": True}) == Effect(expire_token=True)
    assert effect_of({"rate_limit": {}}) == Effect(exceed_limit=True)


# --- on the wire ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("faults")) as running:
        yield running
        assert "Traceback" not in running.log, running.log


def head_of(raw: bytes) -> dict[str, str]:
    lines = raw.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


def body_of(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[2]


ACCOUNTS = (f"sbx_wire_{number}" for number in itertools.count())


@pytest.fixture
def account() -> str:
    """An account that no other test of the started server has."""
    return next(ACCOUNTS)


def control(server: Server, method: str, path: str, body: Any = None) -> Any:
    sent = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} /_sandbox{path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", "Content-Type: application/json"]
    raw = server.raw("\r\n".join([*lines, f"Content-Length: {len(sent)}"]).encode() + b"\r\n\r\n" + sent)
    return json.loads(body_of(raw) or b"null")


@pytest.mark.parametrize("sample", [sample for sample in SAMPLES if sample.operation.id != "sendEvent"], ids=str)
@pytest.mark.parametrize("length", [1, 20])
def test_a_connection_is_cut_after_just_so_many_bytes(server: Server, sample: Sample, length: int) -> None:
    raw = server.raw(sample.raw(Prefer=f"cut={length}"))
    assert len(body_of(raw)) == length
    assert int(head_of(raw)["content-length"]) > length


@pytest.mark.parametrize("length", [3, 1_000_000])
def test_a_rule_cuts_a_connection_and_never_after_the_whole_body(server: Server, account: str, length: int) -> None:
    control(server, "POST", f"/workspaces/{account}/faults", {"provider": "trackru", "cut_after": length, "times": 1})
    sample = sample_of("trackru", "listCarriers", account=account)
    cut, whole = server.raw(sample.raw()), server.raw(sample.raw())
    assert body_of(whole)[: len(body_of(cut))] == body_of(cut)
    assert len(body_of(cut)) == min(length, len(body_of(whole)) - 1)
    assert head_of(cut)["content-length"] == head_of(whole)["content-length"] == str(len(body_of(whole)))


def test_a_cut_closes_a_connection_that_was_to_be_kept(server: Server) -> None:
    request = CARRIERS.raw(Prefer="cut=9").replace(b"Connection: close", b"Connection: keep-alive")
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request)
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while chunk := connection.recv(65536):  # a time-out here would be a connection that was not closed
                received += chunk
    assert len(body_of(received)) == 9


@pytest.mark.parametrize("sample", [sample for sample in SAMPLES if sample.operation.id != "sendEvent"], ids=str)
def test_a_truncated_body_claims_to_be_whole(server: Server, sample: Sample) -> None:
    raw = server.raw(sample.raw(Prefer="truncate=20"))
    assert (head_of(raw)["content-length"], len(body_of(raw))) == ("20", 20)
    with pytest.raises(json.JSONDecodeError):
        json.loads(body_of(raw))


def test_a_wrong_media_type_comes_with_the_right_body(server: Server) -> None:
    raw = server.raw(CARRIERS.raw(Prefer="content-type=text/html"))
    assert head_of(raw)["content-type"] == "text/html"
    assert json.loads(body_of(raw))["meta"]["code"] == 200


@pytest.mark.parametrize("preference", ["dribble=1/0", "dribble=7/1", "dribble=65536/0", "latency=1, dribble=50/1"])
def test_a_body_in_drops_is_the_same_body(server: Server, preference: str) -> None:
    plain, slow = server.raw(CARRIERS.raw()), server.raw(CARRIERS.raw(Prefer=preference))
    assert body_of(slow) == body_of(plain)
    assert head_of(slow)["content-length"] == head_of(plain)["content-length"]


def test_a_body_in_drops_may_be_cut_too(server: Server) -> None:
    raw = server.raw(CARRIERS.raw(Prefer="dribble=2/1, cut=7"))
    assert len(body_of(raw)) == 7


def test_a_body_in_drops_comes_drop_by_drop_through_flask(app: Flask) -> None:
    plain = CARRIERS.send(app).data
    client = app.test_client()
    with client.open(CARRIERS.target, headers={**CARRIERS.headers, "Prefer": "dribble=100/0, cut=250"}) as answer:
        assert [len(piece) for piece in answer.iter_encoded()] == [100, 100, 50]
        assert int(answer.headers["Content-Length"]) == len(plain)


@pytest.mark.parametrize("preference", ["cut=1", "truncate=3", "dribble=1/0", "latency=1"])
def test_an_answer_without_a_body_has_nothing_to_spoil(server: Server, account: str, preference: str) -> None:
    raw = server.raw(sample_of("parcellab", "sendEvent", account=account).raw(Prefer=preference))
    assert raw.startswith(b"HTTP/1.1 204 ")
    assert body_of(raw) == b""


def test_preferences_in_several_lines_are_one_list(server: Server, app: Flask) -> None:
    """RFC 7240 says so, and both doors hold to it."""
    lines = [("Prefer", "cause=server-error"), ("Prefer", "truncate=3")]
    raw = CARRIERS.raw().replace(b"\r\n\r\n", b"".join(f"\r\n{name}: {value}".encode() for name, value in lines) + b"\r\n\r\n", 1)
    straight = head_of(server.raw(raw))
    flask = app.test_client().open(CARRIERS.target, headers=[*CARRIERS.headers.items(), *lines])
    assert straight["trackbed-cause"] == flask.headers["Trackbed-Cause"] == "server-error"
    assert straight["content-length"] == flask.headers["Content-Length"] == "3"


@contextlib.contextmanager
def waiting(server: Server, sample: Sample, account: str, **headers: str) -> Iterator[socket.socket]:
    """Send a call that is answered late, and go on once the sandbox has worked on it."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(sample.raw(**headers))
        while not control(server, "GET", f"/journal?workspace={account}")["entries"]:
            pass
        yield connection


def test_a_delay_holds_up_nobody_else(server: Server, account: str) -> None:
    """The delayed answer would come after a minute; all the others come meanwhile, those of the same world too."""
    sample = sample_of("trackru", "createTracking", account=account)
    control(server, "POST", f"/workspaces/{account}/faults", {"operation": "createTracking", "latency_ms": 60_000, "times": 1})
    with waiting(server, sample, account) as delayed:
        assert server.raw(CARRIERS.raw()).startswith(b"HTTP/1.1 200 ")
        assert head_of(server.raw(sample.raw()))["trackbed-cause"] == "duplicate"
        assert control(server, "GET", f"/workspaces/{account}/faults")["faults"][0]["applied"] == 1
        delayed.setblocking(False)
        with pytest.raises(BlockingIOError):
            delayed.recv(1)


def test_a_slow_dribble_holds_up_nobody_else(server: Server, account: str) -> None:
    sample = sample_of("trackru", "listCarriers", account=account)
    with waiting(server, sample, account, Prefer="dribble=1/10000"):
        assert server.raw(sample.raw()).startswith(b"HTTP/1.1 200 ")


def test_a_server_with_a_delayed_answer_can_be_stopped(tmp_path: Path, account: str) -> None:
    with (
        serving(tmp_path) as server,
        waiting(server, sample_of("trackru", "listCarriers", account=account), account, Prefer="latency=60000"),
    ):
        assert server.stop() == 0


# --- what is written down ------------------------------------------------------------------------------------------------------


def test_the_journal_names_the_rule_that_struck(app: Flask, plane: Plane) -> None:
    plane.add(provider="trackru", cause="forbidden", nth=1)
    plane.add(provider="trackru", truncate_at=4, nth=2)
    answers = [CARRIERS.send(app) for _ in range(3)]
    entries = plane.caller.get(f"/journal?workspace={ACCOUNT}").body["entries"]
    assert [entry["id"] for entry in entries] == [answer.headers["Trackbed-Id"] for answer in answers]
    assert [(entry["fault"], entry["cause"], entry["reply"]["status"]) for entry in entries] == [
        ("f1", "forbidden", answers[0].status_code),
        ("f2", None, 200),
        (None, None, 200),
    ]
    assert entries[1]["reply"]["body"] == '{"me'
