"""The promises of Delivery Solutions: the sandbox keeps each, and each has a bug that breaks it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from judges import Bench, Bug, Send, body_of, sent, spoilt, texts, told

from contracts.promises import Broken, CannotTell, Promise
from contracts.providers import delivery_solutions
from contracts.providers.delivery_solutions import journey
from sandbox.answers import Answer
from sandbox.document import at
from sandbox.exchange import Request
from sandbox.timeline import Clock

from callers import sandbox_app

PROMISES = {promise.check.__name__: promise for promise in delivery_solutions.PROMISES}
JSON = {"content-type": "application/json"}
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench("delivery_solutions", sandbox_app("delivery_solutions", clock=Clock(NOW)))


# --- bugs --------------------------------------------------------------------------------------------------------------------


def each(change: Callable[[dict[str, Any]], Any]) -> Bug:
    """Change each tracker of each answer, in place."""

    def changed(body: Any) -> Any:
        for tracker in body.get("data", [body] if "referenceLinks" in body else []):
            change(tracker)
        return body

    return told(changed)


def always(**values: Any) -> Bug:
    """Answer members of each tracker with the same values."""
    return each(lambda tracker: tracker.update(values))


def without(*names: str) -> Bug:
    """Leave members out of each tracker."""
    return each(lambda tracker: [tracker.pop(name, None) for name in names])


def listing(change: Callable[[list[Any]], list[Any]]) -> Bug:
    """Change what a list has."""
    return told(lambda body: {**body, "data": change(body["data"])} if "data" in body else body)


def deaf(*filters: str) -> Bug:
    """Overlook filters of a list."""
    return sent(lambda body: {name: value for name, value in body.items() if name not in filters}, to="/list")


def accepting(request: Request, send: Send) -> Answer:
    """Say yes to everything."""
    answer = send(request)
    page = {"data": [], "pagination": {"nextToken": None, "previousToken": None}}
    yes = page if request.path.endswith("/list") else {"id": "0" * 24, "status": "PENDING_DISPATCH", "access_token": "x"}
    return answer if answer.status < 400 else Answer(201, JSON, json.dumps(yes).encode())


def refusing(request: Request, send: Send) -> Answer:
    """Say no to whatever is out of the ordinary: empty, null, at an edge, or in another script."""
    answer = send(request)
    no = {"type": "INVALID_TRACKER_DATA", "message": "No.", "errors": [{"type": "INVALID_DATA", "message": "No."}]}
    return Answer(422, JSON, json.dumps(no).encode()) if request.path.endswith(("/trackers", "/list")) and answer.status < 300 else answer


def half_written(request: Request, send: Send) -> Answer:
    """Refuse a call and carry out what was right of it."""
    answer, body = send(request), body_of(request)
    if answer.status in (400, 422) and isinstance(body, dict) and not request.path.endswith("/list"):
        names = {"deliveryInstructions", "orderValue"} if request.method == "PUT" else {"trackerExternalId", "locationExternalId", "pickup"}
        rest = {name: value for name, value in body.items() if name in names}
        whole = (
            rest
            if request.method == "PUT"
            else {**rest, "type": "pickup", **({} if "pickup" in rest else {"locationExternalId": "100983"})}
        )
        send(request._replace(body=json.dumps(whole).encode()))
    return answer


def overwriting(request: Request, send: Send) -> Answer:
    """Refuse a duplicate, or another's update, and change the first tracker all the same."""
    answer, body = send(request), body_of(request)
    if answer.status == 422 and b"DUPLICATE" in answer.body:
        change = json.dumps({"deliveryInstructions": body.get("deliveryInstructions") or "x"}).encode()
        send(request._replace(method="PUT", path=f"{request.path}/{body['trackerExternalId']}", body=change))
    return answer


def dropping(*names: str) -> Bug:
    """Overlook members of an update."""

    def bug(request: Request, send: Send) -> Answer:
        body = body_of(request)
        if request.method == "PUT" and isinstance(body, dict):
            return send(request._replace(body=json.dumps({name: value for name, value in body.items() if name not in names}).encode()))
        return send(request)

    return bug


