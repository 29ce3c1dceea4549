"""Lengths of time as people write them: `2d`, `1d12h`, `90m`, `PT36H`, or a number of seconds."""

from __future__ import annotations

import re
from datetime import timedelta

_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PART = re.compile(r"([0-9]+)([wdhms])")
_TEXT = re.compile(r"(?:[0-9]{1,9}[wdhms])+|p(?=.)(?:[0-9]{1,9}[wd])*(?:t(?:[0-9]{1,9}[hms])+)?", re.IGNORECASE)


def parse(value: float | str) -> timedelta:
    """Read a duration: seconds, numbers with units, or ISO 8601 (`P2D`, `PT36H`). Raises ValueError."""
    try:
        return _read(value)
    except OverflowError:
        raise ValueError(f"{value!r} is longer than any calendar") from None


def _read(value: float | str) -> timedelta:
    if not isinstance(value, str):
        return timedelta(seconds=value)
    if re.fullmatch(r"[0-9]{1,10}(?:\.[0-9]{1,6})?", value):
        return timedelta(seconds=float(value))
    if not value.isascii() or not _TEXT.fullmatch(value):
        raise ValueError(f"{value!r} is no duration; write 2d, 1d12h, 90m, PT36H, or a number of seconds")
    return timedelta(seconds=sum(int(number) * _SECONDS[unit] for number, unit in _PART.findall(value.lower())))
