"""Delivery Solutions through its door. The reference's list of behaviours is the acceptance list: each has a test named after it."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.answers import seal
from sandbox.errors import DataError
from sandbox.exchange import Refusal, Request
from sandbox.providers.delivery_solutions import DeliverySolutions
from sandbox.providers.delivery_solutions.story import WORDS
from sandbox.resources import SPECS
from sandbox.spec import Operation, Spec
from sandbox.timeline import Clock, Milestone

from callers import Caller, Result, sandbox_app

TRACKERS = "/tracker/v2/trackers"
LIST = "/tracker/v2/trackers/list"
TOKEN = "/ent-services/security/v1/oauth/token"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SPEC = Spec.load(SPECS / "delivery_solutions.yaml")
ADDRESS = {"street1": "100 Example Parkway West", "city": "Houston", "state": "TX", "postalCode": "77064"}
CONTACT = {"name": "Ivy Chandler", "phone": "+1 202-555-0143", "email": "ivy@example.com"}
WAITING = {"locationExternalId": "Self Delivery Store", "deliveryContact": CONTACT, "deliveryAddress": ADDRESS}
NEW = WAITING | {"provider": "Self Delivery", "trackingId": "del_005"}
DAY_MS = 86_400_000
START_MS = 1_772_442_000_000  # the test clock's 2026-03-02 09:00 UTC

NOT_AS_SENT = "barcodes createdDate itemList locale pickup provider pickupTime deliveryTime deliveryAddress packages".split()
PICKUP = ("locationExternalId", "brandExternalId", "pickupInstructions", "pickupAddress", "pickupContact", "timeZone")

# The request that the reference page prints, value by value.
PRINTED = {
    "provider": "Self Delivery",
    "locationExternalId": "Self Delivery Store",
    "trackerExternalId": "tracker001",
    "trackingId": "del_004",
    "barcodes": ["12312351", "77091078"],
    "type": "delivery",
    "orderAttributes": {},
    "orderValue": 100,
    "pickupTime": {"startsAt": 1649253600000},
    "deliveryTime": {"endsAt": 1649268000000},
    "deliveryContact": {"name": "Mein Wan", "phone": "+12322322323", "email": "nycustomer@email.com"},
    "deliveryAddress": {
        "street1": "8849 North Sam Houston Parkway West",
        "street2": "",
        "city": "Houston",
        "state": "TX",
        "countryCode": "US",
        "postalCode": "77064",
        "latitude": 29.9259823,
        "longitude": -95.5523879,
        "apartmentNumber": "",
    },
}


@pytest.fixture
def lynk(clock: Clock) -> Caller:
    return account("sbx_empty_test", sandbox_app("delivery_solutions", clock=clock))


@pytest.fixture
def demo(lynk: Caller) -> Caller:
    """An account that finds the scene."""
    return account("sbx_demo", lynk.app)


def account(token: str, app: Any) -> Caller:
    return Caller(app, "delivery_solutions", {"Authorization": f"Bearer {token}"})


def create(lynk: Caller, **members: Any) -> Result:
    return lynk.post(TRACKERS, NEW | members)


def listed(lynk: Caller, **filters: Any) -> list[dict[str, Any]]:
    result = lynk.post(LIST, filters)
    assert result.status == 200, result.body
    return result.body["data"]


def names(lynk: Caller, **filters: Any) -> list[str]:
    return [tracker["trackerExternalId"] for tracker in listed(lynk, **filters)]


def example(operation: str, status: int, name: str) -> Any:
    return SPEC.operations[operation].responses[status].examples[name]


def basic(client: str = "sbx_empty_test", secret: str = "secret") -> dict[str, str]:
    return FORM | {"Authorization": "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()}


def token_of(lynk: Caller, client: str = "sbx_empty_test") -> str:
    return str(lynk.post(TOKEN, data="grant_type=client_credentials", headers=basic(client)).body["access_token"])


def complaints(result: Result) -> list[tuple[str, str | None]]:
    """Name every reason of a refusal by its inner type and its place."""
    return [(error["type"], error["parameter"]) for error in result.body["errors"]]


def page(lynk: Caller, link: str) -> str:
    response = lynk.app.test_client().get(link.removeprefix("http://localhost"))
    assert response.status_code == 200, link
    return response.get_data(as_text=True)


# --- behaviours of the reference (section 11), in its order ----------------------------------------------------------------


def test_surprise_1_a_401_has_the_gateways_envelope_and_a_code_that_depends_on_the_operation(lynk: Caller) -> None:
    nobody = {"Authorization": "Bearer nonsense"}
    for method, path, code in (("POST", TRACKERS, "250002"), ("POST", LIST, "250002"), ("PUT", TRACKERS + "/x", "UJ0001")):
        result = lynk.send(method, path, json={}, headers=nobody)
        assert (result.status, result.headers["apierrorcode"]) == (401, code)
        assert result.body["response"]["errors"][0]["code"] == code
        assert "type" not in result.body
    assert create(lynk, type="truck").body.keys() == {"type", "message", "errors"}


def test_surprise_2_every_refusal_has_the_error_headers_and_a_401_the_ids_too(lynk: Caller) -> None:
    refused = lynk.post(TRACKERS, NEW, headers={"Authorization": None})
    assert refused.headers["apierrormsg"] == "Invalid Authentication Information."
    assert re.fullmatch("[0-9a-f]{12}", refused.headers["bkndtransid"])
    assert re.fullmatch("[A-Za-z0-9.-]{3,36}", refused.headers["transid"])
    wrong = create(lynk, type="truck")
    assert (wrong.headers["apierrorcode"], wrong.headers["apierrormsg"]) == ("INVALID_TRACKER_DATA", "Failed to process request")
    assert "transid" not in wrong.headers
    for result in (lynk.get("/nothing"), lynk.get(TRACKERS), lynk.put(TRACKERS + "/x"), lynk.post(TOKEN)):
        assert (result.headers["apierrorcode"], bool(result.headers["apierrormsg"])) == (outer(result), True)


def outer(result: Result) -> str:
    return str(result.body["type"] if "type" in result.body else result.body["response"]["errors"][0]["code"])


def test_surprise_3_an_update_answers_201(lynk: Caller) -> None:
    ident = create(lynk).body["id"]
    assert lynk.put(f"{TRACKERS}/{ident}", {"orderValue": 7}).status == 201


def test_surprise_4_the_provider_is_a_string_on_its_way_in_and_an_object_or_null_on_its_way_out(lynk: Caller) -> None:
    assert create(lynk).body["provider"] == {
        "id": "1001",
        "name": "Self Delivery",
        "displayName": "Self Delivery",
        "serviceType": "Delivery",
        "serviceId": "delivery",
    }
    assert lynk.post(TRACKERS, WAITING).body["provider"] is None


@pytest.mark.parametrize(
    ("body", "status", "cause"),
    [
        ({}, 400, "missing-address"),
        ({"type": "pickup"}, 400, "missing-data"),
        (NEW | {"deliveryContact": {"name": "x"}}, 400, "missing-data"),
        (NEW | {"type": "truck"}, 422, "invalid"),
        (NEW | {"locationExternalId": "nowhere"}, 422, "unknown-location"),
        (NEW | {"provider": "DoorDash_123"}, 422, "unknown-provider"),
    ],
)
def test_surprise_5_what_is_missing_is_400_and_what_is_wrong_422(lynk: Caller, body: Any, status: int, cause: str) -> None:
    result = lynk.post(TRACKERS, body)
    assert (result.status, result.cause) == (status, cause)
    assert listed(lynk) == [], "a refused create changed something"


def test_surprise_6_without_provider_and_number_a_tracker_waits_until_an_update_brings_both(lynk: Caller) -> None:
    waiting = lynk.post(TRACKERS, WAITING).body
    links = waiting["referenceLinks"]
    assert (waiting["status"], waiting["provider"], waiting["trackingId"], waiting["packages"]) == ("PENDING_DISPATCH", None, None, [])
    assert (links["trackingUrl"], bool(links["hostedTrackingUrl"])) == (None, True)
    dispatched = lynk.put(f"{TRACKERS}/{waiting['id']}", {"provider": "Self Delivery", "trackingId": "del_004"}).body
    assert (dispatched["status"], dispatched["provider"]["name"], dispatched["trackingId"]) == (
        "ORDER_DISPATCHED",
        "Self Delivery",
        "del_004",
    )
    assert dispatched["referenceLinks"]["trackingUrl"] is not None
    assert dispatched["referenceLinks"]["hostedTrackingUrl"] == links["hostedTrackingUrl"]


def test_surprise_7_order_external_id_mirrors_tracker_external_id_or_the_id(lynk: Caller) -> None:
    named = create(lynk, trackerExternalId="tracker001").body
    assert (named["orderExternalId"], named["trackerExternalId"]) == ("tracker001", "tracker001")
    for members in ({}, {"trackerExternalId": ""}):
        bare = create(lynk, **members).body
        assert bare["orderExternalId"] == bare["trackerExternalId"] == bare["id"]
        assert re.fullmatch("[0-9a-f]{24}", bare["id"])


def test_surprise_8_half_open_windows_are_filled_with_null_and_estimates_have_a_null_start_alone(lynk: Caller) -> None:
    answer = create(lynk, pickupTime={"startsAt": 5}, deliveryTime={"endsAt": 7}).body
    assert (answer["pickupTime"], answer["deliveryTime"]) == ({"startsAt": 5, "endsAt": None}, {"startsAt": None, "endsAt": 7})
    assert (answer["estimatedPickupTime"], answer["estimatedDeliveryTime"]) == ({"startsAt": None}, {"startsAt": None})
    assert create(lynk, pickupTime={}).body["pickupTime"] == {"startsAt": None, "endsAt": None}
    assert create(lynk, pickupTime=None).body["pickupTime"] is None


@pytest.mark.parametrize(("method", "path"), [("POST", TRACKERS), ("POST", LIST), ("PUT", TRACKERS + "/x")])
def test_surprise_9_a_500_has_one_type_outside_and_another_inside(lynk: Caller, method: str, path: str) -> None:
    """Transient, so it is asked for with `Prefer`."""
    body = {} if path != TRACKERS else NEW
    result = lynk.send(method, path, json=body, headers={"Prefer": "example=server-error"})
    assert (result.status, result.body["type"]) == (500, "INTERNAL_SERVER_ERROR")
    assert [error.keys() for error in result.body["errors"]] == [{"type", "message"}]
    assert result.body["errors"][0]["type"] == "SERVER_ERROR"


@pytest.mark.parametrize(("country", "status"), [("US", 201), ("CA", 201), ("GB", 201), ("AU", 201), ("IE", 201), ("NL", 422), ("us", 422)])
def test_surprise_10_five_countries_are_known_and_us_is_the_default(lynk: Caller, country: str, status: int) -> None:
    result = create(lynk, deliveryAddress=ADDRESS | {"countryCode": country})
    assert result.status == status
    assert result.status == 201 or complaints(result)[0] == ("INVALID_DATA", "deliveryAddress.countryCode")
    assert create(lynk).body["deliveryAddress"] == ADDRESS | {"countryCode": "US"}


def test_surprise_11_a_tokens_members_are_strings_and_a_new_one_revokes_the_one_before(lynk: Caller) -> None:
    answer = lynk.post(TOKEN, data="grant_type=client_credentials", headers=basic()).body
    assert answer == {
        "token_type": "Bearer",
        "issued_at": str(START_MS),
        "client_id": "sbx_empty_test",
        "access_token": answer["access_token"],
        "scope": "",
        "expires_in": "14399",
        "refresh_count": "0",
        "status": "approved",
    }
    first, second = account(answer["access_token"], lynk.app), account(token_of(lynk), lynk.app)
    assert (first.post(LIST, {}).cause, second.post(LIST, {}).status) == ("bad-token", 200)


def test_surprise_12_without_filter_the_last_24_hours_are_listed(lynk: Caller, clock: Clock) -> None:
    create(lynk, trackerExternalId="old")
    clock.fixed += timedelta(hours=24)
    create(lynk, trackerExternalId="new")
    assert names(lynk) == ["new", "old"]
    clock.fixed += timedelta(milliseconds=1)
    assert names(lynk) == ["new"]
    assert lynk.post(LIST, {}).body["pagination"] == {"nextToken": None, "previousToken": None}


def test_surprise_12_a_window_has_30_days_at_most(lynk: Caller) -> None:
    longest = 30 * DAY_MS
    assert listed(lynk, lastUpdatedAt={"startsAt": 0, "endsAt": longest}) == []
    result = lynk.post(LIST, {"lastUpdatedAt": {"startsAt": 0, "endsAt": longest + 1}})
    assert (result.status, result.cause) == (400, "window-too-long")
    assert result.body == example("listTrackers", 400, "window-too-long")


def test_surprise_12_tokens_lead_through_all_pages_and_back(lynk: Caller) -> None:
    made = [create(lynk, trackerExternalId=f"t{number}").body["trackerExternalId"] for number in range(230)][::-1]
    pages, token = [], None
    while True:
        answer = lynk.post(LIST, {"pagination": {"currentToken": token}} if token else {}).body
        pages.append(answer)
        token = answer["pagination"]["nextToken"]
        if token is None:
            break
        base64.b64decode(token, validate=True)
    assert [len(answer["data"]) for answer in pages] == [100, 100, 30]
    assert [tracker["trackerExternalId"] for answer in pages for tracker in answer["data"]] == made
    assert pages[0]["pagination"]["previousToken"] is None
    back = lynk.post(LIST, {"pagination": {"currentToken": pages[2]["pagination"]["previousToken"]}}).body
    assert back == pages[1]
    back = lynk.post(LIST, {"pagination": {"currentToken": back["pagination"]["previousToken"]}}).body
    assert back == pages[0]


def test_surprise_13_tracking_links_have_100_characters_at_most(clock: Clock) -> None:
    fits, exceeds = f"{'h' * 50}.{'h' * 20}.example", f"{'h' * 50}.{'h' * 21}.example"
    app = sandbox_app("delivery_solutions", clock=clock, hosts=(fits, exceeds))
    lynk = account("sbx_empty_test", app)
    links = create(lynk, groupId="g").body["referenceLinks"]
    assert links.keys() == {"trackingUrl", "hostedTrackingUrl", "customerWebflowUrl", "returnsUrl"}
    assert all(re.fullmatch(r"http://localhost/t/[A-Za-z0-9]{11}", link) for link in links.values())
    assert len(set(links.values())) == 4
    links = lynk.post(TRACKERS, NEW | {"groupId": "g"}, headers={"Host": fits}).body["referenceLinks"]
    assert {len(link) for link in links.values()} == {100}
    links = lynk.post(TRACKERS, NEW | {"groupId": "g"}, headers={"Host": exceeds}).body["referenceLinks"]
    assert (links["trackingUrl"], links["hostedTrackingUrl"], links["returnsUrl"]) == (None, None, None)
    assert len(links["customerWebflowUrl"]) == 101


# --- tokens ------------------------------------------------------------------------------------------------------------------


def test_a_token_opens_the_world_of_its_client_and_no_other(lynk: Caller) -> None:
    mine, other = account(token_of(lynk), lynk.app), account(token_of(lynk, "sbx_empty_other"), lynk.app)
    create(mine, trackerExternalId="mine")
    assert (names(lynk), names(mine), names(other)) == (["mine"], ["mine"], [])


def test_a_token_does_not_show_its_account(lynk: Caller) -> None:
    assert re.fullmatch("[A-Za-z0-9_-]+[.][0-9a-f]{32}", token_of(lynk))
    assert "sbx_" not in token_of(lynk)


def test_a_token_expires_with_its_last_second(lynk: Caller, clock: Clock) -> None:
    bearer = account(token_of(lynk), lynk.app)
    clock.fixed += timedelta(seconds=14_399) - timedelta(milliseconds=1)
    assert bearer.post(LIST, {}).status == 200
    clock.fixed += timedelta(milliseconds=1)
    assert (bearer.post(LIST, {}).status, bearer.put(TRACKERS + "/x", {}).cause) == (401, "bad-token-on-update")
    assert account(token_of(lynk), lynk.app).post(LIST, {}).status == 200


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "Bearer sbx_",
        "Bearer sbx_revoked_1",
        "Bearer sbx_denied_1",
        "Basic c2J4X2RlbW86eA==",
        "Bearer c2J4X2RlbW8.00000000000000000000000000000000",
        "Bearer LQ.00000000000000000000000000000000",
        "Bearer _____.00000000000000000000000000000000",
    ],
)
def test_a_credential_that_is_not_good_is_refused(lynk: Caller, header: str | None) -> None:
    result = lynk.post(LIST, {}, headers={"Authorization": header})
    assert (result.status, result.cause, result.body) == (401, "bad-token", example("listTrackers", 401, "bad-token"))


def test_nobody_can_make_a_token(lynk: Caller) -> None:
    good = token_of(lynk)
    forged = good[:-1] + ("0" if good[-1] != "0" else "1")
    assert account(forged, lynk.app).post(LIST, {}).status == 401
    assert account(good, lynk.app).post(LIST, {}).status == 200


@pytest.mark.parametrize(
    ("headers", "body", "status", "cause", "code"),
    [
        (FORM | {"Authorization": None}, "grant_type=client_credentials", 401, "bad-client", "10401"),
        (FORM | {"Authorization": "Bearer sbx_demo"}, "grant_type=client_credentials", 401, "bad-client", "10401"),
        (basic("nobody"), "grant_type=client_credentials", 401, "bad-client", "10401"),
        (basic("sbx_revoked_1"), "grant_type=client_credentials", 401, "bad-client", "10401"),
        (basic("sbx_denied_1"), "grant_type=client_credentials", 403, "blocked-client", "10403"),
        (basic(), "", 400, "bad-token-request", "10400"),
        (basic(), "scope=x", 400, "bad-grant", "10400"),
        (basic(), "grant_type=", 400, "bad-grant", "10400"),
        (basic(), "grant_type=password", 400, "bad-grant", "10400"),
        (basic(), "grant_type=client_credentials&grant_type=client_credentials", 400, "bad-token-request", "10400"),
        (basic() | {"Content-Type": "application/json"}, '{"grant_type": "client_credentials"}', 400, "bad-token-request", "10400"),
    ],
)
def test_a_token_request_that_is_wrong_says_so_by_its_code(
    lynk: Caller, headers: dict[str, str], body: str, status: int, cause: str, code: str
) -> None:
    before = account(token_of(lynk), lynk.app)
    result = lynk.post(TOKEN, data=body, headers=headers)
    assert (result.status, result.cause, result.headers["apierrorcode"]) == (status, cause, code)
    assert result.body["response"]["errors"][0]["code"] == code
    assert before.post(LIST, {}).status == 200, "a refused request took the token away"


def test_a_form_that_is_none_is_told_what_is_wrong_with_it(lynk: Caller) -> None:
    result = lynk.post(TOKEN, data="{}", headers=basic() | {"Content-Type": "application/json"})
    message = "Invalid Request: content-type must be application/x-www-form-urlencoded"
    assert result.body == {"response": {"errors": [{"code": "10400", "message": message}]}}
    assert result.headers["apierrormsg"] == message


def test_too_many_token_requests_are_refused(lynk: Caller) -> None:
    """Transient, so it is asked for with `Prefer`."""
    result = lynk.post(TOKEN, data="grant_type=client_credentials", headers=basic() | {"Prefer": "example=too-many-requests"})
    assert (result.status, result.body["response"]["errors"][0]["code"]) == (429, "10429")


def test_under_any_credentials_a_client_of_any_name_gets_a_token_that_works(clock: Clock) -> None:
    app = sandbox_app("delivery_solutions", clock=clock, any_credentials=True)
    answer = Caller(app, "delivery_solutions", {}).post(TOKEN, data="grant_type=client_credentials", headers=basic("My client")).body
    assert answer["client_id"] == "My client"
    bearer = account(answer["access_token"], app)
    assert create(bearer, trackerExternalId="mine").status == 201
    assert "mine" in names(bearer)
    assert "mine" not in names(account("whatever", app))


@pytest.mark.parametrize(
    ("sent", "echoed"),
    [("abc", True), ("0a1b9c2d8e3f7g4h6i5", True), ("a.b-c", True), ("x" * 36, True), ("ab", False), ("x" * 37, False), ("a_b", False)],
)
def test_a_usable_trans_id_comes_back(lynk: Caller, sent: str, echoed: bool) -> None:
    result = lynk.post(LIST, {}, headers={"Authorization": None, "transId": sent})
    assert (result.headers["transid"] == sent) is echoed


# --- create ------------------------------------------------------------------------------------------------------------------


def test_the_printed_create_answers_with_its_own_values(lynk: Caller) -> None:
    result = lynk.post(TRACKERS, PRINTED)
    answer = result.body
    assert result.status == 201
    assert answer == {
        **{name: value for name, value in PRINTED.items() if name != "barcodes"},
        "brandExternalId": "trackers_business",
        "orderExternalId": "tracker001",
        "packages": [],
        "status": "ORDER_DISPATCHED",
        "pickupTime": {"startsAt": 1649253600000, "endsAt": None},
        "deliveryTime": {"endsAt": 1649268000000, "startsAt": None},
        "estimatedPickupTime": {"startsAt": None},
        "estimatedDeliveryTime": {"startsAt": None},
        "tips": None,
        "lastLocation": None,
        "driver": None,
        "vehicle": None,
        "provider": answer["provider"],
        "currencyCode": "USD",
        "deliveryInstructions": None,
        "pickupInstructions": "Park in the yard and ask at the counter",
        "groupId": None,
        "timeZone": "America/Chicago",
        "pickupContact": {"name": "Peter Brown", "phone": "+12025550111"},
        "pickupAddress": answer["pickupAddress"],
        "id": answer["id"],
        "referenceLinks": answer["referenceLinks"],
        "source": {"type": "lynk", "id": "34567809876500", "name": "Shopify"},
    }
    assert answer["provider"]["name"] == "Self Delivery"
    assert (answer["pickupAddress"]["city"], answer["referenceLinks"]["customerWebflowUrl"]) == ("Houston", None)
    assert listed(lynk, orderExternalIds=["tracker001"]) == [answer]


@pytest.mark.parametrize("name", ["delivery", "everything", "smallest", "own-pickup", "pre-dispatch", "collected"])
def test_each_example_of_the_document_is_taken(lynk: Caller, name: str) -> None:
    body = SPEC.operations["createTracker"].body.examples[name]
    answer = lynk.post(TRACKERS, body).body
    told = {member: value for member, value in body.items() if member not in NOT_AS_SENT}
    assert {member: answer[member] for member in told} == told


def test_everything_that_is_echoed_comes_back_unchanged(lynk: Caller) -> None:
    odd = " Ω\u202e e\u0301 \U0001f469\u200d\U0001f52c O'Brien\t\0 "
    contact = {"name": odd, "phone": "  +232-232-2323", "email": "no e-mail", "userExternalId": odd}
    address = {
        "street1": odd,
        "street2": "",
        "apartmentNumber": " ",
        "city": odd,
        "state": "XX",
        "postalCode": "0",
        "countryCode": "IE",
        "latitude": 1e-7,
        "longitude": -0.1,
    }
    attributes = {odd: odd, "n": 0.1, "big": 10**20, "b": False, "a": [], "s": ["", odd], "f": [1, 2.5], "t": [True]}
    item = {"sku": odd, "itemAttributes": {"deep": {"er": [None, {"x": odd}]}}, "tags": [odd] * 20, "price": 19.99, "salePrice": 0}
    size, weight = {"height": 0, "width": 30.5, "length": 60, "unit": "cm"}, {"value": 4.2, "unit": "kg"}
    full = {
        "name": odd,
        "description": odd,
        "size": size,
        "weight": weight,
        "quantity": 2147483647,
        "itemQuantity": 2,
        "itemList": [item | {"size": size, "weight": weight}],
        "temperatureControl": "none",
        "content": ["rx", "rx"],
        "barcode": "null",
    }
    sent = {
        "trackingId": odd,
        "trackerExternalId": odd,
        "groupId": odd,
        "orderAttributes": attributes,
        "orderValue": 116.5,
        "pickupTime": {"startsAt": 0, "endsAt": 0},
        "deliveryTime": {"startsAt": 1, "endsAt": 253402300799999},
        "deliveryContact": contact,
        "deliveryAddress": address,
        "pickupInstructions": "",
        "deliveryInstructions": odd,
        "packages": [full, full],
    }
    result = create(lynk, **sent)
    assert result.status == 201, result.body
    assert {name: result.body[name] for name in sent} == sent
    again = listed(lynk, orderExternalIds=[odd])[0]
    assert {name: again[name] for name in sent} == sent


@pytest.mark.parametrize("text", ["0", "100", "10.5", "116.5", "19.99", "0.07", "99999999.99", "0.1", "4.35"])
def test_money_keeps_its_text(lynk: Caller, text: str) -> None:
    body = json.dumps(NEW).removesuffix("}") + f', "orderValue": {text}}}'
    headers = {**lynk.headers, "Content-Type": "application/json"}
    raw = lynk.app.test_client().post(f"/delivery_solutions{TRACKERS}", data=body, headers=headers).get_data(as_text=True)
    assert f'"orderValue":{text},' in raw


def test_what_the_document_does_not_know_is_dropped_at_every_level(lynk: Caller) -> None:
    result = create(
        lynk,
        unknown=1,
        deliveryContact=CONTACT | {"unknown": 1},
        deliveryAddress=ADDRESS | {"unknown": 1},
        pickupTime={"startsAt": 1, "unknown": 1},
        packages=[
            {
                "unknown": 1,
                "size": {"height": 1, "width": 1, "length": 1, "unit": "in", "unknown": 1},
                "weight": {"value": 1, "unit": "lb", "unknown": 1},
                "itemList": [{"sku": "a", "unknown": 1, "weight": {"value": 1, "unit": "lb", "unknown": 1}}],
            }
        ],
    )
    assert result.status == 201
    assert "unknown" not in json.dumps(result.body)


def test_defaults_are_filled_in(lynk: Caller) -> None:
    answer = lynk.post(TRACKERS, {**NEW, "packages": [{}]}).body
    assert answer["packages"] == [{"name": "custom", "quantity": 1, "itemQuantity": 1}]
    assert (answer["type"], answer["orderAttributes"], answer["orderValue"], answer["groupId"]) == ("shipping", {}, None, None)


@pytest.mark.parametrize("kind", ["shipping", "delivery", None])
def test_a_tracker_needs_an_address(lynk: Caller, kind: str | None) -> None:
    body = {name: value for name, value in NEW.items() if name != "deliveryAddress"} | ({"type": kind} if kind else {})
    result = lynk.post(TRACKERS, body)
    assert (result.status, result.cause) == (400, "missing-address")
    assert result.body == example("createTracker", 400, "missing-address")


def test_what_the_customer_picks_up_needs_none(lynk: Caller) -> None:
    result = lynk.post(TRACKERS, {"type": "pickup", "locationExternalId": "100983"})
    assert (result.status, result.body["deliveryAddress"], result.body["deliveryContact"]) == (201, None, None)


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        (["locationExternalId"], "locationExternalId"),
        (["provider"], "provider"),
        (["trackingId"], "trackingId"),
    ],
)
def test_what_is_missing_is_named(lynk: Caller, gone: list[str], told: str) -> None:
    result = lynk.post(TRACKERS, {name: value for name, value in NEW.items() if name not in gone})
    assert (result.status, result.cause, complaints(result)) == (400, "missing-data", [("INVALID_DATA", told)])
    assert result.body["errors"][0]["message"] == f"{told} is a required field. The field is missing."


def test_a_refusal_holds_all_that_is_wrong_and_what_is_missing_comes_first(lynk: Caller) -> None:
    result = lynk.post(
        TRACKERS,
        {
            "locationExternalId": 5,
            "type": "truck",
            "deliveryContact": {"name": "x" * 101},
            "packages": [{}, {"size": {"unit": "km"}}],
            "orderAttributes": {"a/b.c~": None},
        },
    )
    assert (result.status, result.cause) == (400, "missing-address")
    assert result.body["message"] == "Delivery Address not provided."
    assert complaints(result)[0] == ("MISSING_TRACKER_DATA", "deliveryAddress")
    assert {
        ("INVALID_DATA", "locationExternalId"),
        ("INVALID_DATA", "type"),
        ("INVALID_DATA", "deliveryContact.name"),
        ("INVALID_DATA", "deliveryContact.phone"),
        ("INVALID_DATA", "packages.1.size.unit"),
        ("INVALID_DATA", "packages.1.size.height"),
        ("INVALID_DATA", "orderAttributes.a/b.c~"),
    } <= set(complaints(result))
    missing = lynk.post(TRACKERS, NEW | {"type": "truck", "packages": [{"itemList": [{}]}]})
    assert (missing.status, missing.cause) == (400, "missing-data")
    assert set(complaints(missing)) == {("INVALID_DATA", "type"), ("INVALID_DATA", "packages.0.itemList.0.sku")}


@pytest.mark.parametrize(
    ("members", "parameter"),
    [
        ({"type": "Delivery"}, "type"),
        ({"provider": "x" * 101}, "provider"),
        ({"provider": None}, "provider"),
        ({"trackingId": 5}, "trackingId"),
        ({"trackerExternalId": "x" * 101}, "trackerExternalId"),
        ({"groupId": "x" * 101}, "groupId"),
        ({"orderValue": -0.01}, "orderValue"),
        ({"orderValue": "100"}, "orderValue"),
        ({"pickupInstructions": "x" * 10001}, "pickupInstructions"),
        ({"pickupInstructions": None}, "pickupInstructions"),
        ({"deliveryInstructions": "x" * 10001}, "deliveryInstructions"),
        ({"locale": "en_US"}, "locale"),
        ({"locale": "en-us"}, "locale"),
        ({"createdDate": "1694354791000"}, "createdDate"),
        ({"pickupTime": {"startsAt": "2026-03-02"}}, "pickupTime.startsAt"),
        ({"deliveryContact": CONTACT | {"phone": "1" * 21}}, "deliveryContact.phone"),
        ({"deliveryAddress": ADDRESS | {"state": "T"}}, "deliveryAddress.state"),
        ({"deliveryAddress": ADDRESS | {"apartmentNumber": "x" * 51}}, "deliveryAddress.apartmentNumber"),
        ({"packages": [{"quantity": 0}]}, "packages.0.quantity"),
        ({"packages": [{"content": ["gold"]}]}, "packages.0.content.0"),
        ({"itemList": [{"sku": "a", "tags": ["t"] * 21}]}, "itemList.0.tags"),
        ({"orderAttributes": {"deep": {}}}, "orderAttributes.deep"),
        ({"orderAttributes": {"mixed": ["a", 1]}}, "orderAttributes.mixed"),
        ({"pickup": {"name": "x", "providerAttributes": {"a": []}}}, "pickup.providerAttributes.a"),
    ],
)
def test_what_is_wrong_is_named(lynk: Caller, members: dict[str, Any], parameter: str) -> None:
    result = create(lynk, **members)
    assert (result.status, result.cause, result.body["type"]) == (422, "invalid", "INVALID_TRACKER_DATA")
    assert complaints(result) == [("INVALID_DATA", parameter)]
    assert listed(lynk) == [], "a refused create changed something"


@pytest.mark.parametrize(
    "members",
    [
        {"trackerExternalId": "\U0001f600" * 100},
        {"groupId": "x" * 100},
        {"orderValue": 0},
        {"pickupInstructions": "x" * 10000},
        {"deliveryContact": CONTACT | {"phone": "1" * 20}},
        {"deliveryAddress": ADDRESS | {"state": "TX"}},
        {"packages": [{"quantity": 1, "itemList": [{"sku": "a"}] * 1000}]},
        {"orderAttributes": {"a": ["x"] * 100, "b": "x" * 500}},
    ],
)
def test_a_limit_itself_is_fine(lynk: Caller, members: dict[str, Any]) -> None:
    assert create(lynk, **members).status == 201


@pytest.mark.parametrize("body", [[], "text", 5, None, True])
def test_a_body_that_is_no_object_is_invalid(lynk: Caller, body: Any) -> None:
    result = lynk.post(TRACKERS, data=json.dumps(body), headers={"Content-Type": "application/json"})
    assert (result.status, result.cause, complaints(result)) == (422, "invalid", [("INVALID_DATA", None)])


def test_an_external_id_exists_once(lynk: Caller) -> None:
    first = create(lynk, trackerExternalId="tracker001").body
    result = create(lynk, trackerExternalId="tracker001", orderValue=5)
    assert (result.status, result.cause) == (422, "duplicate-tracker")
    assert result.body == example("createTracker", 422, "duplicate-tracker")
    assert listed(lynk) == [lynk.put(f"{TRACKERS}/tracker001", {}).body | {"status": first["status"]}]
    assert create(lynk, trackerExternalId="Tracker001").status == 201
    bare = create(lynk).body["id"]
    assert create(lynk, trackerExternalId=bare).cause == "duplicate-tracker"


def test_a_provider_must_be_set_up_by_exactly_this_name(lynk: Caller) -> None:
    for name in ("DoorDash_123", "self delivery", "Self Delivery ", ""):
        result = create(lynk, provider=name)
        assert (result.status, result.cause) == (422, "unknown-provider")
        assert result.body == example("createTracker", 422, "unknown-provider")


@pytest.mark.parametrize(
    ("provider", "location", "status"),
    [
        ("Postmates", "Postmates_Store", 201),
        ("Postmates", "TrackerRoadieStore", 422),
        ("Roadie", "TrackerRoadieStore", 201),
        ("Roadie", "Self Delivery Store", 422),
        ("FedEx", "100983", 201),
    ],
)
def test_a_provider_must_serve_the_location(lynk: Caller, provider: str, location: str, status: int) -> None:
    result = create(lynk, provider=provider, locationExternalId=location)
    assert (result.status, result.cause) == (status, None if status == 201 else "unknown-provider")


@pytest.mark.parametrize("location", ["nowhere", "", "self delivery store", "\u00e9 {x}\n"])
def test_a_location_must_be_known(lynk: Caller, location: str) -> None:
    result = create(lynk, locationExternalId=location)
    assert (result.status, result.cause, complaints(result)) == (
        422,
        "unknown-location",
        [("INVALID_TRACKER_DATA", "locationExternalId")],
    )
    assert (result.body["errors"][0]["entityId"], result.body["errors"][0]["entity"]) == (location, "location")


@pytest.mark.parametrize("name", ["pickupTime", "deliveryTime"])
def test_a_window_must_not_end_before_it_starts(lynk: Caller, name: str) -> None:
    result = create(lynk, **{name: {"startsAt": 2, "endsAt": 1}})
    assert (result.status, result.cause, complaints(result)) == (422, "reversed-window", [("INVALID_TRACKER_DATA", name)])
    assert result.body["message"] == f"{name} ends before it starts."
    assert create(lynk, **{name: {"startsAt": 2, "endsAt": 2}}).status == 201


def test_all_that_depends_on_the_account_is_told_at_once(lynk: Caller) -> None:
    create(lynk, trackerExternalId="taken")
    wrong = {"startsAt": 2, "endsAt": 1}
    result = create(lynk, locationExternalId="nowhere", provider="nobody", pickupTime=wrong, deliveryTime=wrong, trackerExternalId="taken")
    assert (result.status, result.cause) == (422, "unknown-location")
    assert complaints(result) == [
        ("INVALID_TRACKER_DATA", "locationExternalId"),
        ("INVALID_TRACKER_DATA", "provider"),
        ("INVALID_TRACKER_DATA", "pickupTime"),
        ("INVALID_TRACKER_DATA", "deliveryTime"),
        ("DUPLICATE_ID", "trackerExternalId"),
    ]
    assert names(lynk) == ["taken"]


def test_a_message_in_a_header_is_one_line_of_plain_text(lynk: Caller) -> None:
    result = lynk.put(f"{TRACKERS}/x%0D%0A%C3%A9%F0%9F%98%80" + "y" * 300, {})
    message = result.headers["apierrormsg"]
    assert message.startswith("Tracker with id, x ??yyy")
    assert (len(message), message.isascii(), message.isprintable()) == (200, True, True)
    assert "x\r\né\U0001f600yyy" in result.body["message"]


# --- pickup locations ------------------------------------------------------------------------------------------------------


def picked_up(lynk: Caller, pickup: dict[str, Any], **members: Any) -> Result:
    body = {name: value for name, value in NEW.items() if name != "locationExternalId"}
    return lynk.post(TRACKERS, body | {"pickup": pickup} | members)


def test_an_own_pickup_makes_a_location_that_stays(lynk: Caller) -> None:
    pickup = {
        "name": "Side entrance",
        "locationExternalId": "side",
        "brandExternalId": "garden_and_yard",
        "address": ADDRESS | {"unknown": 1},
        "contact": CONTACT | {"unknown": 1},
        "pickupInstructions": "ring twice",
    }
    answer = picked_up(lynk, pickup).body
    assert (answer["locationExternalId"], answer["brandExternalId"], answer["pickupInstructions"]) == (
        "side",
        "garden_and_yard",
        "ring twice",
    )
    assert (answer["pickupAddress"], answer["pickupContact"]) == (ADDRESS | {"countryCode": "US"}, CONTACT)
    assert (answer["timeZone"], "warnings" in answer) == ("America/Chicago", False)
    later = create(lynk, locationExternalId="side").body
    assert {name: later[name] for name in PICKUP} == {name: answer[name] for name in PICKUP}
    assert create(account("sbx_empty_other", lynk.app), locationExternalId="side").cause == "unknown-location"


def test_the_same_location_again_is_taken_as_it_is_described_now(lynk: Caller) -> None:
    picked_up(lynk, {"name": "a", "locationExternalId": "side", "pickupInstructions": "first"})
    picked_up(lynk, {"name": "b", "locationExternalId": "side", "pickupInstructions": "second"})
    assert create(lynk, locationExternalId="side").body["pickupInstructions"] == "second"
    picked_up(lynk, {"name": "c", "locationExternalId": "Self Delivery Store", "pickupInstructions": "third"})
    assert create(lynk).body["pickupInstructions"] == "third"


def test_a_location_without_a_name_of_its_own_gets_one(lynk: Caller) -> None:
    bare = [picked_up(lynk, {"name": "x"} | extra).body for extra in ({}, {"locationExternalId": ""})]
    assert all(re.fullmatch("[0-9a-f]{24}", answer["locationExternalId"]) for answer in bare)
    assert bare[0]["locationExternalId"] != bare[1]["locationExternalId"]
    assert (bare[0]["pickupAddress"], bare[0]["pickupContact"], bare[0]["pickupInstructions"]) == (None, None, None)
    assert bare[0]["brandExternalId"] == "trackers_business"


@pytest.mark.parametrize(
    ("providers", "provider", "status"),
    [
        (None, "Self Delivery", 201),
        (None, "Postmates", 422),
        ([], "Self Delivery", 201),
        ([{"name": None}, {}], "FedEx", 201),
        ([{"name": "FedEx"}], "FedEx", 201),
        ([{"name": "FedEx"}], "Self Delivery", 422),
        ([{"name": "Postmates"}], "Postmates", 201),
        ([{"name": "Nobody"}], "Nobody", 422),
    ],
)
def test_the_providers_of_an_own_pickup_serve_it(lynk: Caller, providers: Any, provider: str, status: int) -> None:
    pickup = {"name": "x", "locationExternalId": "side"} | ({} if providers is None else {"providers": providers})
    result = picked_up(lynk, pickup, provider=provider)
    assert (result.status, result.cause) == (status, None if status == 201 else "unknown-provider")
    known = create(lynk, locationExternalId="side", provider=provider)
    assert known.status == (201 if status == 201 else 422), "the location outlived a refused call"


def test_of_two_locations_the_known_one_is_taken_with_a_warning(lynk: Caller) -> None:
    body = SPEC.operations["createTracker"].body.examples["everything"]
    answer = lynk.post(TRACKERS, body).body
    assert answer["warnings"] == example("createTracker", 201, "with-warning")["warnings"]
    assert (answer["locationExternalId"], answer["pickupAddress"]["street1"]) == ("Postmates_Store", "8849 Example Parkway West")
    assert create(lynk, locationExternalId="side-entrance").cause == "unknown-location"
    assert "warnings" not in listed(lynk)[0]
    unknown = lynk.post(TRACKERS, body | {"locationExternalId": "nowhere", "trackerExternalId": "other"})
    assert unknown.cause == "unknown-location"


# --- update ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["dispatch", "usual", "items", "everything"])
def test_each_printed_update_answers_with_its_own_values(lynk: Caller, name: str) -> None:
    body = SPEC.operations["updateTracker"].body.examples[name]
    lynk.post(TRACKERS, WAITING | {"trackerExternalId": "tracker001"})
    result = lynk.put(f"{TRACKERS}/tracker001", body)
    told = {member: value for member, value in body.items() if member not in NOT_AS_SENT}
    assert (result.status, {member: result.body[member] for member in told}) == (201, told)
    assert listed(lynk) == [result.body]


def test_an_update_changes_what_it_names_as_a_whole_and_nothing_else(lynk: Caller) -> None:
    before = create(lynk, orderAttributes={"a": 1, "b": 2}, pickupTime={"startsAt": 1}, deliveryInstructions="door", groupId="g").body
    after = lynk.put(f"{TRACKERS}/{before['id']}", {"orderAttributes": {"c": 3}, "pickupTime": {"endsAt": 9}, "unknown": 1}).body
    assert {name for name in after if after[name] != before[name]} == {"orderAttributes", "pickupTime"}
    assert (after["orderAttributes"], after["pickupTime"]) == ({"c": 3}, {"startsAt": None, "endsAt": 9})
    assert lynk.put(f"{TRACKERS}/{before['id']}", {"pickupTime": None}).body["pickupTime"] is None


def test_what_cannot_be_updated_stays(lynk: Caller) -> None:
    before = create(lynk, packages=[{"name": "box"}], trackerExternalId="a").body
    change = {
        "type": "pickup",
        "trackerExternalId": "b",
        "deliveryAddress": ADDRESS | {"city": "Austin"},
        "packages": [],
        "barcodes": ["1"],
        "pickup": {"name": "x", "locationExternalId": "side"},
    }
    assert lynk.put(f"{TRACKERS}/a", change).body == before
    assert lynk.put(f"{TRACKERS}/b", {}).status == 404
    assert lynk.put(f"{TRACKERS}/a", {"trackerExternalId": "a"}).body == before
    assert create(lynk, locationExternalId="side").cause == "unknown-location"


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_an_empty_update_changes_nothing_and_succeeds(lynk: Caller, clock: Clock, body: bytes) -> None:
    before = create(lynk).body
    clock.fixed += timedelta(seconds=30)
    headers = {"Content-Type": "application/json"} if body else {}
    result = lynk.put(f"{TRACKERS}/{before['id']}", data=body, headers=headers)
    assert (result.status, result.body) == (201, before)
    moment = START_MS + 1
    assert listed(lynk, lastUpdatedAt={"startsAt": moment, "endsAt": moment + DAY_MS}) == []


@pytest.mark.parametrize("body", ["null", "[]", '"x"', "0", "false"])
def test_a_body_that_is_there_must_be_an_object_though_it_may_be_absent(lynk: Caller, body: str) -> None:
    ident = create(lynk).body["id"]
    result = lynk.put(f"{TRACKERS}/{ident}", data=body, headers={"Content-Type": "application/json"})
    assert (result.status, result.cause, complaints(result)) == (422, "invalid", [("INVALID_DATA", None)])


def test_both_ids_find_a_tracker_and_its_own_comes_first(lynk: Caller) -> None:
    first = create(lynk, trackerExternalId="name with blanks é").body
    assert lynk.put(f"{TRACKERS}/name%20with%20blanks%20%C3%A9", {}).body == first
    assert lynk.put(f"{TRACKERS}/{first['id']}", {}).body == first
    second = create(lynk, trackerExternalId=first["id"]).body
    assert lynk.put(f"{TRACKERS}/{first['id']}", {}).body == first
    assert lynk.put(f"{TRACKERS}/{second['id']}", {}).body == second


def test_an_unknown_tracker_is_404(lynk: Caller) -> None:
    create(account("sbx_empty_other", lynk.app), trackerExternalId="theirs")
    for ident in ("theirs", "62a051c1729b5dfcdeae18ff"):
        result = lynk.put(f"{TRACKERS}/{ident}", {"provider": "nobody"})
        assert (result.status, result.cause) == (404, "unknown-tracker")
    assert result.body == example("updateTracker", 404, "unknown-tracker")


@pytest.mark.parametrize(
    ("waiting", "body", "status", "cause", "places"),
    [
        (True, {"provider": "Self Delivery"}, 400, "missing-data", ["trackingId"]),
        (True, {"trackingId": "del_004"}, 400, "missing-data", ["provider"]),
        (True, {"deliveryContact": {"name": "x"}}, 400, "missing-data", ["deliveryContact.phone"]),
        (True, {"provider": "nobody", "trackingId": "x"}, 422, "unknown-provider", ["provider"]),
        (False, {"provider": "Roadie"}, 422, "unknown-provider", ["provider"]),
        (False, {"locationExternalId": "nowhere"}, 422, "unknown-location", ["locationExternalId"]),
        (False, {"pickupTime": {"startsAt": 2, "endsAt": 1}}, 422, "reversed-window", ["pickupTime"]),
        (False, {"groupId": None}, 422, "invalid", ["groupId"]),
        (False, {"deliveryInstructions": None}, 422, "invalid", ["deliveryInstructions"]),
        (False, {"locale": "en-USA"}, 422, "invalid", ["locale"]),
        (False, {"orderValue": -1, "groupId": "x" * 101}, 422, "invalid", ["groupId", "orderValue"]),
    ],
)
def test_a_wrong_update_is_refused_and_changes_nothing(
    lynk: Caller, waiting: bool, body: dict[str, Any], status: int, cause: str, places: list[str]
) -> None:
    before = lynk.post(TRACKERS, WAITING if waiting else NEW).body
    result = lynk.put(f"{TRACKERS}/{before['id']}", {"orderValue": 5} | body)
    assert (result.status, result.cause, sorted(error["parameter"] for error in result.body["errors"])) == (status, cause, places)
    assert listed(lynk) == [before]


def test_an_update_takes_a_locale_of_any_form(lynk: Caller) -> None:
    ident = create(lynk).body["id"]
    assert lynk.put(f"{TRACKERS}/{ident}", {"locale": "x"}).status == 201


def test_a_new_location_brings_all_that_belongs_to_it(lynk: Caller) -> None:
    ident = create(lynk).body["id"]
    moved = lynk.put(f"{TRACKERS}/{ident}", {"locationExternalId": "100983"}).body
    assert (moved["locationExternalId"], moved["brandExternalId"], moved["timeZone"]) == ("100983", "garden_and_yard", "Europe/London")
    assert (moved["pickupAddress"]["city"], moved["pickupContact"]["name"]) == ("Leeds", "Harriet Moss")
    assert moved["pickupInstructions"] == "Ring at the gate"
    lynk.put(f"{TRACKERS}/{ident}", {"pickupInstructions": "my own"})
    assert lynk.put(f"{TRACKERS}/{ident}", {"locationExternalId": "Postmates_Store"}).body["pickupInstructions"] == "my own"


def test_a_new_location_must_be_served_by_the_provider_that_is_there(lynk: Caller) -> None:
    ident = create(lynk, provider="Postmates").body["id"]
    assert lynk.put(f"{TRACKERS}/{ident}", {"locationExternalId": "TrackerRoadieStore"}).cause == "unknown-provider"
    both = {"locationExternalId": "TrackerRoadieStore", "provider": "Roadie"}
    assert lynk.put(f"{TRACKERS}/{ident}", both).body["provider"]["name"] == "Roadie"


# --- lists -------------------------------------------------------------------------------------------------------------------


def test_each_filter_filters_and_all_must_hold(lynk: Caller) -> None:
    create(lynk, trackerExternalId="a", groupId="G")
    create(lynk, trackerExternalId="b", groupId="g", locationExternalId="100983")
    lynk.post(TRACKERS, WAITING | {"trackerExternalId": "c"})
    assert names(lynk, orderExternalIds=["a", "c", "nobody"]) == ["c", "a"]
    assert names(lynk, locationExternalIds=["100983", "nowhere"]) == ["b"]
    assert names(lynk, groupId="G") == ["a"]
    assert names(lynk, groupId="nobody") == names(lynk, groupId="") == []
    assert names(lynk, statuses=["ORDER_DISPATCHED"]) == ["b", "a"]
    assert names(lynk, statuses=["PENDING_DISPATCH", "NONSENSE"]) == ["c"]
    assert names(lynk, sourceIds=["34567809876500"]) == ["c", "b", "a"]
    assert names(lynk, sourceIds=["other"]) == []
    assert names(lynk, statuses=["ORDER_DISPATCHED"], groupId="g") == ["b"]
    assert names(lynk, statuses=["PENDING_DISPATCH"], groupId="g") == []
    assert names(lynk, orderExternalIds=[], statuses=[], locationExternalIds=[], sourceIds=[]) == ["c", "b", "a"]


def test_a_filter_lifts_the_24_hours(lynk: Caller, clock: Clock) -> None:
    create(lynk, trackerExternalId="a")
    clock.fixed += timedelta(days=90)
    assert (names(lynk), names(lynk, orderExternalIds=[]), names(lynk, orderExternalIds=["a"])) == ([], [], ["a"])


def test_windows_hold_their_ends_and_may_be_open(lynk: Caller, clock: Clock) -> None:
    create(lynk, trackerExternalId="a")
    clock.fixed += timedelta(days=30)
    for window, found in (
        ({"startsAt": START_MS, "endsAt": START_MS}, ["a"]),
        ({"startsAt": START_MS + 1, "endsAt": START_MS + DAY_MS}, []),
        ({"startsAt": START_MS - DAY_MS, "endsAt": START_MS - 1}, []),
        ({"startsAt": START_MS}, ["a"]),
        ({"startsAt": START_MS, "endsAt": None}, ["a"]),
        ({"endsAt": START_MS + 30 * DAY_MS}, ["a"]),
        ({"endsAt": START_MS + 30 * DAY_MS + 1}, []),
        ({}, ["a"]),
    ):
        assert names(lynk, createdAt=window) == found, window
    clock.fixed += timedelta(milliseconds=1)
    result = lynk.post(LIST, {"createdAt": {"startsAt": START_MS}})
    assert (result.cause, complaints(result)) == ("window-too-long", [("INVALID_DATA", "createdAt")])


def test_last_updated_is_when_a_call_or_the_provider_changed_it(lynk: Caller, clock: Clock) -> None:
    ident = create(lynk).body["id"]
    hour = 3_600_000
    assert len(listed(lynk, lastUpdatedAt={"startsAt": START_MS, "endsAt": START_MS})) == 1
    clock.fixed += timedelta(hours=5)
    assert listed(lynk, lastUpdatedAt={"startsAt": START_MS, "endsAt": START_MS + 4 * hour - 1}) == []
    assert len(listed(lynk, lastUpdatedAt={"startsAt": START_MS + 4 * hour, "endsAt": START_MS + 4 * hour})) == 1
    lynk.put(f"{TRACKERS}/{ident}", {"orderValue": 1})
    assert len(listed(lynk, lastUpdatedAt={"startsAt": START_MS + 5 * hour})) == 1
    assert len(listed(lynk, createdAt={"startsAt": START_MS, "endsAt": START_MS})) == 1


@pytest.mark.parametrize(
    ("body", "cause", "places"),
    [
        ({"lastUpdatedAt": {"startsAt": 2, "endsAt": 1}}, "reversed-window", ["lastUpdatedAt"]),
        ({"createdAt": {"startsAt": 2, "endsAt": 1}}, "reversed-window", ["createdAt"]),
        (
            {"createdAt": {"startsAt": 0, "endsAt": 31 * DAY_MS}, "lastUpdatedAt": {"startsAt": 2, "endsAt": 1}},
            "reversed-window",
            ["lastUpdatedAt", "createdAt"],
        ),
        ({"createdAt": {"startsAt": 0}}, "window-too-long", ["createdAt"]),
        ({"statuses": ["x"] * 11}, "invalid", ["statuses"]),
        ({"orderExternalIds": ["x"] * 101}, "invalid", ["orderExternalIds"]),
        ({"locationExternalIds": ["x"] * 101}, "invalid", ["locationExternalIds"]),
        ({"groupId": 5}, "invalid", ["groupId"]),
        ({"createdAt": None}, "invalid", ["createdAt"]),
        ({"pagination": {"currentToken": 5}}, "invalid", ["pagination.currentToken"]),
        ([], "invalid", [None]),
    ],
)
def test_a_filter_that_is_no_filter_is_400(lynk: Caller, body: Any, cause: str, places: list[str | None]) -> None:
    result = lynk.send("POST", LIST, data=json.dumps(body), headers={"Content-Type": "application/json"})
    assert (result.status, result.cause, result.body["type"]) == (400, cause, "INVALID_DATA")
    assert complaints(result) == [("INVALID_DATA", place) for place in places]


def test_as_many_filters_as_allowed_are_fine(lynk: Caller) -> None:
    assert lynk.post(LIST, {"statuses": ["x"] * 10, "orderExternalIds": ["x"] * 100, "locationExternalIds": ["x"] * 100}).status == 200


def test_only_tokens_of_this_account_lead_on(lynk: Caller) -> None:
    for number in range(101):
        create(lynk, trackerExternalId=str(number))
    good = lynk.post(LIST, {}).body["pagination"]["nextToken"]
    assert [tracker["trackerExternalId"] for tracker in lynk.post(LIST, {"pagination": {"currentToken": good}}).body["data"]] == ["0"]
    sample = "NjJhMDUxYzE3MjliNWRmY2RlYWUxODcwXzYyYTA1MWMxNzI5YjVkZmNkZWFlMTg3MF82MmEwNTFjMTcyOWI1ZGZjZGVhZTE4NzBfbmV4dA=="
    for token in ("", "x", "é", sample, good + "x", base64.b64encode(b"\xff\xfe").decode(), good.lower()):
        result = lynk.post(LIST, {"pagination": {"currentToken": token}})
        assert (result.status, result.cause) == (400, "bad-page-token")
        assert result.body == example("listTrackers", 400, "bad-page-token")
    other = account("sbx_empty_other", lynk.app).post(LIST, {"pagination": {"currentToken": good}})
    assert other.cause == "bad-page-token"


def test_filters_and_tokens_go_together(lynk: Caller) -> None:
    for number in range(205):
        create(lynk, trackerExternalId=str(number), groupId="odd" if number % 2 else "even")
    first = lynk.post(LIST, {"groupId": "even"}).body
    second = lynk.post(LIST, {"groupId": "even", "pagination": {"currentToken": first["pagination"]["nextToken"]}}).body
    found = [int(tracker["trackerExternalId"]) for answer in (first, second) for tracker in answer["data"]]
    assert found == list(range(204, -1, -2))
    assert second["pagination"]["nextToken"] is None
    back = lynk.post(LIST, {"groupId": "even", "pagination": {"currentToken": second["pagination"]["previousToken"]}}).body
    assert back == first


def test_a_full_page_without_more_has_no_next(lynk: Caller) -> None:
    for _ in range(100):
        create(lynk)
    assert lynk.post(LIST, {}).body["pagination"] == {"nextToken": None, "previousToken": None}


# --- bodies that are none ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), [("POST", TRACKERS), ("POST", LIST), ("PUT", TRACKERS + "/x")])
def test_what_is_not_json_is_400(lynk: Caller, method: str, path: str) -> None:
    bad = lynk.send(method, path, data=b"{", headers={"Content-Type": "application/json"})
    assert (bad.status, bad.cause, bad.body["type"], complaints(bad)) == (400, "malformed", "INVALID_DATA", [("INVALID_DATA", None)])
    assert bad.body["message"] == "The body is not valid JSON."
    other = lynk.send(method, path, data=b"{}", headers={"Content-Type": "text/plain"})
    assert (other.status, other.cause, complaints(other)) == (400, "media-type", [("INVALID_DATA", None)])
    assert other.body["errors"][0]["message"] == "content-type must be application/json."


def test_a_body_of_more_than_ten_megabytes_is_413(lynk: Caller) -> None:
    result = lynk.post(TRACKERS, data=b" " * 10485761, headers={"Content-Type": "application/json"})
    assert (result.status, result.cause, result.body["type"]) == (413, "too-large", "INVALID_DATA")
    assert lynk.post(TRACKERS, data=b" " * 10485760, headers={"Content-Type": "application/json"}).cause == "malformed"


def test_unknown_paths_and_methods_are_told_in_the_platforms_envelope(lynk: Caller) -> None:
    unknown = lynk.get("/tracker/v3/trackers")
    assert (unknown.status, unknown.cause, unknown.body["type"]) == (404, "unknown-path", "NOT_FOUND")
    for method, path, allow in (("GET", TRACKERS, "POST"), ("DELETE", TRACKERS + "/x", "PUT"), ("GET", TOKEN, "POST")):
        wrong = lynk.send(method, path)
        assert (wrong.status, wrong.cause, wrong.headers["allow"]) == (405, "wrong-method", allow)


@pytest.mark.parametrize(
    ("operation", "name"), [(operation, name) for operation in SPEC.operations.values() for name in operation.causes | SPEC.causes]
)
def test_a_refusal_of_which_no_more_is_known_is_the_documents_example(operation: Operation, name: str) -> None:
    """Faults raise causes without any problem, the transient ones above all."""
    cause = SPEC.cause(name, operation)
    response = SPEC.response(cause, operation)
    if response and cause.example in response.examples:
        shown = response.examples[cause.example]
        reply = DeliverySolutions().refuse(Refusal(cause, Request("POST", "/"), shown, (), {"allow": "POST"}, operation))
        assert (reply.status, reply.body, reply.headers["apierrorcode"]) == (cause.status, shown, cause.code)
        assert seal(reply, response, operation.id).status == cause.status


# --- journeys, pages, messages -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "days", "status"),
    [
        ("SBX-STANDARD-1", 0, "ORDER_DISPATCHED"),
        ("SBX-STANDARD-1", 0.2, "PICKUP_COMPLETED"),
        ("SBX-STANDARD-1", 1, "IN_TRANSIT"),
        ("SBX-STANDARD-1", 1.4, "OUT_FOR_DELIVERY"),
        ("SBX-STANDARD-1", 3, "ORDER_DELIVERED"),
        ("SBX-DELIVERED-1", 0, "ORDER_DELIVERED"),
        ("SBX-CUSTOMS-1", 4, "ORDER_DELAYED"),
        ("SBX-PICKUP-1", 1.5, "ORDER_AT_LOCATION"),
        ("SBX-ATTEMPT-1", 1.5, "ORDER_REDELIVERY"),
        ("SBX-ADDRESS-1", 1.5, "ORDER_DELAYED"),
        ("SBX-RETURNED-1", 7, "ORDER_UNDELIVERABLE"),
        ("SBX-LOST-1", 9, "ERROR_EXCEPTION"),
        ("SBX-DAMAGED-1", 1, "ERROR_EXCEPTION"),
        ("SBX-DAMAGED-1", 4, "ERROR_EXCEPTION"),
        ("SBX-SILENCE-1", 31, "ERROR_EXCEPTION"),
    ],
)
def test_the_number_chooses_the_journey(lynk: Caller, clock: Clock, number: str, days: float, status: str) -> None:
    create(lynk, trackingId=number, trackerExternalId="a")
    clock.fixed += timedelta(days=days)
    assert [tracker["status"] for tracker in listed(lynk, orderExternalIds=["a"])] == [status]
    assert lynk.put(f"{TRACKERS}/a", {"orderValue": 1}).body["status"] == status


def test_at_the_moment_of_dispatch_the_provider_has_told_nothing(lynk: Caller) -> None:
    assert create(lynk, trackingId="SBX-DELIVERED-1").body["status"] == "ORDER_DISPATCHED"
    ident = lynk.post(TRACKERS, WAITING).body["id"]
    number = {"provider": "Self Delivery", "trackingId": "SBX-DELIVERED-2"}
    assert lynk.put(f"{TRACKERS}/{ident}", number).body["status"] == "ORDER_DISPATCHED"
    assert lynk.put(f"{TRACKERS}/{ident}", number).body["status"] == "ORDER_DELIVERED"


def test_another_number_begins_another_story(lynk: Caller, clock: Clock) -> None:
    ident = create(lynk).body["id"]
    clock.fixed += timedelta(days=3)
    assert lynk.put(f"{TRACKERS}/{ident}", {}).body["status"] == "ORDER_DELIVERED"
    assert lynk.put(f"{TRACKERS}/{ident}", {"trackingId": "other"}).body["status"] == "ORDER_DISPATCHED"
    clock.fixed += timedelta(hours=4)
    assert lynk.put(f"{TRACKERS}/{ident}", {}).body["status"] == "PICKUP_COMPLETED"


def test_a_waiting_tracker_waits_on(lynk: Caller, clock: Clock) -> None:
    lynk.post(TRACKERS, WAITING | {"trackerExternalId": "a"})
    clock.fixed += timedelta(days=20)
    assert [tracker["status"] for tracker in listed(lynk, orderExternalIds=["a"])] == ["PENDING_DISPATCH"]


def test_an_estimate_is_there_while_the_provider_has_the_order(lynk: Caller, clock: Clock) -> None:
    ident = create(lynk).body["id"]
    lost = create(lynk, trackingId="SBX-LOST-1").body["id"]
    clock.fixed += timedelta(hours=4) - timedelta(seconds=1)
    assert lynk.put(f"{TRACKERS}/{ident}", {}).body["estimatedDeliveryTime"] == {"startsAt": None}
    clock.fixed += timedelta(seconds=1)
    delivered = START_MS + 129_600_000
    expected = {"startsAt": delivered - 3_600_000, "endsAt": delivered + 3_600_000}
    answer = lynk.put(f"{TRACKERS}/{ident}", {}).body
    assert (answer["estimatedDeliveryTime"], answer["estimatedPickupTime"]) == (expected, {"startsAt": None})
    assert lynk.put(f"{TRACKERS}/{lost}", {}).body["estimatedDeliveryTime"] == {"startsAt": None}


def test_every_milestone_has_its_word() -> None:
    assert WORDS.keys() == set(Milestone)
    known = set(SPEC.tree["components"]["schemas"]["Status"]["enum"])
    assert {word.status for word in WORDS.values()} <= known


def test_a_fresh_account_finds_the_scene_and_an_empty_one_only_its_set_up(demo: Caller, lynk: Caller) -> None:
    assert [(tracker["trackerExternalId"], tracker["status"]) for tracker in listed(demo)] == [
        ("order-20418", "PENDING_DISPATCH"),
        ("order-20417", "IN_TRANSIT"),
    ]
    assert [tracker["id"] for tracker in listed(demo)] == ["66e1a7c40b5d2f93c8a1e604", "62a051c1729b5dfcdeae1870"]
    assert listed(lynk) == []
    assert create(lynk).status == 201


def test_a_sandbox_without_scene_has_its_set_up_all_the_same(clock: Clock) -> None:
    bare = account("sbx_demo", sandbox_app("delivery_solutions", clock=clock, empty=True))
    assert listed(bare) == []
    assert create(bare).status == 201


def test_changing_the_scene_touches_one_account_only(demo: Caller) -> None:
    demo.put(f"{TRACKERS}/order-20418", {"provider": "Roadie", "trackingId": "r-1"})
    assert listed(demo, orderExternalIds=["order-20418"])[0]["status"] == "ORDER_DISPATCHED"
    other = account("sbx_other", demo.app)
    assert listed(other, orderExternalIds=["order-20418"])[0]["status"] == "PENDING_DISPATCH"
    assert create(demo, trackerExternalId="order-20417").cause == "duplicate-tracker"


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"locationExternalId": "nowhere"}, "unknown-location"), ({"provider": "nobody", "trackingId": "x"}, "unknown-provider")],
)
def test_a_scene_that_no_call_could_have_made_is_refused(clock: Clock, tmp_path: Path, change: dict[str, str], reason: str) -> None:
    tracker = {"id": "0" * 24, "began_s": 0, "locationExternalId": "100983", "type": "pickup"} | change
    file = tmp_path / "scene.json"
    file.write_text(json.dumps({"delivery_solutions": {"+trackers": [tracker]}}))
    with pytest.raises(DataError, match=f"{'0' * 24}: {reason}"):
        sandbox_app("delivery_solutions", clock=clock, data=file)


def test_the_tracking_page_tells_the_story_in_plain_words_and_local_time(lynk: Caller, clock: Clock) -> None:
    links = create(lynk, trackerExternalId="order <7>").body["referenceLinks"]
    clock.fixed += timedelta(hours=5)
    text = page(lynk, links["hostedTrackingUrl"])
    assert "Your order was picked up by the carrier." in text
    assert "order &lt;7&gt;" in text
    assert "Picked up by the carrier" in text
    assert "Monday, 2 March 2026, 14:00 CET" in text
    assert "Tuesday, 3 March 2026, 21:00 to 23:00 CET" in text
    assert text.index("Picked up by the carrier<") < text.index("Announced to the carrier<"), "the newest comes first"
    assert page(lynk, links["trackingUrl"]) == text
    clock.fixed += timedelta(days=3)
    after = page(lynk, links["hostedTrackingUrl"])
    assert ("was delivered" in after, "Expected" in after) == (True, False)


def test_a_waiting_order_has_a_page_too(lynk: Caller) -> None:
    links = lynk.post(TRACKERS, WAITING).body["referenceLinks"]
    assert "Your order is being prepared." in page(lynk, links["hostedTrackingUrl"])


def test_the_page_of_a_group_leads_to_all_that_is_in_it(demo: Caller) -> None:
    links = create(demo, groupId="basket-20417", trackerExternalId="mine").body["referenceLinks"]
    create(demo, groupId="Basket-20417", trackerExternalId="another")
    text = page(demo, links["customerWebflowUrl"])
    found = re.findall(r'href="(/t/[A-Za-z0-9]{11})">([^<]*)<', text)
    assert [name for _, name in found] == ["Order order-20417 is on its way", "Order mine will soon be with the carrier"]
    assert "Order order-20417" in page(demo, found[0][0])
    other = create(account("sbx_other", demo.app), groupId="basket-20417").body["referenceLinks"]["customerWebflowUrl"]
    assert "mine" not in page(demo, other)


def test_a_group_that_nobody_is_in_any_more_has_no_page(lynk: Caller) -> None:
    answer = create(lynk, groupId="old").body
    moved = lynk.put(f"{TRACKERS}/{answer['id']}", {"groupId": "new"}).body
    assert page(lynk, moved["referenceLinks"]["customerWebflowUrl"])
    gone = lynk.app.test_client().get(answer["referenceLinks"]["customerWebflowUrl"])
    assert gone.status_code == 404
    bare = lynk.put(f"{TRACKERS}/{answer['id']}", {"groupId": ""}).body
    assert (bare["groupId"], bare["referenceLinks"]["customerWebflowUrl"]) == ("", None)


def test_the_returns_page_lists_what_can_be_sent_back_and_says_that_nothing_happens(lynk: Caller, clock: Clock) -> None:
    items = [{"sku": "sku 1", "title": "Garden shears", "quantity": 2}, {"sku": "sku 2"}]
    listed_items = create(lynk, itemList=items).body["referenceLinks"]["returnsUrl"]
    text = page(lynk, listed_items)
    assert ("Garden shears" in text, "sku 2" in text, "This sandbox takes no returns" in text) == (True, True, True)
    assert "when they have arrived" in text
    clock.fixed += timedelta(days=3)
    assert "when they have arrived" not in page(lynk, listed_items)
    packed = create(lynk, packages=[{"itemList": [{"sku": "boots"}]}, {"description": "a coat"}]).body["referenceLinks"]["returnsUrl"]
    assert ("boots" in page(lynk, packed), "a coat" in page(lynk, packed)) == (True, False)
    boxed = create(lynk, packages=[{"description": "a coat"}, {}]).body["referenceLinks"]["returnsUrl"]
    assert ("a coat" in page(lynk, boxed), "custom" in page(lynk, boxed)) == (True, True)
    bare = create(lynk).body["referenceLinks"]["returnsUrl"]
    assert "does not say what is in it" in page(lynk, bare)


def test_links_of_the_scene_open_the_readers_own_world(demo: Caller) -> None:
    mine, other = listed(demo)[1], listed(account("sbx_other", demo.app))[1]
    links, theirs = mine["referenceLinks"], other["referenceLinks"]
    assert mine["id"] == other["id"]
    assert not set(links.values()) & set(theirs.values())
    demo.put(f"{TRACKERS}/{mine['id']}", {"deliveryInstructions": "ring twice"})
    assert "ring twice" in page(demo, links["hostedTrackingUrl"])
    assert "ring twice" not in page(demo, theirs["hostedTrackingUrl"])


def test_the_customer_is_told_by_email_and_text_message(lynk: Caller, clock: Clock) -> None:
    create(lynk, trackerExternalId="a")
    create(lynk, trackingId="SBX-DELIVERED-1", deliveryContact={"name": "x", "phone": "+12025550100"}, trackerExternalId="b")
    clock.fixed += timedelta(hours=5)
    messages = lynk.app.test_client().get("/_sandbox/outbox?workspace=sbx_empty_test").get_json()["messages"]
    told = [(m["channel"], m["to"], m["about"], m["text"]) for m in messages]
    assert [message for message in told if message[2] == "del_005"] == [
        ("email", "ivy@example.com", "del_005", "Your order a was picked up by the carrier."),
        ("sms", "+1 202-555-0143", "del_005", "Your order a was picked up by the carrier."),
    ]
    assert [message[3] for message in told if message[1] == "+12025550100"] == [
        "Your order b was picked up by the carrier.",
        "Your order b is out for delivery.",
        "Your order b was delivered.",
    ]
    moments = [datetime.fromisoformat(m["at"]) for m in messages]
    assert min(moments) == datetime(2026, 3, 2, 9, tzinfo=UTC), "a message is older than its tracker"


def test_what_an_update_dispatches_is_told_from_then_on(lynk: Caller, clock: Clock) -> None:
    lynk.post(TRACKERS, WAITING | {"trackerExternalId": "a"})
    clock.fixed += timedelta(days=1)
    lynk.put(f"{TRACKERS}/a", {"provider": "Self Delivery", "trackingId": "SBX-DELIVERED-1"})
    messages = lynk.app.test_client().get("/_sandbox/outbox?workspace=sbx_empty_test").get_json()["messages"]
    assert {datetime.fromisoformat(m["at"]) for m in messages} == {clock.fixed}


def test_nobody_is_told_without_contact_or_dispatch(lynk: Caller, clock: Clock) -> None:
    lynk.post(TRACKERS, WAITING)
    lynk.post(TRACKERS, {"type": "pickup", "locationExternalId": "100983", "provider": "FedEx", "trackingId": "f"})
    clock.fixed += timedelta(days=9)
    assert lynk.app.test_client().get("/_sandbox/outbox?workspace=sbx_empty_test").get_json()["messages"] == []


def test_reading_changes_nothing(demo: Caller) -> None:
    first = demo.post(LIST, {}).body
    page(demo, first["data"][0]["referenceLinks"]["hostedTrackingUrl"])
    assert demo.post(LIST, {}).body == first
    assert demo.app.extensions["sandbox"].shared.store.workspaces() == []


def test_the_same_calls_give_the_same_bytes(clock: Clock) -> None:
    def run() -> list[Any]:
        lynk = account("sbx_demo", sandbox_app("delivery_solutions", clock=clock))
        return [token_of(lynk, "sbx_demo"), create(lynk).body, picked_up(lynk, {"name": "x"}).body, lynk.post(LIST, {}).body]

    assert run() == run()
    seeded = account("sbx_demo", sandbox_app("delivery_solutions", clock=clock, seed=1))
    assert create(seeded).body["id"] != run()[1]["id"]
