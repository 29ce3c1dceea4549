"""A document, read and indexed: operations, parameters, bodies, replies, causes. Data and look-ups, no behaviour.

`Spec.load` is the one door. It refuses (SpecError) what the engine could not keep, so that a server that starts can
answer for every line of its documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sandbox import document, vocabulary
from sandbox.causes import Cause, find, read_causes
from sandbox.document import pointer
from sandbox.errors import SpecError
from sandbox.exchange import Problem, Request
from sandbox.routing import Router
from sandbox.validation import Check, Registry

METHODS = frozenset(("get", "put", "post", "delete", "options", "head", "patch", "trace"))
PROBLEM_JSON = "application/problem+json"
DEFAULT_MAX_BODY = 1_048_576


@dataclass(frozen=True, slots=True)
class Parameter:
    """One path, query or header parameter. `kind` is its JSON type, `items` the type of an array's elements."""

    name: str
    location: str
    kind: str
    items: str = "string"
    explode: bool = True
    has_default: bool = False
    default: Any = None


@dataclass(frozen=True, slots=True)
class Body:
    """What an operation takes: one check per media type, and the named examples of the first."""

    required: bool
    media: Mapping[str, Check]
    examples: Mapping[str, Any]

    def check(self, request: Request) -> Check:
        """Take the check of the media type that a request has, the first one where it has none."""
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        return self.media.get(media_type) or next(iter(self.media.values()))


@dataclass(frozen=True, slots=True)
class Header:
    """One header of a reply. `example` is a value that conforms, None where the document shows none."""

    required: bool
    check: Check
    example: Any = None


@dataclass(frozen=True, slots=True)
class Response:
    """One documented reply. `media_type` and `check` are None for a reply without content."""

    status: int
    where: str
    media_type: str | None
    check: Check | None
    headers: Mapping[str, Header]
    examples: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a credential travels: `kind` is apiKey, basic or bearer, `name` the lower-case name of the header."""

    label: str
    kind: str
    name: str = "authorization"


@dataclass(frozen=True, slots=True)
class Need:
    """One way to satisfy an operation's security: a scheme, and the roles that the account must have."""

    scheme: Scheme
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path. `where` is its JSON pointer, `needs` are alternatives, empty for a public operation.

    `creates` tells that its replies link to other operations, as those of a create do. `refusals` are all causes, the
    document's and its own, for which it has a documented reply; `limit_cause` is the one of a limit that is exceeded, None
    where the document has none, and `rate_limit` the limit itself: `calls` in `per_s` seconds, common to all operations of a
    `group`.
    """

    id: str
    method: str
    path: str
    where: str
    summary: str
    parameters: tuple[Parameter, ...]
    check_parameters: Check | None
    body: Body | None
    responses: Mapping[int, Response]
    causes: Mapping[str, Cause]
    needs: tuple[Need, ...]
    credential: str | None
    creates: bool
    refusals: Mapping[str, Cause]
    limit_cause: Cause | None
    rate_limit: Mapping[str, Any] | None

    @property
    def method_name(self) -> str:
        """The name of the provider's method: the operationId in snake case."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", self.id).lower()

    @property
    def secured(self) -> bool:
        """Whether a caller must show a credential, in a header or in the body."""
        return bool(self.needs or self.credential)


