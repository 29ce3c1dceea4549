"""Several things at a time, each in a process of its own: how each ended is known, whatever happens to it. (Copies are tried in test_several.)"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.abreast import Ended, Told, abreast


def work(name: str, told: Told) -> None:
    match name:
        case "speaks":
            told("half of it")
            sys.stdout.write("an answer\n")
            sys.stderr.write("a warning\n")
        case "stops":
            sys.exit(3)
        case "stumbles":
            raise LookupError("a fault of ours")
        case "dies":
            sys.stdout.write("never heard\n")
            os.kill(os.getpid(), signal.SIGKILL)
        case path:  # writes the file of that name, and waits for the other one of the two
            mine = Path(path)
            mine.write_text("begun")
            other = mine.with_name({"left": "right", "right": "left"}[mine.name])
            while not other.exists():
                os.sched_yield()


def ended(*names: str, jobs: int = 2, told: Callable[[str, str], object] = lambda *_: None) -> dict[str, Ended]:
    return dict(abreast(work, names, jobs, told, "spawn"))


def test_what_each_prints_and_its_exit_code_come_back() -> None:
    heard: list[tuple[str, str]] = []
    ends = ended("speaks", "stops", told=lambda *said: heard.append(said))
    assert ends == {"speaks": Ended(0, "an answer\n", "a warning\n"), "stops": Ended(3, "", "")}
    assert heard == [("speaks", "half of it")]


def test_one_that_stumbles_is_exit_2_and_tells_where_and_the_others_go_on() -> None:
    ends = ended("stumbles", "speaks", jobs=1)
    assert (ends["stumbles"].code, ends["speaks"].code) == (2, 0)
    assert "LookupError: a fault of ours" in ends["stumbles"].err


def test_one_whose_process_dies_is_exit_2_and_the_others_go_on() -> None:
    ends = ended("dies", "speaks", jobs=1)
    assert ends["dies"] == Ended(2, "", "trackbed: its process ended early, with -9.\n")
    assert ends["speaks"].code == 0


def test_two_are_at_work_at_a_time(tmp_path: Path) -> None:
    names = [str(tmp_path / side) for side in ("left", "right")]
    assert {end.code for end in ended(*names).values()} == {0}, "each has waited for the other to begin"


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_each_is_done_once_however_many_at_a_time(jobs: int) -> None:
    assert sorted(name for name, _ in abreast(work, ["stops", "speaks", "stumbles"], jobs, lambda *_: None, "spawn")) == [
        "speaks",
        "stops",
        "stumbles",
    ]
