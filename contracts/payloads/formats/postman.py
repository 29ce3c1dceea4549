"""A Postman collection (v2.1): a folder for each operation, a test for each payload. Newman runs it too.

What a collection can't carry is left out, and the description says how many those are: bodies that are no text, since a collection is
JSON; comments in JSON, which Postman takes out; and bodies of megabytes, whose refusal Node.js does not hear while it is still sending.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from contracts.payloads.formats.cases import Case, Hole, Message, Sought, json_text, plain_text

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_LARGEST = 2**20  # bytes
_STRING, _COMMENT = re.compile(rb'"(?:[^"\\]|\\.)*"'), re.compile(rb"//|/[*]")
_RUN = "if (!pm.collectionVariables.get('run')) { pm.collectionVariables.set('run', Date.now().toString(36)); }"


def collection(title: str, url: str, account: str, cases: Iterable[Case]) -> dict[str, Any]:
    """Make a collection."""
    folders: dict[str, list[dict[str, Any]]] = {}
    left_out = 0
    for case in cases:
        if _can_be_carried(case.call):
            folders.setdefault(case.payload.operation, []).append(_item(case, account))
        else:
            left_out += 1
    about = f"Payloads of {title}, written by `trackbed payloads`; each is tested against its label."
    if left_out:
        about += f" {left_out} payloads are not here: a collection can't carry bodies that are no text, comments or megabytes."
    return {
        "info": {"name": f"Payloads of {title}", "description": about, "schema": SCHEMA},
        "item": [{"name": operation, "item": items} for operation, items in folders.items()],
        "variable": [{"key": "url", "value": url, "type": "string"}, {"key": "run", "value": "", "type": "string"}],
        "event": [_script("prerequest", [_RUN])],
    }


def _can_be_carried(message: Message) -> bool:
    text = b"".join(part for part in message.body or () if isinstance(part, bytes))
    return plain_text(message.body or ()) and message.padded_to <= _LARGEST and not _COMMENT.search(_STRING.sub(b"", text))


def _item(case: Case, account: str) -> dict[str, Any]:
    own = f"{account}_{{{{run}}}}_{case.number}"
    label = case.payload
    call = _request(label.id, case.call, own, _test(label.title, label.expected.statuses, case.sought))
    call["request"]["description"] = f"{label.title}. Verdict: {label.verdict}; rule: {label.rule}"
    if not case.before:
        return call
    scene = [
        _request(f"scene {number} of {label.id}", message, own, _test("The scene is set", tuple(range(200, 300)), None))
        for number, message in enumerate(case.before, 1)
    ]
    return {"name": label.id, "item": [*scene, call]}


def _request(name: str, message: Message, account: str, test: list[str]) -> dict[str, Any]:
    behaviour: dict[str, Any] = {"followRedirects": False, "disableBodyPruning": True}
    before: list[str] = []
    headers = [{"key": key, "value": _header(parts, account, before)} for key, parts in message.headers]
    request: dict[str, Any] = {"method": message.method, "url": "{{url}}" + message.target, "header": headers}
    if message.body is not None:
        text = "".join(part.decode() if isinstance(part, bytes) else account for part in message.body)
        if message.padded_to:
            before.append(
                f"pm.variables.set('blanks', ' '.repeat({message.padded_to} - pm.variables.replaceIn({json_text(text)}).length));"
            )
            text += "{{blanks}}"
        request["body"] = {"mode": "raw", "raw": text}
        if not any(key == "content-type" for key, _ in message.headers):
            behaviour["disabledSystemHeaders"] = {"content-type": True}
    events = [_script("test", test), *([_script("prerequest", before)] if before else [])]
    return {"name": name, "request": request, "event": events, "protocolProfileBehavior": behaviour}


def _header(parts: tuple[str | Hole, ...], account: str, before: list[str]) -> str:
    """Write a header; what has to be encoded first a script puts into a variable."""
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
        elif part.base64:
            whole = json_text(f"{part.before}{account}{part.after}")
            before.append(f"pm.variables.set('shown', btoa(pm.variables.replaceIn({whole})));")
            text += "{{shown}}"
        else:
            text += account
    return text


def _test(title: str, statuses: tuple[int, ...], sought: Sought | None) -> list[str]:
    lines = [f"pm.test({json_text(title)}, () => {{", f"    pm.expect(pm.response.code).to.be.oneOf({json_text(list(statuses))});"]
    if sought:
        values = "|".join(re.escape(json_text(value)).replace("/", r"\/") for value in sought.values)
        lines.append(rf'    pm.expect(pm.response.text()).to.match(/"{sought.member}"\s*:\s*({values})[^0-9]/);')
    return [*lines, "});"]


def _script(listen: str, lines: list[str]) -> dict[str, Any]:
    return {"listen": listen, "script": {"type": "text/javascript", "exec": lines}}
