"""Payloads from the wire: what a request can be that no JSON value and no schema speaks of.

Each is one edit of the operation's usual call: other bytes, another content type, credential, method, path or place of a parameter. What
must be answered comes from the document's causes.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from contracts.bodies import FORM, JSON, MULTIPART, content_type, is_json, media_type_of, written_as
from contracts.payloads import bases, labels, spoils
from contracts.payloads.bases import Base
from contracts.payloads.drafts import placeholders
from contracts.payloads.payload import PLACEHOLDER, Draft, Expected, Payload, Verdict
from contracts.payloads.recipe import SANDBOX, USUAL, World
from sandbox import codec
from sandbox.document import pointer
from sandbox.errors import Rejection
from sandbox.exchange import Problem
from sandbox.spec import Operation, Spec

Edit = Callable[[Draft], Draft | None]

MEDIA_TYPES = ("text/plain", "application/xml", "application/json", FORM, MULTIPART, "application/vnd.api+json")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_LATIN = "charset=iso-8859-1"


@dataclass(frozen=True, slots=True)
class Idea:
    """One edit of a usual call, and its label. `edit` gives None where it can't be made; `rule` is where the document rules on it."""

    name: str
    title: str
    edit: Edit
    expected: Expected
    place: str = ""
    rule: str = ""
    keyword: str | None = None
    verdict: Verdict = "reject"


def payloads(spec: Spec, operation: Operation, world: World = SANDBOX) -> Iterator[Payload]:
    """Give the usual call of an operation and its edits. Nothing where the document shows no body for one that needs it."""
    plain = bases.twin(spec, operation, world)
    if plain is None:
        return
    yield plain
    sample = Base(plain.draft, plain.before)
    for ideas in (_credentials, _methods, _paths, _places, _content_types, _encodings, _bytes, _sizes):
        for idea in ideas(spec, operation, sample):
            payload = _payload(spec, operation, idea, world)
            if payload is not None:
                yield payload


def _payload(spec: Spec, operation: Operation, idea: Idea, world: World) -> Payload | None:
    name = bases.ident(spec, operation, idea.name)
    found = bases.usual(spec, operation, name, world)
    draft = idea.edit(found.draft) if found else None
    if found is None or draft is None or draft == found.draft:
        return None
    cause = labels.cause_of(spec, operation, idea.expected)
    rule = idea.rule or (cause.where if cause else operation.where)
    source, inferred = labels.origin(spec, cause.where if cause else rule)
    return Payload(
        name,
        idea.title,
        "invalid" if idea.verdict == "reject" else "valid",
        operation.id,
        draft,
        idea.verdict,
        idea.expected,
        idea.place,
        rule,
        idea.keyword,
        severity=cause.severity if cause else "hard",
        inferred=inferred,
        source=source,
        twin=bases.ident(spec, operation, USUAL) if idea.verdict == "reject" else None,
        before=found.before,
    )


# --- who is calling ----------------------------------------------------------------------------------------------------------


def _credentials(spec: Spec, operation: Operation, sample: Base) -> Iterator[Idea]:
    if operation.needs:
        yield from _header_credentials(spec, operation)
    elif operation.credential and sample.draft.body:
        yield _absent_member(spec, operation, sample.draft.body, operation.credential)
        wrong = labels.refused(spec, operation, Rejection("unauthenticated", "unknown"), operation.credential)
        yield Idea("credential.wrong", "A credential that is not good", _shows_wrong, wrong, operation.credential)


def _header_credentials(spec: Spec, operation: Operation) -> Iterator[Idea]:
    header = operation.needs[0].scheme.name
    place, rule = f"header:{header}", f"{operation.where}/security"
    absent, unknown, malformed = (
        labels.refused(spec, operation, Rejection("unauthenticated", reason), place) for reason in ("absent", "unknown", "malformed")
    )
    yield Idea("credential.absent", "No credential", lambda draft: replace(draft, credential="absent"), absent, place, rule)
    yield Idea("credential.wrong", "A credential that is not good", _shows_wrong, unknown, place, rule)
    yield Idea("credential.empty", "A credential without text", _shows(header, ""), malformed, place, rule)
    if header == "authorization":
        digest = 'Digest username="trackbed"'
        yield Idea("credential.other-scheme", "A credential of another scheme", _shows(header, digest), malformed, place, rule)


