"""Runs a server in the background for somebody, and only as long as they live.

`serving` starts this very module as a program. It is `trackbed` with one difference: it ends when the process that started it
is gone, even one that was killed and could say nothing more.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 20


@dataclass
class CannotServe(Exception):
    """The server did not start; `reason` is what it said."""

    reason: str

    def __str__(self) -> str:
        return f"the sandbox did not start: {self.reason}"


@contextmanager
def serving(*arguments: str, folder: Path | None = None) -> Iterator[dict[str, Any]]:
    """Start `trackbed serve --json` on a free port and give what it says of itself; stop it at the end. Raises CannotServe.

    What it wrote to its terminal comes out at ours when it has stopped.
    """
    with tempfile.TemporaryFile() as log, _started(arguments, folder, log) as process:
        about = _first_line(process)
        if not about:
            _stop(process)
            raise CannotServe(_written(log).strip() or "it ended without a word")
        try:
            yield about
        finally:
            _stop(process)
            sys.stderr.write(_written(log))


@contextmanager
def _started(arguments: tuple[str, ...], folder: Path | None, log: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Start the program below, in a session of its own: a Ctrl+C is for the one who started it and will stop it then.

    -P, since that one's folder may hold a `sandbox` of its own.
    """
    command = [sys.executable, "-P", "-m", "sandbox.background", "serve", "--port", "0", "--json", *arguments]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            _stop(process)


def _first_line(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """Read what the server says once it answers. One that says nothing for a minute is killed, so the reading ends too."""
    patience = threading.Timer(START_TIMEOUT_S, process.kill)
    patience.start()
    try:
        line = process.stdout.readline() if process.stdout else b""
    finally:
        patience.cancel()
    return dict(json.loads(line)) if line else {}


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()


def _written(log: IO[bytes]) -> str:
    log.seek(0)
    return log.read().decode(errors="replace")


def _end_with_starter() -> None:
    """Wait until the one who started this process is gone, and end it: nobody else has the other end of standard input."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with_starter, daemon=True).start()
    runpy.run_module("sandbox", run_name="__main__", alter_sys=True)
