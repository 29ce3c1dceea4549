"""Bodies: in which media types we can write a value, how it is written there, and how it is read again; and how a target is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from sandbox import codec
from sandbox.exchange import Request
from sandbox.parameters import typed
from sandbox.spec import Operation, Parameter

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
TEXT = "text/plain"
BYTES = "application/octet-stream"
FORMS = (FORM, MULTIPART)  # members travel as text, each by its name
_PATH_SAFE = "/:@!$&'()*+,;=~"
BOUNDARY = "trackbed-7f3b1c5e9a"
_WRITTEN = (JSON, FORM, MULTIPART, TEXT, BYTES)
_ESCAPED = {ord('"'): "%22", ord("\r"): "%0D", ord("\n"): "%0A"}  # in the name of a part (HTML, 4.10.21.8)
_RANGES = {"*/*": JSON, "application/*": JSON, "text/*": TEXT}


def written_as(media_type: str) -> str | None:
    """Tell as which of the media types above we write a body of another; None for one that we do not write."""
    plain = media_type.partition(";")[0].strip().lower()
    if plain.endswith("+json"):
        return JSON
    return _RANGES.get(plain) or (plain if plain in _WRITTEN else None)


def order(media_type: str) -> int:
    """Say how gladly we write a media type: JSON first, what we do not write last."""
    written = written_as(media_type)
    return len(_WRITTEN) if written is None else _WRITTEN.index(written)


def media_type_of(operation: Operation) -> str | None:
    """Give the media type in which we write an operation's body; None where it has no body, or none that we write."""
    first = next(iter(operation.body.media), JSON) if operation.body else ""
    return first if written_as(first) else None


def can_be_called(operation: Operation) -> bool:
    """Tell whether we can write a call of an operation: there is none without a body that it needs and we do not write."""
    return operation.body is None or not operation.body.required or media_type_of(operation) is not None


def content_type(media_type: str) -> str:
    """Write the header that says how a body was written: a range of media types is none, and parts have a boundary."""
    named = _RANGES.get(media_type, media_type)
    return f"{named}; boundary={BOUNDARY}" if written_as(named) == MULTIPART else named


def write(value: Any, media_type: str) -> bytes:
    """Write a value in a media type; bytes go as they are. What does not fit there, such as a list as a form, is written as JSON."""
    if isinstance(value, bytes):
        return value
    written = written_as(media_type)
    if written in (TEXT, BYTES) and isinstance(value, str):
        return value.encode()
    if written == FORM and isinstance(value, Mapping):
        return urlencode([pair for name, inner in value.items() for pair in _texts(name, inner)]).encode()
    if written == MULTIPART and isinstance(value, Mapping):
        parts = (_part(name, text) for member, inner in value.items() for name, text in _texts(member, inner))
        return "".join((*parts, f"--{BOUNDARY}--\r\n")).encode()
    return codec.dump(value)


def write_with(members: Mapping[str, Any], value: Any, media_type: str) -> bytes:
    """Write a value in a media type. `members` are laid in where it is an object that lacks them."""
    return write({**members, **value} if isinstance(value, Mapping) else value, media_type)


def query_of(params: Mapping[str, Any]) -> str:
    """Write a query; a list is the parameter several times, a boolean is `true` or `false`."""
    pairs = [(name, value) for name, values in params.items() for value in (values if isinstance(values, (list, tuple)) else [values])]
    return urlencode([(name, str(value).lower() if isinstance(value, bool) else value) for name, value in pairs])


def target_path(request: Request) -> str:
    """Write path and query as they travel: percent-encoded where they must be."""
    return quote(request.path, safe=_PATH_SAFE) + (f"?{request.query}" if request.query else "")


def read(body: bytes, content_type: str, members: Mapping[str, Parameter]) -> Any:
    """Read a body by the header that says what it is; `members` tell which types a form's may have. Raises codec.Unreadable."""
    written = written_as(content_type)
    if written in FORMS:
        pairs = codec.read_pairs(body) if written == FORM else _parts(body, content_type)
        texts: dict[str, list[str]] = {}
        for name, text in pairs:
            texts.setdefault(name, []).append(text)
        return {name: _value(members.get(name, Parameter(name, "form", "string")), found) for name, found in texts.items()}
    if written in (TEXT, BYTES):
        return body.decode(errors="replace")
    return codec.read_json(body)


def _value(member: Parameter, texts: list[str]) -> Any:
    if len(texts) > 1 and member.kind != "array":
        raise codec.Unreadable("the form has a name twice; send each once")
    return codec.read_json(texts[0].encode()) if member.kind == "object" else typed(member, texts)


def _parts(body: bytes, content_type: str) -> list[tuple[str, str]]:
    """Read parts and their names; a file is text like all others."""
    from email.parser import BytesParser  # noqa: PLC0415 - few documents have such bodies, and every command would wait for it
    from email.policy import HTTP  # noqa: PLC0415 - as above

    whole = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n" + body)
    if not whole.is_multipart():
        raise codec.Unreadable("the body has no parts: send each between the boundary that its content type names")
    found = [(part.get_param("name", header="content-disposition"), part.get_payload(decode=True)) for part in whole.iter_parts()]
    return [(name, text.decode(errors="replace")) for name, text in found if isinstance(name, str) and isinstance(text, bytes)]


def is_json(content_type: str | None) -> bool:
    """Tell whether a body that travels under a header is JSON."""
    return written_as(content_type or "") == JSON


def _texts(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Write a member of a form: a list as its name again and again, an object as JSON (OpenAPI 3.1, 4.8.15)."""
    for one in value if isinstance(value, list) else [value]:
        plain = int(one) if isinstance(one, float) and one.is_integer() else one
        yield name, plain if isinstance(plain, str) else codec.dump(plain).decode()


def _part(name: str, text: str) -> str:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name.translate(_ESCAPED)}"\r\n\r\n{text}\r\n'
