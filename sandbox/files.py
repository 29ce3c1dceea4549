"""Files that are whole or not there: written beside their place, made durable, then moved."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import IO


def write(path: Path, content: bytes) -> None:
    """Write a file, or standard output for `-`. Raises OSError; then the file is as it was."""
    with writing(path) as file:
        file.write(content)


def _standard_output() -> AbstractContextManager[IO[bytes]]:
    """Give standard output with a buffer of its own: Python's may be none, then a write may be a part of one, or fail again at the exit."""
    sys.stdout.flush()
    try:
        return open(sys.stdout.fileno(), "wb", closefd=False)
    except io.UnsupportedOperation:  # it was put in the place of the real one
        return nullcontext(sys.stdout.buffer)


@contextmanager
def writing(path: Path) -> Iterator[IO[bytes]]:
    """Write a file, or standard output for `-`, piece by piece. Raises OSError; whatever is raised, the file is as it was then."""
    if str(path) == "-":
        with _standard_output() as out:
            yield out
            out.flush()
        return
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        beside = Path(file.name)
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            beside.unlink()
            raise
    beside.replace(path)
