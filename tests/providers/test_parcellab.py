"""parcelLab through its door. The reference's list of surprises is the acceptance list: each has a test named after it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbox.assembly import Settings, assemble
from sandbox.errors import DataError
from sandbox.providers.parcellab.listing import PAGE_SIZE
from sandbox.providers.parcellab.stories import MAILS, PLACES, TEXTS, WORDS
from sandbox.resources import SPECS
from sandbox.spec import Spec
from sandbox.timeline import Clock, Milestone
from sandbox.workspace import World

from callers import Caller, Result, sandbox_app

ORDERS = "/v4/track/orders/"
EVENTS = "/v4/track/events/"
SPEC = Spec.load(SPECS / "parcellab.yaml")
NEW = {"account": 12345, "order_number": "ABC-1", "destination_country_iso3": "DEU", "recipient_email": "anna@example.com"}
OWN = "5d0c7a52-3f6e-4b1d-9a38-2c1f60b7e914"  # the external id of the scene's first order
PARCEL = {"courier": "dhl-germany", "tracking_number": "TB1"}
EXAMPLES = {
    (name, case): value for name, operation in SPEC.operations.items() if operation.body for case, value in operation.body.examples.items()
}


@pytest.fixture
def lab(clock: Clock) -> Caller:
    return Caller(sandbox_app("parcellab", clock=clock), "parcellab", token("sbx_empty_test"))


@pytest.fixture
def demo(lab: Caller) -> Caller:
    """An account that finds the scene."""
    return Caller(lab.app, "parcellab", token("sbx_demo"))


def token(text: str) -> dict[str, str]:
    return {"Authorization": f"Parcellab-API-Token {text}"}


def numbered(account: int, text: str) -> dict[str, str]:
    return token(base64.b64encode(f"{account}:{text}".encode()).decode())


def put(lab: Caller, **members: Any) -> Result:
    return lab.put(ORDERS, NEW | members)


def change(lab: Caller, *mutations: Mapping[str, Any], **members: Any) -> Result:
    return lab.put(ORDERS, {"account": 12345, "order_number": "ABC-1", "mutations": list(mutations)} | members)


def add(courier: str = "dhl-germany", number: str = "TB1", **members: Any) -> dict[str, Any]:
    return {"type": "add_tracking", "tracking": {"courier": courier, "tracking_number": number, **members}}


def quantities(*changes: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "change_line_item_quantity", "line_items": list(changes)}


def event(lab: Caller, status: str, **members: Any) -> Result:
    return lab.post(EVENTS, PARCEL | {"event_status": status} | members)


def info(lab: Caller, query: str = "order_number=ABC-1&account=12345") -> Result:
    return lab.get(f"{ORDERS}info/?{query}")


def parcel(lab: Caller, query: str = "order_number=ABC-1&account=12345") -> dict[str, Any]:
    (only,) = info(lab, query).body["trackings"]
    return only


def codes(lab: Caller) -> list[str]:
    return [point["status_code"] for point in parcel(lab)["checkpoints"]]


def results(result: Result) -> list[tuple[bool, str, list[str]]]:
    return [(m["result"]["success"], m["result"]["message"], m["result"]["warnings"]) for m in result.body["mutations"]]


def errors(result: Result) -> list[tuple[str, str | None]]:
    return [(error["code"], error["attr"]) for error in result.body["errors"]]


def details(result: Result) -> dict[str, str]:
    return {error["attr"]: error["detail"] for error in result.body["errors"]}


def everything(lab: Caller) -> list[dict[str, Any]]:
    return lab.get(ORDERS).body["results"]


def mails(lab: Caller, account: str = "sbx_empty_test") -> list[tuple[str, str, str]]:
    found = lab.app.test_client().get(f"/_sandbox/outbox?workspace={account}").get_json()["messages"]
    assert {mail["channel"] for mail in found} <= {"email"}
    return [(mail["to"], mail["about"], mail["text"]) for mail in found]


# --- surprises of the reference, in its order ----------------------------------------------------------------------------


def test_surprise_1_201_first_and_200_afterwards_on_the_same_put(lab: Caller, clock: Clock) -> None:
    body = NEW | {"tags": ["a:b"], "mutations": [add()]}
    first = lab.put(ORDERS, body)
    clock.fixed += timedelta(hours=1)
    second = lab.put(ORDERS, body)
    assert (first.status, second.status) == (201, 200)
    assert second.body | {"mutations": []} == first.body | {"mutations": []}
    assert everything(lab) == [{name: value for name, value in first.body.items() if name != "mutations"}]


@pytest.mark.parametrize(
    ("method", "path", "target"),
    [
        ("PUT", "/v4/track/orders", "/parcellab/v4/track/orders/"),
        ("GET", "/v4/track/orders?cursor=a%20b&account=1", "/parcellab/v4/track/orders/?cursor=a%20b&account=1"),
        ("GET", "/v4/track/orders/info", "/parcellab/v4/track/orders/info/"),
        ("GET", f"/v4/track/orders/{OWN}", f"/parcellab/v4/track/orders/{OWN}/"),
        ("GET", "/v4/track/orders/%C3%BC%0D%0Ax%3F", "/parcellab/v4/track/orders/%C3%BC%0D%0Ax%3F/"),
        ("POST", "/v4/track/events", "/parcellab/v4/track/events/"),
    ],
)
def test_surprise_2_301_without_the_slash_and_the_target_exists(lab: Caller, method: str, path: str, target: str) -> None:
    result = lab.send(method, path)
    assert (result.status, result.cause, result.body, result.headers["location"]) == (301, "missing-slash", None, target)
    assert lab.send(method, target.removeprefix("/parcellab"), data=b"").cause != "unknown-path"


def test_surprise_3_unknown_keys_vanish_at_the_top_and_survive_in_line_items(lab: Caller) -> None:
    line = {"line_item_id": "1", "articleNo": {"x": [1]}, "my_own": "ÄΩ\u202e 👩‍🔬", "quantity": None}
    address = {"address_line": "Weg 1", "postal_code": "10117", "city": "Berlin", "country_iso3": "DEU"}
    result = put(
        lab,
        articles_order=[line],
        surprise=1,
        trackings=[],
        shipping_address=address | {"doorbell": "x"},
        additional_recipients=[{"role": "Kim", "email": None, "age": 3}],
        additional_attributes=[{"key": "k", "value": {"deep": [None]}, "note": "x"}],
        mutations=[add(unknown="kept") | {"unknown": "dropped", "payload": {}}],
    )
    assert result.status == 201
    assert result.body["articles_order"] == [line]
    assert result.body.keys().isdisjoint({"surprise", "trackings"})
    assert result.body["shipping_address"] == address
    assert result.body["additional_recipients"] == [{"role": "Kim", "email": None}]
    assert result.body["additional_attributes"] == [{"key": "k", "value": {"deep": [None]}}]
    (mutation,) = result.body["mutations"]
    assert mutation.keys() == {"type", "tracking", "result"}
    assert mutation["tracking"] == PARCEL | {"unknown": "kept"}


def test_surprise_4_success_false_for_a_bad_courier_in_a_call_that_succeeds(lab: Caller) -> None:
    created = put(lab, mutations=[add("pony-express")])
    expected = [(False, "The tracking was not added.", ["There is no courier with the code pony-express."])]
    assert (created.status, results(created)) == (201, expected)
    again = change(lab, add("pony-express"), recipient_name="Anna")
    assert (again.status, results(again), again.body["recipient_name"]) == (200, expected, "Anna")
    assert info(lab).body["trackings"] == []


def test_surprise_5_one_bad_mutation_and_nothing_is_stored(lab: Caller) -> None:
    line = {"line_item_id": "1", "quantity": 3}
    mutations = [
        add(number="TB7"),
        quantities({"line_item_id": "1", "quantity": 2}),
        quantities({"line_item_id": "1", "quantity_to_cancel": 3}),
    ]
    refused = put(lab, articles_order=[line], mutations=mutations)
    assert (refused.status, refused.cause) == (400, "too-much-cancelled")
    assert refused.body == {
        "type": "client_error",
        "errors": [
            {
                "code": "invalid",
                "detail": "Cannot cancel 3 of item 1. Only 2 available.",
                "attr": "mutations.2.line_items.0.quantity_to_cancel",
            }
        ],
    }
    assert everything(lab) == []
    assert put(lab, articles_order=[line]).status == 201
    before = everything(lab)
    assert change(lab, *mutations, recipient_name="other").status == 400
    assert change(lab, add(number="TB7"), {"type": "nope"}, recipient_name="other").status == 400
    assert everything(lab) == before
    assert info(lab).body["trackings"] == []
    assert info(lab, "courier=dhl-germany&tracking_number=TB7").status == 404


def test_surprise_6_a_parcel_of_another_order_is_refused_although_a_courier_only_warns(lab: Caller) -> None:
    assert put(lab, mutations=[add()]).status == 201
    refused = put(lab, order_number="ABC-2", mutations=[add("pony-express"), add(number="tb1")])
    assert (refused.status, refused.cause) == (400, "tracking-on-another-order")
    assert refused.body == {
        "type": "validation_error",
        "errors": [
            {
                "code": "invalid",
                "detail": "Tracking tb1 of dhl-germany is on order ABC-1 already.",
                "attr": "mutations.1.tracking.tracking_number",
            }
        ],
    }
    assert put(lab, order_number="ABC-2", mutations=[add("dpd"), add(number="TB2")]).status == 201
    several = put(lab, order_number="ABC-3", mutations=[add(), add(number="TB2"), add(number="TB3"), add("dpd")])
    assert {attr.split(".")[1]: detail.split()[-2] for attr, detail in details(several).items()} == {
        "0": "ABC-1",
        "1": "ABC-2",
        "3": "ABC-2",
    }
    assert put(lab, order_number="ABC-1", account=54321, mutations=[add()]).status == 201, "of another account it is free"


def test_surprise_7_an_order_date_has_a_time_and_an_announced_date_has_none(lab: Caller) -> None:
    refused = put(lab, order_date="2026-06-16", announced_delivery_date="2026-06-19T00:00:00Z", announced_delivery_date_max="19.06.2026")
    assert (refused.status, refused.cause) == (400, "invalid")
    assert errors(refused) == [("invalid", name) for name in ("order_date", "announced_delivery_date", "announced_delivery_date_max")]
    sent = {
        "order_date": "2026-06-16T10:30:00.5+02:00",
        "announced_delivery_date": "2026-06-19",
        "announced_delivery_date_min": "2026-06-18",
    }
    assert put(lab, **sent).body.items() >= sent.items()


def test_surprise_8_the_unset_address_and_an_empty_one(lab: Caller) -> None:
    assert put(lab, recipient_email="_unset").body["recipient_email"] is None
    assert put(lab).body["recipient_email"] == "anna@example.com"
    assert (
        put(lab, recipient_email="_unset", shipping_address={}, billing_address=None).body.items()
        >= {
            "recipient_email": None,
            "shipping_address": {},
            "billing_address": None,
        }.items()
    )
    blank = {"address_line": "", "postal_code": "1", "city": None, "country_iso3": "XXX"}
    refused = put(lab, shipping_address=blank, billing_address={"city": "Berlin"}, recipient_email="_UNSET")
    assert errors(refused) == [
        ("invalid", "recipient_email"),
        ("invalid", "shipping_address.address_line"),
        ("invalid", "shipping_address.postal_code"),
        ("invalid", "shipping_address.city"),
        ("invalid", "shipping_address.country_iso3"),
        ("required", "billing_address.address_line"),
        ("required", "billing_address.postal_code"),
        ("required", "billing_address.country_iso3"),
    ]


@pytest.mark.parametrize(("ident", "cause"), [("info123", "impossible-id"), ("information", "impossible-id"), ("a.b", "impossible-id")])
def test_surprise_9_nothing_that_begins_with_info_is_an_id(demo: Caller, ident: str, cause: str) -> None:
    result = demo.get(f"{ORDERS}{ident}/")
    assert (result.status, result.cause) == (404, cause)
    assert result.body == {"type": "client_error", "errors": [{"code": "not_found", "detail": "Not found.", "attr": None}]}
    assert demo.get(f"{ORDERS}info/").cause == "info-modes"


def test_surprise_10_a_refusal_has_one_of_three_shapes(demo: Caller) -> None:
    shapes = [
        demo.put(ORDERS, NEW | {"recipient_email": "no"}).body,
        put(demo, mutations=[add(number="TB0000099001")]).body,
        demo.put(ORDERS, {}).body,
    ]
    assert [shape.get("type") for shape in shapes] == ["client_error", "validation_error", None]
    assert [list(shape) for shape in shapes] == [["type", "errors"], ["type", "errors"], ["detail"]]


def test_surprise_11_an_order_does_not_tell_its_trackings(lab: Caller) -> None:
    order = put(lab, mutations=[add()]).body
    assert "trackings" not in order
    assert "trackings" not in lab.get(f"{ORDERS}{order['external_id']}/").body
    assert parcel(lab)["tracking_number"] == "TB1"


def test_surprise_12_an_event_of_an_order_never_attaches_and_in_transit_is_relabelled(lab: Caller) -> None:
    put(lab, mutations=[add()])
    before = info(lab).body
    sent = lab.post(EVENTS, {"account": 12345, "order_number": "ABC-1", "event_status": "Loaded"})
    assert (sent.status, sent.body) == (204, None)
    assert info(lab).body == before
    odd = {"account": 12345, "order_number": "ABC-1", "event_status": "Loaded", "courier": 5, "tracking_number": 7, "reference_number": {}}
    assert lab.post(EVENTS, odd).status == 204
    assert info(lab).body == before
    assert event(lab, "InTransit", location="Ulm").status == 204
    point = parcel(lab)["checkpoints"][-1]
    assert (point["status_code"], point["location"]) == ("InboundScan", "Ulm")


# --- every cause -------------------------------------------------------------------------------------------------------------

LINE = {"line_item_id": "1", "quantity": 3}
MEMBERS: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("invalid", {"recipient_email": "nobody"}, "invalid", "recipient_email"),
    ("checkpoints-sent", {"mutations": [add(checkpoints=[])]}, "required", "mutations"),
    ("missing-field", {"articles_order": [{}]}, "required", "articles_order.0.line_item_id"),
    ("duplicate-order", {"external_reference": "shop-880990"}, "unique", "external_reference"),
    ("duplicate-line-item", {"articles_order": [LINE, LINE]}, "invalid", "articles_order.1.line_item_id"),
    ("unknown-delivery-method", {"delivery_method": "by balloon"}, "invalid", "delivery_method"),
    ("unknown-order-status", {"order_status": "Daydreaming"}, "invalid", "order_status"),
    (
        "too-much-cancelled",
        {"articles_order": [LINE], "mutations": [quantities({"line_item_id": "1", "quantity_to_cancel": 4})]},
        "invalid",
        "mutations.0.line_items.0.quantity_to_cancel",
    ),
    ("tracking-on-another-order", {"mutations": [add(number="TB0000099001")]}, "invalid", "mutations.0.tracking.tracking_number"),
]
READS: list[tuple[str, str, str, int, str, str | None]] = [
    ("listOrders", "invalid", "?ordering=colour", 400, "invalid", "ordering"),
    ("listOrders", "bad-cursor", "?cursor=cD00ODY%3D", 404, "not_found", None),
    ("getOrderInfo", "invalid", "info/?account=x&order_number=1", 400, "invalid", "account"),
    ("getOrderInfo", "info-modes", "info/", 400, "invalid", None),
    ("getOrderInfo", "unknown-info", "info/?account=12345&order_number=1", 404, "not_found", None),
    ("getOrder", "impossible-id", "info1/", 404, "not_found", None),
    ("getOrder", "unknown-order", "1/", 404, "not_found", None),
]
EVENT_FAULTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("invalid", PARCEL | {"event_status": "Arrived"}, "invalid", "event_status"),
    ("missing-field", PARCEL, "required", "event_status"),
]


@pytest.mark.parametrize(("cause", "members", "code", "attr"), MEMBERS, ids=[row[0] for row in MEMBERS])
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_wrong_order_is_refused_by_its_cause_and_changes_nothing(
    demo: Caller, method: str, cause: str, members: dict[str, Any], code: str, attr: str | None
) -> None:
    before = everything(demo)
    result = demo.send(method, ORDERS, json=NEW | members)
    assert (result.status, result.cause, errors(result)) == (400, cause, [(code, attr)])
    assert everything(demo) == before


@pytest.mark.parametrize(("operation", "cause", "path", "status", "code", "attr"), READS, ids=[f"{row[0]}-{row[1]}" for row in READS])
def test_a_wrong_read_is_refused_by_its_cause(
    demo: Caller, operation: str, cause: str, path: str, status: int, code: str, attr: str | None
) -> None:
    assert cause in {**SPEC.operations[operation].causes, **SPEC.causes}
    result = demo.get(ORDERS + path)
    assert (result.status, result.cause, errors(result)) == (status, cause, [(code, attr)])


@pytest.mark.parametrize(("cause", "body", "code", "attr"), EVENT_FAULTS)
def test_a_wrong_event_is_refused_by_its_cause(demo: Caller, cause: str, body: dict[str, Any], code: str, attr: str) -> None:
    result = demo.post(EVENTS, body)
    assert (result.status, result.cause, errors(result)) == (400, cause, [(code, attr)])


@pytest.mark.parametrize(("method", "path"), [("PUT", ORDERS), ("POST", ORDERS), ("POST", EVENTS)])
@pytest.mark.parametrize(
    ("data", "headers", "status", "cause", "code"),
    [
        (b"{", {}, 400, "malformed", "parse_error"),
        (b"", {}, 400, "malformed", "parse_error"),
        (b'{"order_number": NaN}', {}, 400, "malformed", "parse_error"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "media-type", "unsupported_media_type"),
        (b"{}", {"Content-Encoding": "gzip"}, 415, "media-type", "unsupported_media_type"),
        (b" " * 1_048_577, {}, 413, "too-large", "request_too_large"),
    ],
)
def test_a_body_that_is_none_is_refused(
    demo: Caller, method: str, path: str, data: bytes, headers: dict[str, str], status: int, cause: str, code: str
) -> None:
    result = demo.send(method, path, data=data, headers={"Content-Type": "application/json"} | headers)
    assert (result.status, result.cause, errors(result)) == (status, cause, [(code, None)])


def test_a_body_of_just_one_megabyte_is_read(lab: Caller) -> None:
    body = b'{"account":1,"order_number":"x","destination_country_iso3":"DEU","recipient_email":"_unset"}'
    assert lab.put(ORDERS, data=body + b" " * (1_048_576 - len(body)), headers={"Content-Type": "application/json"}).status == 201


def test_an_order_without_an_identifier_has_a_detail_alone(demo: Caller) -> None:
    result = demo.put(ORDERS, {"account": 12345})
    assert (result.status, result.cause, result.body) == (400, "no-identifier", {"detail": "Either external_id or order_number is needed."})


@pytest.mark.parametrize("absent", [["recipient_email"], ["account", "destination_country_iso3"], ["account"]])
def test_a_put_of_a_new_order_names_each_member_that_it_lacks(lab: Caller, absent: list[str]) -> None:
    result = lab.put(ORDERS, {name: value for name, value in NEW.items() if name not in absent})
    assert (result.status, result.cause, errors(result)) == (400, "missing-for-create", [("required", name) for name in absent])
    assert details(result)[absent[0]] == "This field is required."
    assert everything(lab) == []


def test_a_new_external_id_alone_names_all_four(lab: Caller) -> None:
    result = lab.put(ORDERS, {"external_id": OWN})
    assert [attr for _, attr in errors(result)] == ["account", "order_number", "destination_country_iso3", "recipient_email"]


def test_a_post_names_each_member_that_it_lacks(lab: Caller) -> None:
    result = lab.post(ORDERS, {"order_number": "1"})
    assert (result.cause, errors(result)) == (
        "missing-field",
        [("required", "account"), ("required", "destination_country_iso3"), ("required", "recipient_email")],
    )


@pytest.mark.parametrize(
    ("headers", "status", "cause", "code"),
    [
        ({}, 401, "not-authenticated", "not_authenticated"),
        ({"Authorization": "sbx_demo"}, 401, "authentication-failed", "authentication_failed"),
        ({"Authorization": "Basic c2J4X2RlbW86"}, 401, "authentication-failed", "authentication_failed"),
        ({"Authorization": "Parcellab-API-Token"}, 401, "authentication-failed", "authentication_failed"),
        (token("nonsense"), 401, "authentication-failed", "authentication_failed"),
        (token("sbx_revoked_1"), 401, "authentication-failed", "authentication_failed"),
        (numbered(0, "sbx_demo"), 401, "authentication-failed", "authentication_failed"),
        (numbered(1, "nonsense"), 401, "authentication-failed", "authentication_failed"),
        ({"Authorization": "Bearer nonsense"}, 401, "authentication-failed", "authentication_failed"),
        (token("sbx_denied_1"), 403, "forbidden", "permission_denied"),
        (numbered(1, "sbx_denied_1"), 403, "forbidden", "permission_denied"),
    ],
)
@pytest.mark.parametrize("path", [ORDERS, f"{ORDERS}info/", f"{ORDERS}x/"])
def test_a_credential_that_is_not_good_is_refused(
    lab: Caller, path: str, headers: dict[str, str], status: int, cause: str, code: str
) -> None:
    result = Caller(lab.app, "parcellab", headers).get(path)
    assert (result.status, result.cause, errors(result)) == (status, cause, [(code, None)])


@pytest.mark.parametrize(("method", "path"), [("PUT", ORDERS), ("POST", ORDERS), ("POST", EVENTS)])
def test_an_account_that_may_only_read_does_not_write(lab: Caller, method: str, path: str) -> None:
    reader = Caller(lab.app, "parcellab", token("sbx_readonly_1"))
    assert reader.get(ORDERS).status == 200
    assert reader.get(f"{ORDERS}info/?account=12345&order_number=ABC-0990").status == 200
    assert (reader.send(method, path, json=NEW).status, reader.send(method, path, json=NEW).cause) == (403, "forbidden")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", ORDERS, NEW),
        ("PUT", ORDERS, {"account": 12345, "external_id": OWN}),
        ("POST", ORDERS, NEW),
        ("GET", f"{ORDERS}?account=54321&account=12345", None),
        ("GET", f"{ORDERS}info/?order_number=ABC-0990&account=12345", None),
        ("POST", EVENTS, {"account": 12345, "order_number": "x", "event_status": "Loaded"}),
        ("POST", EVENTS, PARCEL | {"account": 12345, "event_status": "Loaded"}),
    ],
)
def test_a_foreign_account_is_refused_with_a_detail_alone(demo: Caller, method: str, path: str, body: Any) -> None:
    before = everything(demo)
    foreign = Caller(demo.app, "parcellab", numbered(54321, "sbx_demo"))
    result = foreign.send(method, path, json=body)
    assert (result.status, result.cause, result.body) == (
        403,
        "foreign-account",
        {"detail": "This credential may not use account 12345."},
    )
    assert everything(demo) == before


@pytest.mark.parametrize("name", SPEC.operations)
@pytest.mark.parametrize(("example", "status", "code"), [("too-many-requests", 429, "throttled"), ("server-error", 500, "error")])
def test_a_transient_refusal_comes_when_it_is_preferred(demo: Caller, name: str, example: str, status: int, code: str) -> None:
    """Nothing but a fault brings these about, so `Prefer` does."""
    operation = SPEC.operations[name]
    path = {"getOrderInfo": f"{ORDERS}info/", "getOrder": f"{ORDERS}x/"}.get(name, operation.path)
    body = {"putOrder": NEW, "createOrder": NEW, "sendEvent": PARCEL | {"event_status": "Loaded"}}.get(name)
    result = demo.send(operation.method, path, json=body, headers={"Prefer": f"example={example}"})
    assert (result.status, errors(result)) == (status, [(code, None)])
    assert result.headers.get("retry-after") == ("30" if status == 429 else None)


@pytest.mark.parametrize(
    ("method", "path", "allow"), [("DELETE", ORDERS, "PUT, POST, GET"), ("POST", f"{ORDERS}info/", "GET"), ("GET", EVENTS, "POST")]
)
def test_a_wrong_method_is_refused_with_those_that_are_right(demo: Caller, method: str, path: str, allow: str) -> None:
    result = demo.send(method, path)
    assert (result.status, result.cause, result.headers["allow"]) == (405, "wrong-method", allow)
    assert details(result) == {None: f'Method "{method}" not allowed.'}


@pytest.mark.parametrize(
    "path", ["/", "/v4/track/", "/v4/track/nothing/", "/v3/track/trackings/", "/v4/track/orders/a/b/", "/v4/track/orders//"]
)
def test_an_unknown_path_is_not_found(demo: Caller, path: str) -> None:
    result = demo.get(path)
    assert (result.status, result.cause, errors(result)) == (404, "unknown-path", [("not_found", None)])


def test_every_cause_of_the_document_is_brought_about() -> None:
    shown = {
        "putOrder": {row[0] for row in MEMBERS} | {"malformed", "no-identifier", "missing-for-create", "foreign-account"},
        "createOrder": {row[0] for row in MEMBERS} | {"malformed", "foreign-account"},
        "sendEvent": {row[0] for row in EVENT_FAULTS} | {"malformed", "foreign-account"},
        "listOrders": {"foreign-account"},
        "getOrderInfo": {"foreign-account"},
    }
    for operation, cause, *_ in READS:
        shown.setdefault(operation, set()).add(cause)
    for name, operation in SPEC.operations.items():
        assert set(operation.causes) <= shown[name]


# --- credentials and accounts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        token("sbx_empty_test"),
        {"Authorization": "parcellab-api-token sbx_empty_test"},
        numbered(12345, "sbx_empty_test"),
        {"Authorization": "Bearer sbx_empty_test"},
    ],
)
def test_each_form_of_a_token_opens_the_same_world(lab: Caller, headers: dict[str, str]) -> None:
    order = put(lab).body
    other = Caller(lab.app, "parcellab", headers)
    assert other.get(f"{ORDERS}{order['external_id']}/").body["order_number"] == "ABC-1"
    assert put(other, order_number="ABC-2").status == 201


def test_worlds_do_not_see_each_other(lab: Caller) -> None:
    order = put(lab, mutations=[add()]).body
    other = Caller(lab.app, "parcellab", token("sbx_empty_other"))
    assert other.get(f"{ORDERS}{order['external_id']}/").status == 404
    assert everything(other) == []
    assert info(other).status == 404
    assert put(other, mutations=[add()]).status == 201


def test_a_bound_token_sees_its_own_account_number_only(lab: Caller) -> None:
    mine, theirs = put(lab).body, put(lab, account=54321, mutations=[add()]).body
    bound = Caller(lab.app, "parcellab", numbered(12345, "sbx_empty_test"))
    assert [order["account"] for order in everything(bound)] == [12345]
    assert bound.get(f"{ORDERS}{mine['external_id']}/").status == 200
    assert bound.get(f"{ORDERS}{theirs['external_id']}/").cause == "unknown-order"
    assert info(bound, "courier=dhl-germany&tracking_number=TB1").cause == "unknown-info"
    assert bound.put(ORDERS, {"external_id": theirs["external_id"], "tags": ["x"]}).cause == "missing-for-create"
    assert bound.put(ORDERS, {"order_number": "ABC-1", "tags": ["x"]}).body["account"] == 12345
    assert lab.get(f"{ORDERS}{theirs['external_id']}/").body == {k: v for k, v in theirs.items() if k != "mutations"}


def test_a_fresh_account_finds_the_scene_and_an_empty_one_nothing(demo: Caller, lab: Caller) -> None:
    assert [(order["order_number"], order["created_at"]) for order in everything(demo)] == [
        ("ABC-0990", "2026-03-01T07:00:00Z"),
        ("ABC-0991", "2026-02-18T09:00:00Z"),
    ]
    assert info(demo, "order_number=ABC-0991&account=12345").body["trackings"][0]["delivery_location_type"] == "Unknown"
    assert everything(lab) == []


# --- what is sent comes back --------------------------------------------------------------------------------------------------------


def test_an_order_repeats_exactly_what_was_sent(lab: Caller) -> None:
    body = EXAMPLES["putOrder", "full"] | {
        "order_number": " Ω\u202e e\u0301 \U0001f469\u200d\U0001f52c O'Brien \u0000",
        "recipient_name": "Null",
        "channel": "",
        "external_id": "0B7C2F1E-8D54-4C0A-9E53-7F1F6A2D9C11",
        "payment_details": {"Amount": 1.10, "zero": -0.0, "deep": [[{}]]},
    }
    created = lab.put(ORDERS, body)
    assert created.status == 201
    expected = {name: value for name, value in body.items() if name != "mutations"} | {"order_discount_amount": "10.00"}
    times = {"created_at": "2026-03-02T09:00:00Z", "updated_at": "2026-03-02T09:00:00Z"}
    assert {name: value for name, value in created.body.items() if name != "mutations"} == expected | times
    assert created.body["mutations"][0]["tracking"] == body["mutations"][0]["tracking"]
    assert lab.get(f"{ORDERS}{body['external_id'].lower()}/").body == expected | times


def test_the_smallest_order_reads_null_wherever_nothing_was_sent(lab: Caller) -> None:
    order = lab.post(ORDERS, NEW)
    set_ = {name: value for name, value in order.body.items() if value is not None}
    assert order.status == 201
    assert set_ == NEW | {
        "external_id": order.body["external_id"],
        "client_key": "",
        "has_multiple_shipments": False,
        "tags": [],
        "articles_order": [],
        "additional_recipients": [],
        "additional_attributes": [],
        "created_at": "2026-03-02T09:00:00Z",
        "updated_at": "2026-03-02T09:00:00Z",
    }
    assert lab.get(f"{ORDERS}{order.body['external_id']}/").body == order.body


@pytest.mark.parametrize(("name", "case"), EXAMPLES)
def test_each_printed_request_goes_in_and_its_values_come_out(demo: Caller, name: str, case: str) -> None:
    operation, body = SPEC.operations[name], EXAMPLES[name, case]
    result = demo.send(operation.method, operation.path, json=body)
    if name == "sendEvent":
        assert (result.status, result.body) == (204, None)
        return
    known = body.get("order_number", "ABC-0990") in {"ABC-0990", "ABC-0991"}
    assert result.status == (200 if known else 201)
    unlike = {"mutations", "order_discount_amount", *(["recipient_email"] if body.get("recipient_email") == "_unset" else [])}
    assert {key: result.body[key] for key in body if key not in unlike} == {key: value for key, value in body.items() if key not in unlike}
    assert all(mutation["result"]["success"] for mutation in result.body.get("mutations", ()))
    assert len(result.body.get("mutations", ())) == (len(body.get("mutations", ())) if name == "putOrder" else 0)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("89.90", "89.90"),
        ("10", "10.00"),
        ("5.", "5.00"),
        (".5", "0.50"),
        ("-12345678.9", "-12345678.90"),
        ("007", "7.00"),
        (89.9, "89.90"),
        (0, "0.00"),
        (1.005, "1.01"),
        (2.675, "2.68"),
        (-1.005, "-1.01"),
        (99999999.99, "99999999.99"),
        (1e2, "100.00"),
        (None, None),
    ],
)
def test_an_amount_is_answered_with_two_decimals(lab: Caller, sent: Any, shown: str | None) -> None:
    assert put(lab, order_total_amount=sent).body["order_total_amount"] == shown


@pytest.mark.parametrize("sent", ["", "-", ".", "1.234", "123456789", "1,00", "+1", "1e2", "\u0661", 100000000, True, "٣"])
def test_what_is_no_amount_is_refused(lab: Caller, sent: Any) -> None:
    result = put(lab, order_tax_amount=sent)
    assert (result.status, len(errors(result)), errors(result)[0]) == (400, 1, ("invalid", "order_tax_amount"))


# --- create and update ---------------------------------------------------------------------------------------------------------


def test_an_integer_with_a_point_is_an_integer(lab: Caller) -> None:
    first = lab.put(
        ORDERS, data=json.dumps(NEW | {"account": 12345.0, "articles_order": [LINE]}), headers={"Content-Type": "application/json"}
    )
    assert (first.status, type(first.body["account"])) == (201, int)
    again = change(
        lab, quantities({"line_item_id": "1", "quantity": 2.0}, {"line_item_id": "1", "quantity_to_cancel": 1.0}), account=12345.0
    )
    assert (again.status, results(again)[0][1]) == (200, "Line item 1 changed from 3 to 2; Line item 1 changed from 2 to 1")
    assert type(again.body["articles_order"][0]["quantity"]) is int


def test_an_update_keeps_what_is_not_sent_and_replaces_lists(lab: Caller, clock: Clock) -> None:
    before = put(lab, recipient_name="Anna", tags=["a", "b"], client_key="mybrand-a.com", articles_order=[LINE]).body
    clock.fixed += timedelta(seconds=90)
    after = change(lab, tags=["c"], recipient_name=None, client_key=None, channel="shop").body
    changed = {name: after[name] for name in after if after[name] != before[name]}
    assert changed == {
        "tags": ["c"],
        "recipient_name": None,
        "client_key": "",
        "channel": "shop",
        "updated_at": "2026-03-02T09:01:30Z",
    }


def test_an_order_is_found_by_its_external_id_in_any_letter_case_and_may_be_renamed(lab: Caller) -> None:
    order = put(lab, external_reference="R-1").body
    changed = lab.put(ORDERS, {"external_id": order["external_id"].upper(), "order_number": "ABC-2", "external_reference": "R-2"})
    assert (changed.status, changed.body["external_id"], changed.body["order_number"]) == (200, order["external_id"], "ABC-2")
    assert info(lab).status == 404
    assert info(lab, "order_number=ABC-2&account=12345").status == 200
    assert info(lab, "external_reference=R-1&account=12345").status == 404
    assert put(lab, external_reference="R-1").status == 201, "the old names are free"


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_an_external_id_may_be_chosen_and_is_then_taken(lab: Caller, method: str) -> None:
    assert lab.send(method, ORDERS, json=NEW | {"external_id": OWN}).body["external_id"] == OWN
    other = NEW | {"external_id": OWN.upper(), "order_number": "ABC-2"}
    assert lab.post(ORDERS, other).cause == "duplicate-order"
    assert lab.put(ORDERS, other | {"account": 54321}).cause == "duplicate-order", "of another account it is another order"
    assert lab.put(ORDERS, other).status == 200


def test_an_order_number_is_unique_in_the_account(lab: Caller) -> None:
    put(lab, external_reference="R-1")
    refused = lab.post(ORDERS, NEW | {"external_reference": "R-1"})
    assert errors(refused) == [("unique", "order_number"), ("unique", "external_reference")]
    assert details(refused)["order_number"] == "There is an order with this order_number already."
    assert lab.post(ORDERS, NEW | {"account": 54321, "external_reference": "R-1"}).status == 201
    assert errors(put(lab, external_id=OWN)) == [("unique", "order_number")], "an unknown external id means another order"
    second = put(lab, order_number="ABC-2").body
    taken = lab.put(ORDERS, {"external_id": second["external_id"], "order_number": "ABC-1", "external_reference": "R-1"})
    assert errors(taken) == [("unique", "order_number"), ("unique", "external_reference")]


def test_an_empty_reference_never_clashes(lab: Caller) -> None:
    assert [put(lab, order_number=str(n), external_reference=ref).status for n, ref in enumerate(["", "", None, None])] == [201] * 4


def test_one_refusal_tells_all_that_is_wrong(demo: Caller) -> None:
    body = {
        "order_number": "ABC-0990",
        "articles_order": [LINE, LINE, {"line_item_id": "2"}, LINE],
        "delivery_method": "by balloon",
        "order_status": "Daydreaming",
        "mutations": [add(number="TB0000099001"), quantities({"line_item_id": "2", "quantity_to_cancel": 1})],
    }
    refused = demo.post(ORDERS, NEW | body)
    assert errors(refused) == [
        ("unique", "order_number"),
        ("invalid", "articles_order.1.line_item_id"),
        ("invalid", "articles_order.3.line_item_id"),
        ("invalid", "delivery_method"),
        ("invalid", "order_status"),
        ("invalid", "mutations.0.tracking.tracking_number"),
        ("invalid", "mutations.1.line_items.0.quantity_to_cancel"),
    ]
    assert details(refused)["delivery_method"] == 'The delivery method "by balloon" is not set up.'
    assert details(refused)["order_status"] == 'The order status "Daydreaming" is not set up.'


@pytest.mark.parametrize(
    ("account", "method", "status"), [(12345, "next day", 201), (54321, "next day", 400), (54321, "express shipping", 201)]
)
def test_each_account_has_a_setup_of_its_own(lab: Caller, account: int, method: str, status: int) -> None:
    assert put(lab, account=account, delivery_method=method, order_status="Open").status == status


@pytest.mark.parametrize(
    ("members", "detail"),
    [
        ({"account": "x"}, "A valid integer is required."),
        ({"account": 0}, "Ensure this value is greater than or equal to 1."),
        ({"account": 2147483648}, "Ensure this value is less than or equal to 2147483647."),
        ({"order_number": ""}, "This field may not be blank."),
        ({"order_number": 5}, "Not a valid string."),
        ({"order_number": "x" * 256}, "Ensure this field has no more than 255 characters."),
        ({"recipient_email": None}, "This field may not be null."),
        ({"recipient_email": "x"}, "Enter a valid email address."),
        ({"external_id": "1"}, "Must be a valid UUID."),
        ({"order_currency": "eur"}, '"eur" is not a valid choice.'),
        ({"destination_country_iso3": "XXX"}, '"XXX" is not a valid choice.'),
        ({"destination_country_iso3": "XXXXX"}, '"XXXXX" is not a valid choice.'),
        ({"language_iso2": "xx"}, '"xx" is not a valid choice.'),
        ({"timezone": "Mars/Olympus"}, '"Mars/Olympus" is not a valid choice.'),
        ({"cancelled_reason": "boredom"}, '"boredom" is not a valid choice.'),
        ({"has_multiple_shipments": "yes"}, "Must be a valid boolean."),
        ({"tags": {}}, 'Expected a list of items but got type "dict".'),
        ({"order_total_amount": "-"}, "A valid number is required."),
        ({"announced_delivery_date": "x"}, "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."),
        ({"additional_attributes": {}}, "Input should be a valid list"),
        ({"shipping_address": []}, "Input should be a valid dictionary"),
        ({"mutations": [5]}, "Input should be a valid dictionary"),
        ({"mutations": [quantities()]}, "List should have at least 1 item after validation"),
        ({"mutations": [quantities({"line_item_id": "1"})]}, "Field required"),
        (
            {"mutations": [quantities({"line_item_id": "1", "quantity": 1, "quantity_to_cancel": 1})]},
            "Give either quantity or quantity_to_cancel",
        ),
        ({"articles_order": [LINE | {"length_unit": "mm"}]}, "Input should be 'cm'"),
        ({"articles_order": [LINE | {"weight_unit": "t"}]}, "Input should be 'kg', 'g', 'lbs' or 'oz'"),
        (
            {"mutations": [{"type": "cancel"}]},
            (
                "Input tag 'cancel' found using 'type' does not match any of the expected tags: 'add_tracking', 'cancel_tracking',"
                " 'cancel_order', 'change_line_item_quantity', 'add_line_item', 'replace_line_item'"
            ),
        ),
    ],
)
def test_a_wrong_value_is_named_in_the_words_of_who_checks_it(lab: Caller, members: dict[str, Any], detail: str) -> None:
    result = lab.put(ORDERS, NEW | members)
    assert result.status == 400
    assert [error["detail"] for error in result.body["errors"]] == [detail]


@pytest.mark.parametrize(
    "members",
    [
        {"order_number": "x" * 255},
        {"external_reference": "x" * 255},
        {"client_key": "x" * 512},
        {"account": 2147483647},
        {"language_iso2": ""},
        {"timezone": "US/Pacific"},
        {"shipping_address": {"address_line": "x" * 256, "postal_code": "12", "city": "x" * 40, "country_iso3": "DEU", "phone": "1" * 30}},
        {"articles_order": [LINE | {"unit_price": "+000000000012345678901234567890.1234"}]},
    ],
)
def test_a_value_at_the_limit_is_taken_as_it_is(lab: Caller, members: dict[str, Any]) -> None:
    result = lab.put(ORDERS, NEW | members)
    assert result.status == 201
    assert {name: result.body[name] for name in members} == members


# --- mutations ---------------------------------------------------------------------------------------------------------------


def test_a_parcel_that_is_on_the_order_already_stays_as_it_is(lab: Caller, clock: Clock) -> None:
    put(lab, mutations=[add(articles=[LINE])])
    before = info(lab).body
    clock.fixed += timedelta(minutes=1)
    again = change(lab, add(number="tb1", is_return=True), add(number="tb1"))
    assert [success for success, *_ in results(again)] == [True, True]
    assert again.body["updated_at"] == "2026-03-02T09:00:00Z"
    assert info(lab).body == before


def test_a_parcel_is_cancelled_once(lab: Caller, clock: Clock) -> None:
    put(lab, mutations=[add(), add(number="TB2")])
    cancel = {"type": "cancel_tracking", "tracking": PARCEL}
    assert results(change(lab, cancel)) == [(True, "Tracking TB1 of dhl-germany cancelled", [])]
    clock.fixed += timedelta(hours=1)
    change(lab, cancel)
    assert [tracking["cancelled_date"] for tracking in info(lab).body["trackings"]] == ["2026-03-02T09:00:00Z", None]
    given = {"type": "cancel_tracking", "tracking": PARCEL | {"tracking_number": "TB2", "cancelled_date": "2026-01-01T00:00:00+01:00"}}
    change(lab, given)
    assert info(lab).body["trackings"][1]["cancelled_date"] == "2026-01-01T00:00:00+01:00"


@pytest.mark.parametrize(
    ("mutation", "message", "warning"),
    [
        (
            {"type": "cancel_tracking", "tracking": {"courier": "dpd", "tracking_number": "TB1"}},
            "The tracking was not cancelled.",
            "Tracking TB1 of dpd is not on this order.",
        ),
        (
            quantities({"line_item_id": "1", "quantity": 1}, {"line_item_id": "9", "quantity_to_cancel": 1}),
            "No quantity was changed.",
            "There is no line item 9 in this order.",
        ),
        (
            {"type": "add_line_item", "line_item": {"line_item_id": "1"}},
            "The line item was not added.",
            "There is a line item 1 in this order already.",
        ),
        (
            {"type": "replace_line_item", "line_item": {"line_item_id": "9"}},
            "The line item was not replaced.",
            "There is no line item 9 in this order.",
        ),
    ],
)
def test_a_mutation_that_can_not_be_carried_out_fails_softly(lab: Caller, mutation: dict[str, Any], message: str, warning: str) -> None:
    before = put(lab, articles_order=[LINE], mutations=[add()]).body
    result = change(lab, mutation)
    assert (result.status, results(result)) == (200, [(False, message, [warning])])
    assert result.body | {"mutations": []} == before | {"mutations": []}
    assert parcel(lab)["cancelled_date"] is None


def test_line_items_change_in_the_order_of_the_mutations(lab: Caller) -> None:
    put(lab, articles_order=[LINE | {"own": "kept"}])
    result = change(
        lab,
        {"type": "add_line_item", "line_item": {"line_item_id": "2", "quantity": 5, "my_key": [1]}},
        quantities(
            {"line_item_id": "2", "quantity_to_cancel": 5}, {"line_item_id": "1", "quantity": 0}, {"line_item_id": "1", "quantity": 4}
        ),
        {"type": "replace_line_item", "line_item": {"line_item_id": "2", "sku": "X"}},
        quantities({"line_item_id": "1", "quantity_to_cancel": 4}),
    )
    assert [message for _, message, _ in results(result)] == [
        "Line item 2 added",
        "Line item 2 changed from 5 to 0; Line item 1 changed from 3 to 0; Line item 1 changed from 0 to 4",
        "Line item 2 replaced",
        "Line item 1 changed from 4 to 0",
    ]
    assert result.body["articles_order"] == [{"line_item_id": "1", "quantity": 0, "own": "kept"}, {"line_item_id": "2", "sku": "X"}]
    assert everything(lab)[0]["articles_order"] == result.body["articles_order"]


def test_mutations_see_the_members_of_the_same_call(lab: Caller) -> None:
    result = put(lab, articles_order=[LINE], mutations=[quantities({"line_item_id": "1", "quantity_to_cancel": 3})])
    assert result.body["articles_order"] == [LINE | {"quantity": 0}]


@pytest.mark.parametrize(
    ("mutation", "members", "date", "reason"),
    [
        ({}, {}, "2026-03-02T10:00:00Z", None),
        ({"cancelled_reason": "customer"}, {"order_status": "Open"}, "2026-03-02T10:00:00Z", "customer"),
        ({"cancelled_date": "2026-01-01T00:00:00Z"}, {}, "2026-01-01T00:00:00Z", None),
        (
            {"cancelled_date": None},
            {"cancelled_date": "2026-01-01T00:00:00Z", "cancelled_reason": "other"},
            "2026-01-01T00:00:00Z",
            "other",
        ),
    ],
)
def test_a_cancelled_order_says_so(
    lab: Caller, clock: Clock, mutation: dict[str, Any], members: dict[str, Any], date: str, reason: str | None
) -> None:
    put(lab)
    clock.fixed += timedelta(hours=1)
    order = change(lab, {"type": "cancel_order"} | mutation, **members).body
    assert (order["order_status"], order["cancelled_date"], order["cancelled_reason"]) == ("Cancelled", date, reason)
    assert order["mutations"][0] == {"type": "cancel_order", **mutation, "result": order["mutations"][0]["result"]}
    clock.fixed += timedelta(hours=1)
    assert change(lab, {"type": "cancel_order"}).body["cancelled_date"] == date


def test_members_of_another_type_of_mutation_are_not_repeated(lab: Caller) -> None:
    mutation = put(lab, mutations=[{"type": "cancel_order", "tracking": "x", "line_items": 5, "result": 1}]).body["mutations"][0]
    assert mutation == {"type": "cancel_order", "result": {"success": True, "message": "Order cancelled", "errors": [], "warnings": []}}


def test_a_create_carries_mutations_out_without_their_results(lab: Caller) -> None:
    created = lab.post(ORDERS, NEW | {"mutations": [add(), add("pony-express"), {"type": "cancel_order"}]})
    assert (created.status, created.body["order_status"]) == (201, "Cancelled")
    assert "mutations" not in created.body
    assert parcel(lab)["tracking_number"] == "TB1"


# --- lists -------------------------------------------------------------------------------------------------------------------


def pages(lab: Caller, path: str, member: str = "next") -> list[list[str]]:
    """Follow the addresses of a list, as a client does that knows nothing of cursors."""
    found = []
    while path:
        body = lab.get(path).body
        found.append([order["order_number"] for order in body["results"]])
        path = body[member] and following(body[member])
    return found


def following(address: str) -> str:
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc) == ("http", "localhost")
    return f"{parts.path.removeprefix('/parcellab')}?{parts.query}"


@pytest.fixture
def many(lab: Caller) -> Caller:
    for n in range(2 * PAGE_SIZE + 1):
        when = f"2026-01-01T{n % 24:02}:00:00Z" if n % 3 else None
        put(
            lab,
            order_number=f"N{n:03}",
            account=12345 if n % 2 else 54321,
            order_date=when,
            external_reference=f"r{999 - n}" if n % 5 else "",
        )
    return lab


def test_pages_hold_everything_once_newest_first_and_back_again(many: Caller) -> None:
    newest_first = [f"N{n:03}" for n in reversed(range(2 * PAGE_SIZE + 1))]
    there = pages(many, ORDERS)
    assert [len(page) for page in there] == [PAGE_SIZE, PAGE_SIZE, 1]
    assert [number for page in there for number in page] == newest_first
    first = many.get(ORDERS).body
    assert first["previous"] is None
    last = many.get(following(many.get(following(first["next"])).body["next"])).body
    assert (last["next"], [order["order_number"] for order in last["results"]]) == (None, ["N000"])
    assert pages(many, following(last["previous"]), "previous") == [newest_first[PAGE_SIZE : 2 * PAGE_SIZE], newest_first[:PAGE_SIZE]]


@pytest.mark.parametrize("ordering", SPEC.tree["components"]["parameters"]["ordering"]["schema"]["enum"])
def test_each_ordering_orders_and_each_account_filters(many: Caller, ordering: str) -> None:
    known: dict[str, Any] = {}
    path: str | None = ORDERS
    while path:
        body = many.get(path).body
        known |= {order["order_number"]: order for order in body["results"]}
        path = body["next"] and following(body["next"])
    name = ordering.removeprefix("-")
    for account in ("", "&account=54321", "&account=54321&account=12345", "&account=1"):
        wanted = [number for number, order in known.items() if not account or f"={order['account']}" in account]
        there = [number for page in pages(many, f"{ORDERS}?ordering={ordering}{account}") for number in page]
        assert sorted(there) == sorted(wanted)
        values = [(known[number][name] is None, known[number][name] or "") for number in there]
        assert values == sorted(values, reverse=ordering.startswith("-"))


def test_a_page_does_not_move_when_an_order_comes_in(many: Caller) -> None:
    second = following(many.get(ORDERS).body["next"])
    before = many.get(second).body["results"]
    put(many, order_number="late")
    assert many.get(second).body["results"] == before


def test_a_cursor_belongs_to_its_ordering_and_its_world(many: Caller, demo: Caller) -> None:
    cursor = many.get(ORDERS).body["next"].partition("cursor=")[2]
    assert many.get(f"{ORDERS}?cursor={cursor}").status == 200
    for caller, query in ((many, f"cursor={cursor}&ordering=order_number"), (demo, f"cursor={cursor}"), (many, f"cursor={cursor}x")):
        result = caller.get(f"{ORDERS}?{query}")
        assert (result.status, result.cause) == (404, "bad-cursor")
        assert result.body["errors"][0] == {"code": "not_found", "detail": "Invalid cursor", "attr": None}
    assert many.get(f"{ORDERS}?cursor=").status == 200, "an empty cursor is none"


def test_an_address_keeps_the_other_parameters(many: Caller) -> None:
    address = many.get(f"{ORDERS}?account=54321&x=%26&ordering=-order_number&account=12345").body["next"]
    assert address.startswith(f"http://localhost/parcellab{ORDERS}?account=54321&x=%26&ordering=-order_number&account=12345&cursor=")
    assert many.get(following(address)).body["next"].count("cursor=") == 1


def test_an_unfiltered_page_reads_no_more_than_it_shows(many: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    values = World.values

    def counted(self: World, *args: Any, **options: Any) -> Any:
        for row in values(self, *args, **options):
            read.append(row[0])
            yield row

    monkeypatch.setattr(World, "values", counted)
    assert len(many.get(ORDERS).body["results"]) == PAGE_SIZE
    assert len(read) <= PAGE_SIZE + 1


# --- info ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "order_number=ABC-0990&account=12345",
        "order_number=ABC-0990&account=12345&client=mybrand-a.com",
        "order_number=ABC-0990&account=12345&client_key=mybrand-a.com&client=",
        f"external_order_id={OWN.upper()}&account=12345",
        "external_reference=shop-880990&account=12345",
        "tracking_number=TB0000099001&courier=dhl-germany",
        "tracking_number=tb0000099001&courier=dhl-germany&account=12345",
        "customer_number=C-5501&account=12345",
        "recipient_email=Anna.Schmidt%40example.com&account=12345",
        "order_number=ABC-0990&account=12345&recipient_email=anna.schmidt%40EXAMPLE.com&postal_code=101%2017",
        "recipient_email=anna.schmidt%40example.com&account=12345&recipient_postal_code=10117&lang=de&s=x&live_refresh=true&tracking_id=9",
    ],
)
def test_each_way_finds_the_order(demo: Caller, query: str) -> None:
    assert info(demo, query).body["external_id"] == OWN


@pytest.mark.parametrize(
    "query",
    [
        "order_number=ABC-0990&account=1",
        "order_number=ABC-0990&account=12345&client=mybrand-b.com",
        "order_number=ABC-0990&account=12345&client=mybrand-a.com&client_key=mybrand-b.com",
        f"external_order_id={OWN}&account=1",
        "external_reference=SHOP-880990&account=12345",
        "tracking_number=TB0000099001&courier=dpd",
        "tracking_number=TB0000099001&courier=dhl-germany&account=1",
        "customer_number=c-5501&account=12345",
        "recipient_email=nobody%40example.com&account=12345",
        "order_number=ABC-0990&account=12345&recipient_email=oliver.brown%40example.com",
        "order_number=ABC-0990&account=12345&postal_code=10118",
        "order_number=ABC-0990&account=12345&postal_code=10117&recipient_postal_code=10118",
    ],
)
def test_a_name_or_a_proof_that_does_not_fit_finds_nothing(demo: Caller, query: str) -> None:
    result = info(demo, query)
    assert (result.status, result.cause, errors(result)) == (404, "unknown-info", [("not_found", None)])


@pytest.mark.parametrize(
    "query",
    [
        "",
        "account=12345",
        "order_number=ABC-0990",
        "recipient_email=anna.schmidt%40example.com",
        "tracking_number=TB0000099001",
        "courier=dhl-germany",
        "courier=dhl-germany&account=12345",
        "order_number=ABC-0990&account=12345&customer_number=C-5501",
        "order_number=ABC-0990&account=12345&tracking_number=TB0000099001&courier=dhl-germany",
        "order_number=ABC-0990&account=12345&courier=dhl-germany",
        "postal_code=10117&account=12345",
    ],
)
def test_none_or_several_of_the_ways_are_refused_with_a_list_of_them(demo: Caller, query: str) -> None:
    result = info(demo, query)
    assert (result.status, result.cause, errors(result)) == (400, "info-modes", [("invalid", None)])
    assert "tracking_number + courier" in details(result)[None]


def test_the_newest_of_several_orders_is_told(lab: Caller, clock: Clock) -> None:
    for number in ("1", "2"):
        put(lab, order_number=number, customer_number="C", account=12345)
        put(lab, order_number=number, customer_number="C", account=54321, mutations=[add()] if number == "1" else [])
        clock.fixed += timedelta(seconds=1)
    assert info(lab, "customer_number=C&account=12345").body["order_number"] == "2"
    assert info(lab, "recipient_email=anna%40example.com&account=54321").body["order_number"] == "2"
    put(lab, order_number="3", mutations=[add()])
    assert info(lab, "courier=dhl-germany&tracking_number=TB1").body["order_number"] == "3"
    assert info(lab, "courier=dhl-germany&tracking_number=TB1&account=54321").body["order_number"] == "1"


def test_names_are_masked_and_attributes_are_an_object(lab: Caller) -> None:
    put(
        lab,
        recipient_name="Anna",
        tags=["x"],
        additional_attributes=[{"key": "a", "value": [1]}, {"key": "b"}, {"key": "a", "value": None}],
    )
    body = info(lab).body
    assert (body["recipient_name"], body["recipient_email"]) == ("<name>", "<email>")
    assert body["additional_attributes"] == {"a": None, "b": None}
    assert "tags" not in body
    put(lab, recipient_name=None, recipient_email="_unset")
    assert (info(lab).body["recipient_name"], info(lab).body["recipient_email"]) == (None, None)


def test_returns_and_single_parcels_are_told_as_asked(lab: Caller) -> None:
    put(lab, mutations=[add(), add(number="TB2"), add(number="TB3", is_return=True)])
    query = {
        "order_number=ABC-1&account=12345": ["TB1", "TB2"],
        "order_number=ABC-1&account=12345&show_returns=true": ["TB1", "TB2", "TB3"],
        "courier=dhl-germany&tracking_number=TB2": ["TB1", "TB2"],
        "courier=dhl-germany&tracking_number=TB3": ["TB1", "TB2", "TB3"],
        "courier=dhl-germany&tracking_number=tb2&single_tracking=true": ["TB2"],
        "courier=dhl-germany&tracking_number=TB3&single_tracking=true": ["TB3"],
    }
    assert {q: [t["tracking_number"] for t in info(lab, q).body["trackings"]] for q in query} == query


# --- events and journeys -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "days", "last", "place"),
    [
        ("SBX-STANDARD-1", 0, "WarehousePrepared", None),
        ("SBX-STANDARD-1", 1, "DestinationDeliveryCenter", None),
        ("SBX-STANDARD-1", 3, "Delivered", "Unknown"),
        ("SBX-CUSTOMS-1", 4, "Exception-Customs", None),
        ("SBX-PICKUP-1", 1.5, "PickupReady", None),
        ("SBX-ATTEMPT-1", 1.5, "FailedAttempt-NewAttemptNextDay", None),
        ("SBX-RETURNED-1", 20, "ReturnDelivered", None),
        ("SBX-LOST-1", 9, "Exception-ItemMissing", None),
        ("SBX-DAMAGED-1", 1, "Exception-Damaged", None),
        ("sbx-express-1", 0.5, "Delivered", "Unknown"),
    ],
)
def test_the_number_chooses_the_journey(lab: Caller, clock: Clock, number: str, days: float, last: str, place: str | None) -> None:
    put(lab, mutations=[add(number=number)])
    clock.fixed += timedelta(days=days)
    told = parcel(lab)
    times = [point["timestamp"] for point in told["checkpoints"]]
    assert (told["checkpoints"][-1]["status_code"], told["delivery_location_type"]) == (last, place)
    assert times == sorted(times)
    assert times[0] == "2026-03-02T09:00:00Z"


def test_a_journey_is_told_in_the_words_of_events(lab: Caller, clock: Clock) -> None:
    put(lab, mutations=[add()])
    clock.fixed += timedelta(days=3)
    assert codes(lab) == ["WarehousePrepared", *["InboundScan"] * 4, "DestinationDeliveryCenter", "OutForDelivery", "Delivered"]
    assert parcel(lab)["checkpoints"][3] == {
        "status_code": "InboundScan",
        "timestamp": "2026-03-02T23:00:00Z",
        "text": "The parcel is in a hub on its way.",
        "location": "Hannover, DE",
    }


def test_silence_ends_without_a_checkpoint(lab: Caller, clock: Clock) -> None:
    put(lab, mutations=[add(number="SBX-SILENCE-1")])
    clock.fixed += timedelta(days=1)
    before = codes(lab)
    clock.fixed += timedelta(days=60)
    assert codes(lab) == before


def test_every_milestone_and_every_status_has_its_word() -> None:
    statuses = set(SPEC.tree["components"]["schemas"]["EventStatus"]["enum"])
    assert WORDS.keys() == set(Milestone)
    assert TEXTS.keys() == statuses
    assert {word.status for word in WORDS.values()} - {""} <= statuses
    assert {f"Delivered-{place}" for place in PLACES} <= statuses
    assert {next((s for s in statuses if s.startswith(name)), None) for name in MAILS} & {None} == set()


def test_every_status_is_taken_and_told(lab: Caller) -> None:
    put(lab, mutations=[add()])
    for second, status in enumerate(TEXTS, 1):
        assert event(lab, status, placeholder_value="the kiosk", event_timestamp=f"2026-03-02T09:00:{second:02}Z").status == 204
    points = parcel(lab)["checkpoints"][1:]
    assert [point["status_code"] for point in points] == ["InboundScan" if status == "InTransit" else status for status in TEXTS]
    assert [point["text"] for point in points] == [text.replace("###", "the kiosk") for text in TEXTS.values()]


def test_an_event_is_told_in_its_own_words_and_in_time_order(lab: Caller, clock: Clock) -> None:
    put(lab, mutations=[add()])
    clock.fixed += timedelta(hours=5)
    event(lab, "Loaded", event_timestamp="2026-03-02T12:00:00.123+01:00", event_details="Onto the ramp ü", location="Ulm")
    event(lab, "DestinationDeliveryCenter")
    assert codes(lab) == ["WarehousePrepared", "Loaded", "InboundScan", "DestinationDeliveryCenter"]
    assert parcel(lab)["checkpoints"][1] == {
        "status_code": "Loaded",
        "timestamp": "2026-03-02T12:00:00.123+01:00",
        "text": "Onto the ramp ü",
        "location": "Ulm",
    }
    assert parcel(lab)["checkpoints"][3]["timestamp"] == "2026-03-02T14:00:00Z"


def test_an_event_overrules_what_the_journey_tells_of_the_same_moment(lab: Caller) -> None:
    put(lab, mutations=[add()])
    event(lab, "WarehousePrepared", event_timestamp="2026-03-02T10:00:00+01:00", location="Ramp 3")
    (point,) = parcel(lab)["checkpoints"]
    assert (point["location"], point["timestamp"]) == ("Ramp 3", "2026-03-02T10:00:00+01:00")


@pytest.mark.parametrize(
    ("status", "place"),
    [("Delivered", "Unknown"), ("Delivered-Notified", "Unknown"), *((f"Delivered-{place}", place) for place in PLACES)],
)
def test_a_reported_delivery_ends_the_journey(lab: Caller, clock: Clock, status: str, place: str) -> None:
    put(lab, mutations=[add()])
    clock.fixed += timedelta(hours=5)
    event(lab, status)
    clock.fixed += timedelta(days=5)
    assert codes(lab) == ["WarehousePrepared", "InboundScan", status]
    assert parcel(lab)["delivery_location_type"] == place
    event(lab, "RMAProcessed")
    assert codes(lab)[-2:] == [status, "RMAProcessed"]


def test_a_delivery_that_is_reported_late_replaces_the_journeys_own(lab: Caller, clock: Clock) -> None:
    put(lab, mutations=[add()])
    clock.fixed += timedelta(days=5)
    event(lab, "Delivered-Postbox")
    assert [code for code in codes(lab) if code.startswith("Delivered")] == ["Delivered-Postbox"]
    assert "OutForDelivery" in codes(lab)


def test_a_delay_in_the_warehouse_is_a_delay(lab: Caller) -> None:
    put(lab, mutations=[add()])
    assert parcel(lab)["is_delayed"] is False
    event(lab, "WarehouseDelay")
    assert parcel(lab)["is_delayed"] is True


def test_an_event_waits_for_its_parcel(lab: Caller) -> None:
    event(lab, "Loaded", tracking_number="tb1")
    put(lab)
    change(lab, add())
    assert "Loaded" in codes(lab)


@pytest.mark.parametrize(
    ("account", "reference", "told"),
    [(12345, "R-1", True), (12345, "D-1", True), (54321, "R-1", False), (12345, "r-1", False), (12345, "ABC-1", False)],
)
def test_an_event_by_reference_reaches_the_parcels_that_have_it(lab: Caller, account: int, reference: str, told: bool) -> None:
    put(lab, external_reference="R-1", mutations=[add(delivery_number="D-1")])
    assert lab.post(EVENTS, {"account": account, "reference_number": reference, "event_status": "Loaded"}).status == 204
    assert ("Loaded" in codes(lab)) is told


def test_an_event_of_a_parcel_may_name_the_account_and_is_then_of_that_one(lab: Caller) -> None:
    put(lab, mutations=[add()])
    event(lab, "Loaded", account=54321)
    assert "Loaded" not in codes(lab)
    event(lab, "Loaded", account="whatever")
    event(lab, "ExportHub", account=12345)
    assert {"Loaded", "ExportHub"} <= set(codes(lab))


@pytest.mark.parametrize("moment", ["2026-06-16t10:30:00z", "2026-06-30T23:59:60Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59"])
def test_odd_moments_of_rfc_3339_are_kept_as_they_are(lab: Caller, moment: str) -> None:
    put(lab, order_date=moment, mutations=[add()])
    event(lab, "Loaded", event_timestamp=moment)
    assert moment in {point["timestamp"] for point in parcel(lab)["checkpoints"]}
    assert lab.get(f"{ORDERS}?ordering=order_date").body["results"][0]["order_date"] == moment
    assert lab.app.test_client().get("/_sandbox/outbox?workspace=sbx_empty_test").status_code == 200


def test_moments_are_ordered_by_when_they_are(lab: Caller) -> None:
    moments = [
        "2026-06-30T23:59:59.5z",
        "2026-06-30t23:59:58Z",
        "2026-07-01T01:59:60+02:00",
        "2026-06-30T00:00:00Z",
        "0000-01-01T00:00:00Z",
    ]
    for number, moment in enumerate(moments):
        put(lab, order_number=str(number), order_date=moment)
    there = [order["order_number"] for order in lab.get(f"{ORDERS}?ordering=order_date").body["results"]]
    assert there == ["4", "3", "1", "2", "0"]


def test_a_bad_status_is_answered_with_the_list_of_good_ones(lab: Caller) -> None:
    detail = details(event(lab, "Arrived"))["event_status"]
    assert [status for status in TEXTS if repr(status) not in detail] == []


def test_reading_changes_nothing(lab: Caller, clock: Clock) -> None:
    put(lab, mutations=[add()])
    clock.fixed += timedelta(days=1)
    paths = (ORDERS, f"{ORDERS}info/?order_number=ABC-1&account=12345", f"{ORDERS}{everything(lab)[0]['external_id']}/")
    assert [lab.get(path).body for path in paths] == [lab.get(path).body for path in paths]


# --- e-mails -----------------------------------------------------------------------------------------------------------------


def test_the_recipient_is_written_to_and_info_says_which_messages(lab: Caller, clock: Clock) -> None:
    put(lab, mutations=[add()])
    assert mails(lab) == [("anna@example.com", "ABC-1", "Thank you for your order ABC-1.")]
    event(lab, "Delivered", event_timestamp="2026-03-09T09:00:00Z")
    clock.fixed += timedelta(days=2)
    assert mails(lab) == [
        ("anna@example.com", "ABC-1", "Thank you for your order ABC-1."),
        ("anna@example.com", "TB1", "Your order ABC-1 is on its way: parcel TB1."),
        ("anna@example.com", "TB1", "Your parcel TB1 comes today."),
    ]
    assert parcel(lab)["reporting_info"]["contacted_with_messages"] == ["order_confirmation", "shipping_confirmation", "out_for_delivery"]
    clock.fixed += timedelta(days=7)
    assert mails(lab)[-1][2] == "Your parcel TB1 is delivered."
    assert parcel(lab)["reporting_info"]["contacted_with_messages"][-1] == "delivery_confirmation"


def test_nobody_is_written_to_without_an_address_or_against_the_will(lab: Caller, clock: Clock) -> None:
    put(lab, mutations=[add(notifications_inactive=True)])
    put(lab, order_number="ABC-2", recipient_email="_unset", mutations=[add(number="TB2")])
    clock.fixed += timedelta(days=5)
    assert [about for _, about, _ in mails(lab)] == ["ABC-1"]
    assert parcel(lab)["reporting_info"]["contacted_with_messages"] == []
    assert parcel(lab, "order_number=ABC-2&account=12345")["reporting_info"]["contacted_with_messages"] == []


def test_a_cancelled_parcel_is_not_written_about_any_more(lab: Caller, clock: Clock) -> None:
    put(lab, mutations=[add()])
    clock.fixed += timedelta(hours=5)
    change(lab, {"type": "cancel_tracking", "tracking": PARCEL})
    clock.fixed += timedelta(days=5)
    assert [text for *_, text in mails(lab)] == ["Thank you for your order ABC-1.", "Your order ABC-1 is on its way: parcel TB1."]


def test_a_parcel_that_another_api_knows_has_its_story_and_is_written_about_from_now_on(clock: Clock) -> None:
    app = sandbox_app("parcellab", "trackru", clock=clock)
    lab, trackru = Caller(app, "parcellab", token("sbx_empty_test")), Caller(app, "trackru", {"Api-Key": "sbx_empty_test"})
    trackru.post("/v1/trackings/post", {"tracking_number": "TB111", "carrier_code": "sto"})
    clock.fixed += timedelta(days=3)
    put(lab, mutations=[add(number="tb111")])
    assert parcel(lab)["checkpoints"][0]["timestamp"] == "2026-03-02T09:00:00Z"
    assert codes(lab)[-1] == "Delivered"
    found = app.test_client().get("/_sandbox/outbox?workspace=sbx_empty_test").get_json()["messages"]
    assert {mail["at"] for mail in found if mail["provider"] == "parcellab"} == {"2026-03-05T09:00:00+00:00"}


# --- the same in every run ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clash", [{"order_number": "ABC-0991"}, {"external_reference": "shop-880991"}, {"order_status": "Daydreaming"}])
def test_a_scene_that_could_not_have_come_in_is_refused(tmp_path: Path, clash: dict[str, str]) -> None:
    order = {"external_id": OWN[:-1] + "0", "began_s": 0, "trackings": [], **NEW, **clash}
    file = tmp_path / "scene.json"
    file.write_text(json.dumps({"parcellab": {"+orders": [order]}}))
    with pytest.raises(DataError, match=r"scene\.json"):
        assemble(Settings(providers=("parcellab",), data=file))


def test_the_same_requests_get_the_same_bytes(clock: Clock) -> None:
    def story() -> list[Any]:
        lab = Caller(sandbox_app("parcellab", clock=clock), "parcellab", token("sbx_empty_test"))
        return [put(lab, mutations=[add()]).body, lab.post(ORDERS, NEW | {"order_number": "2"}).body, info(lab).body]

    first, second = story(), story()
    assert first == second
    assert first[0]["external_id"] != first[1]["external_id"]
