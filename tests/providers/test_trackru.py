"""Trackru through its door. The reference's list of surprises is the acceptance list: each has a test named after it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sandbox.providers.trackru import WORDS
from sandbox.timeline import Clock, Milestone

from callers import Caller, Result, sandbox_app

NEW = {"tracking_number": "RP893531375SG", "carrier_code": "singapore-post"}
PATH = "/v1/trackings/singapore-post/RP893531375SG"
SUCCESS = {"code": 200, "type": "Success", "message": "Success"}


@pytest.fixture
def trackru(clock: Clock) -> Caller:
    return Caller(sandbox_app("trackru", clock=clock), "trackru", {"Api-Key": "sbx_empty_test"})


@pytest.fixture
def demo(trackru: Caller) -> Caller:
    """An account that finds the scene."""
    return Caller(trackru.app, "trackru", {"Api-Key": "sbx_demo"})


def create(trackru: Caller, **members: Any) -> Result:
    return trackru.post("/v1/trackings/post", NEW | members)


def code(result: Result) -> int:
    return result.body["meta"]["code"]


# --- surprises of the reference, in its order ----------------------------------------------------------------------------


def test_surprise_1_http_200_with_a_failing_meta_code(trackru: Caller) -> None:
    result = trackru.get("/v1/trackings/sto/nothing")
    assert (result.status, code(result), result.body["data"]) == (200, 4017, [])


def test_surprise_2_an_empty_list_is_4031(trackru: Caller) -> None:
    result = trackru.get("/v1/trackings/get")
    assert (result.status, code(result), result.body["data"]) == (200, 4031, [])


def test_surprise_3_total_is_a_string_beside_integers(trackru: Caller) -> None:
    create(trackru)
    page = trackru.get("/v1/trackings/get").body["data"]
    assert (page["page"], page["limit"], page["total"], page["count"]) == (1, 100, "1", 1)


def test_surprise_4_archived_and_status_change_their_types_from_place_to_place(trackru: Caller) -> None:
    create(trackru)
    answer = trackru.put(PATH, {"archived": "true", "status": 7}).body["data"]
    assert (answer["archived"], answer["status"]) == ("true", "7")
    read = trackru.get(PATH).body["data"][0]
    assert (read["archived"], read["status"]) == (True, "exception")


def test_surprise_5_create_returns_an_object_read_an_array_of_one_and_realtime_items(trackru: Caller) -> None:
    created = create(trackru).body["data"]
    assert created["tracking_number"] == "RP893531375SG"
    read = trackru.get(PATH).body["data"]
    assert [item["id"] for item in read] == [created["id"]]
    found = trackru.post("/v1/trackings/realtime", NEW).body["data"]
    assert list(found) == ["items"]
    assert len(found["items"]) == 1


def test_surprise_6_trackinfo_is_null_and_unset_is_now_empty_and_now_null(trackru: Caller) -> None:
    create(trackru)
    read = trackru.get(PATH).body["data"][0]
    assert read["origin_info"]["trackinfo"] is None
    assert (read["title"], read["customer_email"], read["lastEvent"]) == ("", "", "")
    assert (read["order_id"], read["comment"], read["customer_name"], read["order_create_time"]) == (None,) * 4
    assert read["singed_by"] == ""
    assert read["origin_info"]["DepartfromAirport"] is None


def test_surprise_7_a_batch_succeeds_with_an_error_for_each_bad_element(trackru: Caller) -> None:
    create(trackru)
    elements = [
        {"tracking_number": "AAAAA", "carrier_code": "sto", "title": "one"},
        NEW,
        {"tracking_number": "abc", "carrier_code": "sto"},
        {"tracking_number": "BBBBB", "carrier_code": "nobody"},
        {"carrier_code": "sto"},
        {"tracking_number": "AAAAA", "carrier_code": "sto"},
        {},
    ]
    result = trackru.post("/v1/trackings/batch", elements)
    data = result.body["data"]
    assert result.body["meta"] == SUCCESS
    assert (data["submitted"], data["added"]) == (7, 1)
    assert [(t["tracking_number"], t["title"]) for t in data["trackings"]] == [("AAAAA", "one")]
    assert [(e["tracking_number"], e["carrier_code"], e["code"]) for e in data["errors"]] == [
        ("RP893531375SG", "singapore-post", 4016),
        ("abc", "sto", 4014),
        ("BBBBB", "nobody", 4015),
        (None, "sto", 4013),
        ("AAAAA", "sto", 4016),
        (None, None, 4013),
    ]


@pytest.mark.parametrize(("overrule", "word"), [(4, "delivered"), (7, "exception"), ("7", "exception")])
def test_surprise_8_status_8_undoes_a_manual_override(trackru: Caller, clock: Clock, overrule: int | str, word: str) -> None:
    create(trackru)
    clock.fixed += timedelta(hours=15)
    before = trackru.get(PATH).body["data"][0]
    assert trackru.put(PATH, {"status": overrule}).body["data"]["status"] == str(overrule)
    assert trackru.get(PATH).body["data"][0]["status"] == word
    assert trackru.put(PATH, {"status": 8}).body["data"]["status"] == "3"
    after = trackru.get(PATH).body["data"][0]
    assert (before["status"], after["status"], after["substatus"]) == ("transit", "transit", before["substatus"])


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_surprise_9_an_empty_put_body_is_fine_and_changes_nothing(trackru: Caller, clock: Clock, body: bytes) -> None:
    create(trackru, title="as it was")
    before = trackru.get(PATH).body
    clock.fixed += timedelta(seconds=30)
    result = trackru.put(PATH, data=body, headers={"Content-Type": "application/json"} if body else {})
    assert (code(result), result.body["data"]["title"]) == (200, "as it was")
    assert trackru.get(PATH).body == before


def test_surprise_10_the_list_also_arrives_as_post_with_json(trackru: Caller) -> None:
    for number in ("AAAAA", "BBBBB", "CCCCC"):
        create(trackru, tracking_number=number)
    by_post = trackru.post("/v1/trackings/get", {"page": 1, "limit": 2}).body
    assert by_post == trackru.get("/v1/trackings/get?page=1&limit=2").body
    assert [item["tracking_number"] for item in by_post["data"]["items"]] == ["CCCCC", "BBBBB"]
    assert trackru.post("/v1/trackings/get", {"page": 1.0, "limit": 2.0}).body == by_post
    assert trackru.send("POST", "/v1/trackings/get").body == trackru.get("/v1/trackings/get").body


def test_surprise_11_times_come_in_four_forms(trackru: Caller, clock: Clock) -> None:
    created = create(trackru, order_create_time="2017/8/27 16:51").body["data"]
    assert created["created_at"] == "2026-03-02T17:00:00+08:00"
    assert created["order_create_time"] == "2017/8/27 16:51"
    clock.fixed += timedelta(hours=5)
    scan = trackru.get(PATH).body["data"][0]["origin_info"]["trackinfo"][0]
    assert scan["Date"] == "2026-03-02 14:00"
    second = int((clock.fixed - timedelta(hours=5)).timestamp())
    assert code(trackru.get(f"/v1/trackings/get?created_at_min={second}&created_at_max={second}")) == 200
    assert code(trackru.get(f"/v1/trackings/get?created_at_min={second + 1}")) == 4031
    assert code(trackru.get(f"/v1/trackings/get?created_at_max={second - 1}")) == 4031


def test_surprise_12_too_many_requests_asks_for_two_minutes(trackru: Caller) -> None:
    result = trackru.get("/v1/trackings/get", headers={"Prefer": "example=too-many-requests"})
    assert code(result) == 429
    assert "two minutes" in result.body["meta"]["message"]


# --- credentials -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["Api-Key", "Tracktry-Api-Key", "Trackingmore-Api-Key", "Tracking-Api-Key"])
def test_each_key_header_of_the_family_opens_the_same_world(trackru: Caller, header: str) -> None:
    create(trackru)
    other = Caller(trackru.app, "trackru", {header: "sbx_empty_test"})
    assert code(other.get(PATH)) == 200


@pytest.mark.parametrize(
    ("headers", "expected", "cause"),
    [
        ({}, 4001, "bad-key"),
        ({"Api-Key": ""}, 4001, "bad-key"),
        ({"Api-Key": "nonsense"}, 4001, "bad-key"),
        ({"Api-Key": "sbx_"}, 4001, "bad-key"),
        ({"Api-Key": "sbx_" + "x" * 61}, 4001, "bad-key"),
        ({"Api-Key": "sbx_revoked_1"}, 4002, "key-deleted"),
        ({"Api-Key": "sbx_denied_1"}, 403, "forbidden"),
    ],
)
def test_a_key_that_is_not_good_is_refused_with_http_200(trackru: Caller, headers: dict[str, str], expected: int, cause: str) -> None:
    result = Caller(trackru.app, "trackru", headers).get("/v1/trackings/get")
    assert (result.status, code(result), result.cause) == (200, expected, cause)


def test_accounts_do_not_see_each_other(trackru: Caller) -> None:
    create(trackru)
    other = Caller(trackru.app, "trackru", {"Api-Key": "sbx_empty_other"})
    assert code(other.get(PATH)) == 4017
    assert code(create(other)) == 200


@pytest.mark.parametrize("path", [PATH, PATH.replace("/v1/", "/v2/")])
def test_the_second_generation_has_the_same_handlers(trackru: Caller, path: str) -> None:
    assert code(trackru.post("/v2/trackings/post", NEW)) == 200
    assert code(trackru.get(path)) == 200


# --- create ------------------------------------------------------------------------------------------------------------------


def test_a_create_repeats_exactly_what_was_sent_but_the_language(trackru: Caller) -> None:
    sent = {
        "destination_code": "CN",
        "title": " Ω\u202e e\u0301 \U0001f469\u200d\U0001f52c O'Brien ",
        "logistics_channel": "4PX挂号小包",
        "customer_name": "Null",
        "customer_email": "[email protected]",
        "customer_phone": "+86123456789",
        "order_id": "007.10",
        "order_create_time": "2017/8/27 16:51",
        "tracking_ship_date": "20181001",
        "auto_correct": 1,
        "comment": "",
    }
    data = create(trackru, lang="en", **sent).body["data"]
    assert data == NEW | sent | {"id": data["id"], "status": "pending", "created_at": "2026-03-02T17:00:00+08:00"}
    assert create(trackru, tracking_number="XXXXX").body["data"].keys() == {"id", "tracking_number", "carrier_code", "status", "created_at"}


def test_the_same_number_of_the_same_carrier_exists_once_in_any_letter_case(trackru: Caller) -> None:
    create(trackru)
    assert code(create(trackru, tracking_number="rp893531375sg")) == 4016
    assert code(create(trackru, carrier_code="sto")) == 200
    assert trackru.get(PATH.lower()).body["data"][0]["tracking_number"] == "RP893531375SG"


@pytest.mark.parametrize(
    ("body", "expected", "cause"),
    [
        ({"carrier_code": "sto"}, 4013, "missing-number"),
        ({"tracking_number": "1234", "carrier_code": "sto"}, 4014, "bad-number"),
        ({"tracking_number": "12 345", "carrier_code": "sto"}, 4014, "bad-number"),
        ({"tracking_number": 12345, "carrier_code": "sto"}, 4014, "bad-number"),
        ({"tracking_number": "12345"}, 4012, "missing-carrier"),
        ({"tracking_number": "12345", "carrier_code": ""}, 4015, "bad-carrier"),
        ({"tracking_number": "12345", "carrier_code": "nobody"}, 4015, "bad-carrier"),
        ({"tracking_number": "12345", "carrier_code": "sto", "title": 5}, 4012, "invalid"),
        ({"tracking_number": "12345", "carrier_code": "sto", "destination_code": "DEU"}, 4012, "invalid"),
        ({"tracking_number": "12345", "carrier_code": "sto", "auto_correct": 2}, 4012, "invalid"),
        ([], 4012, "invalid"),
    ],
)
def test_a_create_that_is_wrong_says_so_by_its_code(trackru: Caller, body: Any, expected: int, cause: str) -> None:
    result = trackru.post("/v1/trackings/post", body)
    assert (result.status, code(result), result.cause) == (200, expected, cause)
    assert code(trackru.get("/v1/trackings/get")) == 4031, "a refused create changed something"


def test_a_refusal_names_what_is_wrong(trackru: Caller) -> None:
    message = create(trackru, title=5).body["meta"]["message"]
    assert message == "title must be of type string."


@pytest.mark.parametrize(("count", "expected"), [(40, 200), (41, 4020), (0, 4012)])
def test_a_batch_takes_forty(trackru: Caller, count: int, expected: int) -> None:
    result = trackru.post("/v1/trackings/batch", [{"tracking_number": f"N{n:05}", "carrier_code": "sto"} for n in range(count)])
    assert code(result) == expected
    assert code(trackru.get("/v1/trackings/get")) == (200 if expected == 200 else 4031)


# --- read, update, delete ----------------------------------------------------------------------------------------------------


def test_the_printed_update_answers_with_its_own_values(demo: Caller) -> None:
    sent = {
        "title": "new title",
        "logistics_channel": "4PX挂号小包",
        "customer_name": "sandy",
        "customer_email": "[email protected]",
        "customer_phone": "+86123456789",
        "order_id": "986574521568",
        "destination_code": "CN",
        "archived": "true",
        "status": 7,
    }
    result = demo.put("/v1/trackings/sto/402934299065", sent)
    assert result.body == {
        "meta": SUCCESS,
        "data": {
            **sent,
            "id": "3d300c6f34a6a9711166cc44e4cc096a",
            "tracking_number": "402934299065",
            "carrier_code": "sto",
            "created_at": "2018-04-18T14:34:30+08:00",
            "updated_at": "2026-03-02T17:00:00+08:00",
            "status": "7",
        },
    }


def test_an_update_changes_what_it_names_and_nothing_else(trackru: Caller, clock: Clock) -> None:
    create(trackru, title="old", order_id="1", comment="stays")
    before = trackru.get(PATH).body["data"][0]
    clock.fixed += timedelta(seconds=10)
    trackru.put(PATH, {"title": "new", "unknown": "ignored"})
    after = trackru.get(PATH).body["data"][0]
    changed = {key for key in after if after[key] != before[key]}
    assert changed == {"title", "updated_at"}
    assert after["updated_at"] == "2026-03-02T17:00:10+08:00"


@pytest.mark.parametrize(
    ("body", "expected"),
    [({"status": 5}, 4033), ({"status": "9"}, 4033), ({"status": None}, 4033), ({"title": 1}, 4012), ({"archived": True}, 4012)],
)
def test_a_wrong_update_is_refused_and_changes_nothing(trackru: Caller, body: dict[str, Any], expected: int) -> None:
    create(trackru)
    before = trackru.get(PATH).body
    assert code(trackru.put(PATH, body | {"order_id": "other"})) == expected
    assert trackru.get(PATH).body == before


def test_another_text_in_archived_changes_nothing(trackru: Caller) -> None:
    create(trackru)
    assert trackru.put(PATH, {"archived": "true"}).body["data"]["archived"] == "true"
    assert trackru.put(PATH, {"archived": "maybe"}).body["data"]["archived"] == "true"
    assert trackru.put(PATH, {"archived": "false"}).body["data"]["archived"] == "false"


def test_a_deleted_tracking_is_gone_and_can_be_created_again(trackru: Caller) -> None:
    first = create(trackru).body["data"]["id"]
    assert trackru.delete(PATH).body == {"meta": SUCCESS, "data": []}
    for result in (trackru.get(PATH), trackru.put(PATH, {}), trackru.delete(PATH)):
        assert code(result) == 4017
    assert create(trackru).body["data"]["id"] != first


# --- lists -------------------------------------------------------------------------------------------------------------------


def numbers(result: Result) -> list[str]:
    return [item["tracking_number"] for item in result.body["data"]["items"]] if code(result) == 200 else []


def test_pages_hold_everything_once_newest_first(trackru: Caller) -> None:
    made = [f"N{n:05}" for n in range(7)]
    for number in made:
        create(trackru, tracking_number=number)
    pages = [trackru.get(f"/v1/trackings/get?page={page}&limit=3") for page in (1, 2, 3, 4)]
    assert [number for page in pages for number in numbers(page)] == made[::-1]
    assert [code(page) for page in pages] == [200, 200, 200, 4031]
    assert {page.body["data"]["total"] for page in pages[:3]} == {"7"}
    assert trackru.get("/v1/trackings/get?limit=5000").body["data"]["limit"] == 2000


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=pending", ["BBBBB", "AAAAA"]),
        ("status=delivered", ["DDDDD"]),
        ("archived=true", ["AAAAA"]),
        ("archived=false", ["DDDDD", "BBBBB"]),
        ("archived=whatever", ["DDDDD", "BBBBB", "AAAAA"]),
        ("numbers=aaaaa,DDDDD,ZZZZZ", ["DDDDD", "AAAAA"]),
        ("numbers=", ["DDDDD", "BBBBB", "AAAAA"]),
        ("orders=o-1", ["BBBBB"]),
        ("order_created_time_min=1503852660&order_created_time_max=1503852660", ["AAAAA"]),
        ("order_created_time_max=1503852659", []),
        ("update_time_min=1772442000", ["DDDDD", "BBBBB", "AAAAA"]),
        ("update_time_min=1772442001", []),
        ("update_time_max=1772442000&status=delivered", ["DDDDD"]),
        ("lang=en", ["DDDDD", "BBBBB", "AAAAA"]),
    ],
)
def test_each_filter_filters(trackru: Caller, query: str, expected: list[str]) -> None:
    create(trackru, tracking_number="AAAAA", order_create_time="2017/8/27 16:51")
    create(trackru, tracking_number="BBBBB", order_id="O-1")
    create(trackru, tracking_number="DDDDD")
    trackru.put("/v1/trackings/singapore-post/AAAAA", {"archived": "true"})
    trackru.put("/v1/trackings/singapore-post/DDDDD", {"status": 4})
    assert numbers(trackru.get(f"/v1/trackings/get?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=lost", 4033),
        ("page=0", 4012),
        ("page=x", 4012),
        ("limit=1.0", 4012),
        ("created_at_min=-1", 4012),
        ("numbers=" + ",".join("n" * 41), 4020),
        ("orders=" + ",".join("n" * 41), 4020),
        ("lang=english", 4012),
        ("title=%00&page=%00", 4012),
        ("page=%ff", 4012),
    ],
)
def test_a_filter_that_is_no_filter_is_refused(demo: Caller, query: str, expected: int) -> None:
    assert code(demo.get(f"/v1/trackings/get?{query}")) == expected


# --- realtime, carriers --------------------------------------------------------------------------------------------------------


def test_realtime_tells_the_same_story_and_keeps_nothing(trackru: Caller, clock: Clock) -> None:
    empty = dict.fromkeys(
        (
            "destination_code",
            "tracking_ship_date",
            "tracking_postal_code",
            "specialNumberDestination",
            "order",
            "order_create_time",
            "lang",
        ),
        "",
    )
    first = trackru.post("/v1/trackings/realtime", NEW | empty).body["data"]["items"][0]
    assert code(trackru.get(PATH)) == 4017
    clock.fixed += timedelta(hours=10)
    later = trackru.post("/v1/trackings/realtime", NEW).body["data"]["items"][0]
    create(trackru)
    read = trackru.get(PATH).body["data"][0]
    assert (first["status"], later["status"]) == ("pending", "transit")
    assert read["origin_info"]["trackinfo"] == later["origin_info"]["trackinfo"]


@pytest.mark.parametrize("path", ["/v1/carriers", "/v1/carriers/", "/v2/carriers", "/v2/carriers/"])
def test_carriers_are_listed_with_and_without_a_slash(trackru: Caller, path: str) -> None:
    data = trackru.get(path).body["data"]
    assert {"sto", "singapore-post", "postnl"} <= {carrier["code"] for carrier in data}


@pytest.mark.parametrize(
    ("number", "carrier"), [("RN123456789CN", "china-post"), ("rp893531375sg", "singapore-post"), ("3SABCD1234567", "postnl")]
)
def test_a_number_is_recognised(trackru: Caller, number: str, carrier: str) -> None:
    assert trackru.post("/v1/carriers/detect", {"tracking_number": number}).body["data"][0]["code"] == carrier


@pytest.mark.parametrize(("body", "expected"), [({"tracking_number": "?????"}, 4014), ({"tracking_number": "ABCDE"}, 4032), ({}, 4013)])
def test_a_number_that_nobody_knows_is_refused(trackru: Caller, body: dict[str, str], expected: int) -> None:
    assert code(trackru.post("/v1/carriers/detect", body)) == expected


# --- journeys ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "days", "status", "substatus"),
    [
        ("SBX-STANDARD-1", 0, "pending", None),
        ("SBX-STANDARD-1", 1, "transit", "transit001"),
        ("SBX-STANDARD-1", 3, "delivered", "delivered001"),
        ("SBX-DELIVERED-1", 0, "delivered", "delivered001"),
        ("SBX-CUSTOMS-1", 4, "exception", "exception006"),
        ("SBX-PICKUP-1", 1.5, "pickup", "pickup001"),
        ("SBX-ATTEMPT-1", 1.5, "undelivered", "undelivered001"),
        ("SBX-RETURNED-1", 7, "exception", "exception005"),
        ("SBX-LOST-1", 9, "exception", "exception007"),
        ("SBX-DAMAGED-1", 1, "exception", "exception007"),
        ("SBX-SILENCE-1", 31, "expired", "exception002"),
        ("sbx-express-1", 0.5, "delivered", "delivered001"),
        ("SBX-NOSUCHTHING-1", 3, "delivered", "delivered001"),
    ],
)
def test_the_number_chooses_the_journey(
    trackru: Caller, clock: Clock, number: str, days: float, status: str, substatus: str | None
) -> None:
    create(trackru, tracking_number=number)
    clock.fixed += timedelta(days=days)
    read = trackru.get(f"/v1/trackings/singapore-post/{number}").body["data"][0]
    assert (read["status"], read["substatus"]) == (status, substatus)


def test_checkpoints_are_newest_first_and_name_their_milestones(trackru: Caller, clock: Clock) -> None:
    create(trackru, tracking_number="SBX-CUSTOMS-1")
    clock.fixed += timedelta(days=10)
    read = trackru.get("/v1/trackings/singapore-post/SBX-CUSTOMS-1").body["data"][0]
    info = read["origin_info"]
    dates = [scan["Date"] for scan in info["trackinfo"]]
    assert dates == sorted(dates, reverse=True)
    assert read["lastUpdateTime"] == dates[0]
    assert read["lastEvent"] == f"Delivered,Hamburg,{dates[0]}"
    assert [info[node] for node in ("ItemReceived", "DepartfromAirport", "ArrivalfromAbroad", "CustomsClearance")] == [
        "2026-03-02 22:00",
        "2026-03-03 23:00",
        "2026-03-05 10:00",
        "2026-03-05 12:00",
    ]
    assert (read["original_country"], read["destination_country"], read["itemTimeLength"], read["stayTimeLength"]) == (
        "China",
        "Germany",
        6,
        3,
    )


def test_every_milestone_has_its_word() -> None:
    assert WORDS.keys() == set(Milestone)


def test_a_fresh_account_finds_the_scene_and_an_empty_one_nothing(demo: Caller, trackru: Caller) -> None:
    assert numbers(demo.get("/v1/trackings/get")) == ["RN123456789CN", "402934299065"]
    assert demo.get("/v1/trackings/china-post/RN123456789CN").body["data"][0]["status"] == "transit"
    assert code(trackru.get("/v1/trackings/get")) == 4031


def test_deleting_from_the_scene_touches_one_account_only(demo: Caller) -> None:
    demo.delete("/v1/trackings/sto/402934299065")
    assert numbers(demo.get("/v1/trackings/get")) == ["RN123456789CN"]
    other = Caller(demo.app, "trackru", {"Api-Key": "sbx_other"})
    assert len(numbers(other.get("/v1/trackings/get"))) == 2


def test_the_customer_is_told_by_email_and_text_message(trackru: Caller, clock: Clock) -> None:
    create(trackru, customer_email="ivy@example.com", customer_phone="+491700000000")
    clock.fixed += timedelta(hours=5)
    messages = trackru.app.test_client().get("/_sandbox/outbox?workspace=sbx_empty_test").get_json()["messages"]
    assert [(m["channel"], m["to"], m["about"], m["text"]) for m in messages] == [
        ("email", "ivy@example.com", "RP893531375SG", "Handed over to the carrier: Leipzig"),
        ("sms", "+491700000000", "RP893531375SG", "Handed over to the carrier: Leipzig"),
    ]
