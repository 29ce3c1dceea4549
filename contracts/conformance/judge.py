"""The document as a judge reads it: what is promised, said in the terms that Schemathesis checks.

Nothing is promised here that the document does not promise. Three things are said differently: a refusal that comes with 200 stands
under the status that it means, OAuth 2 is a bearer token, and a reply that the document has for no operation (unknown path, too
large) stands where a generated request can bring it about.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox import document
from sandbox.causes import Cause
from sandbox.document import steps_of
from sandbox.spec import Operation, Spec


def project(spec: Spec) -> dict[str, Any]:
    """Give a document of its own to a judge; the one it is made from stays as it is."""
    tree = copy.deepcopy(spec.tree)
    _bearers(tree)
    for operation in spec.operations.values():
        node = document.at(tree, operation.where)
        if spec.accepted is not None:
            _split(tree, node, spec, operation)
        for cause in _anywhere(spec, operation):
            node["responses"].setdefault(str(cause.status), {"$ref": f"#/components/responses/{document.escape(str(cause.response))}"})
    return tree


def _bearers(tree: Mapping[str, Any]) -> None:
    """Write OAuth 2 as HTTP: an API that asks nobody for credentials is found out where the scheme is `http`, and only there."""
    for scheme in tree.get("components", {}).get("securitySchemes", {}).values():
        if scheme.get("type") in ("oauth2", "openIdConnect"):
            kept = {key: value for key, value in scheme.items() if key == "description" or key.startswith("x-")}
            scheme.clear()
            scheme.update(kept, type="http", scheme="bearer")


def _anywhere(spec: Spec, operation: Operation) -> Iterator[Cause]:
    """Find the refusals that belong to no operation and that a request for this one can get all the same."""
    kinds = set()
    if operation.body is not None:
        kinds.add("too-large")
    if "{" in operation.path:
        kinds.add("unknown-path")  # a parameter can make it another path
    for cause in spec.causes.values():
        if cause.response is not None and cause.when is not None and kinds & cause.when.kinds:
            yield cause


def _split(tree: dict[str, Any], node: dict[str, Any], spec: Spec, operation: Operation) -> None:
    """Put each refusal under the status that it means; what is accepted stays, with its links, where it was."""
    accepted = spec.accepted or {}
    for status, response in list(operation.responses.items()):
        reply = _resolved(tree, node["responses"][str(status)])
        if response.media_type is None or "schema" not in reply.get("content", {}).get(response.media_type, {}):
            continue
        media = reply["content"][response.media_type]
        whole = media["schema"]
        node["responses"][str(status)] = {
            **reply,
            "content": {response.media_type: {"schema": {"allOf": [whole, _at(accepted["pointer"], {"enum": list(accepted["in"])})]}}},
        }
        for means, codes in _codes(operation, status).items():
            node["responses"][str(means)] = {
                "description": "A refusal.",
                "content": {response.media_type: {"schema": {"allOf": [whole, _at(accepted["pointer"], {"enum": codes})]}}},
            }


def _codes(operation: Operation, status: int) -> dict[int, list[Any]]:
    """Sort the codes that an operation refuses with under this status by what they mean."""
    found: dict[int, list[Any]] = {}
    for cause in operation.refusals.values():
        if cause.status == status and cause.means != status:
            codes = found.setdefault(cause.means, [])
            if cause.code not in codes:
                codes.append(cause.code)
    return found


def _resolved(tree: Mapping[str, Any], node: Mapping[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        node = document.at(tree, node["$ref"][1:])
    return dict(node)


def _at(pointer: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Say of the member at a JSON pointer what a schema says."""
    value: dict[str, Any] = dict(schema)
    for step in reversed(steps_of(pointer)):
        value = {"type": "object", "properties": {step: value}, "required": [step]}
    return value
