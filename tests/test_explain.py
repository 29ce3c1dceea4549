"""An explanation tells what happened, and every place that it names is there."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask
from moments import NOW
from samples import SPEC, Sample, first_samples, sample_of
from werkzeug.test import TestResponse

from sandbox.causes import Cause
from sandbox.document import at
from sandbox.timeline import Clock

from callers import Caller, sandbox_app

SAMPLES = first_samples()
CAUSES = [(sample, cause) for sample in SAMPLES for cause in sample.operation.refusals.values()]
WRONG = {
    "billink": b'{"billinkID": "sbx_demo", "billinkUsername": 5, "media": [{"file": 1}]}',
    "delivery_solutions": b'{"deliveryTime": "soon", "packages": 5, "deliveryContact": []}',
    "parcellab": b'{"account": "x", "order_number": [], "articles_order": 5}',
    "trackru": b'{"tracking_number": [], "carrier_code": 5, "order_time": {}}',
}


@pytest.fixture(scope="module")
def app() -> Flask:
    return sandbox_app(clock=Clock(NOW))


def explain(app: Flask, answer: TestResponse | str, query: str = "") -> dict[str, Any]:
    """Explain an answer, and hold every place in the explanation to be there."""
    ident = answer if isinstance(answer, str) else answer.headers["Trackbed-Id"]
    found = app.test_client().get(f"/_sandbox/explain/{ident}{query}")
    assert found.status_code == 200, found.text
    explanation: dict[str, Any] = found.get_json()
    name = explanation["document"].removeprefix("/_sandbox/specs/").removesuffix(".yaml")
    assert app.test_client().get(explanation["document"]).status_code == 200
    tree, text = SPEC[name].tree, "\n".join(explanation["sentences"])
    for where in [explanation["decided_by"], *(trouble["rule"] for trouble in explanation["problems"] if "rule" in trouble)]:
        at(tree, where)
    for where in re.findall(rf"{name}\.yaml#(\S+?)[.)]?(?:\s|$)", text):
        at(tree, where)
    return explanation


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_call_that_is_answered_is_explained_by_its_operation(app: Flask, sample: Sample) -> None:
    answer = sample.send(app)
    found = explain(app, answer)
    assert found["sentences"] == [
        f"{sample.operation.method} {sample.path} is {sample.operation.id} of {sample.provider}.",
        "The account is sbx_demo.",
        f"It was answered with {answer.status_code}; no cause of the document refused it.",
    ]
    assert (found["id"], found["decided_by"], found["cause"]) == (answer.headers["Trackbed-Id"], sample.operation.where, None)
    assert (found["fault"], found["problems"]) == (None, [])


@pytest.mark.parametrize(("sample", "cause"), CAUSES, ids=lambda value: value.name if isinstance(value, Cause) else str(value))
def test_every_cause_is_explained_with_its_row(app: Flask, sample: Sample, cause: Cause) -> None:
    found = explain(app, sample.send(app, Prefer=f"cause={cause.name}"))
    row = at(SPEC[sample.provider].tree, found["decided_by"])
    shown = found["cause"]
    assert (shown["name"], shown["status"], shown["means"]) == (cause.name, row["status"], row.get("means", row["status"]))
    assert (shown["severity"], shown.get("code")) == (row["severity"], row.get("code"))
    assert (shown.get("source"), shown.get("inferred")) == (row.get("x-source"), row.get("x-inferred"))
    text = " ".join(found["sentences"])
    assert f"for the cause {cause.name} with {cause.status}" in text
    assert f"The caller preferred this: cause={cause.name}." in found["sentences"]
    assert ("stands for" in text) is (cause.means != cause.status)
    assert found["fault"] == "prefer"


@pytest.mark.parametrize("sample", [sample for sample in SAMPLES if sample.body and sample.operation.id != "issueToken"], ids=str)
def test_each_problem_is_told_with_the_rule_that_was_broken(app: Flask, sample: Sample) -> None:
    for body in (WRONG[sample.provider], b"5"):
        answer = app.test_client().open(sample.target, method=sample.operation.method, headers=sample.headers, data=body)
        hold_problems(sample, explain(app, answer))
    assert explain(app, answer)["problems"]


def hold_problems(sample: Sample, found: dict[str, Any]) -> None:
    for trouble in found["problems"]:
        assert trouble["place"] == "" or trouble["place"].startswith(("/", "query:", "path:"))
        assert any(sentence.startswith(f"{trouble['place'] or 'body'}: {trouble['message']}") for sentence in found["sentences"])
        if "rule" in trouble:
            assert trouble["rule"].rpartition("/")[2] in at(SPEC[sample.provider].tree, trouble["rule"].rpartition("/")[0])


def test_a_problem_in_a_parameter_is_told_too(app: Flask) -> None:
    answer = Caller(app, "trackru", {"Api-Key": "sbx_demo"}).get("/v1/trackings/get?page=x&limit=y")
    found = explain(app, answer.headers["trackbed-id"])
    assert {trouble["place"] for trouble in found["problems"]} == {"query:page", "query:limit"}
    assert all("rule" in trouble for trouble in found["problems"])


def test_who_was_not_found_out_is_said(app: Flask) -> None:
    found = explain(app, sample_of("trackru", "listCarriers", account="nonsense").send(app))
    assert "No account was found out." in found["sentences"]
    assert "nonsense" not in json.dumps(found)


@pytest.mark.parametrize(
    ("method", "path", "words"),
    [
        ("GET", "/v1/carrier", "GET /v1/carrier is no operation of trackru: the nearest path is /v1/carriers."),
        ("GET", "/zzz", "GET /zzz is no operation of trackru: paths are /v1/trackings/post, /v1/trackings/batch,"),
        ("PATCH", "/v1/trackings/get", "PATCH /v1/trackings/get is no operation of trackru: the path has GET, POST."),
    ],
)
def test_a_call_of_nothing_is_told_what_there_is(app: Flask, method: str, path: str, words: str) -> None:
    answer = Caller(app, "trackru", {"Api-Key": "sbx_demo"}).send(method, path)
    found = explain(app, answer.headers["trackbed-id"])
    assert found["sentences"][0].startswith(words)
    assert found["cause"]["name"] == answer.cause
    assert "No account was found out." not in found["sentences"]


def test_a_rule_that_struck_is_named(clock: Clock) -> None:
    app = sandbox_app("trackru", clock=clock)
    plane = Caller(app, "_sandbox", {})
    plane.post("/workspaces/sbx_demo/faults", {"provider": "trackru", "content_type": "text/html", "times": 1})
    plane.post("/workspaces/sbx_demo/faults", {"provider": "trackru", "cause": "forbidden", "times": 1})
    for rule, sentence in (("f1", "It was answered with 200;"), ("f2", "It was refused for the cause forbidden")):
        found = explain(app, sample_of("trackru", "listCarriers").send(app))
        assert (found["fault"], found["sentences"][2]) == (rule, f"The fault rule {rule} of the workspace struck.")
        assert found["sentences"][3].startswith(sentence)


def test_whether_the_same_call_may_succeed_later_is_said(clock: Clock) -> None:
    app = sandbox_app("trackru", clock=clock, rate_limits=True)
    listing, create = sample_of("trackru", "listTrackings"), sample_of("trackru", "createTracking")
    for sample, sentence in ((listing, "The same call may succeed later."), (create, "The same call will be refused again.")):
        sample.send(app)
        assert explain(app, sample.send(app))["sentences"][-1] == sentence


def test_of_a_fault_it_is_not_said_that_it_will_come_again(clock: Clock) -> None:
    """What a rule or a preference does to one call says nothing of the next."""
    app = sandbox_app("trackru", clock=clock)
    Caller(app, "_sandbox", {}).post("/workspaces/sbx_demo/faults", {"provider": "trackru", "cause": "forbidden", "times": 1})
    struck, preferred = (
        sample_of("trackru", "listCarriers").send(app),
        sample_of("trackru", "listCarriers").send(app, Prefer="cause=forbidden"),
    )
    for answer in (struck, preferred):
        assert "The same call" not in " ".join(explain(app, answer)["sentences"])


def test_an_unknown_preference_is_no_refusal_of_the_document(app: Flask) -> None:
    found = explain(app, sample_of("trackru", "listCarriers").send(app, Prefer="cause=nobody"))
    assert found["cause"] is None
    assert found["sentences"][-1] == "It was answered with 400; no cause of the document refused it."


def test_the_last_exchange_is_that_of_the_workspace_that_is_asked_about(clock: Clock) -> None:
    app = sandbox_app(clock=clock)
    one, other = (sample_of("trackru", "listCarriers", account=account).send(app) for account in ("sbx_one", "sbx_other"))
    assert explain(app, "last")["id"] == other.headers["Trackbed-Id"]
    assert explain(app, "last", "?workspace=sbx_one")["id"] == one.headers["Trackbed-Id"]
    nobody = sample_of("trackru", "listCarriers", account="nonsense").send(app)
    assert explain(app, "last", "?workspace=-")["id"] == nobody.headers["Trackbed-Id"]


@pytest.mark.parametrize("path", ["/explain/last", "/explain/t000001", "/explain/t999999", "/explain/last?workspace=sbx_none"])
def test_what_the_journal_does_not_have_is_not_explained(clock: Clock, path: str) -> None:
    result = Caller(sandbox_app("trackru", clock=clock), "_sandbox", {}).get(path)
    assert (result.status, result.cause) == (404, "unknown-exchange")


def test_an_exchange_of_another_workspace_is_not_there(app: Flask) -> None:
    answer = sample_of("trackru", "listCarriers").send(app)
    result = Caller(app, "_sandbox", {}).get(f"/explain/{answer.headers['Trackbed-Id']}?workspace=sbx_other")
    assert result.cause == "unknown-exchange"


def test_an_explanation_holds_the_line_that_repeats_the_call(app: Flask) -> None:
    answer = sample_of("trackru", "listCarriers").send(app)
    assert explain(app, answer)["curl"] == "curl -i http://localhost/trackru/v1/carriers -H 'Api-Key: sbx_demo'"


def test_a_secret_is_in_no_explanation(app: Flask) -> None:
    for sample in SAMPLES:
        found = json.dumps(explain(app, sample.send(app)))
        assert "S3CRET" not in found
        assert "UzNDUkVU" not in found
