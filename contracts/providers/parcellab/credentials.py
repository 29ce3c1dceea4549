"""How a caller of parcelLab shows who it is: a word before a token, which may be in the Base64 form that names an account."""

from __future__ import annotations

import base64
import binascii
import re

from contracts.credentials import Send, Shown
from sandbox.spec import Operation, Spec

WORD = "Parcellab-API-Token"
_NUMBERED = re.compile(r"([1-9][0-9]{0,9}):(.+)")


def show(_spec: Spec, _operation: Operation, text: str, _send: Send) -> Shown:
    """Write the word of the header before a token, or before the Base64 of `<account>:<token>` as parcelLab gives it out."""
    return Shown({"authorization": f"{WORD} {text}"})


def plain(text: str) -> str:
    """Take a token out of its Base64 form; one that is not in it is given back."""
    try:
        numbered = _NUMBERED.fullmatch(base64.b64decode(text, validate=True).decode())
    except (binascii.Error, ValueError):
        return text
    return numbered[2] if numbered else text


def encoded(account: int, token: str) -> str:
    """Write a token in the Base64 form of an account."""
    return base64.b64encode(f"{account}:{token}".encode()).decode()
