"""How tests judge the sandbox, and how they spoil it: callers in process, and a target that changes what passes through."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from contracts import documents
from contracts.caller import Caller
from contracts.providers import PROVIDERS, Provider
from contracts.target import Target, WsgiTarget
from sandbox.answers import Answer
from sandbox.client import Control, ControlError, workspace_path
from sandbox.exchange import Request
from sandbox.spec import Spec

SPECS: dict[str, Spec] = {}
_ACCOUNT = re.compile(r"sbx_[A-Za-z0-9._-]{1,60}")
Send = Callable[[Request], Answer]
Bug = Callable[[Request, Send], Answer]


class InProcess(Control):
    """The control plane of an application in this process."""

    def __init__(self, app: Flask) -> None:
        super().__init__("http://localhost")
        object.__setattr__(self, "app", app)

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        app: Flask = self.__dict__["app"]
        reply = app.test_client().open(path, method=method, json=body)
        if reply.status_code >= 400:
            raise ControlError(self.url, reply.status_code, reply.get_data(as_text=True))
        return reply.get_json() if reply.get_data() else None


@dataclass(frozen=True)
class Spoiled:
    """A target with a bug between it and who asks."""

    target: Target
    bug: Bug

    @property
    def url(self) -> str:
        return self.target.url

    def send(self, request: Request) -> Answer:
        return self.bug(request, self.target.send)


def passing(control: Control | None, text: str) -> Callable[[float], None]:
    """Let time pass without sleeping, for those who can't move the clock: the sandbox's own, behind their back."""

    def wait(seconds: float) -> None:
        account = _ACCOUNT.search(text) or _ACCOUNT.search(base64.b64decode(text).decode())
        assert control is not None
        assert account is not None
        control.post(workspace_path(account[0], "clock", "advance"), {"by": seconds})

    return wait


@dataclass
class Bench:
    """An application, and who calls it."""

    name: str
    app: Flask
    calls: list[Request] = field(default_factory=list)

    @property
    def provider(self) -> Provider:
        return PROVIDERS[self.name]

    @property
    def spec(self) -> Spec:
        if self.name not in SPECS:
            SPECS[self.name] = documents.load(self.name)
        return SPECS[self.name]

    def caller(self, text: str, bug: Bug | None = None, **options: Any) -> Caller:
        target: Target = WsgiTarget(self.app, f"/{self.name}")
        control = InProcess(self.app)
        return Caller(
            self.spec,
            Spoiled(target, bug) if bug else target,
            text,
            self.provider.show,
            scene=self.provider.scene,
            control=control,
            wait=passing(control, text),
            heard=lambda outcome: self.calls.append(outcome.request),
            **options,
        )


# --- bugs --------------------------------------------------------------------------------------------------------------------


def body_of(message: Request | Answer) -> Any:
    try:
        return json.loads(message.body) if message.body else None
    except ValueError:
        return None


def sent(change: Callable[[Any], Any], *, to: str = "") -> Bug:
    """Change JSON bodies on their way in, of paths that end so; what `change` returns takes the place of the body."""

    def bug(request: Request, send: Send) -> Answer:
        body = body_of(request)
        if body is None or not request.path.endswith(to):
            return send(request)
        return send(request._replace(body=_bytes(change(body))))

    return bug


def told(change: Callable[[Any], Any], *, by: Callable[[Request, Answer], bool] = lambda *_: True) -> Bug:
    """Change JSON bodies on their way out, of exchanges that `by` picks."""

    def bug(request: Request, send: Send) -> Answer:
        answer = send(request)
        body = body_of(answer)
        if body is None or not by(request, answer):
            return answer
        return Answer(answer.status, answer.headers, _bytes(change(body)))

    return bug


def texts(change: Callable[[str], str]) -> Callable[[Any], Any]:
    """Change each text of a JSON value, wherever it is; names of members stay."""

    def deep(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: deep(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [deep(inner) for inner in value]
        return change(value) if isinstance(value, str) else value

    return deep


def spoilt(answer: Answer, of: int, status: int) -> Answer:
    """Give an answer of one status another one."""
    return Answer(status, answer.headers, answer.body) if answer.status == of else answer


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