class Spec:
    """One provider's document."""

    def __init__(self, name: str, file: str, tree: dict[str, Any]) -> None:
        self.name = name
        self.file = file
        self.tree = tree
        self.registry = Registry(file, tree)
        self.max_body: int = tree.get("x-max-body", DEFAULT_MAX_BODY)
        self.credential: str | None = tree.get("x-credential", {}).get("pointer")
        self.accepted: Mapping[str, Any] | None = tree.get("x-accepted")
        self.schemes = dict(self._schemes())
        self.secret_headers = frozenset(scheme.name for scheme in self.schemes.values())
        self.causes = read_causes(file, tree.get("x-causes", {}), "/x-causes")
        self.redirects = any(cause.when and "missing-slash" in cause.when.kinds for cause in self.causes.values())
        self.shared_responses = {
            key: self._response(0, value, f"/components/responses/{document.escape(key)}")
            for key, value in tree.get("components", {}).get("responses", {}).items()
        }
        self.operations = {operation.id: operation for operation in self._operations()}
        self.router = Router(self.operations.values(), tree.get("x-aliases", {}))

    @classmethod
    def load(cls, path: Path, *, name: str | None = None) -> Spec:
        """Read, check and index one of our own documents. Raises SpecError."""
        tree = document.read(path)
        vocabulary.check(path.name, tree, own=True)
        version = tree.get("openapi")
        if not (isinstance(version, str) and version.startswith("3.1.")):
            raise SpecError(path.name, "/openapi", f"is {version!r}; Trackbed reads OpenAPI 3.1")
        return cls(name or path.stem, path.name, tree)

    @property
    def title(self) -> str:
        """The document's title, for people."""
        return str(self.tree.get("info", {}).get("title", self.name))

    @property
    def hosts(self) -> tuple[str, ...]:
        """The vendor's own host names, lower-case, from `servers`; the first is the main one."""
        found = (urlsplit(server["url"]).hostname for server in self.tree.get("servers", ()))
        return tuple(dict.fromkeys(host for host in found if host))

    def check(self, where: str) -> Check:
        """Compile the schema at a JSON pointer of this document."""
        return self.registry.check(where)

    def cause(self, name: str, operation: Operation | None) -> Cause | None:
        """Find a cause by name, the operation's own before the document's."""
        return (operation.causes.get(name) if operation else None) or self.causes.get(name)

    def cause_for(
        self, kind: str, operation: Operation | None, reason: str | None = None, problems: tuple[Problem, ...] = ()
    ) -> Cause | None:
        """Find the cause that a fault of a request falls under; see `Rejection` for its kind and reason. None when no row speaks of it."""
        tables = (operation.causes, self.causes) if operation else (self.causes,)
        cause = find(tables, kind, reason, problems)
        if cause is None and kind == "forbidden":  # an API that does not tell the two apart
            cause = find(tables, "unauthenticated", reason, problems)
        return cause

    def response(self, cause: Cause, operation: Operation | None) -> Response | None:
        """Find the documented reply of a cause: the shared one that it names, or the operation's of its status."""
        if operation and cause.status in operation.responses:
            return operation.responses[cause.status]
        return self.shared_responses.get(cause.response) if cause.response else None

    # --- reading -----------------------------------------------------------------------------------------------------

    def _fail(self, where: str, reason: str) -> SpecError:
        return SpecError(self.file, where, reason)

    def _resolve(self, node: Any, where: str) -> tuple[Any, str]:
        """Follow references; the second value says where the node really stands."""
        while isinstance(node, Mapping) and "$ref" in node:
            where = node["$ref"][1:]
            try:
                node = document.at(self.tree, where)
            except KeyError:
                raise self._fail(where, "is what a $ref points to, but nothing is there") from None
        return node, where

    def _schemes(self) -> Iterator[tuple[str, Scheme]]:
        for label, raw in self.tree.get("components", {}).get("securitySchemes", {}).items():
            node, where = self._resolve(raw, pointer("components", "securitySchemes", label))
            kind = node["type"]
            if kind == "apiKey" and node["in"] == "header":
                yield label, Scheme(label, "apiKey", node["name"].lower())
            elif kind == "oauth2" or (kind == "http" and node["scheme"].lower() == "bearer"):
                yield label, Scheme(label, "bearer")
            elif kind == "http" and node["scheme"].lower() == "basic":
                yield label, Scheme(label, "basic")
            else:
                raise self._fail(where, f"is a security scheme that Trackbed does not implement ({kind})")

    def _operations(self) -> Iterator[Operation]:
        for path, item in self.tree.get("paths", {}).items():
            for method in item:
                if method in METHODS:
                    yield self._operation(path, method, item, pointer("paths", path, method))

    def _operation(self, path: str, method: str, item: Mapping[str, Any], where: str) -> Operation:
        node = item[method]
        if "operationId" not in node:
            raise self._fail(where, "has no operationId; a provider's method is named by it")
        raw = [(value, f"{where}/parameters/{index}") for index, value in enumerate(node.get("parameters", ()))]
        shared = pointer("paths", path, "parameters")
        raw += [(value, f"{shared}/{index}") for index, value in enumerate(item.get("parameters", ()))]
        resolved = {(value["in"], value["name"]): (value, at) for value, at in (self._resolve(*pair) for pair in reversed(raw))}
        responses = {
            int(status): self._response(int(status), value, f"{where}/responses/{status}")
            for status, value in node.get("responses", {}).items()
        }
        own = read_causes(self.file, node.get("x-causes", {}), f"{where}/x-causes")
        refusals = {name: cause for name, cause in {**self.causes, **own}.items() if self._can_say(cause, responses)}
        limit_cause = find((own, self.causes), "rate-limited", None, ())
        return Operation(
            id=node["operationId"],
            method=method.upper(),
            path=path,
            where=where,
            summary=node.get("summary", ""),
            parameters=tuple(self._parameter(*pair) for pair in resolved.values()),
            check_parameters=self._check_parameters(list(resolved.values())),
            body=self._body(node, where),
            responses=responses,
            causes=own,
            # HTTP schemes come before plain keys, which may travel in the same header.
            needs=tuple(
                sorted(
                    self._needs(node.get("security", self.tree.get("security", ())), where), key=lambda need: need.scheme.kind == "apiKey"
                )
            ),
            credential=self.credential,
            creates=any("links" in self._resolve(value, where)[0] for value in node.get("responses", {}).values()),
            refusals=refusals,
            limit_cause=limit_cause if limit_cause and self._can_say(limit_cause, responses) else None,
            rate_limit=self._rate_limit(node, where),
        )

    def _can_say(self, cause: Cause, responses: Mapping[int, Response]) -> bool:
        """Tell whether an operation with these responses has one that shows how this cause is said."""
        response = responses.get(cause.status) or self.shared_responses.get(cause.response or "")
        return response is not None and (response.check is None or cause.example in response.examples)

    def _rate_limit(self, node: Mapping[str, Any], where: str) -> Mapping[str, Any] | None:
        limit: Mapping[str, Any] | None = node.get("x-rate-limit")
        if limit is not None and not ({"calls", "per_s"} <= limit.keys() <= {"calls", "per_s", "group", "x-source", "x-inferred"}):
            raise self._fail(f"{where}/x-rate-limit", "must have calls and per_s, and may have group, x-source and x-inferred")
        return limit

    def _parameter(self, node: Mapping[str, Any], where: str) -> Parameter:
        schema = self._flat(node["schema"], f"{where}/schema")
        kind = type_of(schema)
        return Parameter(
            node["name"] if node["in"] != "header" else node["name"].lower(),
            node["in"],
            kind,
            items=type_of(self._flat(schema.get("items", {}), where)) if kind == "array" else "string",
            has_default="default" in schema,
            default=schema.get("default"),
        )

    def _flat(self, schema: Any, where: str) -> Mapping[str, Any]:
        """Take a schema with what its `$ref` adds, one level deep: enough to know a parameter's type and default."""
        if not isinstance(schema, Mapping):
            return {}
        if "$ref" not in schema:
            return schema
        target, _ = self._resolve({"$ref": schema["$ref"]}, where)
        return {**target, **schema}

    def _check_parameters(self, parameters: list[tuple[Mapping[str, Any], str]]) -> Check | None:
        """Compile one schema for all parameters of an operation, grouped by where they travel."""
        if not parameters:
            return None
        groups: dict[str, dict[str, Any]] = {}
        for node, where in parameters:
            group = groups.setdefault(node["in"], {"type": "object", "properties": {}, "required": []})
            name = node["name"].lower() if node["in"] == "header" else node["name"]
            group["properties"][name] = {"$ref": self.registry.uri(f"{where}/schema")}
            if node.get("required"):
                group["required"].append(name)
        return self.registry.compile({"properties": groups}, parameters=True)

    def _body(self, node: Mapping[str, Any], where: str) -> Body | None:
        if "requestBody" not in node:
            return None
        body, at = self._resolve(node["requestBody"], f"{where}/requestBody")
        checks = {
            media_type.lower(): self.check(f"{at}/content/{document.escape(media_type)}/schema")
            for media_type, media in body["content"].items()
            if "schema" in media
        }
        first, media = next(iter(body["content"].items()))
        examples = dict(self._examples(media, f"{at}/content/{document.escape(first)}"))
        return Body(bool(body.get("required")), checks, examples)

    def _response(self, status: int, raw: Any, where: str) -> Response:
        node, where = self._resolve(raw, where)
        headers = {
            name.lower(): self._header(value, f"{where}/headers/{document.escape(name)}") for name, value in node.get("headers", {}).items()
        }
        for media_type, media in node.get("content", {}).items():
            at = f"{where}/content/{document.escape(media_type)}"
            check = self.check(f"{at}/schema") if "schema" in media else None
            return Response(status, where, media_type, check, headers, dict(self._examples(media, at)))
        return Response(status, where, None, None, headers, {})

    def _header(self, raw: Any, where: str) -> Header:
        node, where = self._resolve(raw, where)
        example = node.get("example", node["schema"].get("example", next(iter(node["schema"].get("examples", ())), None)))
        return Header(bool(node.get("required")), self.check(f"{where}/schema"), example)

    def _examples(self, media: Mapping[str, Any], where: str) -> Iterator[tuple[str, Any]]:
        if "example" in media:
            yield "default", media["example"]
        for name, raw in media.get("examples", {}).items():
            node, at = self._resolve(raw, f"{where}/examples/{document.escape(name)}")
            if "value" not in node:
                raise self._fail(at, "is an example without a value")
            yield name, node["value"]

    def _needs(self, requirements: Any, where: str) -> Iterator[Need]:
        for requirement in requirements:
            if len(requirement) != 1:
                raise self._fail(f"{where}/security", "asks for two schemes at once, which Trackbed does not implement")
            for label, roles in requirement.items():
                if label not in self.schemes:
                    raise self._fail(f"{where}/security", f"names the scheme {label!r}, which components/securitySchemes does not have")
                yield Need(self.schemes[label], frozenset(roles))


def type_of(schema: Mapping[str, Any]) -> str:
    """Tell the type that a schema gives a text on the wire: the first that is not null, a string where it has none."""
    kind = schema.get("type", "string")
    return next((name for name in kind if name != "null"), "string") if isinstance(kind, list) else str(kind)
