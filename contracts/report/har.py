"""Every exchange of a run as an HTTP archive (HAR 1.2), which browsers' developer tools open. Credentials are left out."""

from __future__ import annotations

import io
from collections.abc import Mapping
from urllib.parse import parse_qsl

import harfile

from contracts.bodies import target_path
from contracts.report.secrets import Secrets
from contracts.run.manners import Exchange
from contracts.run.results import Result
from sandbox import __version__
from sandbox.answers import Answer


def archive(result: Result, secrets: Secrets) -> str:
    """Write the archive."""
    text = io.StringIO()
    with harfile.HarFile(text, creator=harfile.Creator(name="Trackbed", version=__version__)) as file:
        for exchange in result.exchanges:
            took_ms = round(exchange.took_s * 1000, 3)
            file.add_entry(
                startedDateTime=exchange.at,
                time=took_ms,
                request=_request(result.url, exchange, secrets),
                response=_response(exchange.answer, secrets),
                timings=harfile.Timings(send=0, wait=took_ms, receive=0),
            )
    return text.getvalue()


def _request(url: str, exchange: Exchange, secrets: Secrets) -> harfile.Request:
    request = exchange.request
    body = secrets.hidden(request.body.decode(errors="replace"))
    return harfile.Request(
        method=request.method,
        url=url + target_path(request),
        httpVersion="HTTP/1.1",
        headers=_records(secrets.hidden_headers(request.headers)),
        queryString=[harfile.Record(name=name, value=value) for name, value in parse_qsl(request.query, keep_blank_values=True)],
        cookies=[],
        bodySize=len(request.body),
        postData=harfile.PostData(mimeType=request.headers.get("content-type", ""), text=body) if request.body else None,
    )


def _response(answer: Answer | None, secrets: Secrets) -> harfile.Response:
    if answer is None:
        return harfile.Response(status=0, statusText="", httpVersion="", headers=[], cookies=[], content=harfile.Content())
    return harfile.Response(
        status=answer.status,
        statusText="",
        httpVersion="HTTP/1.1",
        headers=_records(secrets.hidden_headers(answer.headers)),
        cookies=[],
        content=harfile.Content(
            size=len(answer.body),
            mimeType=answer.headers.get("content-type", ""),
            text=secrets.hidden(answer.body.decode(errors="replace")),
        ),
        redirectURL=answer.headers.get("location", ""),
        bodySize=len(answer.body),
    )


def _records(headers: Mapping[str, str]) -> list[harfile.Record]:
    return [harfile.Record(name=name, value=value) for name, value in headers.items()]
