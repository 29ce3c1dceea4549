"""How a client of Delivery Solutions shows who it is."""

from __future__ import annotations

import base64
import json
from functools import lru_cache

from contracts.credentials import Send, Shown
from sandbox.exchange import Request
from sandbox.spec import Operation, Spec

_TOKEN = "issueToken"  # noqa: S105 - the name of an operation


def show(spec: Spec, operation: Operation, text: str, send: Send) -> Shown | None:
    """Show `client_id:client_secret` as a token that is fetched once; a text without a colon is a token itself."""
    if ":" not in text or operation.id == _TOKEN:
        return None
    return Shown({"authorization": f"Bearer {_token(spec.operations[_TOKEN].path, text, send)}"})


@lru_cache(maxsize=64)
def _token(path: str, text: str, send: Send) -> str:
    """Fetch a token, once for each client and target. Raises ValueError where the target gives none."""
    basic = base64.b64encode(text.encode()).decode()
    headers = {"authorization": f"Basic {basic}", "content-type": "application/x-www-form-urlencoded"}
    answer = send(Request("POST", path, "", headers, b"grant_type=client_credentials"))
    try:
        return str(json.loads(answer.body)["access_token"])
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"the token endpoint answered {answer.status} and no token; check client id and secret") from None
