"""Findings that are known and accepted: a file that a team keeps, and by which a run tells old trouble from new.

{"format": "trackbed-baseline-1", "known": [{"kind": "promise", "check": "…", "operation": "…", "where": "/paths/…", "cause": ""}]}
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from contracts.findings import Finding, Key
from contracts.run.results import Verdict
from sandbox.document import read_data
from sandbox.errors import DataError

FORMAT = "trackbed-baseline-1"
_MEMBERS = ("kind", "check", "operation", "where", "cause")


def read(path: Path) -> frozenset[Key]:
    """Read the keys of a baseline. Raises DataError for a file that is none."""
    if path.suffix != ".json":
        raise DataError(path.name, "", "is no baseline; its name ends in .json")
    tree = read_data(path)
    if tree.get("format") != FORMAT or not isinstance(tree.get("known"), list):
        raise DataError(path.name, "", f'is no baseline; expected {{"format": "{FORMAT}", "known": […]}}')
    return frozenset(_key(path, index, row) for index, row in enumerate(tree["known"]))


def _key(path: Path, index: int, row: Any) -> Key:
    whole = {"cause": "", **row} if isinstance(row, dict) else {}
    if not all(isinstance(whole.get(name), str) for name in _MEMBERS):
        raise DataError(path.name, f"/known/{index}", f"lacks one of {', '.join(_MEMBERS[:-1])}")
    return tuple(whole[name] for name in _MEMBERS)


def write(path: Path, verdicts: Iterable[Verdict]) -> int:
    """Write what was found, and was known before, as a baseline; gives how many there are. Raises OSError."""
    kept = {verdict.finding.key for verdict in verdicts if verdict.ruling in ("failed", "doubtful", "known")}
    known = [dict(zip(_MEMBERS, key, strict=True)) for key in sorted(kept)]
    path.write_text(json.dumps({"format": FORMAT, "known": known}, indent=2) + "\n", encoding="utf-8")
    return len(known)


def accept(verdicts: Iterable[Verdict], known: frozenset[Key]) -> tuple[Verdict, ...]:
    """Rule what is known as known."""
    return tuple(replace(verdict, ruling="known") if _is_known(verdict.finding, known) else verdict for verdict in verdicts)


def stale(verdicts: Iterable[Verdict], known: frozenset[Key]) -> tuple[Key, ...]:
    """List what is known and was not found any more."""
    return tuple(sorted(known - {verdict.finding.key for verdict in verdicts}))


def _is_known(finding: Finding, known: frozenset[Key]) -> bool:
    return finding.key in known
