"""The promises of parcelLab: the sandbox keeps each, and each has a bug that breaks it."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from judges import Bench, Bug, Send, body_of, sent, spoilt, texts, told

from contracts.promises import Broken, CannotTell
from contracts.providers import parcellab
from contracts.providers.parcellab.credentials import encoded
from sandbox.answers import Answer
from sandbox.document import at
from sandbox.exchange import Request
from sandbox.timeline import Clock

from callers import sandbox_app

PROMISES = {promise.check.__name__: promise for promise in parcellab.PROMISES}
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
JSON = {"content-type": "application/json"}
ORDER = "/v4/track/orders/"
ME = "sbx_me"
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench("parcellab", sandbox_app("parcellab", clock=Clock(NOW)))


# --- bugs --------------------------------------------------------------------------------------------------------------------


def each(change: Callable[[dict[str, Any]], Any]) -> Bug:
    """Change each order of each answer, in place."""

    def changed(body: Any) -> Any:
        for order in body.get("results", [body] if "destination_country_iso3" in body and "trackings" not in body else []):
            change(order)
        return body

    return told(changed)


def always(**values: Any) -> Bug:
    """Answer members of each order with the same values."""
    return each(lambda order: order.update(values))


def info(change: Callable[[dict[str, Any]], Any]) -> Bug:
    """Change the status of an order, in place."""
    return told(lambda body: [body, change(body)][0] if "trackings" in body else body)


def of_parcels(change: Callable[[dict[str, Any]], Any]) -> Bug:
    """Change each parcel of the status of an order, in place."""
    return info(lambda body: [change(one) for one in body["trackings"]])


def listing(change: Callable[[list[Any]], list[Any]]) -> Bug:
    """Change what a page of the list has."""
    return told(lambda body: {**body, "results": change(body["results"])} if "results" in body else body)


def deaf(*names: str) -> Bug:
    """Overlook parameters."""
    pattern = re.compile(rf"(?:^|&)(?:{'|'.join(names)})=[^&]*")
    return lambda request, send: send(request._replace(query=pattern.sub("", request.query).lstrip("&")))


def overlooking(*names: str) -> Bug:
    """Overlook members of an order that is sent."""
    return sent(lambda body: {name: value for name, value in body.items() if name not in names} if isinstance(body, dict) else body)


def accepting(request: Request, send: Send) -> Answer:
    """Say yes to everything."""
    answer = send(request)
    return answer if answer.status < 300 else Answer(200, JSON, b'{"external_id": "x", "results": [], "trackings": [], "mutations": []}')


def refusing(request: Request, send: Send) -> Answer:
    """Say no to every event and every order."""
    no = b'{"type": "client_error", "errors": [{"code": "invalid", "detail": "No.", "attr": null}]}'
    return send(request) if request.method == "GET" else Answer(400, JSON, no)


def half_written(request: Request, send: Send) -> Answer:
    """Refuse an order and write what was right of it."""
    answer, body = send(request), body_of(request)
    if answer.status == 400 and isinstance(body, dict) and request.path == ORDER:
        least = {"account": 12345, "destination_country_iso3": "DEU", "recipient_email": "x@example.com"}
        rest = {name: body[name] for name in ("order_number", "external_id", "channel") if name in body}
        parcels = [
            one for one in body.get("mutations", []) if one.get("type") == "add_tracking" and "tracking_number" in one.get("tracking", {})
        ]
        send(request._replace(method="PUT", body=json.dumps({**least, **rest, "mutations": parcels[:1]}).encode()))
    return answer


def clearing(request: Request, send: Send) -> Answer:
    """Replace instead of merging: what a put does not name is cleared."""
    body = body_of(request)
    if request.method == "PUT" and isinstance(body, dict):
        return send(request._replace(body=json.dumps({"recipient_name": None, "tags": [], "channel": None, **body}).encode()))
    return send(request)


def posting(request: Request, send: Send) -> Answer:
    """Take a post for a put."""
    return spoilt(send(request._replace(method="PUT" if request.path == ORDER and request.method == "POST" else request.method)), 200, 201)


def status(number: int, of: int) -> Bug:
    """Answer one status in place of another."""
    return lambda request, send: spoilt(send(request), of, number)


def as_account(text: str, *, when: Callable[[str], bool] = lambda _: True) -> Bug:
    """Take whoever shows a certain header for one account."""

    def bug(request: Request, send: Send) -> Answer:
        if not when(request.headers.get("authorization", "")):
            return send(request)
        return send(request._replace(headers={**request.headers, "authorization": f"Parcellab-API-Token {text}"}))

    return bug


def served(request: Request, send: Send) -> Answer:
    """Serve paths without their slash."""
    return send(request._replace(path=request.path if request.path.endswith("/") else f"{request.path}/"))


def deleting(request: Request, send: Send) -> Answer:
    """Know a method more than there is."""
    return Answer(204, {}, b"") if request.method in ("DELETE", "PATCH") else send(request)


def guessed(text: str) -> Any:
    """Read a number out of a text that looks like one."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def sorted_lists(value: Any) -> Any:
    """Sort each list."""
    if isinstance(value, dict):
        return {name: sorted_lists(inner) for name, inner in value.items()}
    return sorted((sorted_lists(inner) for inner in value), key=str) if isinstance(value, list) else value


