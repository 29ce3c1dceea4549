"""A check that stumbles accuses a target only of an answer that is not as the document has it; else the fault is said to be ours."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import tiny
from click.testing import CliRunner, Result
from faulty.making import Difference, body, build

from contracts.caller import Caller
from contracts.cli import main
from contracts.promises import accepted, promise
from contracts.providers import MADE, PROVIDERS
from contracts.run.lifecycle import Machine, rule

PAGE = "https://www.trackru.ru/en/api-track-create-a-tracking-item.html"
RIGHT = Difference()


def created(caller: Caller) -> Any:
    new = {"tracking_number": caller.unique("RN"), "carrier_code": caller.scene["carrier_code"]}
    return accepted(caller.call("createTracking", new)).at("/data")


@promise("createTracking", where="/paths/~1v1~1trackings~1post/post", source=PAGE)
def a_name_is_spelt_wrong_by_us(caller: Caller) -> None:
    """A promise of ours that reads a member which no document has."""
    _ = created(caller)["tracking_numbr"]


@promise("createTracking", where="/paths/~1v1~1trackings~1post/post", source=PAGE)
def a_new_tracking_has_an_id(caller: Caller) -> None:
    """A promise that reads a member which the document requires, and counts on it."""
    _ = created(caller)["id"].upper()


class Lives(Machine):
    """A machine with one rule, which is wrong or not."""

    wrong = False

    @rule(PAGE)
    def a_tracking_has_an_id(self) -> None:
        new = {"tracking_number": self.caller.unique("RN"), "carrier_code": self.caller.scene["carrier_code"]}
        data = self.call("createTracking", new).at("/data")
        _ = data["idd" if self.wrong else "id"].upper()


class WrongLives(Lives):
    wrong = True


def without_id(told: Any) -> None:
    if isinstance(told.get("data"), dict):
        told["data"].pop("id", None)


@pytest.fixture(autouse=True)
def _with_promises_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    known = PROVIDERS["trackru"]
    promises = (*known.promises, a_name_is_spelt_wrong_by_us, a_new_tracking_has_an_id)
    monkeypatch.setitem(MADE, "trackru", lambda: replace(known, promises=promises))


def verify(difference: Difference, *arguments: str) -> Result:
    with tiny.served(build("trackru", difference)) as url:
        only = ("--only", "createTracking", "--skip", "conformance", "--skip", "law", "--skip", "cause", *arguments)
        command = ["verify", "trackru", "--url", f"{url}/trackru", "--seed", "1", "--profile", "quick", *only]
        return CliRunner().invoke(main, command, catch_exceptions=False)


def test_a_fault_of_ours_is_told_as_ours_and_accuses_nobody() -> None:
    result = verify(RIGHT)
    assert result.exit_code == 2, result.output
    said = "could not run: promise a-name-is-spelt-wrong-by-us of createTracking: a fault of ours, please report it: KeyError: 'tracking_numbr'"
    assert said in result.stdout
    assert "failed" not in result.stdout
    assert "Traceback" not in result.output


def test_the_report_says_where_the_fault_of_ours_is() -> None:
    told = json.loads(verify(RIGHT, "--json").stdout)
    assert (told["exit_code"], told["findings"]) == (2, [])
    (untried,) = [one for one in told["untried"] if one["error"]]
    assert untried["check"] == "a-name-is-spelt-wrong-by-us"
    assert untried["place"].startswith("contracts/promises.py:")


def test_an_answer_that_lacks_what_the_document_requires_is_accused_whoever_stumbles() -> None:
    result = verify(
        body(without_id, "createTracking"), "--only", "a-new-tracking-has-an-id", "--only", "a-name-is-spelt-wrong-by-us", "--json"
    )
    assert result.exit_code == 1, result.output
    told = json.loads(result.stdout)
    said = {finding["check"]: finding["message"] for finding in told["findings"]}
    for check in ("a-new-tracking-has-an-id", "a-name-is-spelt-wrong-by-us"):
        assert "an answer has not the form that it must have: /data" in said[check]
    assert [one for one in told["untried"] if one["error"]] == []


@pytest.mark.parametrize(
    ("machine", "difference", "ends"),
    [(Lives, RIGHT, 0), (WrongLives, RIGHT, 2), (Lives, body(without_id, "createTracking"), 1)],
    ids=["all is right", "a rule of ours is wrong", "an answer is wrong"],
)
def test_whole_lives_accuse_only_for_a_wrong_answer(
    machine: type[Machine], difference: Difference, ends: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They run alone, so that nothing else is proved: what counts is whom they accuse."""
    changed = replace(PROVIDERS["trackru"], machine=lambda: machine)
    monkeypatch.setitem(MADE, "trackru", lambda: changed)
    with tiny.served(build("trackru", difference)) as url:
        arguments = ["verify", "trackru", "--url", f"{url}/trackru", "--profile", "quick", "--json", "--only", "lifecycle"]
        told = json.loads(CliRunner().invoke(main, arguments, catch_exceptions=False).stdout)
    assert [one["check"] for one in told["findings"]] == (["a-tracking-has-an-id"] if ends == 1 else [])
    assert [one["reason"] for one in told["untried"]] == (["a fault of ours, please report it: KeyError: 'idd'"] if ends == 2 else [])