def _shows_wrong(draft: Draft) -> Draft:
    return replace(draft, credential="wrong")


def _shows(header: str, value: str) -> Edit:
    return lambda draft: replace(draft, credential="absent", headers={**draft.headers, header: value})


def _absent_member(spec: Spec, operation: Operation, body: bytes, credential: str) -> Idea:
    """Leave the credential out of a body: that is for validation to say."""
    name = credential[1:]
    problems = _problems(operation, {key: value for key, value in json.loads(body).items() if key != name})

    def edit(draft: Draft) -> Draft:
        whole = json.loads(draft.body or b"{}")
        del whole[name]
        return replace(draft, body=codec.dump(whole), credential="absent")

    expected = labels.refused(spec, operation, Rejection("invalid", problems=problems), credential)
    rule = problems[0].rule if problems else ""
    return Idea("credential.absent", "No credential", edit, expected, credential, rule, "required")


def _problems(operation: Operation, value: object) -> tuple[Problem, ...]:
    check = next(iter(operation.body.media.values()), None) if operation.body else None
    return check.problems(value) if check else ()


# --- where it goes -----------------------------------------------------------------------------------------------------------


def _methods(spec: Spec, operation: Operation, _: Base) -> Iterator[Idea]:
    """Try the methods that a path does not have; the first operation of a path speaks for all."""
    item = operation.where.rpartition("/")[0]
    declared = [other.method for other in spec.operations.values() if other.path == operation.path]
    first = next(other for other in spec.operations.values() if other.path == operation.path)
    if operation is not first:
        return
    expected = labels.refused(spec, operation, Rejection("wrong-method"))
    for method in METHODS:
        if method not in declared:
            title = f"{method} on a path that does not have it"
            yield Idea(f"method.{method.lower()}", title, _by(method), expected, "method", item)


def _by(method: str) -> Edit:
    return lambda draft: Draft(method, draft.path, credential=draft.credential)


def _paths(spec: Spec, operation: Operation, sample: Base) -> Iterator[Idea]:
    path = sample.draft.path
    unknown = labels.refused(spec, operation, Rejection("unknown-path"))
    tries = (
        ("path.unknown", "A path that nobody has", lambda path: f"{path.rstrip('/')}/no/such/path"),
        ("path.upper-case", "The path in capital letters", str.upper),
    )
    for name, title, change in tries:
        if spec.router.find(change(path)) is None and not _slash_is_missing(spec, change(path)):
            yield Idea(name, title, _moved(change), unknown, "path", "/paths")
    yield from _slashes(spec, operation, path)
    if any(parameter.location == "path" for parameter in operation.parameters):
        nul = labels.either(spec, operation, "unknown-path", "invalid")
        yield Idea("path.nul", "A NUL in the path, percent-encoded", _moved(_with_nul), nul, "path", "/paths", verdict="either")


def _with_nul(path: str) -> str:
    return f"{path[:-1]}\0/" if path.endswith("/") else f"{path}\0"


def _slash_is_missing(spec: Spec, path: str) -> bool:
    return spec.redirects and spec.router.find(f"{path}/") is not None


def _slashes(spec: Spec, operation: Operation, path: str) -> Iterator[Idea]:
    bare = path.rstrip("/")
    if path != bare and _slash_is_missing(spec, bare) and spec.router.find(bare) is None:
        cause = labels.refused(spec, operation, Rejection("missing-slash"))
        yield Idea("path.no-slash", "The path without the slash at its end", _moved(lambda path: path.rstrip("/")), cause, "path", "/paths")
    elif bare and path == bare and spec.router.find(f"{path}/") is None:
        expected = labels.either(spec, operation, "unknown-path")
        yield Idea("path.slash", "A slash behind the path", _moved(lambda path: f"{path}/"), expected, "path", "/paths", verdict="either")


def _moved(change: Callable[[str], str]) -> Edit:
    return lambda draft: replace(draft, path=change(draft.path))


# --- where a parameter goes ----------------------------------------------------------------------------------------------------


