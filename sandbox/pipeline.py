"""The life of one request, from bytes to bytes, on one screen: `Api._accept`.

    route     which operation                     else unknown-path | missing-slash | wrong-method
    parse     the body as JSON or a form          else media-type | too-large | malformed
    identify  who is calling                      else unauthenticated | forbidden
    validate  parameters and body                 else invalid: all problems, each with its place
    perform   the provider's method, inside a transaction
    refuse    any of these faults is a cause of the document, said in the provider's own words
    seal      the reply is held to the document   else ReplyBroken: our bug, loud, never hidden

Nothing here knows a provider by name, nor a web framework.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from time import perf_counter_ns
from typing import Any, NamedTuple, Protocol

from sandbox import codec, faults, journal, parameters, prefer, security
from sandbox.answers import RETRY_AFTER_S, Answer, failed, own, seal, spoiled, store_unavailable
from sandbox.causes import Cause
from sandbox.errors import Refused, Rejection, ReplyBroken
from sandbox.exchange import Account, Call, Credential, Problem, Refusal, Reply, Request
from sandbox.faults import Effect
from sandbox.journal import Kept
from sandbox.lifetime import Lifetime
from sandbox.outbox import Message
from sandbox.pages import Page
from sandbox.spec import Operation, Spec
from sandbox.store import Store, StoreUnavailable, Transaction
from sandbox.timeline import Clock, Journeys
from sandbox.workspace import World, world_time

log = logging.getLogger("trackbed")

PUBLIC = Account("public")  # who calls an operation that asks for no credential


class Provider(Protocol):
    """What a provider brings: who a credential stands for, how it says no, what a fresh world holds.

    Beside these it has one method per operation, named by the operationId in snake case: Call in, Reply out, or Refused.
    `credential_header` is a header that opens the door, for people to copy; empty where credentials travel in the body.
    """

    credential_header: str

    def identify(self, credential: Credential, accounts: Accounts) -> Account:
        """Tell whose credential this is. Raises Rejection."""

    def refuse(self, refusal: Refusal) -> Reply:
        """Say no in the provider's own envelope, with the status of the cause."""

    def set_scene(self, world: World) -> None:
        """Put into a fresh world what its scene describes."""

    def messages(self, world: World) -> Iterator[Message]:
        """Tell what the real service would have sent to recipients by now."""

    def page(self, world: World, link: Mapping[str, Any]) -> Page | None:
        """Show what a link that this provider shared stands for; None when it is gone."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What all providers of one sandbox have in common.

    `known` turns a bare credential into an account; with `rate_limits` the limits that documents state are kept;
    `lifetime` ends workspaces, None where they last.
    """

    store: Store
    clock: Clock
    journal: Kept
    journeys: Journeys
    seed: int = 0
    known: Callable[[str], Account] = security.sandbox_account
    rate_limits: bool = False
    lifetime: Lifetime | None = None


@dataclass(slots=True)
class Trace:
    """What became known of one exchange on its way, for the journal.

    `fault` names the rule that made it go wrong (`prefer` when the caller asked for that), `effect` says how; `applied` is
    the preference that was heard.
    """

    at: datetime
    started_ns: int
    operation: Operation | None = None
    parsed: Any = None
    account: str = "-"
    cause: Cause | None = None
    problems: tuple[Problem, ...] = ()
    fault: str | None = None
    effect: Effect | None = None
    applied: str = ""


class Incoming(NamedTuple):
    """A request that is understood, permitted and valid, before its world is opened."""

    operation: Operation
    params: Mapping[str, Any]
    body: Any
    account: Account
    request: Request


class Accounts:
    """What a provider may use to read a credential."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.known = api.shared.known

    def peek(self, account: Account, look: Callable[[World], Any]) -> Any:
        """Look something up in an account's world."""
        with self._api.shared.store.transaction(account.name) as transaction:
            return look(self._api.world(account.name, transaction))


