"""Which processes somebody left behind, by a mark in the environment that all their descendants inherit. Needs /proc."""

from __future__ import annotations

import contextlib
import os
import select
from pathlib import Path

MARK = "TRACKBED_TEST_MARK"
ENDING_S = 20


def marked(mark: str) -> list[int]:
    """List the living processes that were started with a mark."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):  # it is gone, or somebody else's
            if f"{MARK}={mark}\0".encode() in environment.read_bytes():
                found.append(int(environment.parent.name))
    return found


def wait_for_end(processes: list[int]) -> bool:
    """Wait until processes that are not our children have ended; False when one still lives after twenty seconds."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            handle = os.pidfd_open(process)
            try:
                if not select.select([handle], [], [], ENDING_S)[0]:
                    return False
            finally:
                os.close(handle)
    return True