def _places(spec: Spec, operation: Operation, sample: Base) -> Iterator[Idea]:
    """Send each required member in the query instead of the body, and each required query parameter in a header."""
    whole = _object(operation, sample.draft)
    shown = placeholders(spec, operation)
    for name in (name for name in whole if name not in shown):
        problems = _problems(operation, {key: value for key, value in whole.items() if key != name})
        if len(problems) == 1 and problems[0].place == pointer(name) and isinstance(whole[name], (str, int)):
            expected = labels.refused(spec, operation, Rejection("invalid", problems=problems), problems[0].place)
            title = f"{name} in the query instead of the body"
            yield Idea(f"{name}.in-query", title, _into_query(name), expected, pointer(name), problems[0].rule, problems[0].keyword)
    if operation.body is None and sample.draft.query:
        yield from _misplaced_parameters(spec, operation, sample)


def _object(operation: Operation, draft: Draft) -> dict[str, object]:
    """Read a JSON body; empty where it is no object, or in another media type."""
    if not draft.body or not is_json(draft.headers.get("content-type")) or operation.body is None:
        return {}
    whole = json.loads(draft.body)
    return dict(sorted(whole.items())) if isinstance(whole, dict) else {}


def _into_query(name: str) -> Edit:
    def edit(draft: Draft) -> Draft:
        whole = json.loads(draft.body or b"{}")
        value = whole.pop(name)
        return replace(draft, body=codec.dump(whole), query=bases.query_with(draft.query, name, value))

    return edit


def _misplaced_parameters(spec: Spec, operation: Operation, sample: Base) -> Iterator[Idea]:
    given = dict(bases.query_pairs(sample.draft.query))
    for parameter in operation.parameters:
        if parameter.location != "query" or parameter.name not in given or operation.check_parameters is None:
            continue
        problems = bases.parameter_problems(operation, replace(sample.draft, query=bases.query_without(sample.draft.query, parameter.name)))
        if len(problems) == 1:
            place = f"query:{parameter.name}"
            expected = labels.refused(spec, operation, Rejection("invalid", problems=problems), place)
            title = f"{parameter.name} in a header instead of the query"
            yield Idea(f"{parameter.name}.in-header", title, _into_header(parameter.name), expected, place, problems[0].rule, "required")


def _into_header(name: str) -> Edit:
    def edit(draft: Draft) -> Draft:
        value = dict(bases.query_pairs(draft.query))[name]
        return replace(draft, query=bases.query_without(draft.query, name), headers={**draft.headers, name.lower(): value})

    return edit


# --- what the body says it is ------------------------------------------------------------------------------------------------


def _content_types(spec: Spec, operation: Operation, sample: Base) -> Iterator[Idea]:
    if operation.body is None or not sample.draft.body:
        return
    place, rule = "header:content-type", f"{operation.where}/requestBody/content"
    refused = labels.refused(spec, operation, Rejection("media-type"), place)
    yield Idea("content-type.absent", "A body without a content type", _typed(None), refused, place, rule)
    yield Idea("content-type.malformed", "A content type that is none", _typed("json"), refused, place, rule)
    for media_type in MEDIA_TYPES:
        if media_type not in operation.body.media:
            name = media_type.rpartition("/")[2].replace("+", "-").replace(".", "-")
            yield Idea(f"content-type.{name}", f"The body under the name {media_type}", _typed(media_type), refused, place, rule)
    own, *more = content_type(media_type_of(operation) or "").split(";")
    right = labels.accepted(operation)
    for name, title, value in (
        ("upper-case", "The content type in capital letters", ";".join((own.upper(), *more))),
        ("utf-8", "The content type with its charset", ";".join((own, *more, " charset=utf-8"))),
        ("quoted-utf-8", "The content type with its charset in quotes and capital letters", ";".join((own, *more, ' charset="UTF-8"'))),
    ):
        yield Idea(f"content-type.{name}", title, _typed(value), right, place, rule, verdict="accept")
    either = labels.either(spec, operation, "media-type", "malformed")
    title = "ASCII under the name of another charset, which JSON does not have"
    yield Idea("content-type.latin-1", title, _typed(";".join((own, *more, f" {_LATIN}"))), either, place, rule, verdict="either")


