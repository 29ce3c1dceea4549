"""A small HTTP client for the benchmarks: one connection, kept alive, as fast as Python has it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Connection:
    """One connection to a sandbox."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, method: str, path: str, account: str, body: Any = None) -> tuple[int, Any]:
        """Send one request to Trackru or to the control plane; return status and parsed body."""
        data = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nApi-Key: {account}\r\nContent-Length: {len(data)}\r\n"
        self._writer.write(head.encode() + (b"Content-Type: application/json\r\n\r\n" if data else b"\r\n") + data)
        status_and_headers = await self._reader.readuntil(b"\r\n\r\n")
        found = re.search(rb"content-length: (\d+)", status_and_headers)
        content = await self._reader.readexactly(int(found[1])) if found else b""
        return int(status_and_headers[9:12]), json.loads(content) if content else None


@contextlib.asynccontextmanager
async def connected(port: int) -> AsyncIterator[Connection]:
    """Open a connection for the time of a block."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()


@contextlib.contextmanager
def sandbox() -> Iterator[tuple[int, int]]:
    """Start a sandbox for the time of a block; yield its process id and its port."""
    command = [sys.executable, "-m", "sandbox", "serve", "--port", "0", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, start_new_session=True)
    assert process.stdout is not None
    try:
        yield process.pid, int(json.loads(process.stdout.readline())["url"].rpartition(":")[2])
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def memory_kb(pid: int) -> int:
    """Sum the proportional memory (PSS) of a process and all that it started."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    own = int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1])  # type: ignore[index]
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(memory_kb(int(child)) for child in children)