def clearing(request: Request, send: Send) -> Answer:
    """Replace instead of merging: what an update does not name is cleared."""
    if request.method == "PUT":
        body = {"deliveryInstructions": "", "orderValue": 0, "orderAttributes": {}, **(body_of(request) or {})}
        return send(request._replace(body=json.dumps(body).encode(), headers={**request.headers, **JSON}))
    return send(request)


def creeping(request: Request, send: Send) -> Answer:
    """Count updates in the tracker: no two are the same."""
    answer = send(request)
    if request.method == "PUT" and answer.status == 201:
        body = body_of(answer)
        body["orderValue"] = (body["orderValue"] or 0) + next(NUMBERS)
        return Answer(201, answer.headers, json.dumps(body).encode())
    return answer


def merging(request: Request, send: Send) -> Answer:
    """Mix what an update sends with what was there."""
    answer, body = send(request), body_of(request)
    if request.method == "PUT" and answer.status == 201 and isinstance(body, dict):
        told_ = body_of(answer)
        for name in ("pickupTime", "orderAttributes"):
            if isinstance(told_[name], dict):
                told_[name] = {"channel": "web", "startsAt": 1649253600000, "endsAt": 1649268000000, **(body.get(name) or {})}
        return Answer(201, answer.headers, json.dumps(told_).encode())
    return answer


def status(number: int, of: int) -> Bug:
    """Answer one status in place of another."""
    return lambda request, send: spoilt(send(request), of, number)


def headers(**change: str | None) -> Bug:
    """Change headers of answers; None takes one out."""

    def bug(request: Request, send: Send) -> Answer:
        answer = send(request)
        merged = {**answer.headers, **({name: value or "" for name, value in change.items()} if answer.status >= 400 else {})}
        return Answer(answer.status, {name: value for name, value in merged.items() if value}, answer.body)

    return bug


def as_account(text: str, *, when: Callable[[str], bool]) -> Bug:
    """Take whoever shows a certain header for one account."""

    def bug(request: Request, send: Send) -> Answer:
        if request.path.endswith("token") or not when(request.headers.get("authorization", "")):
            return send(request)
        return send(request._replace(headers={**request.headers, "authorization": f"Bearer {text}"}))

    return bug


def moved(*, to: str) -> Bug:
    """Tell another status than there is."""
    return each(lambda tracker: tracker.update(status=to))


def flickering(tracker: dict[str, Any]) -> None:
    """Fall back from the last status at every second look."""
    if tracker["status"] == "ORDER_DELIVERED" and next(NUMBERS) % 2:
        tracker["status"] = "IN_TRANSIT"


def repeated_page(request: Request, send: Send) -> Answer:
    """Answer the first page to whatever token."""
    if request.path.endswith("/list"):
        body = body_of(request)
        answer = send(request._replace(body=json.dumps({k: v for k, v in body.items() if k != "pagination"}).encode()))
        page = body_of(answer)
        if "pagination" in body and "data" in page:
            page["pagination"] = {"nextToken": None, "previousToken": None}
        return Answer(answer.status, answer.headers, json.dumps(page).encode())
    return send(request)


def numbers_as_text(body: Any) -> Any:
    """Write attributes as texts."""
    for tracker in body.get("data", [body]):
        if "orderAttributes" in tracker:
            tracker["orderAttributes"] = {name: str(value) for name, value in tracker["orderAttributes"].items()}
    return body


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


def rounded(value: Any) -> Any:
    """Cut numbers to one decimal."""
    if isinstance(value, dict):
        return {name: rounded(inner) for name, inner in value.items()}
    return round(value, 1) if isinstance(value, float) else value


def provider_text(tracker: dict[str, Any]) -> None:
    if tracker["provider"]:
        tracker["provider"] = tracker["provider"]["name"]


def short_windows(tracker: dict[str, Any]) -> None:
    for name in ("pickupTime", "deliveryTime"):
        if tracker[name]:
            tracker[name] = {edge: value for edge, value in tracker[name].items() if value is not None}


def first_id(tracker: dict[str, Any]) -> None:
    tracker["id"] = "f" * 24


def changing_id(tracker: dict[str, Any]) -> None:
    tracker["id"] = f"{next(NUMBERS):024x}"


def in_token(**change: Any) -> Bug:
    """Change members of a token."""
    return told(lambda body: {**body, **change} if "access_token" in body else body)


