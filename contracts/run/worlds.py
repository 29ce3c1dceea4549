"""Whether a target is a sandbox of ours, and its worlds: made fresh before they are used, and gone afterwards.

Whoever answers at the root of a site and says that it is Trackbed is believed; what it says is read as carefully as that of any target.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from contracts.target import HttpTarget, NoAnswer, Target, WsgiTarget
from sandbox.client import Control, ControlError, workspace_path
from sandbox.exchange import Request

MAX_ANSWER = 4 * 1024 * 1024
TIMEOUT_S = 10.0


@dataclass(frozen=True)
class OwnControl(Control):
    """The control plane of a sandbox, spoken to through a Target, so that no answer can be endless. See `sandbox.client.Control`."""

    site: Target | None = None

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            headers["content-type"] = "application/json"
        where, _, query = path.partition("?")
        raw = b"" if body is None else json.dumps(body).encode()
        try:
            answer = _site(self.site).send(Request(method, unquote(where), query, headers, raw))
            told = json.loads(answer.body) if answer.body else None
        except (NoAnswer, ValueError, RecursionError) as error:
            raise ControlError(self.url, None, f"the control plane does not answer as it must: {error}") from None
        if answer.status >= 300:
            detail = told.get("detail") if isinstance(told, dict) else None
            raise ControlError(self.url, answer.status, str(detail or f"the control plane answered {answer.status}"))
        return told


def _site(target: Target | None) -> Target:
    if target is None:
        raise ValueError("a control plane needs a site")
    return target


def control_of(target: Target, token: str | None) -> Control | None:
    """Find the control plane of a target that is a sandbox of ours; None for any other."""
    site = _root(target)
    if site is None or not _about(site):
        return None
    control = OwnControl(site.url, token, site)
    try:
        told = control.get("/_sandbox/workspaces")  # without the token nothing can be done there
    except ControlError:
        return None
    return control if isinstance(told, dict) and isinstance(told.get("workspaces"), list) else None


def host(target: Target, provider: str) -> str:
    """Give what stands for a provider's host: the address of a target, or below it where that is the site of a sandbox of ours."""
    return f"{target.url}/{provider}" if urlsplit(target.url).path == "" and serves(target, provider) else target.url


def serves(target: Target, provider: str) -> bool:
    """Tell whether a target is the site of a sandbox of ours that serves a provider."""
    about = _about(target)
    providers = about.get("providers", ())
    return isinstance(providers, list) and any(isinstance(one, dict) and one.get("name") == provider for one in providers)


def _about(site: Target) -> Mapping[str, Any]:
    """Read what a sandbox of ours says of itself; nothing for any other site."""
    try:
        about = OwnControl(site.url, None, site).get("/")
    except ControlError:
        return {}
    return about if isinstance(about, dict) and about.get("name") == "Trackbed" else {}


def _root(target: Target) -> Target | None:
    """Give the site that a target is part of."""
    if isinstance(target, HttpTarget):
        parts = urlsplit(target.url)
        return replace(target, url=f"{parts.scheme}://{parts.netloc}", max_answer=MAX_ANSWER, timeout_s=min(TIMEOUT_S, target.timeout_s))
    return WsgiTarget(target.app) if isinstance(target, WsgiTarget) else None


class Worlds:
    """The worlds of a target that were there before a run; nothing where it has no control plane."""

    def __init__(self, control: Control | None) -> None:
        """Ask which there are. Raises ControlError."""
        self._control = control
        told = control.get("/_sandbox/workspaces") if control else {}
        listed = told.get("workspaces", ()) if isinstance(told, dict) else ()
        self._old = {str(world["name"]) for world in listed if isinstance(world, dict) and "name" in world}

    def refresh(self, core: str) -> None:
        """Make every world whose name has `core` in it as if nobody had been there. Raises ControlError."""
        for name in [name for name in self._old if core in name]:
            self._old.discard(name)
            if self._control is not None:
                self._control.delete(workspace_path(name))