def short_decimals(text: str) -> str:
    """Cut trailing zeros."""
    return re.sub(r"^(-?[0-9]+\.[0-9]*?)0+$", r"\1", text)


def known_lines(order: dict[str, Any]) -> None:
    order["articles_order"] = [
        {k: v for k, v in line.items() if k in ("line_item_id", "quantity", "sku")} for line in order["articles_order"]
    ]


def text_attributes(order: dict[str, Any]) -> None:
    order["additional_attributes"] = [{"key": one["key"], "value": str(one["value"])} for one in order["additional_attributes"]]


def results(change: Callable[[list[Any]], list[Any]]) -> Bug:
    """Change what became of mutations."""
    return told(lambda body: {**body, "mutations": change(body["mutations"])} if "mutations" in body else body)


def stamped(order: dict[str, Any]) -> None:
    order["created_at"] = order["updated_at"] = f"2026-03-02T09:00:{next(NUMBERS) % 60:02}Z"


def elsewhere(body: dict[str, Any]) -> dict[str, Any]:
    """Send who wants the next page to another host."""
    return {**body, "next": "http://elsewhere.example/v4/track/orders/?cursor=x"} if body.get("next") else body


def other_errors(change: Callable[[list[Any]], list[Any]]) -> Bug:
    """Change the list of errors of a refusal."""
    return told(lambda body: {**body, "errors": change(body["errors"])} if "errors" in body else body)


def without_mutations(*kinds: str) -> Bug:
    """Overlook mutations of some kinds, and say that they were carried out."""
    done = {"success": True, "message": "", "errors": [], "warnings": []}

    def bug(request: Request, send: Send) -> Answer:
        body = body_of(request)
        if not isinstance(body, dict) or not isinstance(body.get("mutations"), list):
            return send(request)
        kept = [one for one in body["mutations"] if one.get("type") not in kinds]
        answer = send(request._replace(body=json.dumps({**body, "mutations": kept}).encode()))
        if answer.status > 201 or len(kept) == len(body["mutations"]):
            return answer
        lies = [{**one, "result": done} for one in body["mutations"]]
        return Answer(answer.status, answer.headers, json.dumps({**body_of(answer), "mutations": lies}).encode())

    return bug


def backwards(request: Request, send: Send) -> Answer:
    """Carry mutations out from the last to the first."""
    body = body_of(request)
    if not isinstance(body, dict) or "mutations" not in body:
        return send(request)
    answer = send(request._replace(body=json.dumps({**body, "mutations": body["mutations"][::-1]}).encode()))
    back = body_of(answer)
    return Answer(answer.status, answer.headers, json.dumps({**back, "mutations": back.get("mutations", [])[::-1]}).encode())