def _typed(media_type: str | None) -> Edit:
    def edit(draft: Draft) -> Draft:
        others = {name: value for name, value in draft.headers.items() if name != "content-type"}
        return replace(draft, headers=others if media_type is None else {**others, "content-type": media_type})

    return edit


def _encodings(spec: Spec, operation: Operation, sample: Base) -> Iterator[Idea]:
    if operation.body is None or not sample.draft.body:
        return
    place = "header:content-encoding"
    may, can_not = (labels.either(spec, operation, "media-type", "malformed"), _one_of(spec, operation, "media-type", "malformed"))
    yield Idea("content-encoding.gzip", "A body that is compressed, and says so", _compressed(really=True), may, place, verdict="either")
    yield Idea("content-encoding.not-gzip", "A body that says it is compressed and is not", _compressed(really=False), can_not, place)
    unknown = labels.refused(spec, operation, Rejection("media-type"), place)
    yield Idea("content-encoding.unknown", "A content encoding that nobody knows", _encoded("trackbed"), unknown, place)


def _one_of(spec: Spec, operation: Operation, *kinds: str) -> Expected:
    """Label a fault that is of one of several kinds, depending on what the service can do."""
    found = [labels.refused(spec, operation, Rejection(kind)) for kind in kinds]
    same = found[0] if len({(one.statuses, one.code) for one in found}) == 1 else None
    statuses = sorted({status for one in found for status in one.statuses})
    return Expected(tuple(statuses), code=same.code if same else None)


def _encoded(coding: str) -> Edit:
    return lambda draft: replace(draft, headers={**draft.headers, "content-encoding": coding})


def _compressed(*, really: bool) -> Edit:
    def edit(draft: Draft) -> Draft | None:
        if really and PLACEHOLDER.encode() in (draft.body or b""):
            return None  # no credential can be put into what is compressed
        draft = replace(draft, headers={**draft.headers, "content-encoding": "gzip"})
        return replace(draft, body=gzip.compress(draft.body or b"", mtime=0), raw=True) if really else draft

    return edit


# --- what the body is --------------------------------------------------------------------------------------------------------


def _bytes(spec: Spec, operation: Operation, sample: Base) -> Iterator[Idea]:
    if operation.body is None or not sample.draft.body:
        return
    written = written_as(sample.draft.headers.get("content-type", ""))
    ways = {JSON: spoils.JSON, FORM: spoils.FORM}.get(written or "", ())
    malformed = labels.refused(spec, operation, Rejection("malformed"), "")
    may = labels.either(spec, operation, "malformed", "invalid")
    for spoiled in ways:
        if spoiled.name in ("empty", "blank") and not operation.body.required:
            continue
        expected = {"reject": malformed, "either": may, "accept": labels.accepted(operation)}[spoiled.verdict]
        if written == FORM and spoiled.name == "json":
            expected = _one_of(spec, operation, "malformed", "invalid")
        yield Idea(f"body.{spoiled.name}", spoiled.title, _spoiled(spoiled), expected, verdict=spoiled.verdict)


def _spoiled(spoiled: spoils.Spoiled) -> Edit:
    def edit(draft: Draft) -> Draft | None:
        body = spoiled.spoil(draft.body or b"")
        return None if body is None or body == draft.body else replace(draft, body=body, raw=True)

    return edit


def _sizes(spec: Spec, operation: Operation, sample: Base) -> Iterator[Idea]:
    """Fill a body up to the limit that the document states, and one byte beyond it."""
    if "x-max-body" not in spec.tree or not sample.draft.body or not is_json(sample.draft.headers.get("content-type")):
        return
    largest = labels.accepted(operation)
    yield Idea("body.largest", f"A body of {spec.max_body} bytes", _padded(spec.max_body), largest, "", "/x-max-body", verdict="accept")
    too_large = labels.refused(spec, operation, Rejection("too-large"), "")
    yield Idea("body.too-large", f"A body of {spec.max_body + 1} bytes", _padded(spec.max_body + 1), too_large, "", "/x-max-body")


def _padded(length: int) -> Edit:
    return lambda draft: replace(draft, padded_to=length)
