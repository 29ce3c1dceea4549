"""Trackru: what its document can't say.

Trackings live under carrier code and number; the rest of a tracking's life is told by its parcel's journey. Every answer
is an envelope of `meta` and `data`, refusals too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from typing import Any

from sandbox.errors import Refused
from sandbox.exchange import Account, Call, Credential, Problem, Refusal, Reply
from sandbox.outbox import Message
from sandbox.pipeline import Accounts
from sandbox.timeline import Event, Milestone, total
from sandbox.workspace import World

ZONE = timezone(timedelta(hours=8))  # of created_at and updated_at, as the published samples have it
MAX_LIMIT = 2000
LOOKED_UP_AFTER_S = 60  # a new tracking is `pending` until then; how long it really takes is not published
CREATE_ECHO = (
    "destination_code title logistics_channel customer_name customer_email customer_phone order_id order_create_time"
    " tracking_ship_date tracking_postal_code tracking_account_number tracking_destination_country"
    " specialNumberDestination auto_correct comment"
).split()
UPDATE_ECHO = "customer_email customer_name order_id title destination_code customer_phone logistics_channel".split()
STATUSES = "pending notfound transit delivered pickup undelivered exception expired".split()  # 4 and 7 are documented
OVERRULED = {4: ("delivered", "delivered001"), 7: ("exception", None)}


@dataclass(frozen=True, slots=True)
class Word:
    """How a milestone is told. `node` is the milestone's own field in origin_info; without `text` there is no checkpoint."""

    status: str
    substatus: str
    text: str = ""
    node: str = ""


WORDS: Mapping[Milestone, Word] = total(
    {
        Milestone.ANNOUNCED: Word("notfound", "notfound001"),
        Milestone.ACCEPTED: Word("transit", "transit001", "Handed over to the carrier", "ItemReceived"),
        Milestone.DEPARTED: Word("transit", "transit001", "Departed from the sorting centre"),
        Milestone.ARRIVED: Word("transit", "transit001", "Arrived at the sorting centre"),
        Milestone.EXPORTED: Word("transit", "transit001", "Left the country of origin", "DepartfromAirport"),
        Milestone.IMPORTED: Word("transit", "transit001", "Arrived in the country of destination", "ArrivalfromAbroad"),
        Milestone.CUSTOMS_ENTERED: Word("transit", "transit001", "Presented to customs", "CustomsClearance"),
        Milestone.CUSTOMS_HELD: Word("exception", "exception006", "Held by customs"),
        Milestone.CUSTOMS_RELEASED: Word("transit", "transit001", "Released by customs"),
        Milestone.AT_DELIVERY_CENTRE: Word("transit", "transit001", "Arrived at the delivery office", "DestinationArrived"),
        Milestone.OUT_FOR_DELIVERY: Word("pickup", "pickup001", "Out for delivery"),
        Milestone.ATTEMPT_FAILED: Word("undelivered", "undelivered001", "Delivery attempt failed"),
        Milestone.READY_FOR_PICKUP: Word("pickup", "pickup001", "Waiting to be fetched"),
        Milestone.DELIVERED: Word("delivered", "delivered001", "Delivered"),
        Milestone.ADDRESS_PROBLEM: Word("undelivered", "undelivered001", "The address is incomplete"),
        Milestone.ADDRESS_CORRECTED: Word("transit", "transit001", "The address was corrected"),
        Milestone.SPLIT: Word("transit", "transit001", "Split into two parcels"),
        Milestone.DAMAGED: Word("exception", "exception007", "Damaged"),
        Milestone.LOST: Word("exception", "exception007", "Lost"),
        Milestone.EXPIRED: Word("expired", "exception002"),
        Milestone.RETURN_STARTED: Word("exception", "exception005", "On the way back to the sender"),
        Milestone.RETURNED: Word("exception", "exception005", "Returned to the sender"),
    }
)
NODES = ("ItemReceived", "ItemDispatched", "DepartfromAirport", "ArrivalfromAbroad", "CustomsClearance", "DestinationArrived")