def soft_is_hard(request: Request, send: Send) -> Answer:
    """Refuse a call for a mutation that fails softly."""
    answer = send(request)
    no = b'{"type": "client_error", "errors": [{"code": "invalid", "detail": "No.", "attr": null}]}'
    return Answer(400, JSON, no) if b'"success":false' in answer.body else answer


def lost_event(request: Request, send: Send) -> Answer:
    return Answer(204, {}, b"") if request.path.endswith("events/") else send(request)


def event_for_all(request: Request, send: Send) -> Answer:
    """Attach an event to the parcel of the order, to the same number elsewhere, and twice."""
    answer, body = send(request), body_of(request)
    if request.path.endswith("events/") and answer.status == 204:
        numbers = {"courier": "gls", "tracking_number": body.get("tracking_number", LAST[-1])}
        send(request._replace(body=json.dumps({**body, **numbers}).encode()))
        send(request._replace(body=json.dumps({**body, "courier": "dhl-germany", "tracking_number": numbers["tracking_number"]}).encode()))
    elif isinstance(body, dict) and body.get("mutations"):
        LAST.append(body["mutations"][0]["tracking"]["tracking_number"])
    return answer


LAST: list[str] = [""]


def wrong_cursor(request: Request, send: Send) -> Answer:
    """Answer the first page to whatever cursor."""
    answer = send(request._replace(query=re.sub(r"cursor=[^&]*&?", "", request.query)))
    body = body_of(answer)
    if "cursor=" in request.query and "results" in (body or {}):
        return Answer(answer.status, answer.headers, json.dumps({**body, "next": None, "previous": None}).encode())
    return answer


def unsigned(order: dict[str, Any]) -> None:
    order["order_total_amount"] = order["order_total_amount"] and order["order_total_amount"].rstrip("0").rstrip(".")


def rounded(order: dict[str, Any]) -> None:
    order["order_total_amount"] = order["order_total_amount"] and f"{float(order['order_total_amount']):.1f}0"


def shifted(order: dict[str, Any]) -> None:
    order["order_date"] = order["order_date"] and f"{order['order_date'][:19]}Z"


def ending(tracking: dict[str, Any]) -> None:
    tracking["checkpoints"] = tracking["checkpoints"][-3:]


def renamed(tracking: dict[str, Any]) -> None:
    for point in tracking["checkpoints"]:
        point["status_code"] = "InTransit"


def zoneless(tracking: dict[str, Any]) -> None:
    for point in tracking["checkpoints"]:
        point["timestamp"] = point["timestamp"].rstrip("Z")


def no_checkpoints(value: Any) -> Any:
    """Overlook checkpoints, wherever they are."""
    if isinstance(value, dict):
        return {name: no_checkpoints(inner) for name, inner in value.items() if name != "checkpoints"}
    return [no_checkpoints(inner) for inner in value] if isinstance(value, list) else value


