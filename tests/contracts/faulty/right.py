"""Implementations that are right in ways of their own. Nobody may accuse them of anything."""

from __future__ import annotations

import json
import re
import secrets
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from contracts.caller import Caller
from sandbox.errors import Rejection
from sandbox.exchange import Account, Request
from sandbox.workspace import World

from .making import Asked, Difference, Right, Send, Told, between, telling

PROVIDERS = ("trackru", "billink", "delivery_solutions", "parcellab")
LIVE_KEY = "live-8f3a1c"

# --- how it is shown ------------------------------------------------------------------------------------------------------------

CREATE: Mapping[str, tuple[str, Any]] = {
    "trackru": ("createTracking", {"tracking_number": "RIGHT00001", "carrier_code": "sto"}),
    "billink": (
        "createTracker",
        {"carrierCode": "postnl", "invoiceNumber": "INVOICE1234", "trackAndTrace": "3S1", "media": [{"file": "JVBERi0xLjQK"}]},
    ),
    "delivery_solutions": ("createTracker", {"locationExternalId": "100983", "type": "pickup"}),
    "parcellab": (
        "createOrder",
        {"account": 12345, "order_number": "R-1", "destination_country_iso3": "DEU", "recipient_email": "ivy@example.com"},
    ),
}
LIST: Mapping[str, tuple[str, Any]] = {
    "trackru": ("listTrackingsByPost", {}),
    "billink": CREATE["billink"],
    "delivery_solutions": ("listTrackers", {}),
    "parcellab": ("sendEvent", {}),
}


def creates(c: Caller) -> object:
    """Create something."""
    return c.call(*CREATE[c.spec.name])


def refused(c: Caller) -> object:
    """Create something that lacks everything, and is wrong beside."""
    operation, _ = CREATE[c.spec.name]
    return c.call(operation, {"carrier_code": 1, "carrierCode": 1, "type": 1, "trackerExternalId": 1, "account": "x", "order_number": 1})


def by_head(c: Caller) -> object:
    """Ask what may be asked."""
    operation, _ = CREATE[c.spec.name]
    path = c.spec.operations[operation].path
    return [c.send(c.spec.operations[operation], Request(method, path, "", {}, b"", c.target.url)) for method in ("OPTIONS", "HEAD")]


def asks_the_time(c: Caller) -> object:
    """Get an answer that tells the time."""
    return c.call("issueToken", {"grant_type": "client_credentials"}) if c.spec.name == "delivery_solutions" else creates(c)


def prefers(c: Caller) -> object:
    """Ask for a failure."""
    operation, sent = CREATE[c.spec.name]
    return c.call(operation, sent, headers={"prefer": "cause=server-error"})


def lists(c: Caller) -> object:
    """See what a fresh account finds."""
    return c.call("listOrders") if c.spec.name == "parcellab" else c.call(*LIST[c.spec.name])


# --- for every provider -------------------------------------------------------------------------------------------------------------


class _RandomIds(World):
    """A world whose ids nobody can guess."""

    def new_hex(self, counter: str, digits: int) -> str:
        return secrets.token_hex(digits)[:digits]


def _words(of: str) -> str:
    """Say something else: other words for each sentence, the same each time."""
    return f"No. {zlib.crc32(of.encode()) % 1000}: that cannot be done - «{of[:9].encode('ascii', 'ignore').decode()}»".replace(
        "«", "("
    ).replace("»", ")")