def leaking(request: Request, send: Send) -> Answer:
    """Repeat members that nobody knows."""
    answer, body = send(request), body_of(request)
    return Answer(answer.status, answer.headers, json.dumps({**body_of(answer), **body}).encode()) if b"mood" in request.body else answer


def one_error(body: Any) -> Any:
    """Tell the first error alone."""
    return {**body, "errors": body["errors"][:1]} if "errors" in body else body


NUMBERS = itertools.count(1)
STRANGER: Callable[[str], bool] = lambda header: True  # noqa: E731 - a name for a condition
ME = "sbx_me"

# The bugs, and the promises that each breaks.
BUGS: Mapping[str, tuple[Bug, str]] = {
    "letters in lower case": (
        told(texts(str.lower)),
        "what_was_sent_comes_back texts_of_an_update_come_back the_location_is_told_as_it_was_named",
    ),
    "other scripts lost": (
        told(texts(lambda text: text.encode("ascii", "ignore").decode())),
        "texts_come_back_as_they_were_written a_character_counts_once",
    ),
    "texts read as numbers": (told(texts(guessed)), "texts_stay_texts"),
    "texts trimmed": (told(texts(str.strip)), "blanks_come_back"),
    "decimals cut": (told(rounded), "numbers_come_back_exactly"),
    "attributes as texts": (told(numbers_as_text), "attributes_keep_their_kinds"),
    "lists sorted": (told(sorted_lists), "lists_keep_their_order_and_repetitions"),
    "provider as a name": (each(provider_text), "a_provider_is_a_name_in_and_an_object_out another_provider_takes_over"),
    "always dispatched": (moved(to="ORDER_DISPATCHED"), "a_tracker_waits_until_it_has_a_provider a_tracker_that_waits_goes_nowhere"),
    "never dispatched": (moved(to="PENDING_DISPATCH"), "provider_and_number_dispatch_a_waiting_tracker nothing_follows_a_last_status"),
    "order called otherwise": (
        always(orderExternalId="x"),
        "the_order_is_called_as_the_tracker a_list_holds_everything_once the_newest_comes_first",
    ),
    "no name of its own": (
        each(lambda tracker: tracker.update(trackerExternalId=tracker["id"][:5])),
        "a_tracker_without_a_name_is_called_by_its_id",
    ),
    "windows without null": (each(short_windows), "half_a_window_is_filled_with_null"),
    "window made up": (always(pickupTime={"startsAt": 0, "endsAt": None}), "no_window_is_as_soon_as_possible a_window_can_be_taken_back"),
    "estimate made up": (always(estimatedPickupTime={"startsAt": 5}), "nothing_is_expected_before_the_provider_spoke"),
    "country left out": (
        each(lambda tracker: tracker["deliveryAddress"].pop("countryCode")),
        "a_country_that_is_not_sent_is_filled_in five_countries_are_served",
    ),
    "packages bare": (
        always(packages=[{}]),
        "what_a_package_lacks_is_filled_in a_package_has_a_thousand_items_at_most an_item_has_twenty_tags_at_most",
    ),
    "always a delivery": (
        always(type="delivery"),
        "what_is_not_sent_is_told_as_nothing each_type_comes_back what_the_customer_collects_needs_no_address",
    ),
    "unknown members repeated": (leaking, "members_that_are_not_documented_are_ignored"),
    "list of another brand": (
        listing(lambda data: [{**one, "brandExternalId": "x"} for one in data]),
        "a_list_tells_what_the_create_answered",
    ),
    "one id for all": (each(first_id), "ids_are_unique"),
    "a new id each time": (each(changing_id), "an_id_never_changes"),
    "no links": (always(referenceLinks={}), "links_follow_the_state"),
    "one page for all groups": (always(referenceLinks={"customerWebflowUrl": "https://x"}), "a_group_has_a_page_of_its_own"),
    "pickup elsewhere": (
        always(pickupAddress={}, pickupInstructions=None),
        "a_location_can_be_made_by_the_call a_location_that_was_made_is_known instructions_go_over_those_of_the_location a_location_has_instructions_of_its_own another_location_takes_over",
    ),
    "one location for all": (always(locationExternalId="x"), "a_location_without_an_id_gets_one"),
    "no warnings": (told(lambda body: {k: v for k, v in body.items() if k != "warnings"}), "a_known_location_goes_over_a_made_one"),
    "update is 200": (status(200, of=201), "an_update_answers_201"),
    "update lost": (
        dropping("orderAttributes", "deliveryInstructions", "orderValue", "deliveryTime"),
        "an_update_changes_what_it_names several_members_change_at_once",
    ),
    "update replaces all": (clearing, "an_update_changes_nothing_else an_update_of_nothing_changes_nothing"),
    "values that count": (
        each(lambda tracker: tracker.update(orderValue=next(NUMBERS))),
        "what_was_created_stays an_update_leaves_other_trackers_alone reading_changes_nothing time_changes_nothing_that_was_sent",
    ),
    "update merged": (merging, "an_update_replaces_a_member_as_a_whole half_a_window_replaces_a_whole_one"),
    "no address": (always(deliveryAddress=None), "the_longest_text_comes_back_whole values_at_the_edge_are_taken"),
    "update counted": (creeping, "the_same_update_twice_is_the_same_as_once a_tracker_answers_to_both_its_names"),
    "everything accepted": (
        accepting,
        (
            " provider_and_number_need_each_other a_new_tracker_has_both_or_neither a_token_that_was_never_given_is_refused"
            " a_window_lasts_thirty_days_at_most a_window_does_not_end_before_it_starts filters_have_limits a_list_is_answered_with_200"
            " a_delivery_needs_an_address what_is_missing_is_400_and_what_is_wrong_422 a_provider_must_be_set_up_letter_by_letter"
            " a_location_must_be_known a_repeated_external_id_is_told_as_such an_unknown_tracker_is_not_made_by_an_update"
            " a_window_ends_after_it_starts null_is_for_a_create_alone a_body_that_is_no_json_is_refused a_longer_text_is_refused"
            " values_beyond_the_edge_are_refused a_sixth_country_is_refused words_are_taken_letter_by_letter an_update_is_laxer_with_a_locale"
            " nobody_gets_in_without_a_token nobody_gets_in_with_a_bad_token a_revoked_credential_is_no_credential a_client_must_be_known"
            " there_is_one_grant a_new_token_revokes_the_old a_refusal_names_every_wrong_member_and_no_other status_and_body_agree"
            " the_gateway_has_an_envelope_of_its_own an_account_changes_its_own a_refused_token_revokes_nothing"
        ),
    ),
    "the unusual refused": (refusing, "an_empty_array_is_an_attribute a_token_is_good_for_calls"),
    "lists doubled": (
        listing(lambda data: [*data, *data]),
        "a_new_tracker_is_in_the_list_without_filters orders_are_found_by_their_ids pages_hold_everything_once",
    ),
    "lists backwards": (listing(lambda data: data[::-1]), "an_update_does_not_move_a_tracker pages_are_in_order"),
    "pages repeated": (repeated_page, "pages_lead_back pages_hold_everything_once"),
    "tokens for nothing": (
        told(lambda body: {**body, "pagination": {"nextToken": "x", "previousToken": None}} if "data" in body else body),
        "a_single_page_leads_nowhere",
    ),
    "group overlooked": (deaf("groupId"), "the_letter_case_of_a_group_matters an_account_lists_its_own"),
    "locations overlooked": (deaf("locationExternalIds"), "orders_are_found_by_their_locations"),
    "statuses overlooked": (deaf("statuses"), "orders_are_found_by_their_statuses"),
    "sources overlooked": (deaf("sourceIds"), "orders_are_found_by_their_sources"),
    "orders overlooked": (deaf("orderExternalIds"), "filters_must_all_hold"),
    "lists empty": (
        listing(lambda _: []),
        "an_empty_filter_filters_nothing an_open_window_ends_now an_update_is_a_change the_list_without_filters_goes_back_one_day",
    ),
    "windows overlooked": (deaf("createdAt", "lastUpdatedAt"), "a_window_of_long_ago_has_nothing_new"),
    "refusals half written": (
        half_written,
        "a_refused_create_leaves_nothing a_refused_create_makes_no_location a_refused_update_changes_nothing",
    ),
    "duplicates written": (overwriting, "an_external_id_is_unique"),
    "no code in a header": (headers(apierrorcode=None), "every_refusal_has_its_headers"),
    "another code in a header": (headers(apierrorcode="X"), "header_and_body_give_the_same_reason"),
    "an id of its own": (headers(transid="abc"), "the_gateway_repeats_the_callers_id"),
    "one error of several": (told(one_error), "a_refusal_names_every_wrong_member_and_no_other"),
    "anybody gets in": (
        as_account(ME, when=lambda header: not header.startswith("Bearer sbx_")),
        "a_create_by_nobody_makes_nothing a_new_token_revokes_the_old",
    ),
    "one account for all": (
        as_account("sbx_all", when=STRANGER),
        "an_account_lists_its_own an_account_changes_its_own names_are_an_accounts_own",
    ),
    "numbers in a token": (in_token(expires_in=14399), "all_of_a_token_is_text"),
    "one token for all": (in_token(access_token="x", issued_at="0"), "tokens_are_issued_in_order"),
    "delivered and back": (each(flickering), "nothing_follows_a_last_status what_is_over_stays_over"),
}


