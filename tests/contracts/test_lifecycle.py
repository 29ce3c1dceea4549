"""Whole lives: the sandbox keeps its story straight, and one that does not is told by the shortest story that shows it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import stateful
from judges import Bench, Bug, Send, body_of, told

from contracts.caller import Caller
from contracts.findings import Finding
from contracts.promises import hold
from contracts.providers import PROVIDERS, Provider
from contracts.run import lifecycle
from contracts.run.lifecycle import Machine
from contracts.target import NoAnswer
from sandbox.answers import Answer
from sandbox.exchange import Request
from sandbox.timeline import Clock

from callers import sandbox_app

SHORT = {"examples": 8, "steps": 12}
LONG = {"examples": 80, "steps": 25}  # what finds bugs that take several calls


def live(
    bench: Bench, make_bug: Callable[[], Bug] | None = None, *, seed: int = 1, provider: Provider | None = None, **options: Any
) -> list[Finding]:
    """Live some lives, each in an account of its own and with a bug of its own."""
    numbers = itertools.count()

    def somebody() -> Caller:
        return bench.caller(f"sbx_life{next(numbers)}", make_bug() if make_bug else None)

    return lifecycle.run(bench.spec, provider or bench.provider, somebody, seed=seed, **{**SHORT, **options})


def story(findings: list[Finding]) -> list[str]:
    """Tell the story of the one finding, call by call."""
    (finding,) = findings
    return [f"{step.request.method} {step.request.path}" for step in finding.steps]


@pytest.fixture
def bench(clock: Clock) -> Callable[[str], Bench]:
    return lambda name: Bench(name, sandbox_app(name, clock=clock))


# --- the sandbox -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", PROVIDERS)
def test_the_sandbox_lives_whole_lives_without_a_finding(name: str, seed: int, bench: Callable[[str], Bench]) -> None:
    one = bench(name)
    assert live(one, seed=seed) == []
    assert len(one.calls) > 60


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_same_seed_makes_the_same_calls_and_another_one_others(name: str, clock: Clock) -> None:
    calls = []
    for seed in (7, 7, 8):
        one = Bench(name, sandbox_app(name, clock=clock))
        live(one, seed=seed, examples=4)
        calls.append([(call.method, call.path, call.query, call.body) for call in one.calls])
    assert calls[0] == calls[1] != calls[2]


@pytest.mark.parametrize("name", PROVIDERS)
def test_lives_in_one_account_do_not_disturb_each_other(name: str, bench: Callable[[str], Bench]) -> None:
    one = bench(name)
    caller = one.caller("sbx_shared")
    assert lifecycle.run(one.spec, one.provider, lambda: caller, seed=1, examples=8, steps=15) == []


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_rule_of_a_machine_is_obeyed_in_a_short_run(name: str, bench: Callable[[str], Bench]) -> None:
    one = bench(name)
    obeyed: set[str] = set()

    class Watched(PROVIDERS[name].machine()):  # type: ignore[misc]
        def obey(self, function: Callable[..., None], values: Any, source: str) -> None:
            obeyed.add(function.__name__)
            super().obey(function, values, source)

    assert live(one, provider=Provider(one.provider.show, (), machine=lambda: Watched), examples=15) == []
    rules = {name for name, member in vars(PROVIDERS[name].machine()).items() if hasattr(member, stateful.RULE_MARKER)}
    assert len(rules) > 3
    assert obeyed == rules | {"everything_is_as_it_should_be"}


def test_nothing_is_sent_any_more_when_time_is_up(bench: Callable[[str], Bench]) -> None:
    one = bench("trackru")
    assert live(one, over=lambda: len(one.calls) >= 30) == []
    assert len(one.calls) < 40


def test_a_provider_without_a_machine_lives_no_lives(bench: Callable[[str], Bench]) -> None:
    one = bench("trackru")
    assert live(one, provider=Provider(None, ())) == []
    assert one.calls == []


# --- bugs --------------------------------------------------------------------------------------------------------------------


def lost_update() -> Bug:
    """Answer every second update as if it were carried out, and carry it out not at all."""
    updates = itertools.count()

    def bug(request: Request, send: Send) -> Answer:
        if request.method != "PUT" or b"status" in request.body or next(updates) % 2:
            return send(request)
        answer = send(request._replace(body=b"{}"))
        body = body_of(answer)
        if isinstance(body["data"], dict):
            body["data"].update(body_of(request) or {})
        return Answer(answer.status, answer.headers, json.dumps(body).encode())

    return bug


def zombie(request: Request, send: Send) -> Answer:
    """Answer a deletion as if it were carried out."""
    if request.method != "DELETE":
        return send(request)
    answer = send(request._replace(method="GET"))
    body = body_of(answer)
    return Answer(answer.status, answer.headers, json.dumps({**body, "data": []}).encode())


def stale() -> Bug:
    """Answer the second read and all later ones from a cache."""
    cache: dict[tuple[str, str, bytes], Answer] = {}

    def bug(request: Request, send: Send) -> Answer:
        key = (request.path, request.query, request.body)
        if not request.path.endswith("/list") or key in cache:
            return cache.get(key) or send(request)
        return cache.setdefault(key, send(request))

    return bug


def repeated_id() -> Bug:
    """Give the fourth tracker the id of the first."""
    idents: list[int] = []

    def change(body: Any) -> Any:
        idents.append(body["id"])
        return body | {"id": idents[0]} if len(idents) == 4 else body

    return told(change, by=lambda _, answer: answer.status == 201)


def half_refused() -> Bug:
    """Carry a refused put out without what was wrong with it."""

    def bug(request: Request, send: Send) -> Answer:
        answer = send(request)
        body = body_of(request)
        if request.method == "PUT" and answer.status == 400 and isinstance(body, dict) and "mutations" not in body:
            rest = {name: value for name, value in body.items() if name != "recipient_email"}
            send(request._replace(body=json.dumps(rest).encode()))
        return answer

    return bug


def test_a_lost_update_is_told_by_a_create_an_update_and_a_look(bench: Callable[[str], Bench]) -> None:
    methods = [line.partition(" ")[0] for line in story(live(bench("trackru"), lost_update, **LONG))]
    assert methods[:2] == ["POST", "PUT"]
    assert methods[2:] in (["GET"], ["POST"])


def test_a_zombie_is_told_by_a_create_a_deletion_and_a_look(bench: Callable[[str], Bench]) -> None:
    methods = [line.partition(" ")[0] for line in story(live(bench("trackru"), lambda: zombie, **LONG))]
    assert methods[:2] == ["POST", "DELETE"]
    assert len(methods) == 3


def test_a_stale_read_is_told_by_a_look_before_and_a_look_after(bench: Callable[[str], Bench]) -> None:
    findings = live(bench("delivery_solutions"), stale, **LONG)
    lines = story(findings)
    assert [line for line in lines if line.endswith("/list")] == [lines[1], lines[3]]
    assert findings[0].operation == "listTrackers"


def test_an_id_that_is_given_twice_is_told_by_four_creates(bench: Callable[[str], Bench]) -> None:
    findings = live(bench("billink"), repeated_id, **LONG)
    assert story(findings) == ["POST /"] * 4
    assert findings[0].got is not None


def test_a_refused_put_that_writes_is_told_by_three_calls(bench: Callable[[str], Bench]) -> None:
    findings = live(bench("parcellab"), half_refused, **LONG)
    assert [line.partition(" ")[0] for line in story(findings)] in (["PUT", "PUT", "GET"], ["POST", "PUT", "GET"])


def test_a_finding_says_where_it_came_from_and_how_to_repeat_it(bench: Callable[[str], Bench]) -> None:
    def failing(request: Request, send: Send) -> Answer:
        answer = send(request)
        return Answer(500, answer.headers, b"{}") if request.path.endswith("/list") else answer

    findings = [live(bench("delivery_solutions"), lambda: failing, seed=5)[0] for _ in range(2)]
    assert [step.request for step in findings[0].steps] == [step.request for step in findings[1].steps]
    first = findings[0]
    assert (first.kind, first.seed, first.operation) == ("lifecycle", 5, "listTrackers")
    assert first.where == "/paths/~1tracker~1v2~1trackers~1list/post"
    assert (first.message, first.expected, first.got) == ("a list is refused", "an accepted call", 500)
    assert first.inferred == (not first.source)
    assert [step.answer.status for step in first.steps if step.answer] == [500]


def test_a_target_that_falls_silent_is_a_finding_whose_last_step_has_no_answer(bench: Callable[[str], Bench]) -> None:
    def silent(request: Request, send: Send) -> Answer:
        if request.method == "DELETE":
            raise NoAnswer("http://localhost", "the connection broke")
        return send(request)

    (finding,) = live(bench("trackru"), lambda: silent)
    assert [(step.request.method, step.answer is None) for step in finding.steps] == [("POST", False), ("DELETE", True)]


def test_a_target_that_wants_a_pause_breaks_no_promise(bench: Callable[[str], Bench]) -> None:
    limited = b'{"meta":{"code":429,"type":"TooManyRequests","message":"slow"},"data":[]}'
    spec = bench("trackru").spec
    code = next(cause.code for cause in spec.causes.values() if cause.means == 429)
    body = limited.replace(b"429", str(code).encode())
    assert live(bench("trackru"), lambda: lambda _, __: Answer(200, {"content-type": "application/json"}, body), examples=4) == []


def test_a_bug_of_which_nothing_is_left_when_it_is_looked_at_again_is_still_told(bench: Callable[[str], Bench]) -> None:
    hits = itertools.count()

    def once(request: Request, send: Send) -> Answer:
        answer = send(request)
        return Answer(500, answer.headers, b"{}") if next(hits) == 40 else answer

    (finding,) = live(bench("trackru"), lambda: once)
    assert finding.steps[-1].answer is not None
    assert finding.steps[-1].answer.status == 500


def test_an_exception_of_a_machine_is_no_finding(bench: Callable[[str], Bench]) -> None:
    class Mistaken(Machine):
        @lifecycle.rule()
        def a_mistake(self) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        live(bench("trackru"), provider=Provider(None, (), machine=lambda: Mistaken))


def test_what_ends_a_run_ends_it_at_once_and_as_it_is(bench: Callable[[str], Bench]) -> None:
    class TimeIsUp(Exception):
        pass

    sent = itertools.count(1)

    def ending(request: Request, send: Send) -> Answer:
        if next(sent) > 20:
            raise TimeIsUp
        return send(request)

    one = bench("trackru")
    with pytest.raises(TimeIsUp):
        live(one, lambda: ending)
    assert next(sent) == 22


def test_a_rule_that_names_its_source_is_documented(bench: Callable[[str], Bench]) -> None:
    class Strict(Machine):
        @lifecycle.rule("https://example.com/page")
        def nothing_is_right(self) -> None:
            hold(False, "nothing is right")

    (finding,) = live(bench("trackru"), provider=Provider(None, (), machine=lambda: Strict))
    assert (finding.check, finding.source, finding.inferred, finding.steps) == ("nothing-is-right", "https://example.com/page", False, ())
