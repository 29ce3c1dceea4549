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

from sandbox.answers import Answer, failed
from sandbox.batches import Unkept
from sandbox.exchange import Request
from sandbox.pipeline import Api
from sandbox.sql import SqlStore
from sandbox.store import StoreUnavailable

MOST = 64  # calls in one round

log = logging.getLogger("trackbed")


def answer_all(store: SqlStore, calls: Sequence[tuple[Api, Request]]) -> list[Answer]:
    """Answer calls in their order, as if they came one by one."""
    heard = []
    again: StoreUnavailable | None = None
    try:
        with store.batch() as batch:
            for api, request in calls:
                before = batch.opened
                heard.append((*api.hear(request), batch.opened > before))
    except StoreUnavailable as gone:
        again = gone
    if isinstance(again, Unkept) and len(calls) > 1:
        return [answer for call in calls for answer in answer_all(store, [call])]
    answers = []
    for (api, request), (trace, answer, needs_store) in zip(calls, heard, strict=True):
        said = (trace, answer) if again is None or not needs_store else api.unavailable(request, trace, again)
        answers.append(api.write_down(request, *said))
    calls[0][0].shared.journal.flush()
    return answers


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
