"""Any OpenAPI 3.0 or 3.1 document, brought into the form that we read: 3.1, with what we have no word for left out.

Nothing here judges a document's taste. What is optional may be absent, what we do not know is passed over, and only what cannot be
understood stops us, with its JSON pointer. Pointers stay those of the file: things are mended where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from contracts import bodies
from sandbox import document, vocabulary
from sandbox.document import escape, pointer
from sandbox.errors import SpecError
from sandbox.spec import METHODS

Tree = dict[str, Any]

_KINDS: Mapping[str, Mapping[str, str]] = {
    **vocabulary.KINDS,
    "schema": {**vocabulary.KINDS["schema"], "$defs": "{schema}", "definitions": "{schema}", "contentSchema": "schema"},
    "components": {**vocabulary.KINDS["components"], "pathItems": "{path}"},
}
_REFUSALS = (400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422, 428, 429)
_RANGES = {"2XX": (200, 201, 202, 204), "4XX": _REFUSALS, "5XX": (500, 501, 502, 503)}
_IGNORED_HEADERS = frozenset(("accept", "content-type", "authorization"))  # OpenAPI: such a parameter is ignored
_VARIABLE = re.compile(r"\{([^{}]+)\}")
ANY_OF = "x-any-of"  # marks a reply that the document allows by a range or by `default`, and does not name


def adapt(file: str, tree: Tree) -> Tree:
    """Mend a document in place. Raises SpecError for what cannot be understood."""
    version = tree.get("openapi")
    if not isinstance(version, str) or not re.match(r"3\.[01](\.|$)", version):
        at = "/swagger" if "swagger" in tree else "/openapi"
        raise SpecError(file, at, f"is {tree.get(at[1:])!r}; Trackbed reads OpenAPI 3.0 and 3.1, convert the document to one of them")
    if not isinstance(tree.get("paths", {}), Mapping):
        raise SpecError(file, "/paths", "is not an object")
    _inline_paths(file, tree)
    names = _Names(file, tree)
    for kind, where, node in list(_objects(file, "document", "", tree)):
        if kind == "schema":
            names.point(where, node)
            _SCHEMA[version[:3]](node)
        elif mend := _MEND.get(kind):
            mend(node)
    _secure(tree)
    _operations(file, tree)
    _links(tree)
    tree["openapi"] = "3.1.0"  # which it is now: whoever reads it on must not take it for what it was
    return tree


def _objects(file: str, kind: str, where: str, node: Any) -> Iterator[tuple[str, str, Tree]]:
    """Yield every object that the tables know, outer ones first; what is there but is no object stops it."""
    if kind == "schema" and isinstance(node, bool):
        return
    if not isinstance(node, dict):
        raise SpecError(file, where, f"is not an object, as a {kind} must be")
    yield kind, where, node
    for name, inner in _KINDS[kind].items():
        if inner == "-" or name not in node:
            continue
        for step, child in _children(file, inner, f"{where}/{escape(name)}", node[name]):
            yield from _objects(file, inner.strip("[]{}"), f"{where}/{escape(name)}{step}", child)


def _children(file: str, inner: str, where: str, child: Any) -> Iterator[tuple[str, Any]]:
    if inner[0] == "{":
        if not isinstance(child, dict):
            raise SpecError(file, where, "is not an object")
        yield from ((f"/{escape(key)}", value) for key, value in child.items() if not key.startswith("x-") or inner == "{schema}")
    elif inner[0] == "[":
        if not isinstance(child, list):
            raise SpecError(file, where, "is not a list")
        yield from ((f"/{index}", value) for index, value in enumerate(child))
    else:
        yield "", child


def _inline_paths(file: str, tree: Tree) -> None:
    for path, item in list(tree.get("paths", {}).items()):
        if not path.startswith("/"):
            del tree["paths"][path]
        elif isinstance(item, Mapping) and "$ref" in item:
            tree["paths"][path] = {**_target(file, tree, item["$ref"], pointer("paths", path)), **{k: item[k] for k in item if k != "$ref"}}


def _target(file: str, tree: Tree, reference: Any, where: str) -> Any:
    if not isinstance(reference, str) or not document.looks_like_local(reference):
        raise SpecError(file, f"{where}/$ref", f"points outside the document ({reference!r}); bundle what it needs into this file")
    try:
        return document.at(tree, unquote(reference[1:]))
    except KeyError:
        raise SpecError(file, f"{where}/$ref", f"points to {reference!r}, but nothing is there") from None


# --- schemas -----------------------------------------------------------------------------------------------------------------


class _Names:
    """Where the schemas stand that other schemas refer to by a name of their own (`$id`, `$anchor`, `$dynamicAnchor`)."""

    def __init__(self, file: str, tree: Tree) -> None:
        self.file, self.tree = file, tree
        self.found: dict[str, str] = {}
        for kind, where, node in _objects(file, "document", "", tree):
            if kind == "schema":
                self.found |= {f"#{node[key]}": where for key in ("$anchor", "$dynamicAnchor") if isinstance(node.get(key), str)}
                self.found |= {node["$id"]: where} if isinstance(node.get("$id"), str) else {}

    def point(self, where: str, node: Tree) -> None:
        """Turn what a schema refers to into a JSON pointer; raises SpecError where that is nothing in this file."""
        if "$dynamicRef" in node:  # nothing here overrides a dynamic anchor, so it is a plain one
            node.setdefault("$ref", node.pop("$dynamicRef"))
        if "$ref" in node:
            reference = node["$ref"]
            base, _, rest = reference.partition("#") if isinstance(reference, str) else ("", "", "")
            if reference in self.found:
                node["$ref"] = f"#{self.found[reference]}"
            elif base in self.found and (not rest or rest.startswith("/")):
                node["$ref"] = f"#{self.found[base]}{rest}"
            _target(self.file, self.tree, node["$ref"], where)
        for key in ("$id", "$anchor", "$dynamicAnchor", "$schema"):
            node.pop(key, None)


def _schema_30(node: Tree) -> None:
    """Give a schema of OpenAPI 3.0 the words of 3.1."""
    if "$ref" in node:  # what stands beside it has no meaning there
        for name in [name for name in node if name != "$ref"]:
            del node[name]
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(node.get(exclusive), bool) and node.pop(exclusive) and bound in node:
            node[exclusive] = node.pop(bound)
    if node.pop("nullable", False) is True and isinstance(node.get("type"), str):  # without a type it has no meaning either
        node["type"] = [node["type"], "null"]
    _schema_31(node)


def _schema_31(node: Tree) -> None:
    if "example" in node:
        node["examples"] = [node.pop("example"), *(node["examples"] if isinstance(node.get("examples"), list) else ())]


_SCHEMA: Mapping[str, Callable[[Tree], None]] = {"3.0": _schema_30, "3.1": _schema_31}


# --- the rest of a document --------------------------------------------------------------------------------------------------


def _parameter(node: Tree) -> None:
    if "schema" not in node and "$ref" not in node:
        media: Tree = next(iter(node.get("content", {}).values()), {})
        node["schema"] = media.get("schema", {})


def _body(node: Tree) -> None:
    if "$ref" in node:
        return
    content = node.get("content") or {bodies.JSON: {}}
    for media in content.values():
        media.setdefault("schema", {})  # no schema: anything
    node["content"] = dict(sorted(content.items(), key=lambda pair: bodies.order(pair[0])))  # what we write comes first


def _media(node: Tree) -> None:
    if "examples" in node:
        node["examples"] = {name: example for name, example in node["examples"].items() if "value" in example or "$ref" in example}


def _response(node: Tree) -> None:
    if not isinstance(node.get("links", {}), dict):
        del node["links"]
    node["headers"] = {name: header for name, header in node.get("headers", {}).items() if "schema" in header or "$ref" in header}
    if "$ref" in node:
        del node["headers"]


_MEND: Mapping[str, Callable[[Tree], None]] = {"parameter": _parameter, "body": _body, "media": _media, "response": _response}


def _secure(tree: Tree) -> None:
    """Keep the ways to show a credential that we know; of several at once the first, and none where none is needed."""
    schemes = tree.get("components", {}).get("securitySchemes", {})
    for name in [name for name, scheme in schemes.items() if not _known(scheme)]:
        del schemes[name]
    for node in (tree, *(operation for _, _, operation in _each(tree))):
        if "security" in node:
            needs = node["security"]
            kept = [{name: need[name] or []} for need in needs if (name := next((name for name in need if name in schemes), None))]
            node["security"] = [] if {} in needs else kept


def _known(scheme: Any) -> bool:
    kind = scheme.get("type")
    return (
        kind == "oauth2"
        or (kind == "apiKey" and scheme.get("in") == "header")
        or (kind == "http" and str(scheme.get("scheme")).lower() in ("basic", "bearer"))
    )


def _each(tree: Tree) -> Iterator[tuple[str, str, Tree]]:
    for path, item in tree.get("paths", {}).items():
        for method in item:
            if method in METHODS:
                yield path, method, item[method]


def _operations(file: str, tree: Tree) -> None:
    taken: dict[str, str] = {}
    for path, method, operation in _each(tree):
        where = pointer("paths", path, method)
        name = operation.setdefault("operationId", _name(method, path))
        if name in taken:
            raise SpecError(file, f"{where}/operationId", f"is {name!r}, as that of {taken[name]}; every operation needs one of its own")
        taken[name] = where
        operation["responses"] = dict(_statuses(operation.get("responses", {})))
        variables = _VARIABLE.findall(path)
        held = [*_keep(file, tree, operation, where, variables), *_keep(file, tree, tree["paths"][path], pointer("paths", path), variables)]
        missing = [name for name in variables if ("path", name) not in held]
        if missing:
            operation.setdefault("parameters", []).extend(
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in missing
            )


def _links(tree: Tree) -> None:
    """Keep the links that lead to an operation of the document, by its operationId."""
    names = {operation["operationId"] for _, _, operation in _each(tree)}
    places = {pointer("paths", path, method): operation["operationId"] for path, method, operation in _each(tree)}
    shared = tree.get("components", {}).get("responses", {}).values()
    for response in (*shared, *(reply for _, _, operation in _each(tree) for reply in operation["responses"].values())):
        for name, link in list(response.get("links", {}).items()):
            there = link if isinstance(link, dict) else {}
            if (reference := there.pop("operationRef", None)) is not None:
                there["operationId"] = places.get(str(reference).partition("#")[2])
            if "$ref" in there or there.get("operationId") not in names:
                del response["links"][name]


def _name(method: str, path: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", path)
    return method + "".join(word[:1].upper() + word[1:] for word in words)


def _statuses(responses: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for status, response in responses.items():
        if re.fullmatch("[1-5][0-9]{2}", str(status)):
            yield str(status), response
    for status, response in responses.items():
        ranges = {**_RANGES, "DEFAULT": _meant_by_default(responses)}
        for one in ranges.get(str(status).upper(), ()):
            if str(one) not in responses:
                yield str(one), {**response, ANY_OF: status}


def _meant_by_default(responses: Mapping[str, Any]) -> tuple[int, ...]:
    """Say which replies `default` speaks of: those that are no success, and successes where no other is documented."""
    others = {str(status)[:1] for status in responses} - {"d"}
    return tuple(one for first in "245" if first not in others or first != "2" for one in _RANGES[f"{first}XX"])


def _keep(file: str, tree: Tree, owner: Tree, where: str, variables: list[str]) -> list[tuple[str, str]]:
    """Keep the parameters that mean something: those of the path's template, and no header that OpenAPI ignores. Gives their names."""
    kept, held = [], []
    for index, raw in enumerate(owner.get("parameters", ())):
        node = raw
        while isinstance(node, Mapping) and "$ref" in node:
            node = _target(file, tree, node["$ref"], f"{where}/parameters/{index}")
        if not (
            isinstance(node, Mapping) and isinstance(node.get("name"), str) and node.get("in") in ("path", "query", "header", "cookie")
        ):
            raise SpecError(
                file, f"{where}/parameters/{index}", "is no parameter: it needs a name, and `in` is path, query, header or cookie"
            )
        ignored = node["in"] == "header" and node["name"].lower() in _IGNORED_HEADERS
        if not ignored and (node["in"] != "path" or node["name"] in variables):
            kept.append(raw)
            held.append((node["in"], node["name"]))
    if len(kept) < len(owner.get("parameters", ())):
        owner["parameters"] = kept
    return held
