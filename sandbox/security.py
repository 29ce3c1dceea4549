"""Who is calling: the credential that a document asks for, and the account that it stands for.

A credential that starts with `sbx_` is good, any other is not. What follows the prefix is the account's name; three
beginnings have a meaning: `sbx_denied_…` is known but has no rights, `sbx_readonly_…` may not write, `sbx_revoked_…` was
good once. What a provider wraps around the credential (a token, Base64) its own `identify` takes off.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sandbox import idents
from sandbox.document import at
from sandbox.errors import Rejection
from sandbox.exchange import Account, Credential, Request

if TYPE_CHECKING:
    from sandbox.spec import Need, Operation

PREFIX = "sbx_"
DEMO = "sbx_demo"  # the account of every example
_GOOD = re.compile(r"sbx_[A-Za-z0-9._-]{1,60}")


@lru_cache(maxsize=4096)
def sandbox_account(text: str) -> Account:
    """Tell which account a bare credential stands for. Raises Rejection for one that is not good (any more)."""
    if not _GOOD.fullmatch(text):
        raise Rejection("unauthenticated", "unknown")
    if text.startswith("sbx_revoked_"):
        raise Rejection("unauthenticated", "revoked")
    if text.startswith("sbx_denied_"):
        return Account(text, "denied")
    return Account(text, "readonly" if text.startswith("sbx_readonly_") else "good")


def any_account(text: str) -> Account:
    """Take whatever comes for good; each different text is an account of its own."""
    return sandbox_account(text) if _GOOD.fullmatch(text) else Account(f"any_{idents.hexadecimal(16, text)}")


def identify(operation: Operation, request: Request, body: Any, account_of: Callable[[Credential], Account]) -> Account | None:
    """Find out who is calling and whether they may. Raises Rejection.

    None for a public operation, and where credentials in the body are absent: that is for validation to say.
    """
    if operation.needs:
        need, credential = _shown(operation.needs, request)
        return _permitted(account_of(credential), need)
    if operation.credential is not None:
        text = _in_body(body, operation.credential)
        return None if text is None else _permitted(account_of(Credential("body", text)), None)
    return None


def _permitted(account: Account, need: Need | None) -> Account:
    if account.standing == "denied":
        raise Rejection("forbidden", "denied")
    if account.standing == "readonly" and need and need.roles - {"read"}:
        raise Rejection("forbidden", "readonly")
    return account


def _shown(needs: tuple[Need, ...], request: Request) -> tuple[Need, Credential]:
    """Find the first alternative whose credential the request shows. Raises Rejection."""
    for need in needs:
        value = request.headers.get(need.scheme.name)
        if value is not None and (text := _text(need.scheme.kind, value)):
            return need, Credential(need.scheme.label, text)
    present = any(need.scheme.name in request.headers for need in needs)
    raise Rejection("unauthenticated", "malformed" if present else "absent")


def _text(kind: str, value: str) -> str:
    """Take the credential out of a header; empty when it is not one of this kind."""
    if kind == "apiKey":
        return value
    word, _, rest = value.partition(" ")
    if word.lower() != kind:
        return ""
    return _basic(rest.strip()) if kind == "basic" else rest.strip()


def _basic(text: str) -> str:
    try:
        plain = base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
    return plain if ":" in plain else ""


def _in_body(body: Any, where: str) -> str | None:
    try:
        value = at(body, where)
    except KeyError:
        return None
    return value if isinstance(value, str) and value else None