class Trackru:
    """The provider `trackru`."""

    credential_header = "Api-Key: sbx_demo"

    def identify(self, credential: Credential, accounts: Accounts) -> Account:
        """Take the key for what it is."""
        return accounts.known(credential.text)

    def refuse(self, refusal: Refusal) -> Reply:
        """Say no in the envelope of every answer; the message names what is wrong with the request, if anything is."""
        meta = dict(refusal.example["meta"])
        if refusal.problems and refusal.cause.when is not None:
            meta["message"] = "; ".join(map(_sentence, refusal.problems)) + "."
        headers = {"allow": refusal.values["allow"]} if "allow" in refusal.values else {}
        return Reply(refusal.cause.status, {"meta": meta, "data": []}, headers)

    def set_scene(self, world: World) -> None:
        """Put the scene's trackings into a fresh world."""
        for given in world.scene["trackings"]:
            sent = {key: value for key, value in given.items() if key not in ("id", "created_at", "began_s")}
            created_at = (
                datetime.fromisoformat(given["created_at"]) if "created_at" in given else world.now + timedelta(seconds=given["began_s"])
            )
            world.begin(sent["tracking_number"], created_at)
            self._add(world, sent, created_at, given.get("id"))

    def messages(self, world: World) -> Iterator[Message]:
        """Tell the customer each change of status, by e-mail and by text message where there is an address."""
        for _, record in world.values("trackings"):
            sent = record["sent"]
            for event in _events(world, record):
                for channel, to in (("email", sent.get("customer_email")), ("sms", sent.get("customer_phone"))):
                    if to and (text := WORDS[event.milestone].text):
                        yield Message(event.at, channel, to, sent["tracking_number"], f"{text}: {event.place.city}")

    def page(self, world: World, link: Mapping[str, Any]) -> None:
        """Show nothing: no answer of this API carries a link."""

    # --- operations ------------------------------------------------------------------------------------------------------

    def create_tracking(self, call: Call) -> Reply:
        """Register a parcel; the pair of carrier and number is unique, whatever the letter case of the number."""
        self._carrier(call.world, call.body["carrier_code"])
        key = _key(call.body["carrier_code"], call.body["tracking_number"])
        if call.world.get("trackings", key) is not None:
            raise Refused("duplicate", place="/tracking_number")
        call.world.parcel(call.body["tracking_number"])
        return _success(_created(self._add(call.world, call.body, call.world.now)))

    def create_trackings(self, call: Call) -> Reply:
        """Create each element as if it came alone, and account for those that can't be."""
        outcomes = [(element, call.attempt("createTracking", element)) for element in call.body]
        created = [outcome.body["data"] for _, outcome in outcomes if isinstance(outcome, Reply)]
        errors = [_error(element, self.refuse(outcome).body["meta"]) for element, outcome in outcomes if isinstance(outcome, Refusal)]
        return _success({"submitted": len(outcomes), "added": len(created), "trackings": created, "errors": errors})

    def list_trackings(self, call: Call) -> Reply:
        """List one page, newest first."""
        return self._list(call.world, call.params)

    def list_trackings_by_post(self, call: Call) -> Reply:
        """List one page, the filters in a body."""
        return self._list(call.world, {"page": 1, "limit": 100} | (call.body or {}))

    def look_up_tracking(self, call: Call) -> Reply:
        """Ask the carrier; nothing is kept but the carrier's own knowledge of the parcel."""
        self._carrier(call.world, call.body["carrier_code"])
        sent = {key: value for key, value in call.body.items() if value != ""}
        record = _record(sent, call.world.now, call.world.hex_of(_key(sent["carrier_code"], sent["tracking_number"]), 32))
        return _success({"items": [self._tracking(call.world, record)]})

    def get_tracking(self, call: Call) -> Reply:
        """Read one; `data` is an array of exactly one."""
        return _success([self._tracking(call.world, self._find(call))])

    def update_tracking(self, call: Call) -> Reply:
        """Change what is sent. 4 and 7 overrule the carrier's status, 8 gives the carrier's back."""
        record, change = self._find(call), dict(call.body or {})
        status, archived = change.pop("status", None), change.pop("archived", None)
        if status is not None:
            record["overruled"] = None if int(status) == 8 else int(status)
        if archived in ("true", "false"):
            record["archived"] = archived == "true"
        record["sent"].update({name: value for name, value in change.items() if name in UPDATE_ECHO})
        if call.body:
            record["updated_at"] = _iso(call.world.now)
        call.world.put("trackings", _key_of(record), record)
        return _success(self._updated(call.world, record))

    def delete_tracking(self, call: Call) -> Reply:
        """Forget a tracking; its parcel travels on."""
        call.world.delete("trackings", _key_of(self._find(call)))
        return _success([])

    def list_carriers(self, call: Call) -> Reply:
        """List the carriers of the scene."""
        return _success([{key: value for key, value in carrier.items() if key != "numbers"} for carrier in call.world.scene["carriers"]])

    def detect_carriers(self, call: Call) -> Reply:
        """Name the carriers whose numbers look like this one."""
        number = call.body["tracking_number"].upper()
        found = [
            {"name": carrier["name"], "code": carrier["code"]}
            for carrier in call.world.scene["carriers"]
            if any(re.fullmatch(pattern, number) for pattern in carrier["numbers"])
        ]
        if not found:
            raise Refused("not-detected", place="/tracking_number")
        return _success(found)

    # --- trackings -------------------------------------------------------------------------------------------------------

    def _carrier(self, world: World, code: str) -> Mapping[str, Any]:
        carrier: Mapping[str, Any]
        for carrier in world.scene["carriers"]:
            if carrier["code"] == code:
                return carrier
        raise Refused("bad-carrier", place="/carrier_code")

    def _add(self, world: World, sent: Mapping[str, Any], created_at: datetime, ident: str | None = None) -> dict[str, Any]:
        record = _record(sent, created_at, ident or world.new_hex("tracking", 32))
        world.put("trackings", _key_of(record), record)
        return record

    def _find(self, call: Call) -> dict[str, Any]:
        record: dict[str, Any] | None = call.world.get("trackings", _key(call.params["carrier_code"], call.params["tracking_number"]))
        if record is None:
            raise Refused("no-such-tracking", place="path:tracking_number")
        return record

    def _list(self, world: World, wanted: Mapping[str, Any]) -> Reply:
        page, limit = int(wanted["page"]), min(int(wanted["limit"]), MAX_LIMIT)  # 1.0 is an integer too
        keep = _filters(wanted)
        records = (record for _, record in world.values("trackings", newest_first=True))
        if keep:
            found = [record for record in records if all(test(world, record) for test in keep)]
            total, shown = len(found), found[(page - 1) * limit : page * limit]
        else:
            total = world.count("trackings")
            shown = list(islice(records, min((page - 1) * limit, total), page * limit))
        if not shown:
            raise Refused("nothing-found")
        items = [self._tracking(world, record) for record in shown]
        return _success({"page": page, "limit": limit, "total": str(total), "count": len(items), "items": items})

    def _updated(self, world: World, record: dict[str, Any]) -> dict[str, Any]:
        sent = record["sent"]
        status = record["overruled"] or 1 + STATUSES.index(_status(record, _events(world, record), world.now)[0])
        return {
            "id": record["id"],
            "tracking_number": sent["tracking_number"],
            "carrier_code": sent["carrier_code"],
            "created_at": record["created_at"],
            "updated_at": record["updated_at"],
            **{name: sent[name] for name in UPDATE_ECHO if name in sent},
            "archived": "true" if record["archived"] else "false",
            "status": str(status),
        }

    def _tracking(self, world: World, record: dict[str, Any]) -> dict[str, Any]:
        """Tell a tracking as a read shows it: what was sent, and the journey up to now."""
        sent, parcel = record["sent"], world.parcel(record["sent"]["tracking_number"])
        events = parcel.events(world.now)
        scans = [event for event in events if WORDS[event.milestone].text]
        status, substatus = _status(record, events, world.now)
        destination = sent.get("destination_code") or parcel.journey.destination.country
        return {
            "id": record["id"],
            "tracking_number": sent["tracking_number"],
            "carrier_code": sent["carrier_code"],
            "status": status,
            "substatus": substatus,
            "track_update": status not in ("delivered", "expired"),
            "created_at": record["created_at"],
            "updated_at": _iso(_updated_at(record, events)),
            "order_create_time": sent.get("order_create_time") or None,
            "customer_email": sent.get("customer_email", ""),
            "customer_name": sent.get("customer_name"),
            "title": sent.get("title", ""),
            "order_id": sent.get("order_id"),
            "comment": sent.get("comment"),
            "archived": record["archived"],
            "original_country": world.scene["countries"].get(parcel.journey.origin.country, ""),
            "destination_country": world.scene["countries"].get(destination.upper(), ""),
            "destination_code": destination,
            "itemTimeLength": _days(scans[0].at, scans[-1].at if status == "delivered" else world.now) if scans else None,
            "stayTimeLength": _days(scans[-1].at, world.now) if scans else None,
            "service_code": None,
            "status_info": None,
            "singed_by": "",
            "origin_info": self._origin(world, sent["carrier_code"], scans),
            "destination_info": dict.fromkeys((*NODES, "weblink", "phone", "carrier_code", "trackinfo")),
            "lastEvent": ",".join((WORDS[scans[-1].milestone].text, scans[-1].place.city, _local(scans[-1]))) if scans else "",
            "lastUpdateTime": _local(scans[-1]) if scans else "",
        }

    def _origin(self, world: World, code: str, scans: list[Event]) -> dict[str, Any]:
        carrier = self._carrier(world, code)
        reached = {WORDS[event.milestone].node: _local(event) for event in scans}
        return {
            "ReferenceNumber": None,
            **{node: reached.get(node) for node in NODES},
            "weblink": carrier["homepage"],
            "phone": carrier["phone"],
            "carrier_code": code,
            "trackinfo": [_checkpoint(event) for event in reversed(scans)] or None,
        }


