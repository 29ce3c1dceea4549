"""The control plane: move time, break calls, and see why the sandbox answered as it did.

It has a document of its own (`specs/control.yaml`) and goes through the same pipeline as a provider, with one method per
operation. Its calls are about worlds and belong to none, so each opens the world that it names, and none is journaled.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sandbox import curl, durations, explain, faults, har, security, snapshot
from sandbox.answers import Answer, seal
from sandbox.errors import Refused, Rejection
from sandbox.exchange import Account, Credential, Problem, Refusal, Reply, Request
from sandbox.journal import Entry, Query
from sandbox.outbox import Message
from sandbox.pipeline import Accounts, Api, Incoming, Shared, Trace
from sandbox.resources import SPECS
from sandbox.spec import Operation, Spec
from sandbox.store import Transaction
from sandbox.timeline import FIRST_MOMENT, LAST_MOMENT, Parcel, WorldClock
from sandbox.workspace import World, clock_of, parcels_of, set_clock, world_time

OPERATOR = Account("operator")
_QUERY = ("workspace", "provider", "operation", "status", "cause", "text")


class ControlApi(Api):
    """The control plane of one sandbox. With a `token` every call must carry it."""

    def __init__(self, apis: Mapping[str, Api], shared: Shared, token: str | None) -> None:
        super().__init__(Spec.load(SPECS / "control.yaml"), Control(apis, shared, token), shared, {})
        self._guarded = token is not None

    def _account(self, operation: Operation, request: Request, body: Any) -> Account:
        if _sent_by_foreign_page(request.headers):
            raise Rejection("forbidden", "cross-site")
        if self._guarded:
            security.identify(operation, request, body, self._identify)
        return OPERATOR

    def _perform(self, call: Incoming, trace: Trace) -> Answer:  # noqa: ARG002 - no fault strikes here
        reply: Reply = getattr(self.provider, call.operation.method_name)(call)
        return seal(reply, call.operation.responses.get(reply.status), call.operation.id)

    def _record(self, request: Request, trace: Trace, answer: Answer) -> None:
        """Write nothing: the journal is about the providers."""


def _sent_by_foreign_page(headers: Mapping[str, str]) -> bool:
    """Tell whether a browser sent this for a page that is not of the same host and port."""
    if headers.get("sec-fetch-site") == "cross-site":
        return True
    origin = headers.get("origin")
    return origin is not None and origin.lower().partition("://")[2] != headers.get("host", "").lower()


class Control:
    """The operations of `control.yaml`. Every answer is about the workspace that the path names."""

    credential_header = ""

    def __init__(self, apis: Mapping[str, Api], shared: Shared, token: str | None) -> None:
        self._apis = apis
        self._shared = shared
        self._token = token or ""

    def identify(self, credential: Credential, accounts: Accounts) -> Account:  # noqa: ARG002 - there is one token
        """Compare the token."""
        if not hmac.compare_digest(credential.text.encode(), self._token.encode()):
            raise Rejection("unauthenticated", "unknown")
        return OPERATOR

    def refuse(self, refusal: Refusal) -> Reply:
        """Say no as problem details, with all that is wrong."""
        body = dict(refusal.example)
        if any(problem.message for problem in refusal.problems):
            body["detail"] = "; ".join(f"{problem.place or 'body'}: {problem.message}" for problem in refusal.problems[:5])
            body["problems"] = explain.troubles(refusal.problems)
        headers = {"allow": refusal.values["allow"]} if "allow" in refusal.values else {}
        return Reply(refusal.cause.status, body, headers | ({"www-authenticate": "Bearer"} if refusal.cause.status == 401 else {}))

    def set_scene(self, world: World) -> None:
        """Put nothing anywhere."""

    def messages(self, world: World) -> Iterator[Message]:  # noqa: ARG002 - as it says
        """Send nothing."""
        return iter(())

    def page(self, world: World, link: Mapping[str, Any]) -> None:
        """Show nothing."""

    # --- workspaces --------------------------------------------------------------------------------------------------------

    def list_workspaces(self, call: Incoming) -> Reply:  # noqa: ARG002 - there is nothing to choose
        """List those that were written to."""
        return Reply(200, {"workspaces": [self._summary(name, uses=False) for name in self._shared.store.workspaces()]})

    def reset_workspace(self, call: Incoming) -> Reply:
        """Forget everything."""
        name = call.params["workspace"]
        with self._open(name) as transaction:
            transaction.reset()
            snapshot.withdraw(self._shared.store, name)
        self._shared.journal.forget(name)
        return Reply(204)

    def take_snapshot(self, call: Incoming) -> Reply:
        """Write everything down."""
        with self._open(call.params["workspace"]) as transaction:
            return Reply(200, snapshot.take(self._shared.store, transaction, self._now(transaction)))

    def restore_snapshot(self, call: Incoming) -> Reply:
        """Put everything back."""
        with self._open(call.params["workspace"]) as transaction:
            snapshot.restore(self._shared.store, transaction, call.body)
        return Reply(200, self._summary(call.params["workspace"]))

    # --- clock -------------------------------------------------------------------------------------------------------------

    def read_clock(self, call: Incoming) -> Reply:
        """Tell the time."""
        with self._open(call.params["workspace"]) as transaction:
            return Reply(200, self._clock(transaction))

    def change_clock(self, call: Incoming) -> Reply:
        """Set, freeze, release or scale."""
        wanted = call.body
        now = _wanted_moment(wanted["now"]) if "now" in wanted else None
        with self._open(call.params["workspace"]) as transaction:
            return self._move(transaction, now, rate=wanted.get("rate"), frozen=wanted.get("frozen"))

    def advance_clock(self, call: Incoming) -> Reply:
        """Move forward by a length of time."""
        try:
            by = durations.parse(call.body["by"])
        except ValueError as error:
            raise Refused("invalid", problems=(Problem("/by", "duration", str(error)),)) from None
        with self._open(call.params["workspace"]) as transaction:
            now = self._now(transaction)
            if by > LAST_MOMENT - now:
                raise Refused("out-of-time")
            return self._move(transaction, now + by)

    def step_clock(self, call: Incoming) -> Reply:
        """Move to the next moment in which something becomes known."""
        number = call.body.get("number", "").upper()
        with self._open(call.params["workspace"]) as transaction:
            now = self._now(transaction)
            parcels = [parcel for parcel in self._parcels(transaction) if number in ("", parcel.number)]
            moments = [moment for parcel in parcels if (moment := parcel.next_at(now)) is not None and moment <= LAST_MOMENT]
            if not moments:
                raise Refused("nothing-ahead")
            return self._move(transaction, min(moments))

    # --- faults ------------------------------------------------------------------------------------------------------------

    def list_faults(self, call: Incoming) -> Reply:
        """List the rules in their order."""
        with self._open(call.params["workspace"]) as transaction:
            return Reply(200, {"faults": [_rule(rule) for rule in faults.rules(transaction)]})

    def add_fault(self, call: Incoming) -> Reply:
        """Add a rule behind the others."""
        rule = faults.completed({name: api.spec for name, api in self._apis.items()}, call.body)
        with self._open(call.params["workspace"]) as transaction:
            return Reply(201, _rule(faults.add(transaction, rule)))

    def clear_faults(self, call: Incoming) -> Reply:
        """Remove all rules."""
        with self._open(call.params["workspace"]) as transaction:
            faults.remove(transaction)
        return Reply(204)

    def remove_fault(self, call: Incoming) -> Reply:
        """Remove one rule."""
        with self._open(call.params["workspace"]) as transaction:
            if not faults.remove(transaction, call.params["fault"]):
                raise Refused("unknown-fault", place="path:fault")
        return Reply(204)

    # --- what happened -----------------------------------------------------------------------------------------------------

    def list_messages(self, call: Incoming) -> Reply:
        """List what would have been sent, oldest first."""
        with self._open(call.params["workspace"]) as transaction:
            found = [
                (message.at, {"provider": name, **asdict(message), "at": message.at.isoformat()})
                for name, api in self._apis.items()
                for message in api.provider.messages(api.world(call.params["workspace"], transaction))
            ]
        return Reply(200, {"messages": [message for _, message in sorted(found, key=lambda pair: pair[0])]})

    def read_journal(self, call: Incoming) -> Reply:
        """List the exchanges that fit: the newest ones, or those behind a number."""
        limit, after = int(call.params["limit"]), call.params.get("after")
        seen = self._shared.journal.last() or int(after or 0)
        found = [entry for entry in self._shared.journal.entries(_query(call), after=int(after or 0)) if entry.number <= seen]
        shown = found[-limit:] if after is None else found[:limit]
        cut_off = after is not None and len(found) > limit
        return Reply(200, {"entries": [self._entry(entry) for entry in shown], "next": shown[-1].number if cut_off else seen})

    def export_journal(self, call: Incoming) -> Reply:
        """Make an archive of the exchanges that fit."""
        return Reply(200, har.archive(self._shared.journal.entries(_query(call))))

    def explain_exchange(self, call: Incoming) -> Reply:
        """Explain one exchange."""
        wanted = call.params["id"]
        fitting = self._shared.journal.entries(_query(call))
        entry = next((entry for entry in reversed(fitting) if wanted in ("last", entry.id)), None)
        if entry is None:
            raise Refused("unknown-exchange", place="path:id")
        return Reply(200, explain.explanation(entry, self._apis[entry.provider]))

    # --- what these need ---------------------------------------------------------------------------------------------------

    def _open(self, workspace: str) -> Transaction:
        return self._shared.store.transaction(workspace)

    def _now(self, transaction: Transaction) -> datetime:
        return world_time(transaction, self._shared.clock.now())

    def _summary(self, workspace: str, *, uses: bool = True) -> dict[str, Any]:
        with self._shared.store.transaction(workspace, uses=uses) as transaction:
            state = transaction.export()
            documents = sum(len(rows) for name, rows in state.collections.items() if "." in name)
            count = len(faults.rules(transaction))
            return {"name": workspace, "documents": documents, "faults": count, "now": _moment(self._now(transaction))}

    def _clock(self, transaction: Transaction) -> dict[str, Any]:
        clock = clock_of(transaction)
        shown = clock or WorldClock(self._shared.clock.now(), self._shared.clock.now())
        return {"now": _moment(self._now(transaction)), "rate": shown.rate, "frozen": shown.frozen, "own": clock is not None}

    def _move(self, transaction: Transaction, now: datetime | None, **changes: Any) -> Reply:
        """Change the clock, and tell what becomes known between the time before and the time after."""
        real, before = self._shared.clock.now(), self._now(transaction)
        clock = (clock_of(transaction) or WorldClock(real, real)).changed(real, now=now, **changes)
        set_clock(transaction, clock)
        learned = [
            (known_at, parcel, event)
            for parcel in self._parcels(transaction)
            for known_at, event in parcel.learned(before, clock.now(real))
        ]
        events = [
            {
                "known_at": _moment(known_at),
                "happened_at": event.at.isoformat(),
                "number": parcel.number,
                "journey": parcel.journey.name,
                "milestone": event.milestone.value,
                "city": event.place.city,
                "country": event.place.country,
            }
            for known_at, parcel, event in sorted(learned, key=lambda item: item[0])
        ]
        return Reply(200, {"clock": self._clock(transaction), "events": events})

    def _parcels(self, transaction: Transaction) -> list[Parcel]:
        return parcels_of(transaction, self._shared.journeys)

    def _entry(self, entry: Entry) -> dict[str, Any]:
        return {
            "id": entry.id,
            "number": entry.number,
            "at": _moment(entry.at),
            "workspace": entry.account,
            "provider": entry.provider,
            "operation": entry.operation,
            "request": {
                "method": entry.method,
                "path": entry.path,
                "query": entry.query,
                "headers": dict(entry.request_headers),
                "body": entry.request_body.decode(errors="replace"),
            },
            "reply": {"status": entry.status, "headers": dict(entry.reply_headers), "body": entry.reply_body.decode(errors="replace")},
            "took_us": entry.took_us,
            "decided_by": entry.decided_by,
            "cause": entry.cause,
            "fault": entry.fault,
            "problems": explain.troubles(entry.problems),
            "curl": curl.line(entry, self._apis[entry.provider]),
        }


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in rule.items() if name != "hits"}


def _query(call: Incoming) -> Query:
    return Query(**{name: call.params.get(name) for name in _QUERY})


def _wanted_moment(text: str) -> datetime:
    """Read a moment that a clock shall show. Raises Refused for one that no clock can."""
    try:
        moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except ValueError:  # a leap second
        raise Refused("invalid", problems=(Problem("/now", "format", "must be a moment without a leap second"),)) from None
    if not FIRST_MOMENT <= moment <= LAST_MOMENT:
        raise Refused("invalid", problems=(Problem("/now", "format", "must lie in the years 1970 to 2199 of UTC"),))
    return moment


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
