"""parcelLab: its credential, and promises beside its document."""

from __future__ import annotations

from contracts.credentials import Send, Shown
from contracts.promises import Promise
from sandbox.spec import Operation, Spec


def show(_spec: Spec, _operation: Operation, text: str, _send: Send) -> Shown:
    """Write the word of the header before a token, or before the Base64 of `<account>:<token>` as parcelLab gives it out."""
    return Shown({"authorization": f"Parcellab-API-Token {text}"})


PROMISES: tuple[Promise, ...] = ()