# The bugs, and the promises that each breaks.
BUGS: Mapping[str, tuple[Bug, str]] = {
    "letters in lower case": (
        told(texts(str.lower)),
        "what_was_put_comes_back what_was_posted_comes_back texts_of_a_put_come_back the_longest_text_comes_back_whole",
    ),
    "other scripts lost": (
        told(texts(lambda text: text.encode("ascii", "ignore").decode())),
        "texts_come_back_as_they_were_written a_character_counts_once",
    ),
    "texts read as numbers": (told(texts(guessed)), "texts_stay_texts"),
    "texts trimmed": (told(texts(str.strip)), "blanks_come_back"),
    "lists sorted": (told(sorted_lists), "lists_keep_their_order_and_repetitions the_list_is_sorted_as_asked"),
    "attributes as texts": (each(text_attributes), "attributes_keep_their_kinds"),
    "unknown members of lines dropped": (each(known_lines), "unknown_members_of_lines_are_kept"),
    "unknown members shown": (always(mood="fine"), "unknown_members_of_an_order_vanish"),
    "zeros cut": (told(texts(short_decimals)), "decimals_of_lines_stay_as_written amounts_are_answered_with_two_decimals"),
    "amounts rounded": (each(rounded), "amounts_come_back_exactly an_amount_has_eight_digits_and_two_decimals"),
    "zone dropped": (each(shifted), "moments_stay_the_same_moments"),
    "days with times": (always(announced_delivery_date="2026-01-01T00:00:00Z"), "days_stay_days"),
    "one id for all": (always(external_id="7f9c24e8-3b12-4fef-91b8-0b4f5c6a7d10"), "an_external_id_may_be_chosen"),
    "no shop": (always(client_key=None), "what_is_not_sent_is_empty"),
    "made up": (always(order_date="2026-01-01T00:00:00Z"), "what_is_not_sent_is_null"),
    "address in full": (always(shipping_address={"city": "x"}), "an_address_may_be_empty an_address_has_limits"),
    "unset shown": (always(recipient_email="_unset"), "unset_means_no_address unset_removes_the_address"),
    "next page elsewhere": (told(elsewhere), "the_next_page_is_where_this_one_is"),
    "parcels told": (always(trackings=[]), "an_order_does_not_tell_its_parcels"),
    "mutations told": (always(mutations=[]), "mutations_are_told_by_their_call_alone"),
    "stamps moving": (
        each(stamped),
        "stamps_are_real_and_in_order reading_changes_nothing a_change_is_stamped a_put_leaves_other_orders_alone",
    ),
    "a read of another channel": (
        told(lambda body: {**body, "channel": "x"} if "mutations" not in body and "channel" in body and "results" not in body else body),
        "a_read_tells_what_the_put_answered the_list_tells_what_a_read_tells",
    ),
    "first put is 200": (status(200, of=201), "the_first_put_is_201_and_all_others_200"),
    "every put is 201": (status(201, of=200), "what_was_posted_can_be_put"),
    "the channel counted": (
        each(lambda order: order.update(channel=str(next(NUMBERS)))),
        "the_same_put_twice_is_the_same_as_once a_put_of_a_name_alone_changes_nothing",
    ),
    "parcels doubled": (
        info(lambda body: body["trackings"].extend([*body["trackings"]])),
        "a_parcel_that_is_added_twice_is_there_once parcels_are_added_in_order each_parcel_is_told_once one_parcel_is_told_alone",
    ),
    "members overlooked": (
        overlooking("recipient_name", "tags", "channel", "billing_address", "external_reference", "cancelled_reason"),
        "a_put_changes_what_it_names lists_are_replaced_whole objects_are_replaced_whole an_order_answers_to_both_its_names each_documented_reason_is_taken a_reference_that_is_given_up_is_free",
    ),
    "put replaces": (clearing, "a_put_keeps_what_it_does_not_name"),
    "null overlooked": (
        sent(lambda body: {name: value for name, value in body.items() if value is not None} if isinstance(body, dict) else body),
        "null_clears_a_member",
    ),
    "post merges": (posting, "a_post_never_updates a_post_of_a_known_name_is_told_as_such a_post_needs_four_members"),
    "parcels lost": (without_mutations("add_tracking"), "a_parcel_is_added a_parcel_belongs_to_one_order"),
    "results lost": (results(lambda mutations: mutations[:1]), "a_mutation_is_repeated_with_its_result"),
    "soft is hard": (
        soft_is_hard,
        "an_unknown_courier_fails_softly what_is_not_there_is_not_cancelled a_line_that_is_not_there_is_not_changed a_line_is_added_once",
    ),
    "cancellations lost": (without_mutations("cancel_tracking", "cancel_order"), "a_parcel_can_be_cancelled an_order_can_be_cancelled"),
    "quantities lost": (
        without_mutations("change_line_item_quantity"),
        "a_quantity_is_set a_quantity_is_cancelled mutations_are_carried_out_in_order no_more_is_cancelled_than_there_is",
    ),
    "mutations backwards": (backwards, "mutations_are_carried_out_in_order"),
    "lines lost": (without_mutations("add_line_item", "replace_line_item"), "a_line_is_replaced"),
    "refusals half written": (
        half_written,
        "one_bad_mutation_stops_all a_reference_is_unique half_an_address_is_refused a_refused_order_is_not_made a_refused_put_changes_nothing a_new_order_needs_country_and_address lines_have_ids_of_their_own delivery_method_and_status_must_be_set_up",
    ),
    "errors without a place": (
        other_errors(lambda errors: [{**one, "attr": None} for one in errors]),
        "an_unknown_mutation_is_refused_at_its_place a_wrong_value_is_told_at_its_place a_place_is_told_with_dots a_day_has_no_time a_moment_has_a_time_and_a_zone attributes_are_a_list_here an_unknown_status_is_refused no_more_is_cancelled_than_there_is",
    ),
    "one error of several": (other_errors(lambda errors: errors[:1]), "a_refusal_names_every_wrong_member_and_no_other"),
    "another type of refusal": (
        told(lambda body: {**body, "type": "validation_error"} if "type" in body else body),
        "a_refusal_has_one_of_three_shapes",
    ),
    "one code for all": (other_errors(lambda errors: [{**one, "code": "invalid"} for one in errors]), "no_token_is_told_from_a_bad_one"),
    "a type where there is none": (
        told(lambda body: {**body, "type": "client_error"} if "detail" in body else body),
        "an_order_must_be_named a_token_is_for_its_account",
    ),
    "everything accepted": (
        accepting,
        (
            " an_id_does_not_begin_with_info a_body_that_is_no_json_is_refused a_longer_text_is_refused an_amount_has_a_digit a_decimal_has_a_digit"
            " codes_are_taken_letter_by_letter nobody_gets_in_without_a_token nobody_gets_in_with_a_bad_token a_put_by_nobody_makes_nothing"
            " a_token_asks_for_its_account who_may_only_read_does_not_write a_revoked_token_is_no_token an_order_is_named_in_one_way_at_a_time"
            " an_unknown_name_finds_nothing no_other_ordering_is_taken a_cursor_that_was_never_given_is_refused an_account_sees_its_own"
        ),
    ),
    "everything refused": (
        refusing,
        "an_event_of_nothing_is_accepted an_event_of_a_parcel_may_name_the_account every_documented_status_can_be_reported",
    ),
    "without its slash": (served, "a_path_without_its_slash_is_somewhere_else"),
    "a method more": (deleting, "an_order_cannot_be_deleted"),
    "status of another": (
        info(lambda body: body.update(order_number="x", customer_number="x")),
        "an_order_is_named_in_six_ways the_status_follows_the_order",
    ),
    "proofs overlooked": (deaf("postal_code", "client"), "a_second_proof_must_match"),
    "address shown": (info(lambda body: body.update(shipping_address="Beispielweg 12")), "who_gets_it_is_masked"),
    "attributes as a list": (info(lambda body: body.update(additional_attributes=[])), "attributes_are_an_object_here"),
    "returns shown": (info(lambda body: body["trackings"].reverse()), "what_comes_back_is_told_on_request parcels_are_added_in_order"),
    "events lost": (
        lost_event,
        "an_event_reaches_its_parcel in_transit_is_shown_as_a_scan an_event_finds_its_parcel_by_reference events_are_sorted_by_their_times",
    ),
    "events for all": (event_for_all, "an_event_of_an_order_reaches_no_parcel an_event_reaches_no_other_parcel"),
    "in transit shown": (of_parcels(renamed), "in_transit_is_shown_as_a_scan"),
    "old checkpoints dropped": (of_parcels(ending), "a_parcel_never_goes_back"),
    "lists doubled": (
        listing(lambda orders: [*orders, *orders]),
        "the_list_holds_each_order_once what_was_posted_is_listed pages_hold_everything_once the_list_is_of_the_account_asked_for",
    ),
    "lists backwards": (listing(lambda orders: orders[::-1]), "pages_are_in_order the_newest_comes_first"),
    "first page again": (wrong_cursor, "pages_lead_back"),
    "lists empty": (listing(lambda _: []), "a_list_is_the_same_twice"),
    "lists counted": (told(lambda body: {**body, "count": 1} if "results" in body else body), "a_page_does_not_count"),
    "account overlooked": (deaf("account"), "the_list_of_an_account_leaves_others_out"),
    "pages inside": (
        told(lambda body: {**body, "next": body["next"] and body["next"].replace("localhost", "10.0.0.7")} if "results" in body else body),
        "pages_are_where_the_list_is",
    ),
    "times without a zone": (of_parcels(zoneless), "checkpoints_are_real_and_in_order"),
    "checkpoints overlooked": (sent(no_checkpoints), "checkpoints_cannot_be_sent"),
    "one form of a token": (as_account("nobody", when=lambda header: "sbx" not in header), "a_token_is_good_in_both_its_forms"),
    "one account for all": (as_account("sbx_all"), "an_account_sees_its_own an_account_changes_its_own numbers_are_an_accounts_own"),
}


