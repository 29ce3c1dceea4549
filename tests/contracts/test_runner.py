"""A run says of every implementation what is true of it: right ones are kept, wrong ones are told, empty ones prove nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import pytest
import tiny
from faulty import RIGHT

from contracts import documents
from contracts.caller import Caller, Outcome
from contracts.promises import Broken, CannotTell, Promise
from contracts.providers import PROVIDERS
from contracts.run.catalogue import Item, items
from contracts.run.course import run
from contracts.run.manners import GONE_AFTER, TargetIsGone, TimeIsUp, Watched
from contracts.run.phases import Options
from contracts.run.reach import CannotRun
from contracts.run.results import Result
from contracts.run.runner import Judged, Runner
from contracts.run.selection import Selection, UnknownName
from contracts.target import NoAnswer, Target, WsgiTarget
from sandbox.answers import Answer
from sandbox.exchange import Request
from sandbox.spec import Spec

QUICK = Options(profile="quick")


def result_of(folder: Path, *wrong: str, **options: Any) -> Result:
    return run(tiny.judged(folder, *wrong), Options(**{"profile": "quick", **options}))


def test_a_right_implementation_is_accused_of_nothing_and_left_as_it_was(tmp_path: Path) -> None:
    result = result_of(tmp_path)
    assert (result.exit_code, result.verdicts, result.untried, result.left) == (0, (), (), ())
    assert result.certificate.unproved == ()
    assert [row for row in result.certificate.missing if row.kind == "link"] == []
    assert len(result.gone) > 0, "what was created was deleted again"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("refuses-all", "no operation answered with success"),
        ("creates-nothing", "no operation answered with success"),
    ],
)
def test_an_implementation_that_does_nothing_has_proved_nothing(tmp_path: Path, wrong: str, why: str) -> None:
    result = result_of(tmp_path, wrong)
    assert (result.exit_code, result.nothing) == (2, why)


def test_one_that_knows_nobody_is_found_out_before_anything_is_judged(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="the credential is refused"):
        result_of(tmp_path, "unauthorized")


def test_what_is_forgotten_is_told_with_its_story(tmp_path: Path) -> None:
    result = result_of(tmp_path, "forgets")
    verdict = next(one for one in result.verdicts if one.finding.check == "ST302")
    assert (result.exit_code, verdict.ruling) == (1, "failed")
    assert verdict.finding.steps[0].request.method == "POST"
    assert verdict.finding.steps[-1].answer.status == 404


def test_an_unproved_operation_does_not_pass(tmp_path: Path) -> None:
    result = result_of(tmp_path, selection=Selection(frozenset(("readNote",)), frozenset(("law", "cause"))))
    assert (result.nothing, result.exit_code) == ("no operation answered with success", 2)


def test_a_part_that_is_not_wanted_is_not_tried(tmp_path: Path) -> None:
    result = result_of(tmp_path, selection=Selection(skip=frozenset(("deleteNote",))))
    assert {row.operation for row in result.certificate.rows} == {"createNote", "readNote"}
    assert {check.operation for check in result.checks} == {"createNote", "readNote"}


def test_a_name_that_is_none_is_told_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean 'readNote'"):
        result_of(tmp_path, selection=Selection(only=frozenset(("readNotes",))))


@dataclass
class Told:
    """A target that remembers what it was asked, and may stop answering."""

    target: Target
    last: int = 10**9
    asked: list[Request] = field(default_factory=list)
    url: str = "http://localhost"

    def send(self, request: Request) -> Answer:
        self.asked.append(request)
        if len(self.asked) > self.last:
            raise NoAnswer(self.url, "nothing listens there")
        return self.target.send(request)


def calls(folder: Path, seed: int) -> list[Request]:
    target = Told(WsgiTarget(tiny.notes()))
    run(Judged(tiny.spec(folder), target, tiny.KEY), Options(seed=seed, profile="quick"))
    return target.asked


def masked(requests: list[Request]) -> str:
    """Write calls without what is new in each run of a target that keeps what was made: names of accounts, and identifiers."""
    return re.sub(r"T[0-9A-Z]{6}N|sbx_tiny_[0-9a-f]{12}", "*", "\n".join(map(str, requests)))


def test_the_same_seed_makes_the_same_calls_and_another_one_others(tmp_path: Path) -> None:
    first = masked(calls(tmp_path, 3))
    assert first == masked(calls(tmp_path, 3))
    assert first != masked(calls(tmp_path, 4))


def test_on_a_target_that_keeps_what_was_made_each_run_has_identifiers_of_its_own_whatever_the_seed(tmp_path: Path) -> None:
    judged = tiny.judged(tmp_path)
    assert judged.control is None
    assert len({Runner(judged, 3).identity("a").prefix for _ in range(9)}) == 9
    assert len({Runner(replace(judged, credential="one-key"), 3).identity("a") for _ in range(9)}) == 9
    fresh = replace(judged, control=cast("Any", SimpleNamespace(get=lambda _: {})))
    assert Runner(fresh, 3).identity("a") == Runner(fresh, 3).identity("a")


def test_a_run_after_another_with_the_same_seed_finds_nothing_on_a_target_that_keeps_what_was_made() -> None:
    one_key = next(right for right in RIGHT if right.name == "delivery_solutions-one-key")
    provider = PROVIDERS["delivery_solutions"]
    target = WsgiTarget(one_key.build(), "/delivery_solutions")
    judged = Judged(documents.load("delivery_solutions"), target, one_key.credential, provider.show, provider.scene)
    only = Selection(only=frozenset(("texts-come-back-as-they-were-written",)))
    for _ in range(2):
        result = run(judged, Options(seed=1, selection=only))
        assert [verdict.finding.message for verdict in result.verdicts] == []
        assert [check.held for check in result.checks] == ["kept"]


def test_a_run_of_one_promise_makes_its_calls_alone_and_has_to_prove_no_more(tmp_path: Path) -> None:
    name = next(item.promise.name for item in items(tiny.spec(tmp_path)) if item.kind == "law")
    result = result_of(tmp_path, selection=Selection(only=frozenset((name,))))
    assert {check.check for check in result.checks} == {name}
    assert result.exit_code == 0
    assert {row.operation for row in result.certificate.rows if row.kind == "operation"} < set(tiny.spec(tmp_path).operations)


def test_a_read_only_run_sends_nothing_that_writes(tmp_path: Path) -> None:
    target = Told(WsgiTarget(tiny.notes()))
    run(Judged(tiny.spec(tmp_path), target, tiny.KEY), Options(profile="quick", selection=Selection(read_only=True)))
    assert {request.method for request in target.asked} <= {"GET", "HEAD", "OPTIONS"}
    assert target.asked


def test_a_target_that_dies_ends_the_run_with_what_is_known(tmp_path: Path) -> None:
    target = Told(WsgiTarget(tiny.notes()), last=20)
    result = run(Judged(tiny.spec(tmp_path), target, tiny.KEY), QUICK)
    assert result.exit_code == 2
    assert "the target is gone" in result.ended
    assert len(target.asked) == 20 + GONE_AFTER


def test_a_person_who_breaks_off_gets_what_is_known(tmp_path: Path) -> None:
    class Leaves:
        url = "http://localhost"
        asked: ClassVar[list[Request]] = []

        def send(self, request: Request) -> Answer:
            self.asked.append(request)
            if len(self.asked) == 15:
                raise KeyboardInterrupt
            return target.send(request)

    target, leaves = WsgiTarget(tiny.notes()), Leaves()
    result = run(Judged(tiny.spec(tmp_path), leaves, tiny.KEY), QUICK)
    assert (result.exit_code, result.ended) == (2, "it was interrupted")
    assert result.calls > 5
    assert {request.method for request in leaves.asked[15:]} <= {"DELETE"}, "nothing is sent after that but to clean up"


# --- single checks -----------------------------------------------------------------------------------------------------------


def promised(check: Callable[[Caller], None]) -> Item:
    return Item("promise", Promise(check, ("createNote",), "/paths/~1notes/post", "https://notes.example"))


def runner(folder: Path, *wrong: str) -> Runner:
    return Runner(tiny.judged(folder, *wrong), 0)


def test_a_promise_that_is_kept_is_kept(tmp_path: Path) -> None:
    def a_note_can_be_read(caller: Caller) -> None:
        made = caller.call("createNote", {"text": "a"})
        assert caller.call("readNote", params={"id": made.at("/id")}).accepted

    one = runner(tmp_path)
    assert one.hold(promised(a_note_can_be_read)) is None
    assert [(check.check, check.held) for check in one.checks] == [("a-note-can-be-read", "kept")]
    assert one.evidence.accepted == {"createNote": 1, "readNote": 1}


def test_a_broken_promise_is_a_finding_with_the_story_until_it_was_broken(tmp_path: Path) -> None:
    def text_stays(caller: Caller) -> None:
        made = caller.call("createNote", {"text": "a"})
        caller.call("createNote", {"text": "b"})
        raise Broken("it is lost", "a", None, made)

    finding = runner(tmp_path).hold(promised(text_stays))
    assert finding is not None
    assert (finding.key, finding.expected) == (("promise", "text-stays", "createNote", "/paths/~1notes/post", ""), "a")
    assert [step.request.body for step in finding.steps] == [b'{"text":"a"}']


@pytest.mark.parametrize(
    ("error", "held"),
    [(CannotTell("no invoice"), "no invoice"), (RuntimeError("odd"), "a fault of ours, please report it: RuntimeError: odd")],
)
def test_what_could_not_be_tried_says_why(tmp_path: Path, error: Exception, held: str) -> None:
    def a_thing(caller: Caller) -> None:
        raise error

    one = runner(tmp_path)
    assert one.hold(promised(a_thing)) is None
    assert [(untried.reason, untried.error) for untried in one.untried] == [(held, isinstance(error, RuntimeError))]


def test_no_answer_breaks_a_promise_and_the_request_is_told(tmp_path: Path) -> None:
    def a_note_is_made(caller: Caller) -> None:
        caller.call("createNote", {"text": "a"})

    one = Runner(Judged(tiny.spec(tmp_path), Told(WsgiTarget(tiny.notes()), last=0), tiny.KEY), 0)
    finding = one.hold(promised(a_note_is_made))
    assert finding is not None
    assert (finding.message, finding.steps[-1].answer) == ("the target gave no answer: nothing listens there", None)
    assert finding.steps[-1].request.body == b'{"text":"a"}'


def test_each_part_is_somebody_of_its_own_with_values_of_its_own(tmp_path: Path) -> None:
    one = runner(tmp_path)
    callers = [one.caller(part) for part in ("a", "b", "a")]
    assert [caller.text for caller in callers].count(callers[0].text) == 2
    assert callers[0].text != callers[1].text
    assert callers[0].unique() != callers[1].unique()
    fixed = Runner(tiny.judged(tmp_path, credential="id:secret"), 0)
    assert {fixed.caller(part).text for part in ("a", "b")} == {"id:secret"}
    assert fixed.caller("a").unique() != fixed.caller("b").unique()


def test_runs_that_share_a_seed_and_a_credential_share_no_account(tmp_path: Path) -> None:
    judged = tiny.judged(tmp_path)
    other = replace(judged, spec=Spec("other", judged.spec.file, judged.spec.tree))
    runners = [
        Runner(judged, 0, once=""),
        Runner(other, 0, once=""),
        Runner(judged, 0, scope="notes/one-test", once=""),
        Runner(judged, 0, scope="notes/another-test", once=""),
    ]
    assert len({one.caller("a").text for one in runners}) == len(runners)
    assert Runner(judged, 0, once="").caller("a").text == runners[0].caller("a").text


def test_time_is_kept() -> None:
    slow = Watched(Told(WsgiTarget(tiny.notes())))
    slow.end_after(0)
    slow.until = 0.0
    with pytest.raises(TimeIsUp):
        slow.send(Request("GET", "/notes/1"))
    assert slow.is_over()
    slow.end_after(None)
    assert slow.send(Request("GET", "/notes/1")).status == 401


def test_a_target_that_is_gone_stays_gone() -> None:
    watched = Watched(Told(WsgiTarget(tiny.notes()), last=0))
    for _ in range(GONE_AFTER - 1):
        with pytest.raises(NoAnswer):
            watched.send(Request("GET", "/"))
    for _ in range(2):
        with pytest.raises(TargetIsGone, match="nothing listens there; 5 calls in a row"):
            watched.send(Request("GET", "/"))


def test_what_was_heard_reaches_every_listener(tmp_path: Path) -> None:
    heard: list[Outcome] = []
    one = runner(tmp_path)
    one.caller("a", heard.append).call("createNote", {"text": "a"})
    assert [outcome.status for outcome in heard] == [201]
    assert one.evidence.calls == 1
