"""A client of the control plane, for the command line and for tests. It needs nothing but the standard library.

It talks to one server, wherever that runs. Answers are what `specs/control.yaml` says, as parsed JSON.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

TIMEOUT_S = 30
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy has no business between us and a local server


@dataclass
class ControlError(Exception):
    """The server said no, or said nothing. `status` is its HTTP status, None where there was no answer."""

    url: str
    status: int | None
    detail: str

    def __str__(self) -> str:
        return self.detail


@dataclass(frozen=True)
class Control:
    """The control plane of the server at `url`; `token` is needed where it listens on more than a loopback address."""

    url: str
    token: str | None = field(default=None, repr=False)

    def get(self, path: str, **query: Any) -> Any:
        """Read something; a query value of None is left out. Raises ControlError."""
        wanted = {name: value for name, value in query.items() if value is not None}
        return self._send("GET", path + (f"?{urlencode(wanted)}" if wanted else ""), None)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Do or add something. Raises ControlError."""
        return self._send("POST", path, body)

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change something. Raises ControlError."""
        return self._send("PUT", path, body)

    def delete(self, path: str) -> None:
        """Remove something. Raises ControlError."""
        self._send("DELETE", path, None)

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.url.rstrip("/") + path, data, headers, method=method)  # noqa: S310 - the user's own server
        try:
            with _OPENER.open(request, timeout=TIMEOUT_S) as reply:
                content = reply.read()
                return json.loads(content) if content else None
        except urllib.error.HTTPError as error:
            raise ControlError(self.url, error.code, _detail(error)) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise ControlError(self.url, None, f"no sandbox answers at {self.url} ({reason}); start one with `trackbed serve`") from None


def _detail(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read())["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the answer was {error.code} {HTTPStatus(error.code).phrase}, which is not how a sandbox says no"


def workspace_path(workspace: str, *steps: str) -> str:
    """Write the path of something in a workspace."""
    return "/_sandbox/workspaces/" + "/".join(quote(step, safe="") for step in (workspace, *steps))
