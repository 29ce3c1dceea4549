"""A folder: each payload as the HTTP message that it is, what sets its scene beside it, and an index of all labels.

The folder is written beside its place and then moved, so it is whole or not there. Ids never become paths: a file's name is made of the
harmless characters of its id.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from contracts.payloads.formats import jsonl
from contracts.payloads.formats.cases import Case, Message, filled

INDEX = "index.jsonl"
_LONGEST = 120


class Taken(Exception):
    """The folder is there already and holds something; the text says so."""


def write(folder: Path, url: str, account: str, cases: Iterable[Case]) -> int:
    """Write a folder and count its payloads. Raises Taken, and OSError; then nothing is there."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Taken(f"{folder} is there already; name a folder that is new or empty")
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        count = _fill(beside, url, account, cases)
        beside.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        beside.rename(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return count


def _fill(folder: Path, url: str, account: str, cases: Iterable[Case]) -> int:
    names: set[str] = set()
    count = 0
    with (folder / INDEX).open("wb") as index:
        for case in cases:
            name = _name(case.payload.id, names)
            own = f"{account}_{case.number}"
            for number, message in enumerate(case.before, 1):
                (folder / f"{name}.before-{number}.http").write_bytes(_written(url, message, own))
            (folder / f"{name}.http").write_bytes(_written(url, case.call, own))
            line = next(jsonl.lines((case.payload,)))
            index.write(b'{"file":' + orjson.dumps(f"{name}.http") + b"," + line[1:])
            count += 1
    return count


def _name(ident: str, taken: set[str]) -> str:
    """Make a name that no other payload of the folder has, whatever a file system thinks of letter case."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", ident).strip("._-")[:_LONGEST] or "payload"
    name, number = plain, 1
    while name.lower() in taken:
        number += 1
        name = f"{plain}-{number}"
    taken.add(name.lower())
    return name


def _written(url: str, message: Message, account: str) -> bytes:
    """Write an HTTP/1.1 message."""
    parts = urlsplit(url)
    headers, body = filled(message, account)
    lines = [f"{message.method} {parts.path.rstrip('/')}{message.target} HTTP/1.1", f"host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers]
    if message.body is not None:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body
