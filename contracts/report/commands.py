"""A story as shell commands that really repeat it: one curl line for each call, in the name of somebody who has not been there.

What the target made (an id) and a later call needs is taken from the answer by the line before and kept in a variable.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from contracts.bodies import target_path
from contracts.caller import parsed
from contracts.findings import Step
from contracts.report.secrets import Secrets, filled
from sandbox import curl
from sandbox.exchange import Request

_SHORTEST = 5  # characters of a value that can be told from others
_MARK = "\ue100"  # and the characters after it: the values that lines hand on
_READ = "import json,sys;print(json.load(sys.stdin){})"


def commands(url: str, steps: Sequence[Step], secrets: Secrets) -> tuple[str, ...]:
    """Write the commands of a story, in its order; the last one is the call that was judged."""
    handed = list(_handed(steps))
    lines = []
    for index, step in enumerate(steps):
        request = _with_marks(step.request, [(value, mark) for at, value, _, mark in handed if at < index])
        line = _line(url, request, secrets)
        for at, _, place, mark in handed:
            if at == index:
                line = f"{_name(mark)}=$({line.replace('curl -i', 'curl -s', 1)} | python3 -c {shlex.quote(_READ.format(place))})"
        lines.append(_with_variables(line, [mark for *_, mark in handed]))
    return tuple(lines)


def _line(url: str, request: Request, secrets: Secrets) -> str:
    path = target_path(request)
    headers = secrets.marked_headers({name: value for name, value in request.headers.items() if name != "host"})
    body = secrets.marked(request.body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    return filled(curl.command(request.method, url + path, headers, body))


def _handed(steps: Sequence[Step]) -> Iterator[tuple[int, str, str, str]]:
    """Yield the values that the target made and a later call sends: by which step, the value, where in its answer, and a mark.

    One value for each step: more a line can't hand on.
    """
    sent = ""
    for index, step in enumerate(steps[:-1]):
        sent += _text(step.request)
        later = "\n".join(_text(following.request) for following in steps[index + 1 :])
        for value, place in _leaves(parsed(step.answer) if step.answer else None, ""):
            if value in later and value not in sent:
                yield index, value, place, chr(ord(_MARK) + index)
                sent += value
                break


def _text(request: Request) -> str:
    return f"{request.path} {request.query} {request.body.decode(errors='replace')} "


def _leaves(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{place}[{json.dumps(name)}]")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{place}[{index}]")
    elif isinstance(value, (str, int)) and not isinstance(value, bool) and len(str(value)) >= _SHORTEST:
        yield str(value), place


def _with_marks(request: Request, marks: Sequence[tuple[str, str]]) -> Request:
    def put(text: str) -> str:
        for value, mark in marks:
            text = text.replace(value, mark)
        return text

    body = put(request.body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    return request._replace(path=put(request.path), query=put(request.query), body=body)


def _with_variables(line: str, marks: Sequence[str]) -> str:
    """Let the shell fill in what earlier lines found: outside and inside of single quotes, and in an address."""
    for mark in marks:
        for form in (mark, quote(mark)):
            line = _each(line, form, lambda quoted, mark=mark: f"'\"${_name(mark)}\"'" if quoted else f'"${_name(mark)}"')  # type: ignore[misc]
    return line


def _each(line: str, form: str, instead: Callable[[bool], str]) -> str:
    before, found, rest = line.partition(form)
    while found:
        quoted = before.count("'") % 2 == 1
        before += instead(quoted)
        middle, found, rest = rest.partition(form)
        before += middle
    return before


def _name(mark: str) -> str:
    return f"made{ord(mark) - ord(_MARK) + 1}"
