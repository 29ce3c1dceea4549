"""How tests try promises: on the sandbox, which keeps them, and on something that does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from faulty import FAULTY, Faulty
from judges import Bug, Send, Spoiled, body_of, passing

from contracts import documents
from contracts.caller import Caller
from contracts.promises import Broken, CannotTell
from contracts.providers import PROVIDERS
from contracts.run import worlds
from contracts.target import WsgiTarget
from sandbox import codec
from sandbox.answers import Answer
from sandbox.app import create_app
from sandbox.exchange import Request
from sandbox.spec import Spec

_FAULTY = {faulty.name: faulty for faulty in FAULTY}


@cache
def document(provider: str) -> Spec:
    return documents.load(provider)


@cache
def sandbox() -> Any:
    return create_app()


@cache
def spoiled(name: str) -> Any:
    """Build an implementation of the catalogue, once."""
    faulty: Faulty = _FAULTY[name]
    return faulty.build()


def caller(provider: str, account: str, bug: Bug | str | None = None, *, clock: bool = True) -> Caller:
    """Make a caller of the sandbox, with a bug in between, or of what the catalogue has under a name."""
    app = spoiled(bug) if isinstance(bug, str) else sandbox()
    inner = WsgiTarget(app, f"/{provider}")
    known = PROVIDERS[provider]
    control = worlds.control_of(inner, None)
    return Caller(
        document(provider),
        Spoiled(inner, bug) if callable(bug) else inner,
        account,
        known.show,
        scene=known.scene,
        control=control if clock else None,
        wait=passing(control, account),
    )


def broken(check: Callable[[Caller], None], who: Caller) -> Broken | None:
    """Give what is told of a promise that is not kept, None for one that is, or that could not be tried."""
    try:
        check(who)
    except Broken as told:
        return told
    except CannotTell:
        return None
    return None


def untold(check: Callable[[Caller], None], who: Caller) -> str:
    """Give the reason why a promise could not be tried, empty where it was kept. What is broken is raised."""
    try:
        check(who)
    except CannotTell as reason:
        return str(reason)
    return ""


# --- bugs --------------------------------------------------------------------------------------------------------------------


def answers(change: Callable[[Any], Any], *, of: str = "", to: str = "") -> Bug:
    """Change the JSON of successes: of a method, to paths that end so. `change` gives the new body, or changes it in place."""

    def bug(request: Request, send: Send) -> Answer:
        answer = send(request)
        body = body_of(answer)
        if body is None or not request.path.endswith(to) or (of and request.method not in of.split()):
            return answer
        return _with(answer, body, change)

    return bug


def _with(answer: Answer, body: Any, change: Callable[[Any], Any]) -> Answer:
    try:
        changed = change(body)
    except (KeyError, TypeError, IndexError):  # an answer without what is to be changed
        return answer
    return Answer(answer.status, answer.headers, codec.dump(body if changed is None else changed))


def asks(change: Callable[[Request], Request]) -> Bug:
    """Change requests on their way in."""
    return lambda request, send: send(change(request))


def each_name(promises: Iterable[Any]) -> list[str]:
    return [promise.name for promise in promises]
