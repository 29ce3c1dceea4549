"""How a run behaves towards a target: how fast, how long, whether it may write; and what was said, in order.

Each is a Target around another one. This room owns its clock and its waiting, as `contracts.target` does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from contracts.bodies import target_path
from contracts.promises import CannotTell
from contracts.target import HttpTarget, NoAnswer, Target
from sandbox.answers import Answer
from sandbox.exchange import Request
from sandbox.spec import Operation, Spec

GONE_AFTER = 5  # calls in a row without any answer
_LEAST_S = 0.05  # that a call may take


class TimeIsUp(Exception):
    """The run has used the time that it was given."""


class TargetIsGone(Exception):
    """A target that answered before answers no more; the text says what happened instead."""


ENDINGS = (TimeIsUp, TargetIsGone, KeyboardInterrupt)  # what ends a run early, with what is known


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call as it was: when it began, in UTC, how long it took, and the answer, None where none came."""

    at: datetime
    took_s: float
    request: Request
    answer: Answer | None


def reads(spec: Spec, operation: Operation) -> bool:
    """Tell whether an operation changes nothing: by its method, because it is a list, or because it only gives a token."""
    return operation.method in ("GET", "HEAD", "OPTIONS") or operation.id in _readers(spec)


def _readers(spec: Spec) -> frozenset[str]:
    """Name the operations that read though their method could write."""
    flows = [
        flow for scheme in spec.tree.get("components", {}).get("securitySchemes", {}).values() for flow in scheme.get("flows", {}).values()
    ]
    tokens = tuple(str(flow.get("tokenUrl", "")) for flow in flows)
    raw = spec.tree["paths"]
    return frozenset(
        operation.id
        for operation in spec.operations.values()
        if "x-list" in raw[operation.path][operation.method.lower()] or any(url.endswith(operation.path) for url in tokens)
    )


@dataclass
class Watched:
    """A target whose every call is counted, and kept if somebody wants it; with a pace and an end.

    `per_s` is how many calls a second may go out (None: as many as can), `until` the moment of `time.monotonic` after which none does.
    `over` is what ended it, for those who were not told: who sent a call may have taken the exception for something else.
    """

    target: Target
    per_s: float | None = None
    until: float | None = None
    keep: bool = False
    called: Callable[[], None] = lambda: None
    over: BaseException | None = None
    kept: list[Exchange] = field(default_factory=list)
    _next: float = 0.0
    _silent: int = 0

    @property
    def url(self) -> str:
        """The address of the target."""
        return self.target.url

    def send(self, request: Request) -> Answer:
        """Send a request when it is time to. Raises NoAnswer; TimeIsUp, TargetIsGone or KeyboardInterrupt, and once one of them, always."""
        try:
            self.check()
            self._wait()
            self.called()
            return self._send(request)
        except ENDINGS as end:
            self.over = end
            raise

    def check(self) -> None:
        """Raise again what ended it."""
        if self.over is not None:
            raise self.over

    def is_over(self) -> bool:
        """Tell whether nothing will be sent any more."""
        return self.over is not None or (self.until is not None and time.monotonic() > self.until)

    def _send(self, request: Request) -> Answer:
        began, at = time.monotonic(), datetime.now(UTC)
        answer = None
        try:
            answer = self._answer(request)
            self._silent = 0
        except NoAnswer as error:
            if self.until is not None and time.monotonic() >= self.until:
                raise TimeIsUp from None  # it was cut off, so its silence says nothing
            self._silent += 1
            if self._silent >= GONE_AFTER:
                raise TargetIsGone(f"{error}; {GONE_AFTER} calls in a row") from None
            raise
        finally:
            if self.keep:
                self.kept.append(Exchange(at, time.monotonic() - began, request, answer))
        return answer

    def _answer(self, request: Request) -> Answer:
        if self.until is None or not isinstance(self.target, HttpTarget):
            return self.target.send(request)
        return self.target.send(request, within_s=max(_LEAST_S, self.until - time.monotonic()))

    def end_after(self, seconds: float | None) -> None:
        """Let no call last beyond so many seconds from now; None for no end. What was ended for time, or by a person, goes on."""
        self.until = None if seconds is None else time.monotonic() + seconds
        if isinstance(self.over, (TimeIsUp, KeyboardInterrupt)):
            self.over = None

    def left_s(self) -> float | None:
        """Tell how many seconds there are until the end; None where there is none."""
        return None if self.until is None else max(0.0, self.until - time.monotonic())

    def share(self, part: float) -> Callable[[], bool]:
        """Give what tells whether a part of the time that is left now is used up: never where there is no end."""
        left = self.left_s()
        until = None if left is None else time.monotonic() + part * left
        return lambda: self.over is not None or (until is not None and time.monotonic() > until)

    def _wait(self) -> None:
        now = time.monotonic()
        if self.until is not None and max(now, self._next if self.per_s else now) > self.until:
            raise TimeIsUp
        if self.per_s is not None:
            if self._next > now:
                time.sleep(self._next - now)
            self._next = max(now, self._next) + 1 / self.per_s


@dataclass(frozen=True)
class ReadOnly:
    """A target to which nothing goes that could change it: such a call is not sent."""

    target: Target
    spec: Spec

    @property
    def url(self) -> str:
        """The address of the target."""
        return self.target.url

    def send(self, request: Request) -> Answer:
        """Send a request that only reads. Raises CannotTell for another one."""
        operation = (self.spec.router.find(request.path) or ({}, {}))[0].get(request.method)
        if request.method in ("GET", "HEAD", "OPTIONS") or (operation is not None and reads(self.spec, operation)):
            return self.target.send(request)
        raise CannotTell(f"{request.method} {request.path} was not sent: the run only reads")


@dataclass(frozen=True)
class Told:
    """A target that answers in place of the real one, and tells what would have been sent there."""

    target: Target
    url: str
    say: Callable[[str], None]

    def send(self, request: Request) -> Answer:
        """Tell a request, and answer it from the stand-in."""
        self.say(f"{request.method} {self.url}{target_path(request)}{_size(request)}")
        return self.target.send(request)


def _size(request: Request) -> str:
    return f"  ({len(request.body)} bytes)" if request.body else ""
