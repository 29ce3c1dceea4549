"""Calls that wait at the same time are answered in one go, by one thread, and what they change is committed together.

So a store that waits for a disk or a network keeps nobody waiting in the server's event loop, many callers share the price of a
commit, and threads don't fight for the interpreter. Nobody is answered before the commit that holds what was done for him.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from typing import NamedTuple

from sandbox.answers import Answer, failed
from sandbox.batches import Batch, Unkept
from sandbox.exchange import Request
from sandbox.pipeline import Api, Trace
from sandbox.sql import SqlStore
from sandbox.store import StoreUnavailable

MOST = 64  # calls in one round
Incoming = tuple[Api, Request]

log = logging.getLogger("trackbed")


class _Heard(NamedTuple):
    """What a call brought about: whether it opened the store, and how much was committed when it was done."""

    trace: Trace
    answer: Answer
    opened: bool
    commits: int


def answer_all(store: SqlStore, calls: Sequence[Incoming]) -> list[Answer]:
    """Answer calls in their order, as if they came one by one."""
    heard: list[_Heard] = []
    gone: StoreUnavailable | None = None
    batch: Batch | None = None
    try:
        with store.batch() as batch:
            for api, request in calls:
                before = batch.opened
                trace, answer = api.hear(request)
                heard.append(_Heard(trace, answer, batch.opened > before, batch.commits))
    except StoreUnavailable as error:
        gone = error
    if batch is None or gone is None:
        answers = [_answer(call, one, gone) for call, one in zip_longest(calls, heard)]
    else:
        lost = [one.opened and one.commits == batch.commits for one in heard]
        if isinstance(gone, Unkept) and len(calls) > 1:
            answers = [
                answer_all(store, [call])[0] if is_lost else _answer(call, one, None)
                for call, one, is_lost in zip(calls, heard, lost, strict=True)
            ]
        else:
            answers = [_answer(call, one, gone if is_lost else None) for call, one, is_lost in zip(calls, heard, lost, strict=True)]
    if batch is not None and not batch.failed:
        calls[0][0].shared.journal.flush()
    return answers


def _answer(call: Incoming, heard: _Heard | None, gone: StoreUnavailable | None) -> Answer:
    """Write a call down, as it was heard, or as one that could not be kept."""
    api, request = call
    trace, answer = (heard.trace, heard.answer) if heard else (api.trace(), None)
    if gone is not None or answer is None:
        trace, answer = api.unavailable(request, trace, gone or StoreUnavailable())
    return api.write_down(request, trace, answer)


class Rounds:
    """The one thread that answers, and those who wait for it. To be used from one event loop."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1)
        self._waiting: deque[tuple[Api, Request, asyncio.Future[Answer]]] = deque()
        self._is_busy = False

    async def answer(self, api: Api, request: Request) -> Answer:
        """Answer one call, in the next round."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((api, request, future))
        if not self._is_busy:
            self._is_busy = True
            self._thread.submit(self._work, loop)
        return await future

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hold rounds until nobody waits."""
        while self._waiting:
            taken = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
            try:
                answers = answer_all(self._store, [(api, request) for api, request, _ in taken])
            except Exception:
                log.exception("Trackbed failed on a round of %d calls", len(taken))
                answers = [failed() for _ in taken]
            loop.call_soon_threadsafe(_hand_out, [future for _, _, future in taken], answers)
        loop.call_soon_threadsafe(self._rest, loop)

    def _rest(self, loop: asyncio.AbstractEventLoop) -> None:
        """Rest, unless somebody came while the thread looked away."""
        self._is_busy = bool(self._waiting)
        if self._is_busy:
            self._thread.submit(self._work, loop)


def _hand_out(futures: Sequence[asyncio.Future[Answer]], answers: Sequence[Answer]) -> None:
    for future, answer in zip(futures, answers, strict=True):
        if not future.cancelled():
            future.set_result(answer)
