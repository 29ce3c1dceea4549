"""Texts of a target, made harmless: a terminal shows them and obeys none of them, and they are not longer than a reader can bear."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

MAX_SHOWN = 300
_KEPT = "\n\t"


def plain(text: str) -> str:
    r"""Write every character that is obeyed rather than shown (escape codes, direction marks) as what it is, `\x1b`."""
    return "".join(character if character in _KEPT or _shown(character) else _written(character) for character in text)


def line(text: str, limit: int = MAX_SHOWN) -> str:
    """Write a text as one harmless line of limited length."""
    flat = plain(" ".join(text.split()))
    return flat if len(flat) <= limit else f"{flat[: limit - 1]}…"


def value(thing: Any, limit: int = MAX_SHOWN) -> str:
    """Write a value as JSON has it, in one harmless line."""
    try:
        return line(json.dumps(thing, ensure_ascii=False, default=str), limit)
    except (ValueError, RecursionError):
        return "(a value that can't be written)"


def _shown(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") or character == "\u200d"


def _written(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
