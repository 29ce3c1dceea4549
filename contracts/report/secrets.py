"""The credential of a run, kept out of everything that is written down: a name in its place, which a shell fills in again.

A lone `sbx_…` is no secret: whoever reads the report may know it, and a command that shows it can be pasted as it is.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from contracts.caller import gives_accounts
from sandbox.spec import Spec

HIDDEN = "(not shown)"
VARIABLE = "TRACKBED_CREDENTIAL"
_MARKS = {
    "\ue000": f'"${VARIABLE}"',
    "\ue001": f'"$(printf %s "${VARIABLE}" | base64 -w0)"',
    "\ue002": f'"${{{VARIABLE}%%:*}}"',
    "\ue003": '"$TRACKBED_SHOWN"',
}


@dataclass(frozen=True)
class Secrets:
    """What must not be written: a credential, in all forms that it takes in requests to this document's API."""

    spec: Spec
    credential: str | None

    @property
    def some(self) -> bool:
        """Whether there is anything to hide."""
        return bool(self.credential) and not gives_accounts(self.credential or "")

    def marked_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Put marks in the place of what is secret; `filled` makes them what a shell fills in."""
        if not self.some:
            return dict(headers)
        return {name: self._marked(value) if name in self.spec.secret_headers else self.marked(value) for name, value in headers.items()}

    def marked(self, text: str) -> str:
        """Put marks in the place of the credential in a text."""
        if not self.some or not self.credential:
            return text
        text = text.replace(self.credential, "\ue000").replace(_coded(self.credential), "\ue001")
        first, _, second = self.credential.partition(":")
        if second:  # its parts travel apart
            text = text.replace(second, HIDDEN) if len(second) > 5 else text
            text = text.replace(first, "\ue002") if len(first) > 3 else text
        return text

    def _marked(self, value: str) -> str:
        marked = self.marked(value)
        if marked != value:
            return marked
        word, blank, _ = value.rpartition(" ")
        return f"{word}{blank}\ue003"  # a token that was fetched, or a credential that is wrong on purpose

    def hidden(self, text: str) -> str:
        """Write a text without what is secret in it."""
        return _replaced(self.marked(text), dict.fromkeys(_MARKS, HIDDEN))

    def hidden_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Write headers without what is secret in them."""
        return {name: _replaced(value, dict.fromkeys(_MARKS, HIDDEN)) for name, value in self.marked_headers(headers).items()}


def filled(command: str) -> str:
    """Make a command of one with marks: each, inside single quotes, becomes what the shell fills in."""
    return _replaced(command, {mark: f"'{text}'" for mark, text in _MARKS.items()})


def _replaced(text: str, swaps: Mapping[str, str]) -> str:
    for mark, instead in swaps.items():
        text = text.replace(mark, instead)
    return text


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
