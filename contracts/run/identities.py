"""Under which names a run acts: an account and values of its own for each part of it, the same ones for the same seed.

A lone `sbx_…` is a name that may be followed by anything: each part gets a world that nobody else uses. Any other credential is one
account for all parts, which then differ by the values that they make.
"""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass

from contracts.caller import gives_accounts
from sandbox import idents

_DIGITS = string.digits + string.ascii_uppercase
_BASE = 30  # characters of the user's own name that are kept; a second account and a standing must fit beside them


@dataclass(frozen=True, slots=True)
class Identity:
    """A credential (None for nobody's), and what every value that is made begins with."""

    text: str | None
    prefix: str

    @property
    def core(self) -> str:
        """What is common to all accounts of this identity, a second one and those with a standing too; empty for a fixed credential."""
        return self.text.removeprefix("sbx_") if self.text and gives_accounts(self.text) else ""


def identity(credential: str | None, seed: int, part: str) -> Identity:
    """Give the identity of one part of a run. All have the same length, so that one can stand in the place of another."""
    mark = idents.hexadecimal(12, seed, part)
    prefix = "T" + "".join(_DIGITS[int(mark[at : at + 2], 16) % 36] for at in range(0, 12, 2))
    if credential is None or not gives_accounts(credential):
        return Identity(credential, prefix)
    return Identity(f"{credential[:_BASE]}_{mark}", prefix)


def fresh_seed() -> int:
    """Choose a seed that was probably not used before, for a target that keeps what an earlier run made."""
    return secrets.randbelow(1_000_000)
