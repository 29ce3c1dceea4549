"""Waiting for what somebody else makes: in order, only while there is time, and without leaving a thread behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from contracts.conformance.patience import patiently


def makers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "trackbed-patience"]


def test_things_come_in_order_and_none_is_begun_before_it_is_asked_for() -> None:
    begun: list[int] = []

    def things() -> Iterator[int]:
        for number in range(3):
            begun.append(number)
            yield number

    for number in patiently(things(), lambda: True):
        assert begun == list(range(number + 1))
    assert begun == [0, 1, 2]


def test_what_the_maker_raises_is_raised_here() -> None:
    def things() -> Iterator[int]:
        yield 1
        raise LookupError("nothing more")

    waiting = patiently(things(), lambda: False)
    assert next(waiting) == 1
    with pytest.raises(LookupError, match="nothing more"):
        next(waiting)


def test_a_maker_that_is_slow_is_waited_for_while_there_is_time() -> None:
    ready = threading.Event()

    def things() -> Iterator[int]:
        yield ready.wait(60)

    def over() -> bool:
        ready.set()
        return False

    assert list(patiently(things(), over)) == [True]


def test_a_maker_that_is_at_something_when_the_time_is_over_is_given_up_and_makes_nothing_more() -> None:
    go_on, made = threading.Event(), list[str]()

    def things() -> Iterator[str]:
        yield "in time"
        go_on.wait(60)
        made.append("late")
        yield "late"
        made.append("later")

    before = set(makers())
    assert list(patiently(things(), lambda: True)) == ["in time"]
    (left,) = set(makers()) - before
    go_on.set()
    left.join(30)
    assert (left.is_alive(), made) == (False, ["late"])


def test_who_stops_listening_leaves_no_thread_behind() -> None:
    before = set(makers())
    waiting = patiently(iter(range(5)), lambda: False)
    assert next(waiting) == 0
    (maker,) = set(makers()) - before
    waiting.close()  # type: ignore[attr-defined]
    maker.join(30)
    assert not maker.is_alive()
