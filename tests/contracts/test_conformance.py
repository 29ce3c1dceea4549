"""A right implementation is not accused, and a wrong one is caught with the right code, at its place, with a story that shows it."""

from __future__ import annotations

import importlib.util
import itertools
import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import requests
from faulty import FAULTY
from faulty import build as build_faulty
from faulty.making import Difference
from hypothesis.internal import lambda_sources
from notes import Notes, caller, spec
from schemathesis import hooks
from schemathesis.engine.core import Engine
from schemathesis.engine.run import PhaseName
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.schemas import OpenApiSchema
from werkzeug.serving import make_server

from contracts import conformance, documents, links
from contracts.caller import Caller, Outcome
from contracts.conformance import Result, Settings, adapter, judge
from contracts.conformance.config import configuration
from contracts.conformance.events import Got, Sent, Told
from contracts.providers import PROVIDERS
from contracts.target import HttpTarget, NoAnswer, Target, WsgiTarget
from sandbox.answers import Answer
from sandbox.exchange import Request

QUICK = Settings(seed=1, profile="quick")
DRAWN = frozenset(("astral", "off-by-one"))  # found by values that the quick profile does not draw


def judged(app: Any, settings: Settings = QUICK, **more: Any) -> Result:
    """Judge an application that gives accounts, each phase as another one."""
    numbers = itertools.count()
    return conformance.run(lambda: caller(app, next(numbers), **more), settings)


def codes(result: Result) -> set[tuple[str, str]]:
    return {(finding.check, finding.operation) for finding in result.findings}


# --- right and wrong ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
def test_a_right_api_is_not_accused_and_nothing_is_left_out(seed: int) -> None:
    heard: list[Outcome] = []
    walked: set[tuple[str, int, str]] = set()
    numbers = itertools.count()
    app = Notes()
    result = conformance.run(
        lambda: caller(app, next(numbers), heard=heard.append), Settings(seed=seed), walked=lambda *link: walked.add(link)
    )
    assert result.findings == ()
    assert result.errors == ()
    assert not result.unfounded
    assert {outcome.operation.id for outcome in heard if outcome.accepted} == {"createNote", "readNote", "deleteNote"}
    assert walked == {("createNote", 201, "read"), ("createNote", 201, "delete")}
    assert result.checks["createNote", "negative_data_rejection"] > 10
    assert result.sent <= len(heard)


@pytest.mark.parametrize(
    ("fault", "code", "operation", "where"),
    [
        ("off-by-one", "ST201", "createNote", "/paths/~1notes/post/requestBody/content/application~1json/schema/properties/name/maxLength"),
        ("too-strict", "ST202", "createNote", "/paths/~1notes/post"),
        ("leak", "ST108", "createNote", "/paths/~1notes/post/responses/201/content/application~1json/schema/unevaluatedProperties"),
        ("no-location", "ST107", "createNote", "/paths/~1notes/post/responses/201"),
        ("text", "ST105", "createNote", "/paths/~1notes/post/responses/201"),
        ("odd-status", "ST103", "createNote", "/paths/~1notes/post/responses"),
        ("lost", "ST302", "createNote", "/paths/~1notes/post"),
        ("undead", "ST301", "deleteNote", "/paths/~1notes~1{id}/delete"),
        ("open-patch", "ST204", "createNote", "/paths/~1notes"),
        ("no-allow", "ST204", "createNote", "/paths/~1notes"),
        ("no-auth", "ST401", "createNote", "/security"),
        ("astral", "ST101", "createNote", "/paths/~1notes/post/responses"),
    ],
)
def test_a_fault_is_found_at_its_place(fault: str, code: str, operation: str, where: str) -> None:
    result = judged(Notes(fault), Settings(seed=1) if fault in DRAWN else QUICK)
    assert (code, operation, where) in {(finding.check, finding.operation, finding.where) for finding in result.findings}
    assert result.errors == ()