def _said(value: Any) -> Any:
    """Change every sentence for people in a body."""
    if isinstance(value, list):
        return [_said(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _words(inner) if name in ("message", "detail") and isinstance(inner, str) else _said(inner) for name, inner in value.items()
    }


def _other_words(told: Told) -> None:
    value = told.json
    if not isinstance(value, dict) or (told.status < 300 and value.get("meta", {}).get("code") in (None, 200)):
        return
    new = _said(value)
    if "violations" in new:
        _summed_up(new)
    if "apierrormsg" in told.headers:
        told.headers["apierrormsg"] = new["message"] if "message" in new else new["response"]["errors"][0]["message"]
    told.json = new


def _summed_up(value: Any) -> None:
    """Write what Billink says of all violations, after they changed."""
    violations = value["violations"]
    value["detail"] = "\n".join(f"{one['propertyPath']}: {one['message']}".removeprefix(": ") for one in violations)
    codes = [one.get("code") for one in violations]
    if len(codes) > 1:
        value["type"] = "/validation_errors/" + ";".join(f"{index}={code}" for index, code in enumerate(codes))


def _other_order(told: Told) -> None:
    value = told.json
    if not isinstance(value, dict) or told.status < 400:
        return
    for name in ("violations", "errors"):
        if isinstance(value.get(name), list):
            value[name].reverse()
    if "violations" in value:
        _summed_up(value)
    told.json = value


def _more_headers(told: Told) -> None:
    told.headers |= {
        "server": "nginx",
        "date": "Mon, 02 Mar 2026 09:00:00 GMT",
        "x-request-id": "4f1f0c1e-5d0f-4a1b-9d36-2c1f60b7e914",
        "cache-control": "no-store",
        "strict-transport-security": "max-age=63072000",
        "set-cookie": "lb=a1; Path=/; HttpOnly",
        "vary": "Accept-Encoding",
    }


def _backwards(value: Any) -> Any:
    if isinstance(value, list):
        return [_backwards(inner) for inner in value]
    return {name: _backwards(inner) for name, inner in reversed(value.items())} if isinstance(value, dict) else value


def _other_writing(told: Told) -> None:
    if told.json is not None:
        told.body = json.dumps(_backwards(told.json), ensure_ascii=True, indent=2).encode()


def _charset(told: Told) -> None:
    if "content-type" in told.headers:
        told.headers["content-type"] += "; charset=UTF-8"


def _loud_names(told: Told) -> None:
    told.headers = {name.upper() if not name.startswith("trackbed-") else name: value for name, value in told.headers.items()}


def _pieces(told: Told) -> None:
    told.in_pieces = True


def _head_and_options(asked: Asked, send: Send) -> Told:
    """Answer HEAD where there is GET, and OPTIONS everywhere, as web frameworks do by themselves."""
    method = asked.method
    if method == "HEAD":
        asked.method = "GET"
        told = send(asked)
        asked.method = "HEAD"
        return told if told.status != 405 else send(asked)
    told = send(asked)
    if method == "OPTIONS" and told.status == 405:
        return Told(204, {"allow": f"{told.headers['allow']}, OPTIONS"}, b"")
    return told


def _no_preference(asked: Asked, send: Send) -> Told:
    asked.headers.pop("prefer", None)
    return send(asked)


def _slow(asked: Asked, send: Send) -> Told:
    time.sleep(0.004)  # this is what it is about
    return send(asked)


def _one_key(text: str) -> Account:
    if text != LIVE_KEY:
        raise Rejection("unauthenticated", "unknown")
    return Account("any_live")


EMPTY: Mapping[str, str] = {"trackru": "trackings", "billink": "orders", "delivery_solutions": "trackers", "parcellab": "orders"}


def _for_all(provider: str) -> Iterator[tuple[str, str, Difference, Callable[[Caller], object]]]:
    if provider != "billink":  # it counts
        yield "other-ids", "Its ids are others.", Difference(seed=4711), creates
        yield "random-ids", "Its ids are random.", Difference(world=_RandomIds), creates
    yield "other-words", "Its sentences are others.", telling(_other_words), refused
    if provider != "trackru":  # it has one error at most
        yield "other-order", "It lists errors in another order.", telling(_other_order), refused
    yield "more-headers", "It has headers that nobody asked for.", telling(_more_headers), creates
    yield "other-writing", "Its JSON is written in another way.", telling(_other_writing), creates
    yield "charset", "It names the charset of its answers.", telling(_charset), creates
    yield "loud-names", "Its header names are in capitals.", telling(_loud_names), creates
    yield "in-pieces", "Its answers come in pieces and without their length.", telling(_pieces), creates
    yield "head-and-options", "It answers HEAD and OPTIONS.", between(lambda: _head_and_options), by_head
    yield "empty-scene", "A fresh account is empty.", Difference(scene={EMPTY[provider]: []}), lists
    yield "clock-ahead", "Its clock is a minute and a half ahead.", Difference(later=timedelta(seconds=90)), asks_the_time
    yield "no-preference", "It does not know `Prefer`.", between(lambda: _no_preference), prefers
    yield "slow", "It takes its time.", between(lambda: _slow), creates


# --- of one provider -----------------------------------------------------------------------------------------------------------------


def _created_201(told: Told) -> None:
    value = told.json
    if value["meta"]["code"] == 200:
        value["meta"] |= {"code": 201, "type": "Created"}
        told.json = value


def _times(told: Told, change: Callable[[str], str]) -> None:
    told.body = re.sub(rb'(?<=_at":")[^"]+', lambda match: change(match[0].decode()).encode(), told.body)


def _in_utc(told: Told) -> None:
    _times(told, lambda text: datetime.fromisoformat(text).astimezone(timezone.utc).isoformat())  # noqa: UP017 - the zone, not its alias


def _to_the_millisecond(told: Told) -> None:
    _times(told, lambda text: datetime.fromisoformat(text).replace(microsecond=482_000).isoformat(timespec="milliseconds"))


def _traced(told: Told) -> None:
    if told.status == 403:
        told.json = told.json | {
            "trace": [{"file": "/app/src/State/Provider.php", "line": 41, "function": "denyAccess", "class": "App\\Security", "type": "->"}]
        }


def _big_ids(told: Told) -> None:
    if told.status == 201:
        value = told.json
        value["id"] = value["id"] * 7919 % 2_000_000_011 + 1
        for file in value["media"]:
            file["id"] = file["id"] * 7919 % 2_000_000_011 + 1
        told.json = value


def _capital_ids(told: Told) -> None:
    told.body = re.sub(rb'(?<="id":")[0-9a-f]{24}(?=")', lambda match: match[0].upper(), told.body)


def _wrong(c: Caller) -> object:
    operation, sent = CREATE[c.spec.name]
    return c.as_("wrong").call(operation, sent)


def _all() -> Iterator[Right]:
    for provider in PROVIDERS:
        for name, sentence, difference, show in _for_all(provider):
            yield Right(f"{provider}-{name}", provider, sentence, difference, show)
        foreign = Difference(known=_one_key, between=lambda: _no_preference, controlled=False)
        yield Right(
            f"{provider}-one-key", provider, "It has one account, with a key of its own, and no clock to turn.", foreign, creates, LIVE_KEY
        )
    yield Right("trackru-created-201", "trackru", "A create has the code 201.", telling(_created_201, "createTracking"), creates)
    yield Right("trackru-in-utc", "trackru", "Its times are in UTC.", telling(_in_utc), creates)
    yield Right("trackru-milliseconds", "trackru", "Its times have milliseconds.", telling(_to_the_millisecond), creates)
    yield Right("billink-traced", "billink", "It runs in debug mode, as staging does.", telling(_traced), _wrong)
    yield Right("billink-big-ids", "billink", "Its ids do not count up.", telling(_big_ids), creates)


RIGHT: tuple[Right, ...] = tuple(_all())