@cache
def breakers() -> dict[str, list[str]]:
    """Tell by promise which bugs break it."""
    found: dict[str, list[str]] = {}
    for bug, (_, promises) in BUGS.items():
        for name in promises.split():
            found.setdefault(name, []).append(bug)
    return found


def pairs() -> Iterator[tuple[str, str]]:
    for name, bugs in breakers().items():
        for bug in bugs:
            yield name, bug


# --- tests -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["sbx_full", "sbx_empty_full"])
def test_the_sandbox_keeps_every_promise(prefix: str, bench: Bench) -> None:
    for number, promise in enumerate(PROMISES.values()):
        promise.check(bench.caller(f"{prefix}{number}"))


def test_the_sandbox_keeps_every_promise_in_one_account_after_the_other(bench: Bench) -> None:
    caller = bench.caller("sbx_busy")
    for promise in PROMISES.values():
        promise.check(caller)


def test_a_client_with_a_secret_keeps_its_promises_too(bench: Bench) -> None:
    caller = bench.caller("sbx_client:secret")
    untold = set()
    for promise in sorted(PROMISES.values(), key=lambda promise: promise.alone):
        try:
            promise.check(caller)
        except CannotTell:
            untold.add(promise.check.__name__)
    of_time = {promise.check.__name__ for promise in journey.PROMISES} - {"what_is_over_stays_over"}
    of_others = {"an_account_lists_its_own", "an_account_changes_its_own", "names_are_an_accounts_own"}
    assert untold == {"a_revoked_credential_is_no_credential", *of_time, *of_others}


