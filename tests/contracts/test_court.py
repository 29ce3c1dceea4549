"""Nobody is accused of what does not come about again, of what two validators differ about, or twice of one thing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tiny

from contracts.caller import Caller
from contracts.court import Court
from contracts.court.replay import Player, swapped
from contracts.findings import Finding, Step
from contracts.run.identities import Identity, identity
from contracts.run.results import Verdict
from contracts.target import Target, WsgiTarget
from sandbox.answers import Answer
from sandbox.exchange import Request
from sandbox.spec import Spec

WHO = identity(tiny.KEY, 0, "first")
POST = "/paths/~1notes/post"


class Bench:
    """A target, somebody who told stories to it, and a court that hears them."""

    def __init__(self, folder: Path, *wrong: str, target: Target | None = None) -> None:
        self.spec: Spec = tiny.spec(folder)
        self.target = target or WsgiTarget(tiny.notes(*wrong))
        self.steps: list[Step] = []
        self.caller = Caller(
            self.spec,
            self.target,
            WHO.text,
            heard=lambda outcome: self.steps.append(Step(outcome.request, outcome.answer)),
            prefix=WHO.prefix,
        )
        self._count = 0

    def _fresh(self) -> Identity:
        self._count += 1
        return identity(tiny.KEY, 0, f"court/{self._count}")

    def rule(self, *found: Finding, **more: Any) -> list[Verdict]:
        return list(Court(self.spec, Player(self.spec, self.target, [WHO], self._fresh), more.get("checks", {})).rule(found))

    def finding(self, check: str = "ST101", *, kind: Any = "conformance", where: str = POST, **more: Any) -> Finding:
        return Finding(kind, check, "createNote", where, "it is wrong", steps=tuple(self.steps), **more)


def test_a_finding_is_confirmed_and_cut_down_to_what_it_takes(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "crash")
    bench.caller.call("createNote", {"text": "before"})
    bench.caller.call("createNote", {"text": "a", "stars": 5})
    (verdict,) = bench.rule(bench.finding())
    assert verdict.ruling == "failed"
    (step,) = verdict.finding.steps
    assert json.loads(step.request.body) == {"text": "a", "stars": 5}, "both members are needed: one for the crash, one to be valid"
    assert step.answer is not None
    assert step.answer.status == 500


def test_what_is_not_needed_is_cut_away(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "leaks")
    bench.caller.call("createNote", {"text": "a", "stars": 3})
    (verdict,) = bench.rule(bench.finding("ST108"))
    assert json.loads(verdict.finding.steps[0].request.body) == {"text": "a"}
    assert verdict.ruling == "doubtful", "a member that the document lacks is no broken promise"


def test_what_does_not_come_about_again_is_a_flake(tmp_path: Path) -> None:
    class Once:
        url = "http://localhost"
        crashed = False

        def send(self, request: Request) -> Answer:
            if not self.crashed:
                self.crashed = True
                return Answer(500, {"content-type": "application/json"}, b'{"error": "now"}')
            return real.send(request)

    real = WsgiTarget(tiny.notes())
    bench = Bench(tmp_path, target=Once())
    bench.caller.call("createNote", {"text": "a"})
    (verdict,) = bench.rule(bench.finding())
    assert (verdict.ruling, verdict.reason) == ("flake", "it did not come about again")


def test_one_cause_is_one_finding_with_its_shortest_story(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "crash")
    found = []
    for text in ("a long one", "a"):
        bench.steps.clear()
        bench.caller.call("createNote", {"text": text, "stars": 5})
        found.append(bench.finding())
    (verdict,) = bench.rule(*found)
    assert verdict.times == 2
    assert json.loads(verdict.finding.steps[0].request.body)["text"] == "a"


def test_valid_data_that_was_not_valid_accuses_nobody(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.caller.call("createNote", {"text": ""})
    (verdict,) = bench.rule(bench.finding("ST202"))
    assert (verdict.ruling, verdict.reason) == ("disputed", "the request breaks the document's rules, so it may be refused")


def test_invalid_data_that_was_valid_accuses_nobody(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.caller.call("createNote", {"text": "a"})
    (verdict,) = bench.rule(bench.finding("ST201"))
    assert (verdict.ruling, verdict.reason) == ("disputed", "the request keeps the document's rules, so it may be accepted")


def test_an_inferred_promise_is_only_doubtful(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "crash")
    bench.caller.call("createNote", {"text": "a", "stars": 5})
    assert [verdict.ruling for verdict in bench.rule(bench.finding(inferred=True))] == ["doubtful"]


def test_a_promise_is_tried_again_by_its_own_check(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.caller.call("createNote", {"text": "a"})
    finding = bench.finding("text-stays", kind="promise")
    assert [verdict.ruling for verdict in bench.rule(finding, checks={finding.key: lambda _: finding})] == ["failed"]
    assert [verdict.ruling for verdict in bench.rule(finding, checks={finding.key: lambda _: None})] == ["flake"]


def test_a_promises_story_leaves_out_what_has_nothing_to_do_with_its_end(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    one, other = bench.caller.unique(), bench.caller.unique()
    for text in (one, other):
        bench.caller.call("createNote", {"text": text})
    bench.caller.call("createNote", {"text": other})
    finding = bench.finding("text-stays", kind="promise")
    (verdict,) = bench.rule(finding, checks={finding.key: lambda _: finding})
    assert [json.loads(step.request.body)["text"] for step in verdict.finding.steps] == [other, other]


# --- stories told again --------------------------------------------------------------------------------------------------------


def test_a_story_is_told_again_as_somebody_else_with_the_ids_of_this_time(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    made = bench.caller.call("createNote", {"text": bench.caller.unique()})
    bench.caller.call("readNote", params={"id": made.at("/id")})
    bench.caller.call("createNote", {"text": "another"})  # ids are counted over all accounts
    story = tuple(bench.steps[:2])
    played = Player(bench.spec, bench.target, [WHO], bench._fresh).play(story)
    assert played is not None
    assert [step.answer.status for step in played if step.answer] == [201, 200]
    assert played[1].request.path != story[1].request.path
    assert played[0].request.headers["x-key"] != story[0].request.headers["x-key"]
    assert json.loads(played[0].request.body)["text"] != json.loads(story[0].request.body)["text"]


def test_a_name_inside_of_an_encoded_credential_is_replaced_too() -> None:
    request = Request("GET", "/", "", {"authorization": "Basic c2J4X29sZDpzZWNyZXQ=", "x-key": "sbx_old"}, b'{"a": "sbx_old_foreign"}')
    new = swapped(request, {"old": "new"})
    assert (new.headers["authorization"], new.headers["x-key"], new.body) == (
        "Basic c2J4X25ldzpzZWNyZXQ=",
        "sbx_new",
        b'{"a": "sbx_new_foreign"}',
    )
    assert swapped(request, {}) == request
