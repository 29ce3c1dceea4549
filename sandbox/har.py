"""Exchanges as an HTTP archive (HAR 1.2), which browsers' developer tools open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

from sandbox import __version__
from sandbox.journal import Entry


def archive(entries: Iterable[Entry]) -> dict[str, Any]:
    """Make an archive. What the journal does not know is said as the format has it: -1 for a size, empty for a list."""
    return {
        "log": {"version": "1.2", "creator": {"name": "Trackbed", "version": __version__}, "entries": [_entry(entry) for entry in entries]}
    }


def _entry(entry: Entry) -> dict[str, Any]:
    took_ms = entry.took_us / 1000
    return {
        "startedDateTime": entry.at.isoformat(timespec="milliseconds"),
        "time": took_ms,
        "request": _request(entry),
        "response": _response(entry),
        "cache": {},
        "timings": {"send": 0, "wait": took_ms, "receive": 0},
        "comment": f"{entry.id} {entry.account} {entry.provider} {entry.operation or '-'} {entry.cause or ''}".strip(),
    }


def _request(entry: Entry) -> dict[str, Any]:
    shown = {
        "method": entry.method,
        "url": entry.base + quote(entry.path) + (f"?{entry.query}" if entry.query else ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(entry.request_headers),
        "queryString": [{"name": name, "value": value} for name, value in parse_qsl(entry.query, keep_blank_values=True)],
        "headersSize": -1,
        "bodySize": len(entry.request_body),
    }
    if entry.request_body:
        media_type = entry.request_headers.get("content-type", "")
        shown["postData"] = {"mimeType": media_type, "text": entry.request_body.decode(errors="replace")}
    return shown


def _response(entry: Entry) -> dict[str, Any]:
    return {
        "status": entry.status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(entry.reply_headers),
        "content": {
            "size": len(entry.reply_body),
            "mimeType": entry.reply_headers.get("content-type", ""),
            "text": entry.reply_body.decode(errors="replace"),
        },
        "redirectURL": entry.reply_headers.get("location", ""),
        "headersSize": -1,
        "bodySize": len(entry.reply_body),
    }


def _pairs(headers: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]
