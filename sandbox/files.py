"""Files that are whole or not there: written beside their place, made durable, then moved."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


def write(path: Path, content: bytes) -> None:
    """Write a file, or standard output for `-`. Raises OSError; then the file is as it was."""
    with writing(path) as file:
        file.write(content)


@contextmanager
def writing(path: Path) -> Iterator[IO[bytes]]:
    """Write a file, or standard output for `-`, piece by piece. Raises OSError; whatever is raised, the file is as it was then."""
    if str(path) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
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
