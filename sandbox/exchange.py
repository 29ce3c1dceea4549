"""The values that travel through the pipeline. They know nothing of HTTP servers, documents or providers.

Those of which every request needs a new one are named tuples: they cost a third of a frozen dataclass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from sandbox.causes import Cause
    from sandbox.spec import Operation
    from sandbox.workspace import World


class Request(NamedTuple):
    """One HTTP request as it came, addressed to one provider.

    `path` is percent-decoded and starts behind the provider's prefix, `query` is raw, header names are lower-case.
    `base` is the address that stands for the provider's host (`http://127.0.0.1:8080/trackru`) and `site` that of the
    sandbox, both without a slash at the end. `oversized` tells that the body was larger than the document admits and is
    not here; `flaw` says what else was wrong with its bytes on their way in (it stopped early), usually nothing.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes = b""
    base: str = ""
    site: str = ""
    oversized: bool = False
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a request.

    `place` is a JSON pointer into the body (`/packages/0/weight`, empty for the body as a whole) or
    `path:name`, `query:name`, `header:name`. `keyword` is the JSON Schema keyword that was broken, or the name of the
    cause when a provider found the problem. `expected` is the keyword's value, `value` what was there (None also when
    nothing was), `rule` the JSON pointer of the keyword in the document, empty for a rule that no schema states.
    """

    place: str
    keyword: str
    message: str = ""
    expected: Any = None
    value: Any = None
    rule: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.place or 'body'}: {self.message or self.keyword}"


@dataclass(frozen=True, slots=True)
class Account:
    """Who is calling. `name` is the name of the account's world as well.

    `standing` is `good`, `readonly` (may not write) or `denied` (known, without rights). `number` is the account's own
    number where a credential carries one, else None.
    """

    name: str
    standing: str = "good"
    number: int | None = None


class Credential(NamedTuple):
    """What a caller showed: the name of the document's security scheme (or `body`) and the text that came with it.

    For HTTP Basic the text is `user:password`, decoded; for bearer schemes the token alone.
    """

    scheme: str
    text: str


class Reply(NamedTuple):
    """What a provider answers. `body` is JSON data, None for no content. The media type comes from the document."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = MappingProxyType({})


class Call(NamedTuple):
    """A request that is understood, permitted and valid: what a provider's method gets.

    `params` holds path, query and header parameters by name, decoded to their types; one that was not sent is absent
    unless the document gives a default. `body` is the parsed JSON or form, None when there was none.
    `attempt(operationId, body)` does within this call what another operation would do with a body of its own, and returns
    its reply, or the refusal without raising it: the elements of a batch are attempts.
    """

    operation: Operation
    params: Mapping[str, Any]
    body: Any
    account: Account
    world: World
    request: Request
    attempt: Callable[[str, Any], Reply | Refusal]


@dataclass(frozen=True, slots=True)
class Refusal:
    """All that a provider needs to say no in its own words: the cause, and what is wrong at which place.

    `example` is the body that the document shows for this cause, None where it shows none; treat it as read-only.
    """

    cause: Cause
    request: Request
    example: Any
    problems: tuple[Problem, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    operation: Operation | None = None