def test_without_a_clock_and_a_second_account_nothing_is_accused(bench: Bench) -> None:
    caller = bench.caller("sbx_alone")
    caller.control = None
    for name in ("a_tracker_that_waits_goes_nowhere", "an_update_is_a_change"):
        with pytest.raises(CannotTell):
            PROMISES[name].check(caller)
    caller.text = "sbx_alone:secret"
    with pytest.raises(CannotTell):
        PROMISES["an_account_lists_its_own"].check(caller)


def test_every_promise_has_a_bug_that_breaks_it() -> None:
    assert breakers().keys() == PROMISES.keys()


@pytest.mark.parametrize(("name", "bug"), list(pairs()))
def test_a_bug_breaks_the_promise(name: str, bug: str, bench: Bench) -> None:
    with pytest.raises(Broken) as broken:
        PROMISES[name].check(bench.caller(ME, BUGS[bug][0], prefix=f"B{next(NUMBERS)}"))
    assert str(broken.value)


def test_promises_say_where_they_stand_in_the_document(bench: Bench) -> None:
    for promise in PROMISES.values():
        located(promise, bench)


def located(promise: Promise, bench: Bench) -> None:

    assert at(bench.spec.tree, promise.where) is not None, promise.name
    assert set(promise.operations) <= bench.spec.operations.keys(), promise.name
    assert promise.title.endswith("."), promise.name
    assert promise.source.startswith("https://") != promise.inferred, promise.name


def test_each_promise_is_listed_once() -> None:
    assert len(PROMISES) == len(delivery_solutions.PROMISES)