@pytest.mark.parametrize("fault", ["off-by-one", "undead", "no-auth"])
def test_the_story_of_a_finding_repeats_it(fault: str) -> None:
    finding = judged(Notes(fault)).findings[0]
    again = WsgiTarget(Notes(fault))
    ids = {}
    for step in finding.steps:
        request = step.request._replace(path="/".join(ids.get(part, part) for part in step.request.path.split("/")))
        answer = again.send(request)
        assert step.answer is not None
        assert answer.status == step.answer.status
        if answer.status == 201:
            ids[json.loads(step.answer.body)["id"]] = json.loads(answer.body)["id"]


def test_one_fault_is_one_finding() -> None:
    found = judged(Notes("off-by-one")).findings
    assert len(found) == 1
    assert found[0].inferred  # the document says so of `maxLength` here
    assert found[0].source == ""
    assert found[0].seed == 1
    assert "name" in json.loads(found[0].steps[-1].request.body)


def test_a_documented_promise_names_its_page() -> None:
    (finding,) = judged(Notes("too-strict")).findings
    assert (finding.source, finding.inferred) == ("https://notes.example", False)
    assert json.loads(finding.steps[-1].request.body)["size"] == 10


def test_what_is_one_edit_away_from_a_rule_is_tried() -> None:
    """A look-alike of a pattern is what a generator does not draw."""
    wrong = next(faulty for faulty in FAULTY if faulty.name == "trackru-short-number-accepted")
    document, numbers = documents.load("trackru"), itertools.count()
    target = WsgiTarget(wrong.build(), "/trackru")
    settings = Settings(seed=1, only=frozenset(("lookUpTracking",)))
    result = conformance.run(lambda: Caller(document, target, f"sbx_c{next(numbers)}"), settings)
    assert {(finding.check, finding.where) for finding in result.findings} == {("ST201", "/components/schemas/TrackingNumber/pattern")}


def test_an_api_that_creates_nothing_has_no_success_to_show() -> None:
    heard: list[Outcome] = []
    result = judged(Notes("hollow"), heard=heard.append)
    assert result.findings == ()  # every answer is a documented one: what was never seen is for the certificate to say
    assert not [outcome for outcome in heard if outcome.accepted]


def test_valid_data_must_not_be_refused_for_a_rule_that_they_keep() -> None:
    """A status alone would do: the document has 400 for rules that no schema holds as well."""
    causes = {"full": {"status": 400, "code": "full", "example": "full", "severity": "hard", "x-source": "https://notes.example"}}
    mine = spec()
    create = mine.tree["paths"]["/notes"]["post"]
    create["x-causes"] |= causes
    create["responses"]["400"]["content"]["application/json"]["examples"]["full"] = {"value": {"why": "full"}}
    document = type(mine)(mine.name, mine.file, mine.tree)
    app, numbers = Notes("too-strict"), itertools.count()
    result = conformance.run(lambda: Caller(document, WsgiTarget(app), f"good{next(numbers)}"), QUICK)
    assert ("ST202", "createNote") in codes(result)


# --- how it asks ----------------------------------------------------------------------------------------------------------------


def test_the_same_seed_asks_the_same_and_another_does_not() -> None:
    asked = []
    for seed in (1, 1, 2):
        app = Notes()
        judged(app, Settings(seed=seed))
        asked.append(app.seen)
    assert asked[0] == asked[1]
    assert asked[0] != asked[2]


def test_a_run_leaves_nothing_behind_and_listens_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "schemathesis.toml").write_text("[checks]\nenabled = false\n[phases.coverage]\nenabled = false\n")
    monkeypatch.chdir(tmp_path)
    assert ("ST204", "createNote") in codes(judged(Notes("open-patch")))
    assert [path.name for path in tmp_path.iterdir()] == ["schemathesis.toml"]
    assert not hooks.GLOBAL_HOOK_DISPATCHER.get_all_by_name("before_call")


