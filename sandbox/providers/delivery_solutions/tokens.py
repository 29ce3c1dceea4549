"""Access tokens: one per account at a time, stored in the account's world, each good for four hours."""

from __future__ import annotations

import base64
import re
from datetime import datetime
from typing import Any

from sandbox.errors import Rejection
from sandbox.exchange import Account
from sandbox.providers.delivery_solutions.trackers import epoch_ms
from sandbox.workspace import World

LIFE_S = 14_399  # as the gateway usually says
_TOKEN = re.compile(r"([A-Za-z0-9_-]{2,100})\.[0-9a-f]{32}")
_NAME = re.compile(r"(?:sbx|any)_[A-Za-z0-9._-]{1,60}")  # how accounts are called


def issue(world: World, account: Account) -> str:
    """Make a token that takes the place of the account's token before."""
    text = f"{base64.urlsafe_b64encode(account.name.encode()).decode().rstrip('=')}.{world.new_hex('token', 32)}"
    world.put("tokens", "current", {"token": text, "issued_ms": epoch_ms(world.now), "standing": account.standing})
    return text


def holder(text: str) -> str | None:
    """Tell whose token this claims to be, by the name of the account; None for a text that is no token of ours."""
    match = _TOKEN.fullmatch(text)
    if match is None:
        return None
    try:
        name = base64.urlsafe_b64decode(match[1] + "=" * (-len(match[1]) % 4)).decode("ascii")
    except ValueError:
        return None
    return name if _NAME.fullmatch(name) else None


def check(text: str, current: dict[str, Any] | None, now: datetime) -> str:
    """Hold a token to the account's current one and tell the account's standing. Raises Rejection."""
    if current is None:
        raise Rejection("unauthenticated", "unknown")
    if current["token"] != text or epoch_ms(now) >= current["issued_ms"] + LIFE_S * 1000:
        raise Rejection("unauthenticated", "revoked")
    return str(current["standing"])
