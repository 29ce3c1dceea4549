"""What goes out: a reply that is held to its document and turned into bytes, or what the sandbox says for itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox import codec
from sandbox.errors import ReplyBroken
from sandbox.exchange import Reply
from sandbox.faults import Effect
from sandbox.spec import PROBLEM_JSON, Response

RETRY_AFTER_S = "1"


@dataclass(slots=True)
class Answer:
    """What goes out over the wire. Header names are lower-case; `effect` says how, where that is not just so."""

    status: int
    headers: dict[str, str]
    body: bytes
    effect: Effect | None = None


def spoiled(answer: Answer, effect: Effect) -> Answer:
    """Do to an answer what an effect says; what has to do with its delivery is left to the doors."""
    headers = {**answer.headers, "content-type": effect.content_type} if effect.content_type else answer.headers
    return Answer(answer.status, headers, answer.body[: effect.truncate_at], effect if effect.delivered_oddly else None)


def seal(reply: Reply, response: Response | None, name: str) -> Answer:
    """Hold a reply to its document and turn it into bytes. Raises ReplyBroken."""
    if response is None:
        raise ReplyBroken(name, f"answered {reply.status}, which the document does not have")
    headers = {key.lower(): value for key, value in reply.headers.items()}
    for key, header in response.headers.items():
        if key in headers or header.required:
            _hold_header(headers.get(key), header.check, f"{name}: header {key}")
    if response.check is None:
        if reply.body is not None:
            raise ReplyBroken(name, f"answered {reply.status} with a body, which the document does not have")
        return Answer(reply.status, headers, b"")
    if not response.check.ok(reply.body):
        raise ReplyBroken(name, f"answered {reply.status} with " + "; ".join(map(str, response.check.problems(reply.body))))
    headers["content-type"] = response.media_type or PROBLEM_JSON
    return Answer(reply.status, headers, codec.dump(reply.body))


def _hold_header(value: str | None, check: Any, name: str) -> None:
    if value is None:
        raise ReplyBroken(name, "is missing")
    if not value.isprintable() or (problems := check.problems(value)):
        raise ReplyBroken(name, f"has the value {value!r}; {'; '.join(map(str, problems)) if value.isprintable() else 'not printable'}")


def store_unavailable() -> Answer:
    """Say that the store does not answer, where no provider says so."""
    detail = "The store of the sandbox does not answer. Nothing was changed; send the same again in a moment."
    return own(503, "Store unavailable", detail, retry_after=RETRY_AFTER_S)


def failed() -> Answer:
    """Say that the sandbox itself is at fault."""
    return own(500, "Internal error of the sandbox", "This is a fault of Trackbed and not of the request; its terminal says more.")


def own(status: int, title: str, detail: str, **headers: str) -> Answer:
    """Say something that is the sandbox's own and no provider's, as RFC 9457 problem details."""
    body = codec.dump({"type": "about:blank", "title": title, "status": status, "detail": detail})
    return Answer(status, {"content-type": PROBLEM_JSON, **{key.replace("_", "-"): value for key, value in headers.items()}}, body)
