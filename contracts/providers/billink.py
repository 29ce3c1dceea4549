"""Billink: its credential, and promises beside its document."""

from __future__ import annotations

from contracts.credentials import Send, Shown
from contracts.promises import Promise
from sandbox.spec import Operation, Spec


def show(_spec: Spec, _operation: Operation, text: str, _send: Send) -> Shown:
    """Write `billinkID:billinkUsername` into the body; a lone id gets a user name of its own."""
    merchant, _, user = text.partition(":")
    return Shown(body={"billinkUsername": user or "trackbed", "billinkID": merchant})


PROMISES: tuple[Promise, ...] = ()