def test_two_runs_at_once_do_not_disturb_each_other() -> None:
    results: dict[str, Result] = {}

    def one(fault: str) -> None:
        results[fault] = judged(Notes(fault))

    threads = [threading.Thread(target=one, args=(fault,)) for fault in ("", "off-by-one")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results[""].findings == ()
    assert codes(results["off-by-one"]) == {("ST201", "createNote")}


PARSING = """
import ast, builtins, sys, threading
sys.path[:0] = sys.argv[1:]
import test_conformance

found, plain = [], compile

def watched(source, name, mode, flags=0, *rest, **more):
    names = [thread.name for thread in threading.enumerate()]
    here = threading.current_thread().name
    if flags & ast.PyCF_ONLY_AST and any("schemathesis" in name for name in names) and "schemathesis" not in here:
        found.append(here)
    return plain(source, name, mode, flags, *rest, **more)

builtins.compile = watched
assert test_conformance.judged(test_conformance.Notes("too-strict")).findings
sys.exit(f"parsed beside the engine: {found}" if found else 0)
"""


def test_nothing_parses_python_while_the_engine_draws_since_two_threads_that_do_break_each_other() -> None:
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", PARSING, str(here), str(here.parent)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_each_phase_is_another_account() -> None:
    app = Notes()
    judged(app, Settings(seed=1))
    good = [line.split()[1] for line in app.seen if line.startswith("Bearer good")]
    assert len(dict.fromkeys(good)) == 6  # four phases, the edges of rules, and the walk over the links


def test_nothing_tells_that_it_is_a_test() -> None:
    heard: list[Outcome] = []
    judged(Notes(), heard=heard.append)
    names = {name for outcome in heard for name in outcome.request.headers}
    assert not names & {"user-agent", "content-length"}  # whoever sends says who it is, and counts: what is sent again may be shorter
    assert not [name for name in names if "schemathesis" in name]


def test_only_reading_calls_are_sent_where_nothing_may_be_written() -> None:
    app = Notes()
    judged(app, Settings(seed=1, profile="quick", read_only=True))
    assert {line.partition(" /")[0].split(" ")[-1] for line in app.seen} <= {"GET", "OPTIONS", "HEAD"}
    assert any(" GET /notes/" in line for line in app.seen)


@pytest.mark.parametrize(
    "settings",
    [Settings(profile="quick", only=frozenset(("readNote",))), Settings(profile="quick", skip=frozenset(("createNote", "deleteNote")))],
)
def test_operations_are_chosen_and_left_out(settings: Settings) -> None:
    heard: list[Outcome] = []
    result = judged(Notes(), settings, heard=heard.append)
    assert {outcome.operation.id for outcome in heard} == {"readNote"}
    assert result.findings == ()


def test_a_dry_run_tells_the_calls_and_sends_none() -> None:
    app = Notes()
    asked = list(conformance.calls(spec(), QUICK, caller(app)))
    assert app.seen == []
    assert {request.method for request in asked} >= {"POST", "GET", "DELETE", "PATCH"}
    assert len(asked) > 50


def test_a_run_ends_when_its_time_is_over() -> None:
    result = judged(Notes(), Settings(profile="deep", max_time_s=1))
    assert result.sent > 10
    assert result.findings == ()


# --- other ways there -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "expected"), [("", set()), ("off-by-one", {("ST201", "createNote")})])
def test_over_http_it_is_the_same(fault: str, expected: set[tuple[str, str]]) -> None:
    server = make_server("127.0.0.1", 0, Notes(fault), threaded=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        target = HttpTarget(f"http://127.0.0.1:{server.server_port}")
        numbers = itertools.count()
        result = conformance.run(lambda: caller(None, next(numbers), target), QUICK)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert codes(result) == expected
    assert result.errors == ()


class Deaf:
    """A target that says nothing to some requests."""

    def __init__(self, inner: Target, hears: Callable[[Request], bool]) -> None:
        self.inner = inner
        self.url = inner.url
        self.hears = hears

    def send(self, request: Request) -> Answer:
        if not self.hears(request):
            raise NoAnswer(self.url, "it said nothing in time")
        return self.inner.send(request)


def test_a_call_that_gets_no_answer_is_a_finding() -> None:
    target = Deaf(WsgiTarget(Notes()), lambda request: b"size" not in request.body)
    result = judged(None, QUICK, target=target)
    (silent,) = (finding for finding in result.findings if finding.check == "no-answer")
    assert silent.operation == "createNote"
    assert silent.steps[0].answer is None
    assert b"size" in silent.steps[0].request.body


def test_what_the_engine_cannot_do_is_told() -> None:
    mine = spec()
    mine.tree["paths"]["/notes"]["post"]["responses"]["201"]["links"]["read"]["operationId"] = "nowhere"
    result = conformance.run(lambda: Caller(mine, WsgiTarget(Notes()), "good"), QUICK)
    assert any("nowhere" in error for error in result.errors)


# --- the four -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "seed"), [("billink", 1), ("delivery_solutions", 2), ("parcellab", 3), ("trackru", 1)])
def test_the_sandbox_keeps_its_documents(name: str, seed: int) -> None:
    document, numbers = documents.load(name), itertools.count()
    target = WsgiTarget(build_faulty(name, Difference()), f"/{name}")
    accepted: Counter[str] = Counter()
    walked: set[tuple[str, int, str]] = set()

    def account() -> Caller:
        return Caller(document, target, f"sbx_c{next(numbers)}", PROVIDERS[name].show, heard=heard)

    def heard(outcome: Outcome) -> None:
        accepted[outcome.operation.id] += outcome.accepted

    result = conformance.run(account, Settings(seed=seed), walked=lambda *link: walked.add(link))
    assert result.findings == ()
    assert result.errors == ()
    assert not result.unfounded
    assert {name for name, times in accepted.items() if times} == set(document.operations)
    every = {
        (link.operation, link.status, link.name) for operation in document.operations.values() for link in links.links(document, operation)
    }
    assert walked == every


@pytest.mark.parametrize(
    ("provider", "name", "expected"),
    [("trackru", "any-key", "ST401"), ("trackru", "no-allow", "ST204")],
)
def test_an_api_that_refuses_with_200_is_judged_by_what_it_means(provider: str, name: str, expected: str) -> None:
    wrong = next(faulty for faulty in FAULTY if faulty.name == f"{provider}-{name}")
    document, numbers = documents.load(provider), itertools.count()
    target = WsgiTarget(wrong.build(), f"/{provider}")
    result = conformance.run(
        lambda: Caller(document, target, f"sbx_c{next(numbers)}"), Settings(seed=1, profile="quick", only=frozenset(("listTrackings",)))
    )
    assert expected in {finding.check for finding in result.findings}


# --- what is done to Schemathesis is still needed: a test that fails here says that a shim can go ---------------------------------


def stock(tree: dict[str, Any], app: Any) -> set[str]:
    """Ask the engine about a document as it is; what a run of ours does around it is left out."""
    found, target = set(), WsgiTarget(app)

    def send(sent: Sent) -> Got:
        headers = {name.lower(): value.replace("trackbed", "good") for name, value in sent.headers.items()}
        answer = target.send(Request(sent.method, sent.url.removeprefix(target.url).partition("?")[0], "", headers, sent.body))
        return Got(answer.status, answer.headers, answer.body)

    config = configuration(spec(), QUICK, target.url, anonymous=False)
    choice = adapter.Choice(lambda _: True, adapter.Cases(positive=5, alike=1))
    for event in adapter.run(tree, config, send, lambda _: None, choice):
        if isinstance(event, Told):
            found |= {check.failure.code for check in event.checks if check.failure}
    return found


def test_a_missing_login_is_still_not_seen_where_the_scheme_is_oauth2() -> None:
    assert "ST401" not in stock(spec().tree, Notes("no-auth"))
    assert "ST401" in stock(judge.project(spec()), Notes("no-auth"))


def test_a_create_by_put_still_begins_no_story_upstream() -> None:
    put = type("Operation", (), {"method": "put", "path_parameters": (), "schema": object()})()
    assert not adapter._upstream_likely_root(put, None, set())


def test_names_alone_still_make_links_and_a_store_of_what_was_answered_upstream() -> None:
    document = documents.load("delivery_solutions")
    ours = adapter.schema_of(judge.project(document), configuration(document, QUICK, "http://localhost", anonymous=True))
    upstream = OpenApiSchema(raw_schema=judge.project(document), config=ours.config)
    assert upstream.analysis.dependency_graph.operations
    assert not ours.analysis.dependency_graph.operations
    assert upstream.create_extra_data_source() is not None
    assert ours.create_extra_data_source() is None


def test_the_engine_still_probes_a_target_by_its_own_ways_upstream() -> None:
    schema = adapter.schema_of(judge.project(spec()), configuration(spec(), QUICK, "http://localhost", anonymous=True))
    before = [phase.name for phase in Engine(schema)._create_execution_plan().phases]
    assert PhaseName.PROBING in before
    assert PhaseName.PROBING not in [phase.name for phase in adapter._Engine(schema)._create_execution_plan().phases]


def test_a_large_body_still_has_thousands_of_cases_upstream() -> None:
    document = documents.load("parcellab")
    ours = adapter.schema_of(judge.project(document), configuration(document, QUICK, "http://localhost", anonymous=True))
    ours.choice = adapter.Choice(lambda _: True, adapter.Cases(positive=20, alike=1))
    create = next(found.ok() for found in ours.get_all_operations() if found.ok().label == "POST /v4/track/orders/")
    options = {"generation_modes": [GenerationMode.POSITIVE], "generation_config": ours.config.generation}
    assert len(list(itertools.islice(OpenApiSchema.iter_coverage_cases(ours, create, **options), 1001))) == 1001
    assert len(list(ours.iter_coverage_cases(create, **options))) == 20


def test_an_enumeration_still_has_a_thousand_strangers_drawn_upstream() -> None:
    upstream = importlib.util.module_from_spec(adapter.coverage.__spec__)
    adapter.coverage.__spec__.loader.exec_module(upstream)
    assert len(upstream._invalid_enum_candidates()) > 1000
    assert 0 < len(adapter.coverage._invalid_enum_candidates()) < 50


def test_a_huge_bound_is_still_tried_in_a_pattern_upstream(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    monkeypatch.setattr(adapter.converter, "is_valid_jsonschema_rs_regex", lambda pattern: tried.append(pattern) or True)
    small, huge = ({"pattern": "^[a-z]+$", "maxLength": size} for size in (30, 10**7))
    adapter.converter.update_pattern_in_schema(huge)
    assert (tried, huge) == ([], {"pattern": "^[a-z]+$", "maxLength": 10**7})
    adapter.converter.update_pattern_in_schema(small)
    assert tried == [small["pattern"]] == ["^[a-z]{1,30}$"]
    adapter._upstream_pattern(huge)
    assert tried[1:] == ["^[a-z]{1,10000000}$"]


def test_filters_are_still_described_from_the_text_of_their_modules_upstream(monkeypatch: pytest.MonkeyPatch) -> None:
    described: list[Any] = []
    counted = lambda function: described.append(function) or "lambda: <unknown>"  # noqa: E731 - that is what is described
    monkeypatch.setattr(lambda_sources, "lambda_description", counted)
    stock(spec().tree, Notes(""))
    assert not described
    assert lambda_sources.lambda_description is counted, "as it was before"
    monkeypatch.setattr(adapter, "_briefly_described", nullcontext)
    stock(spec().tree, Notes(""))
    assert described


def test_hooks_before_a_call_are_still_common_to_all_runs() -> None:
    schema = adapter.schema_of(judge.project(spec()), configuration(spec(), QUICK, "http://localhost", anonymous=True))
    with pytest.raises(ValueError, match="GLOBAL"):
        schema.hooks.register_hook_with_name(lambda _context, _case, _kwargs: None, "before_call")


def test_a_boundary_is_still_drawn_at_random() -> None:
    drawn = {requests.Request("POST", "http://localhost", files={"a": b"b"}).prepare().headers["Content-Type"] for _ in range(2)}
    assert len(drawn) == 2
