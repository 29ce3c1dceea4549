"""Files that are whole or not there: written beside their place, made durable, then moved."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write a file, or standard output for `-`. Raises OSError; then the file is as it was."""
    if str(path) == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        beside = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            beside.unlink()
            raise
    beside.replace(path)