# --- shapes ------------------------------------------------------------------------------------------------------------------


def _success(data: Any) -> Reply:
    return Reply(200, {"meta": {"code": 200, "type": "Success", "message": "Success"}, "data": data})


def _record(sent: Mapping[str, Any], created_at: datetime, ident: str) -> dict[str, Any]:
    """Make what is kept of a tracking: what was sent, and what later calls change."""
    at = _iso(created_at)
    return {"id": ident, "created_at": at, "updated_at": at, "archived": False, "overruled": None, "sent": dict(sent)}


def _created(record: dict[str, Any]) -> dict[str, Any]:
    sent = record["sent"]
    return {
        "id": record["id"],
        "tracking_number": sent["tracking_number"],
        "carrier_code": sent["carrier_code"],
        "status": "pending",
        "created_at": record["created_at"],
        **{name: sent[name] for name in CREATE_ECHO if name in sent},
    }


def _error(element: Any, meta: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "tracking_number": element.get("tracking_number"),
        "carrier_code": element.get("carrier_code"),
        "code": meta["code"],
        "message": meta["message"],
    }


def _checkpoint(event: Event) -> dict[str, Any]:
    word = WORDS[event.milestone]
    shown = {
        "Date": _local(event),
        "StatusDescription": word.text,
        "Details": event.place.city,
        "checkpoint_status": word.status,
        "substatus": word.substatus,
    }
    return shown | {"ItemNode": word.node} if word.node else shown