@cache
def breakers() -> dict[str, list[str]]:
    """Tell by promise which bugs break it."""
    found: dict[str, list[str]] = {}
    for bug, (_, promises) in BUGS.items():
        for name in promises.split():
            found.setdefault(name, []).append(bug)
    return found


# --- tests -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["sbx_full", "sbx_empty_full"])
def test_the_sandbox_keeps_every_promise(prefix: str, bench: Bench) -> None:
    for number, promise in enumerate(PROMISES.values()):
        promise.check(bench.caller(f"{prefix}{number}"))


def test_a_token_in_its_base64_form_keeps_its_promises_too(bench: Bench) -> None:
    untold = set()
    for number, (name, promise) in enumerate(PROMISES.items()):
        try:
            promise.check(bench.caller(encoded(12345, f"sbx_coded{number}")))
        except CannotTell:
            untold.add(name)
    assert untold == {
        "a_parcel_never_goes_back",
        "the_list_of_an_account_leaves_others_out",
        "who_may_only_read_does_not_write",
        "a_revoked_token_is_no_token",
        "an_account_sees_its_own",
        "an_account_changes_its_own",
        "numbers_are_an_accounts_own",
    }


def test_an_event_that_comes_later_is_waited_for_where_there_is_a_clock(bench: Bench) -> None:
    caller = bench.caller("sbx_late", lost_event)
    with pytest.raises(Broken):
        PROMISES["an_event_reaches_its_parcel"].check(caller)
    caller.control = None
    with pytest.raises(CannotTell):
        PROMISES["an_event_reaches_its_parcel"].check(caller)


def test_every_promise_has_a_bug_that_breaks_it() -> None:
    assert breakers().keys() == PROMISES.keys()


@pytest.mark.parametrize(("name", "bug"), [(name, bug) for name, bugs in breakers().items() for bug in bugs])
def test_a_bug_breaks_the_promise(name: str, bug: str, bench: Bench) -> None:
    with pytest.raises(Broken) as broken:
        PROMISES[name].check(bench.caller(ME, BUGS[bug][0], prefix=f"B{next(NUMBERS)}"))
    assert str(broken.value)


@pytest.mark.parametrize("name", PROMISES)
def test_a_promise_says_where_it_stands_in_the_document(name: str, bench: Bench) -> None:
    promise = PROMISES[name]
    assert at(bench.spec.tree, promise.where) is not None
    assert set(promise.operations) <= bench.spec.operations.keys()
    assert promise.title.endswith(".")
    assert promise.source.startswith("https://") != promise.inferred


def test_each_promise_is_listed_once() -> None:
    assert len(PROMISES) == len(parcellab.PROMISES)