class Api:
    """One provider, ready to answer."""

    def __init__(self, spec: Spec, provider: Provider, shared: Shared, scene: Mapping[str, Any]) -> None:
        self.spec = spec
        self.provider = provider
        self.shared = shared
        self.scene = scene
        self._methods: dict[str, Callable[[Call], Reply]] = {
            name: getattr(provider, operation.method_name) for name, operation in spec.operations.items()
        }
        self._accounts = Accounts(self)

    def answer(self, request: Request) -> Answer:
        """Answer one request, whatever its bytes are, and write the exchange down."""
        trace, answer = self.hear(request)
        answer = self.write_down(request, trace, answer)
        self.shared.journal.flush()
        return answer

    def hear(self, request: Request) -> tuple[Trace, Answer]:
        """Do what a request asks for, and say what became known of it and what shall be answered."""
        trace = self.trace()
        if self.shared.lifetime is not None:
            self.shared.lifetime.sweep()
        try:
            return trace, self._accept(request, trace)
        except Exception:
            log.exception("Trackbed failed on %s %s", request.method, request.path)
            return trace, failed()

    def trace(self) -> Trace:
        """Begin to note what becomes known of an exchange."""
        return Trace(self.shared.clock.now(), perf_counter_ns())

    def unavailable(self, request: Request, trace: Trace, gone: StoreUnavailable) -> tuple[Trace, Answer]:
        """Say that what a request asked for could not be kept after all."""
        log.warning("The store is not available: %s", gone)
        trace = Trace(trace.at, trace.started_ns, trace.operation, trace.parsed, trace.account)
        return trace, self._unavailable(request, trace)

    def write_down(self, request: Request, trace: Trace, answer: Answer) -> Answer:
        """Write an exchange down, and make its answer what goes out."""
        if trace.effect is not None:
            answer = spoiled(answer, trace.effect)
        if trace.applied:
            answer.headers["preference-applied"] = trace.applied
        self._record(request, trace, answer)
        return answer

    def _record(self, request: Request, trace: Trace, answer: Answer) -> None:
        answer.headers["trackbed-id"] = journal.record(self.shared.journal, self.spec, request, trace, answer)

    def _accept(self, request: Request, trace: Trace) -> Answer:
        try:
            trace.operation, variables = self._route(request)
            body = trace.parsed = self._parse(request, trace.operation)
            account = self._account(trace.operation, request, body)
            trace.account = account.name
            params = self._validate(request, trace.operation, variables, body)
            call = Incoming(trace.operation, params, body, account, request)
            if "prefer" in request.headers and (preferred := self._prefer(call, trace)) is not None:
                return preferred
            return self._perform(call, trace)
        except (Rejection, Refused) as no:
            return self._refuse(self._refusal(no, request, trace.operation), trace)
        except StoreUnavailable as gone:
            log.warning("The store is not available: %s", gone)
            return self._unavailable(request, trace)

    # --- the steps -----------------------------------------------------------------------------------------------------

    def _route(self, request: Request) -> tuple[Operation, Mapping[str, str]]:
        route = None if "\0" in request.path else self.spec.router.find(request.path)
        if route is None:
            raise Rejection("missing-slash" if self.spec.redirects and self.spec.router.find(request.path + "/") else "unknown-path")
        methods, variables = route
        if (operation := methods.get(request.method)) is None:
            raise Rejection("wrong-method", values={"allow": ", ".join(methods)})
        return operation, variables

    def _parse(self, request: Request, operation: Operation) -> Any:
        body = operation.body
        if body is None:
            return None
        if request.oversized:
            raise Rejection("too-large", problems=(Problem("", "too-large", f"is larger than {self.spec.max_body} bytes"),))
        if request.flaw:
            raise Rejection("malformed", problems=(Problem("", "malformed", request.flaw),))
        if not request.body:
            if not body.required:
                return None
            raise Rejection("malformed", problems=(Problem("", "malformed", "the body is empty; one is required"),))
        media_type = _media_type(request, body.media)
        try:
            return codec.read_form(request.body) if media_type == "application/x-www-form-urlencoded" else codec.read_json(request.body)
        except codec.Unreadable as error:
            raise Rejection("malformed", problems=(Problem("", "malformed", str(error)),)) from None

    def _account(self, operation: Operation, request: Request, body: Any) -> Account:
        return security.identify(operation, request, body, self._identify) or PUBLIC

    def _identify(self, credential: Credential) -> Account:
        return self.provider.identify(credential, self._accounts)

    def _validate(self, request: Request, operation: Operation, variables: Mapping[str, str], body: Any) -> Mapping[str, Any]:
        problems: tuple[Problem, ...] = ()
        params: Mapping[str, Any] = variables
        if operation.check_parameters is not None:
            try:
                found = parameters.read(operation, variables, request)
            except parameters.Undecodable as error:
                raise Rejection("invalid", problems=(error.problem,)) from None
            problems = operation.check_parameters.problems(found)
            params = parameters.flat(operation, found)
        if operation.body is not None and (request.body or operation.body.required):
            problems += operation.body.check(request).problems(body)
        self._hold(problems)
        return params

    @staticmethod
    def _hold(problems: tuple[Problem, ...]) -> None:
        if problems:
            raise Rejection("invalid", problems=problems)

    def _perform(self, call: Incoming, trace: Trace) -> Answer:
        limited = self.shared.rate_limits and call.operation.rate_limit is not None
        with self.shared.store.transaction(call.account.name) as transaction:
            if not (limited or faults.present(transaction)):
                return self._do(call, self.world(call.account.name, transaction))
        self._stumble(call, trace, limited=limited)
        with self.shared.store.transaction(call.account.name) as transaction:
            return self._do(call, self.world(call.account.name, transaction))

    def _do(self, incoming: Incoming, world: World) -> Answer:
        operation, params, body, account, request = incoming

        def attempt(name: str, part: Any) -> Reply | Refusal:
            other = self.spec.operations[name]
            try:
                self._hold(other.body.check(request).problems(part) if other.body else ())
                return self._methods[name](Call(other, params, part, account, world, request, attempt))
            except (Rejection, Refused) as no:
                return self._refusal(no, request, other)

        reply = self._methods[operation.id](Call(operation, params, body, account, world, request, attempt))
        return seal(reply, operation.responses.get(reply.status), operation.id)

    def _stumble(self, call: Incoming, trace: Trace, *, limited: bool) -> None:
        """Count a call against limits and fault rules, in a transaction of its own: what goes wrong then is counted too."""
        with self.shared.store.transaction(call.account.name) as transaction:
            world = self.world(call.account.name, transaction)
            exceeded = limited and faults.exceeds_limit(world, call.operation)
            struck = None if exceeded else faults.strike(world, call.operation, call.request, call.body)
        if exceeded:
            raise Rejection("rate-limited")
        if struck is not None:
            trace.fault, trace.effect = struck
            self._suffer(call, trace.effect)

    def _prefer(self, call: Incoming, trace: Trace) -> Answer | None:
        """Answer as a caller prefers; None when the preference leaves the answer to the provider."""
        try:
            preference = prefer.read(call.request.headers)
            if preference is None:
                return None
            reply = prefer.choose(call.operation, preference)
        except prefer.UnknownPreference as error:
            return own(400, "Unknown preference", str(error))
        trace.applied = preference.applied
        if preference.effect is not None:
            trace.fault, trace.effect = "prefer", preference.effect
            self._suffer(call, trace.effect)
        return None if reply is None else seal(reply, call.operation.responses[reply.status], call.operation.id)

    def _suffer(self, call: Incoming, effect: Effect) -> None:
        """Raise what an effect decides about the answer, if anything."""
        if effect.cause is not None:
            cause = call.operation.refusals[effect.cause]
            methods, _ = self.spec.router.find(call.request.path) or ({}, {})
            of_method = cause.when is not None and "wrong-method" in cause.when.kinds
            needed: dict[str, Any] = {"allow": ", ".join(methods)} if of_method else {}
            raise Refused(effect.cause, **needed)
        if effect.expire_token:
            raise Rejection("unauthenticated", "expired")
        if effect.exceed_limit:
            raise Rejection("rate-limited")

    def _refusal(self, no: Rejection | Refused, request: Request, operation: Operation | None) -> Refusal:
        if isinstance(no, Rejection):
            cause = self.spec.cause_for(no.kind, operation, no.reason, no.problems)
        else:
            cause = self.spec.cause(no.cause, operation)
        response = self.spec.response(cause, operation) if cause else None
        if cause is None or response is None:
            raise ReplyBroken(operation.id if operation else "-", f"has no documented reply for {no}") from no
        return Refusal(cause, request, response.examples.get(cause.example), no.problems, no.values, operation)

    def _unavailable(self, request: Request, trace: Trace) -> Answer:
        """Say that the sandbox can't keep anything just now: as the provider does, or where it has no words for it, as our own."""
        no = Rejection("unavailable")
        if self.spec.cause_for(no.kind, trace.operation) is None:
            return store_unavailable()
        answer = self._refuse(self._refusal(no, request, trace.operation), trace)
        answer.headers["retry-after"] = RETRY_AFTER_S
        return answer

    def _refuse(self, refusal: Refusal, trace: Trace) -> Answer:
        trace.cause, trace.problems = refusal.cause, refusal.problems
        reply = self.provider.refuse(refusal)
        name = refusal.operation.id if refusal.operation else refusal.cause.name
        if reply.status != refusal.cause.status:
            raise ReplyBroken(name, f"was refused with {reply.status} where the cause {refusal.cause.name!r} says {refusal.cause.status}")
        answer = seal(reply, self.spec.response(refusal.cause, refusal.operation), name)
        answer.headers["trackbed-cause"] = refusal.cause.name
        return answer

    # --- what the others need ---------------------------------------------------------------------------------------------

    def world(self, name: str, transaction: Transaction) -> World:
        """Open an account's world as this provider sees it."""
        shared = self.shared
        now = world_time(transaction, shared.clock.now())
        return World(name, self.spec.name, transaction, now, self.scene, shared.journeys, shared.seed)


def _media_type(request: Request, known: Mapping[str, Any]) -> str:
    """Take the media type of a body that is there. Raises Rejection for one that the operation does not read."""
    if request.headers.get("content-encoding", "identity") != "identity":
        raise _unsupported("header:content-encoding", "is not supported; send the body as it is")
    media_type, charset = _content_type(request.headers.get("content-type", ""))
    if media_type not in known:
        raise _unsupported("header:content-type", f"must be {' or '.join(known)}")
    if charset not in ("utf-8", "utf8"):
        raise _unsupported("header:content-type", "must have no charset but utf-8")
    return media_type


@lru_cache(maxsize=256)
def _content_type(header: str) -> tuple[str, str]:
    """Split a Content-Type into media type and charset, both in lower case."""
    media_type, _, rest = header.partition(";")
    named = (parameter.partition("=") for parameter in rest.split(";"))
    charset = next((value.strip().strip('"') for name, _, value in named if name.strip().lower() == "charset"), "utf-8")
    return media_type.strip().lower(), charset.lower()


def _unsupported(place: str, message: str) -> Rejection:
    return Rejection("media-type", problems=(Problem(place, "media-type", message),))