def _sentence(problem: Problem) -> str:
    name = problem.place.removeprefix("query:").removeprefix("header:").removeprefix("/").replace("/", ".")
    return f"{name or 'the request'} {problem.message or 'is not valid'}"


# --- statuses, filters, times ----------------------------------------------------------------------------------------------------


def _events(world: World, record: dict[str, Any]) -> tuple[Event, ...]:
    return world.parcel(record["sent"]["tracking_number"]).events(world.now)


def _status(record: dict[str, Any], events: tuple[Event, ...], now: datetime) -> tuple[str, str | None]:
    """Tell status and substatus: what a caller decided, else what the journey says."""
    if record["overruled"]:
        return OVERRULED[record["overruled"]]
    age_s = (now - datetime.fromisoformat(record["created_at"])).total_seconds()
    if not events or (age_s < LOOKED_UP_AFTER_S and events[-1].milestone is Milestone.ANNOUNCED):
        return "pending", None
    word = WORDS[events[-1].milestone]
    return word.status, word.substatus


def _updated_at(record: dict[str, Any], events: tuple[Event, ...]) -> datetime:
    changed = datetime.fromisoformat(record["updated_at"])
    return max(changed, events[-1].at) if events else changed


def _filters(wanted: Mapping[str, Any]) -> list[Any]:
    """Make one test of a record for each filter that is given."""
    tests: list[Any] = []
    if (status := wanted.get("status")) is not None:
        tests.append(lambda world, record: _status(record, _events(world, record), world.now)[0] == status)
    if (archived := wanted.get("archived")) in ("true", "false"):
        tests.append(lambda _, record: record["archived"] == (archived == "true"))
    for name, numbers in (("tracking_number", wanted.get("numbers")), ("order_id", wanted.get("orders"))):
        if numbers:
            listed = {number.upper() for number in numbers.split(",")}
            tests.append(lambda _, record, name=name, listed=listed: str(record["sent"].get(name, "")).upper() in listed)
    for prefix, moment in (("created_at", _created_s), ("update_time", _updated_s), ("order_created_time", _ordered_s)):
        low, high = wanted.get(f"{prefix}_min"), wanted.get(f"{prefix}_max")
        if low is not None or high is not None:
            tests.append(lambda world, record, moment=moment, low=low, high=high: _within(moment(world, record), low, high))
    return tests


def _within(value: float | None, low: int | None, high: int | None) -> bool:
    return value is not None and (low is None or value >= low) and (high is None or value < high + 1)


def _created_s(_: World, record: dict[str, Any]) -> float:
    return datetime.fromisoformat(record["created_at"]).timestamp()


def _updated_s(world: World, record: dict[str, Any]) -> float:
    return _updated_at(record, _events(world, record)).timestamp()


def _ordered_s(_: World, record: dict[str, Any]) -> float | None:
    """Read `order_create_time`, which has no zone, as UTC."""
    try:
        return datetime.strptime(record["sent"].get("order_create_time", ""), "%Y/%m/%d %H:%M").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _key(carrier_code: str, number: str) -> str:
    return f"{carrier_code}/{number.upper()}"


def _key_of(record: dict[str, Any]) -> str:
    return _key(record["sent"]["carrier_code"], record["sent"]["tracking_number"])


def _iso(moment: datetime) -> str:
    return moment.astimezone(ZONE).isoformat(timespec="seconds")


def _local(event: Event) -> str:
    return event.at.strftime("%Y-%m-%d %H:%M")


def _days(start: datetime, end: datetime) -> int:
    return max((end - start).days, 0)
