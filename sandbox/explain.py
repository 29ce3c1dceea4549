"""Why one exchange went as it did: what the journal knows of it, said for a person, with the place in the document."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from sandbox import curl
from sandbox.causes import Cause
from sandbox.document import at
from sandbox.exchange import Problem
from sandbox.journal import Entry
from sandbox.pipeline import Api


def troubles(problems: tuple[Problem, ...]) -> list[dict[str, str]]:
    """List problems as people and programs read them."""
    return [
        {"place": problem.place, "message": problem.message or problem.keyword} | ({"rule": problem.rule} if problem.rule else {})
        for problem in problems
    ]


def explanation(entry: Entry, api: Api) -> dict[str, Any]:
    """Explain an exchange of one provider."""
    cause = _cause(entry, api)
    return {
        "id": entry.id,
        "sentences": list(_sentences(entry, api, cause)),
        "document": f"/_sandbox/specs/{api.spec.name}.yaml",
        "decided_by": entry.decided_by,
        "cause": None if cause is None else _shown(cause, api),
        "fault": entry.fault,
        "problems": troubles(entry.problems),
        "curl": curl.line(entry, api),
    }


def _cause(entry: Entry, api: Api) -> Cause | None:
    if entry.cause is None:
        return None
    return api.spec.cause(entry.cause, api.spec.operations.get(entry.operation or ""))


def _shown(cause: Cause, api: Api) -> dict[str, Any]:
    row = at(api.spec.tree, cause.where)
    notes = {name.removeprefix("x-"): row[name] for name in ("x-source", "x-inferred") if name in row}
    shown = {"name": cause.name, "status": cause.status, "means": cause.means, "severity": cause.severity}
    return shown | ({} if cause.code is None else {"code": cause.code}) | notes


def _sentences(entry: Entry, api: Api, cause: Cause | None) -> Iterator[str]:
    yield _found(entry, api)
    if entry.account != "-":
        yield f"The account is {entry.account}."
    elif entry.operation and cause is not None:
        yield "No account was found out."
    if (applied := entry.reply_headers.get("preference-applied")) is not None:
        yield f"The caller preferred this: {applied}."
    elif entry.fault is not None:
        yield f"The fault rule {entry.fault} of the workspace struck."
    if cause is None:
        yield f"It was answered with {entry.status}; no cause of the document refused it."
        return
    stands_for = "" if cause.means == cause.status else f", which stands for {cause.means}"
    yield f"It was refused for the cause {cause.name} with {entry.status}{stands_for}: {api.spec.file}#{cause.where}."
    for problem in entry.problems:
        yield f"{problem}" + (f" (by {api.spec.file}#{problem.rule})" if problem.rule else "")
    if entry.fault is None:  # what a fault did to one call says nothing of the next
        yield "The same call may succeed later." if cause.severity == "transient" else "The same call will be refused again."


def _found(entry: Entry, api: Api) -> str:
    called = f"{entry.method} {entry.path}"
    if entry.operation:
        return f"{called} is {entry.operation} of {api.spec.name}."
    paths = dict.fromkeys(operation.path for operation in api.spec.operations.values())
    if (route := api.spec.router.find(entry.path)) is not None:
        return f"{called} is no operation of {api.spec.name}: the path has {', '.join(route[0])}."
    near = difflib.get_close_matches(entry.path, paths, 1, 0.5)
    return f"{called} is no operation of {api.spec.name}: " + (
        f"the nearest path is {near[0]}." if near else f"paths are {', '.join(paths)}."
    )
