"""Ids and choices that look random and are the same in every run: a hash of the seed and of what they are for."""

from __future__ import annotations

import hashlib


def hexadecimal(digits: int, *parts: object) -> str:
    """Make `digits` (up to 128) lower-case hexadecimal digits that depend on `parts` and on nothing else."""
    text = "\x1f".join(map(str, parts))
    return hashlib.blake2b(text.encode(), digest_size=(digits + 1) // 2).hexdigest()[:digits]


def number(below: int, *parts: object) -> int:
    """Choose an integer from 0 to `below` - 1."""
    return int(hexadecimal(16, *parts), 16) % below
