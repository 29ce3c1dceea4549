"""A result as files: JSON, JUnit XML for CI, an HTTP archive for browsers' tools, and one HTML page that needs nothing else."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from contracts.report.data import report
from contracts.report.secrets import Secrets
from contracts.run.results import Result

Write = Callable[[Result, dict[str, Any]], str]


class CannotWrite(Exception):
    """A report could not be written; the text says which and why."""


def write(kind: str, path: Path, result: Result, secrets: Secrets) -> None:
    """Write one report. It is there as a whole or not at all. Raises CannotWrite."""
    text = _har(result, secrets) if kind == "har" else KINDS[kind](result, report(result, secrets))
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=path.name, delete=False) as file:
            file.write(text)
        Path(file.name).replace(path)
        path.chmod(0o666 & ~_umask())
    except OSError as error:
        raise CannotWrite(f"{path} can't be written: {error.strerror}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _json(_: Result, data: dict[str, Any]) -> str:
    return json.dumps(data, indent=2, ensure_ascii=True, default=str) + "\n"


def _junit(result: Result, data: dict[str, Any]) -> str:
    from contracts.report.cases import suites  # noqa: PLC0415 - only for who wants it

    return suites(result, data)


def _har(result: Result, secrets: Secrets) -> str:
    from contracts.report.har import archive  # noqa: PLC0415 - only for who wants it

    return archive(result, secrets)


def _html(result: Result, data: dict[str, Any]) -> str:
    from contracts.report.page import page  # noqa: PLC0415 - only for who wants it

    return page(result, data)


KINDS: Mapping[str, Write] = {"json": _json, "junit": _junit, "html": _html, "har": lambda *_: ""}
