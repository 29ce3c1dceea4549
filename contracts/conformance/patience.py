"""What is made one after another, waited for only while there is time: who makes it may be at something that nothing can interrupt."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

T = TypeVar("T")

_WAIT_S = 0.5  # for one thing, before it is asked whether the time is over


def patiently(things: Iterator[T], over: Callable[[], bool]) -> Iterator[T]:
    """Yield things as they are made, each when it is asked for, and end where one is not there when the time is `over`.

    They are made by a thread of their own. One that is given up goes on alone with what it is at, and makes nothing more; a process does
    not wait for it. What the maker raises is raised here.
    """
    asked: SimpleQueue[Future[list[T]] | None] = SimpleQueue()

    def make() -> None:
        while (wanted := asked.get()) is not None:
            try:
                wanted.set_result(list(itertools.islice(things, 1)))  # nothing at the end
            except BaseException as error:  # noqa: BLE001 - it is raised there
                wanted.set_exception(error)

    Thread(target=make, name="trackbed-patience", daemon=True).start()
    try:
        while True:
            wanted: Future[list[T]] = Future()
            asked.put(wanted)
            while not wait([wanted], _WAIT_S).done:
                if over():
                    return
            if not (made := wanted.result()):
                return
            yield from made
    finally:
        asked.put(None)
