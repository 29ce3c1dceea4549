"""Billink through its door. The reference's list of behaviours is the acceptance list: each has a test named after it.

The causes are a table; `server-error` is transient and comes about by `Prefer: example=server-error` alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.exchange import Refusal, Request
from sandbox.providers.billink import CONSTRAINTS, Billink
from sandbox.resources import SPECS
from sandbox.spec import Spec
from sandbox.timeline import Clock

from callers import JSON, Caller, Result, sandbox_app

NEW = {
    "billinkID": "sbx_test",
    "billinkUsername": "usertest",
    "carrierCode": "postnl",
    "invoiceNumber": "INVOICE1234",
    "trackAndTrace": "3SABCD1234567",
}
NOT_BLANK = "c1051bb4-d103-4f74-8988-acbcafc7fdc3"
CHOICE = "8e179f1b-97aa-4560-a02f-2a8b42e49df7"
REGEX = "de1e3db3-5ed4-4941-aae4-59f3667cc3a3"
TYPE = "ba785a8c-82cb-4283-967c-3cf342181b40"
TOO_LONG = "d94b19cc-114f-4f44-9cc4-4138e80a87b9"
LONGEST_FILE = 13_981_016
LARGEST_BODY = 16_777_216
SPEC = Spec.load(SPECS / "billink.yaml")
OPERATION = SPEC.operations["createTracker"]


@pytest.fixture
def billink(clock: Clock) -> Caller:
    return Caller(sandbox_app("billink", clock=clock), "billink", {})


def create(billink: Caller, **members: Any) -> Result:
    return billink.post("/", NEW | members)


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in NEW.items() if key != name}


def violations(result: Result) -> list[tuple[str, str | None]]:
    """Which rule is broken at which path, after a look at what a refusal owes to all of them."""
    assert (result.status, result.body["status"], result.body["title"]) == (422, 422, "An error occurred")
    lines = [f"{v['propertyPath']}: {v['message']}" if v["propertyPath"] else v["message"] for v in result.body["violations"]]
    assert result.body["detail"].split("\n") == lines
    return [(violation["propertyPath"], violation["code"]) for violation in result.body["violations"]]


def example(status: int, name: str) -> Any:
    return OPERATION.responses[status].examples[name]


# --- behaviours of the reference, in its order -----------------------------------------------------------------------------


def test_surprise_1_credentials_travel_in_the_body_missing_is_a_violation_and_wrong_is_denied(billink: Caller) -> None:
    assert create(billink).status == 201
    for name in ("billinkID", "billinkUsername"):
        missing = billink.post("/", without(name), headers={"Authorization": "Bearer sbx_test", "Api-Key": "sbx_test"})
        assert violations(missing) == [(name, NOT_BLANK)]
    wrong = create(billink, billinkID="somebody")
    assert (wrong.status, wrong.cause, wrong.body["detail"]) == (403, "access-denied", "Access Denied.")


def test_surprise_2_the_answer_has_no_envelope_and_two_members_have_other_names(billink: Caller) -> None:
    result = create(billink)
    assert (result.status, result.headers["content-type"]) == (201, "application/json")
    assert result.body == {
        "id": 7301,
        "orderId": 48213,
        "invoiceNumber": NEW["invoiceNumber"],
        "carrier": NEW["carrierCode"],
        "trackingCode": NEW["trackAndTrace"],
        "media": [],
        "createdAt": "2026-03-02T10:00:00+01:00",
        "updatedAt": "2026-03-02T10:00:00+01:00",
    }


def test_surprise_3_all_violations_come_at_once_with_a_message_and_a_line_each(billink: Caller) -> None:
    result = create(billink, billinkUsername="", carrierCode="pigeon", invoiceNumber="INVOICE 1234")
    assert result.body == example(422, "several")
    assert {name for violation in result.body["violations"] for name in violation} == {"propertyPath", "message", "code"}


@pytest.mark.parametrize(
    ("members", "cause"), [({"billinkID": "nobody"}, "access-denied"), ({"invoiceNumber": "FOREIGN-1"}, "foreign-invoice")]
)
def test_surprise_4_a_403_tells_its_trace(billink: Caller, members: dict[str, str], cause: str) -> None:
    result = create(billink, **members)
    assert (result.status, result.cause, result.body) == (403, cause, example(403, cause))
    assert [set(call) for call in result.body["trace"]] == [{"file", "line", "function", "class", "type"}, {"file", "line", "function"}]


def test_surprise_5_id_and_order_id_are_numbers(billink: Caller) -> None:
    body = create(billink).body
    assert [type(body[name]) for name in ("id", "orderId")] == [int, int]


@pytest.mark.parametrize(
    "name",
    [
        "2d4f9c1b7a3e58060fd1b6a4c7e9835f2a10bd64",  # a SHA-1 hash
        "2D4F9C1B7A3E58060FD1B6A4C7E9835F2A10BD64123",  # as long as the printed one
        "not hexadecimal at all, übrigens",
        "1",
        " ",
    ],
)
def test_surprise_6_the_id_is_spelled_exactly_and_may_have_any_form(billink: Caller, clock: Clock, name: str) -> None:
    assert violations(billink.post("/", without("billinkID") | {"billinkId": name})) == [("billinkID", NOT_BLANK)]
    assert create(billink, billinkID=name).status == 403, "an unknown id is denied, not invalid"
    generous = Caller(sandbox_app("billink", clock=clock, any_credentials=True), "billink", {})
    assert create(generous, billinkID=name).status == 201


@pytest.mark.parametrize("members", [{"carrierCode": ""}, {"billinkID": "nobody"}, {"invoiceNumber": "MISSING-1"}])
def test_surprise_7_a_refusal_is_problem_json_whatever_is_asked_for(billink: Caller, members: dict[str, str]) -> None:
    result = billink.post("/", NEW | members, headers={"Accept": "application/json"})
    assert result.headers["content-type"] == "application/problem+json"


def test_surprise_8_media_may_be_absent_empty_or_many(billink: Caller) -> None:
    assert create(billink).body["media"] == []
    assert create(billink, media=[]).body["media"] == []
    files = [{"file": "JVBERi0xLjQK", "fileName": "label.pdf"}, {"file": "iVBORw0KGgo="}, {"file": "AAAA", "fileName": "b.png"}]
    assert create(billink, media=files).body["media"] == [
        {"id": 915, "fileName": "label.pdf"},
        {"id": 916},
        {"id": 917, "fileName": "b.png"},
    ]


def test_surprise_9_nothing_is_ever_sent_to_anybody(billink: Caller, clock: Clock) -> None:
    create(billink, trackAndTrace="SBX-DELIVERED-1")
    clock.fixed += timedelta(days=30)
    assert billink.app.test_client().get("/_sandbox/outbox?workspace=sbx_test").get_json() == {"messages": []}
    assert "webhooks" not in SPEC.tree


# --- credentials -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["somebody", "sbx_", "SBX_test", "sbx_a b", "sbx_" + "x" * 61, "sbx_revoked_1", "sbx_denied_1"])
def test_credentials_that_are_not_good_are_denied_before_the_rest_is_looked_at(billink: Caller, name: str) -> None:
    result = billink.post("/", {"billinkID": name})
    assert (result.status, result.cause, result.body) == (403, "access-denied", example(403, "access-denied"))


@pytest.mark.parametrize("name", ["sbx_1", "sbx_" + "x" * 60, "sbx_readonly_1", "sbx_empty_1"])
def test_any_user_name_goes_with_a_good_id(billink: Caller, name: str) -> None:
    for user in ("usertest", " ", "Ω"):
        assert create(billink, billinkID=name, billinkUsername=user).status == 201


def test_accounts_do_not_see_each_other(billink: Caller) -> None:
    for number in ("A", "B", "C"):
        create(billink, invoiceNumber=number, media=[{"file": "AAAA"}])
    mine = create(billink, invoiceNumber="C").body
    other = create(billink, billinkID="sbx_other", invoiceNumber="C", media=[{"file": "AAAA"}]).body
    assert (mine["id"], mine["orderId"]) == (7304, 48217)
    assert (other["id"], other["orderId"], other["media"]) == (7301, 48215, [{"id": 915}])


# --- trackers and orders -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "answer"), [("full", "created"), ("smallest", "without-files"), ("several-files", None)])
def test_a_printed_request_is_answered_with_its_own_values(billink: Caller, name: str, answer: str | None) -> None:
    sent = OPERATION.body.examples[name]
    result = billink.post("/", sent)
    assert result.status == 201
    assert (result.body["invoiceNumber"], result.body["carrier"], result.body["trackingCode"]) == (
        sent["invoiceNumber"],
        sent["carrierCode"],
        sent["trackAndTrace"],
    )
    assert [file.get("fileName") for file in result.body["media"]] == [file.get("fileName") for file in sent.get("media", [])]
    if answer:
        varies = {"id", "createdAt", "updatedAt"}
        shown = example(201, answer)
        assert {k: v for k, v in result.body.items() if k not in varies} == {k: v for k, v in shown.items() if k not in varies}


def test_an_answer_repeats_exactly_what_was_sent(billink: Caller) -> None:
    code = " Ω\u202e e\u0301 \U0001f469\u200d\U0001f52c O'Brien \u0000 </script> "
    name = " Bön de livraison\u00a0№ 7.PDF"
    body = create(
        billink, trackAndTrace=code, invoiceNumber="-_a0-Z", media=[{"file": "AAAA", "fileName": name, "note": "ignored"}], x=1
    ).body
    assert (body["trackingCode"], body["invoiceNumber"], body["media"]) == (code, "-_a0-Z", [{"id": 915, "fileName": name}])
    assert body.keys() == example(201, "created").keys()


@pytest.mark.parametrize("carrier", SPEC.tree["components"]["schemas"]["CarrierCode"]["enum"])
def test_each_carrier_is_taken(billink: Caller, carrier: str) -> None:
    assert create(billink, carrierCode=carrier).body["carrier"] == carrier


def test_the_same_request_again_adds_another_tracker_to_the_same_order(billink: Caller, clock: Clock) -> None:
    first = create(billink).body
    clock.fixed += timedelta(hours=1)
    second = create(billink).body
    changed = {name for name in first if first[name] != second[name]}
    assert changed == {"id", "createdAt", "updatedAt"}


def test_an_invoice_has_one_order_and_an_order_one_invoice(billink: Caller) -> None:
    numbers = ("INVOICE1234", "KRKND-0001", "NEW-1", "new-1", "NEW_2", "NEW-1", "INVOICE1234")
    assert [create(billink, invoiceNumber=number).body["orderId"] for number in numbers] == [
        48213,
        48214,
        48215,
        48216,
        48217,
        48215,
        48213,
    ]


def test_a_new_order_never_takes_a_number_of_the_scene(clock: Clock, tmp_path: Path) -> None:
    orders = [{"invoiceNumber": f"OWN-{number}", "orderId": number} for number in (48215, 48216, 48218, 2147483647)]
    (tmp_path / "scene.json").write_text(json.dumps({"billink": {"orders": orders}}))
    billink = Caller(sandbox_app("billink", clock=clock, data=tmp_path / "scene.json"), "billink", {})
    numbers = ("A", "B", "OWN-48215", "OWN-2147483647", "INVOICE1234")
    assert [create(billink, invoiceNumber=number).body["orderId"] for number in numbers] == [48217, 48219, 48215, 2147483647, 48220]


def test_an_empty_account_does_not_know_the_scene(billink: Caller) -> None:
    assert create(billink, billinkID="sbx_empty_1").body["orderId"] == 48215


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (datetime(2026, 1, 15, 9, 20, 30, 999_999, tzinfo=UTC), "2026-01-15T10:20:30+01:00"),
        (datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), "2026-03-29T01:59:59+01:00"),
        (datetime(2026, 3, 29, 1, 0, 0, tzinfo=UTC), "2026-03-29T03:00:00+02:00"),
        (datetime(2026, 10, 25, 0, 30, 0, tzinfo=UTC), "2026-10-25T02:30:00+02:00"),
        (datetime(2026, 10, 25, 1, 30, 0, tzinfo=UTC), "2026-10-25T02:30:00+01:00"),
        (datetime(2025, 12, 31, 23, 0, 0, tzinfo=UTC), "2026-01-01T00:00:00+01:00"),
    ],
)
def test_times_are_those_of_amsterdam(billink: Caller, clock: Clock, now: datetime, told: str) -> None:
    clock.fixed = now
    body = create(billink).body
    assert (body["createdAt"], body["updatedAt"]) == (told, told)


def test_what_is_kept_is_what_was_answered_and_never_the_content(billink: Caller) -> None:
    answers = [create(billink, media=[{"file": "U0VDUkVU", "fileName": "label.pdf", "note": "U0VDUkVU"}]).body for _ in range(2)]
    with billink.app.extensions["sandbox"].shared.store.transaction("sbx_test") as transaction:
        kept = [body for _, _, body in transaction.scan("billink.trackers")]
    assert [json.loads(body) for body in kept] == answers
    assert not any(b"U0VDUkVU" in body for body in kept)


def test_the_same_requests_have_the_same_answers(clock: Clock) -> None:
    def run() -> list[bytes]:
        client = sandbox_app("billink", clock=clock).test_client()
        bodies = (NEW, NEW | {"invoiceNumber": "A", "media": [{"file": "AAAA"}]}, NEW | {"carrierCode": ""}, NEW)
        return [client.post("/billink/", json=body).get_data() for body in bodies]

    assert run() == run()


# --- violations ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NEW)
def test_a_required_member_may_not_be_missing_or_blank(billink: Caller, name: str) -> None:
    assert violations(billink.post("/", without(name))) == [(name, NOT_BLANK)]
    blank = violations(create(billink, **{name: ""}))
    assert sorted(blank) == sorted([(name, NOT_BLANK)] + [(name, CHOICE)] * (name == "carrierCode"))


def test_nothing_at_all_is_five_violations(billink: Caller) -> None:
    result = billink.post("/", {})
    assert violations(result) == [(name, NOT_BLANK) for name in NEW]
    assert result.body["type"] == "/validation_errors/" + ";".join(f"{index}={NOT_BLANK}" for index in range(5))


@pytest.mark.parametrize("name", NEW)
@pytest.mark.parametrize(
    ("value", "kind"),
    [(5, "an integer"), (1.5, "a number"), (True, "a boolean"), (None, "null"), ([], "an array"), ({}, "an object")],
)
def test_a_value_of_the_wrong_type_is_one_violation_with_a_hint(billink: Caller, name: str, value: Any, kind: str) -> None:
    result = create(billink, **{name: value})
    assert violations(result) == [(name, TYPE)]
    assert result.body["type"] == f"/validation_errors/{TYPE}"
    assert result.body["violations"][0]["message"] == "This value should be of type string."
    assert result.body["violations"][0]["hint"] == f"{name} must be a string, not {kind}."


def test_a_body_that_is_no_object_is_a_violation_without_a_path(billink: Caller) -> None:
    for body, kind in ((b"[]", "an array"), (b"null", "null"), (b'"text"', "a string")):
        result = billink.post("/", data=body, headers=JSON)
        assert violations(result) == [("", TYPE)]
        assert result.body["detail"] == "This value should be of type object."
        assert result.body["violations"][0]["hint"] == f"The body must be an object, not {kind}."


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("unknown-carrier", {"carrierCode": "pigeon"}),
        ("wrong-type", {"invoiceNumber": 5}),
        ("bad-file", {"media": [{"file": "%", "fileName": "label.exe"}]}),
        ("unknown-invoice", {"invoiceNumber": "MISSING-1"}),
    ],
)
def test_a_refusal_reads_as_the_document_shows_it(billink: Caller, name: str, members: dict[str, Any]) -> None:
    assert create(billink, **members).body == example(422, name)


@pytest.mark.parametrize("number", ["INVOICE 1", "ÄÖ", "1/2", "1.2", "a\n", "\u0661"])
def test_an_invoice_number_has_letters_digits_underscore_and_hyphen(billink: Caller, number: str) -> None:
    assert violations(create(billink, invoiceNumber=number)) == [("invoiceNumber", REGEX)]


@pytest.mark.parametrize("carrier", ["PostNL", "postnl ", "postnl,dhl"])
def test_a_carrier_is_spelled_exactly(billink: Caller, carrier: str) -> None:
    assert violations(create(billink, carrierCode=carrier)) == [("carrierCode", CHOICE)]


@pytest.mark.parametrize("content", ["AA==", "AAA=", "AAAA", "+/+/", "AAAAAA=="])
def test_a_file_in_base64_is_taken(billink: Caller, content: str) -> None:
    assert create(billink, media=[{"file": content}]).status == 201


@pytest.mark.parametrize(
    "content", ["A", "AA", "AAA", "AAAAA", "=", "====", "A===", "AA==AAAA", "AA-_", "AAAA\n", "data:text/plain;base64,AAAA"]
)
def test_a_file_that_is_not_base64_is_refused(billink: Caller, content: str) -> None:
    assert violations(create(billink, media=[{"file": content}])) == [("media[0].file", REGEX)]


@pytest.mark.parametrize("name", ["a.png", "a.PDF", "a.jpg", "a.Jpeg", "a.doc", "a.docx", "a.heic", ".pdf", "a.exe.pdf"])
def test_a_file_name_has_a_known_extension(billink: Caller, name: str) -> None:
    assert create(billink, media=[{"file": "AAAA", "fileName": name}]).body["media"][0]["fileName"] == name


@pytest.mark.parametrize("name", ["", "pdf", "a.exe", "a.pdf.exe", "a.pdf\n", "a.pdfx", "a.gif"])
def test_a_file_name_with_another_extension_is_refused(billink: Caller, name: str) -> None:
    assert violations(create(billink, media=[{"file": "AAAA", "fileName": name}])) == [("media[0].fileName", REGEX)]


def test_each_violation_names_its_file(billink: Caller) -> None:
    files = [{"file": "AAAA"}, 7, {"fileName": "a.exe"}, {"file": ""}, {"file": None, "fileName": 1}] + [{"file": "AAAA"}] * 5 + [{}]
    assert set(violations(create(billink, media=files))) == {
        ("media[1]", TYPE),
        ("media[2].file", NOT_BLANK),
        ("media[2].fileName", REGEX),
        ("media[3].file", NOT_BLANK),
        ("media[4].file", TYPE),
        ("media[4].fileName", TYPE),
        ("media[10].file", NOT_BLANK),
    }
    assert violations(create(billink, media={"file": "AAAA"})) == [("media", TYPE)]
    assert violations(create(billink, media=None)) == [("media", TYPE)]


def test_a_file_may_be_ten_mebibytes_and_no_longer(billink: Caller) -> None:
    assert create(billink, media=[{"file": "A" * LONGEST_FILE}]).status == 201
    result = create(billink, media=[{"file": "A" * (LONGEST_FILE + 4)}])
    assert violations(result) == [("media[0].file", TOO_LONG)]
    assert result.body["violations"][0]["message"] == f"This value is too long. It should have {LONGEST_FILE} characters or less."


def test_a_body_may_be_sixteen_mebibytes_and_no_larger(billink: Caller) -> None:
    body = json.dumps(NEW).encode()
    assert billink.post("/", data=body.ljust(LARGEST_BODY), headers=JSON).status == 201
    assert billink.post("/", data=body.ljust(LARGEST_BODY + 1), headers=JSON).status == 413


def keywords(schema: Any) -> Iterator[str]:
    """Every keyword in a schema of the document and in those it is made of."""
    if "$ref" in schema:
        schema = SPEC.tree["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    yield from schema
    for inner in (*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])):
        yield from keywords(inner)


def test_every_rule_of_the_document_has_its_constraint() -> None:
    silent = {"properties", "items", "description", "examples", "contentEncoding", "x-inferred"}
    assert set(keywords({"$ref": "#/components/schemas/NewTracker"})) - silent == CONSTRAINTS.keys()


# --- causes --------------------------------------------------------------------------------------------------------------------

CAUSES: dict[str, tuple[int, dict[str, Any]]] = {
    "access-denied": (403, {"json": NEW | {"billinkID": "nobody"}}),
    "malformed": (400, {"data": b'{"billinkID": ', "headers": JSON}),
    "media-type": (415, {"data": json.dumps(NEW), "headers": {"Content-Type": "text/plain"}}),
    "too-large": (413, {"data": b" " * (LARGEST_BODY + 1), "headers": JSON}),
    "invalid": (422, {"json": NEW | {"carrierCode": "pigeon"}}),
    "unknown-path": (404, {"path": "/v2/client/order/tracker", "json": NEW}),
    "wrong-method": (405, {"method": "PUT", "json": NEW}),
    "unknown-invoice": (422, {"json": NEW | {"invoiceNumber": "MISSING-"}}),
    "foreign-invoice": (403, {"json": NEW | {"invoiceNumber": "FOREIGN-"}}),
}


def test_every_cause_is_brought_about() -> None:
    assert SPEC.causes.keys() | OPERATION.causes.keys() == CAUSES.keys() | {"server-error"}


@pytest.mark.parametrize("cause", CAUSES)
def test_a_cause_has_its_status_and_changes_nothing(billink: Caller, cause: str) -> None:
    status, options = CAUSES[cause]
    request = {"method": "POST", "path": "/"} | options
    for _ in range(2):
        result = billink.send(**request)
        assert (result.status, result.cause, result.body["status"]) == (status, cause, status)
        assert result.headers["content-type"] == "application/problem+json"
        assert result.body["type"] in (
            f"/errors/{status}",
            f"/validation_errors/{CHOICE}",
            "/validation_errors/0000000000000a3f0000000000000000",
        )
    after = create(billink, invoiceNumber="NEW-1", media=[{"file": "AAAA"}]).body
    assert (after["id"], after["orderId"], after["media"][0]["id"]) == (7301, 48215, 915)


@pytest.mark.parametrize(("cause", "shown"), [("invalid", "several"), ("media-type", "media-type")])
def test_a_cause_without_a_problem_is_told_as_the_document_shows_it(cause: str, shown: str) -> None:
    row = SPEC.causes[cause]
    reply = Billink().refuse(Refusal(row, Request("POST", "/"), example(row.status, shown)))
    assert (reply.status, reply.body) == (row.status, example(row.status, shown))


def test_a_failure_of_the_service_is_shown_on_request(billink: Caller) -> None:
    result = billink.post("/", NEW, headers={"Prefer": "example=server-error"})
    assert (result.status, result.body) == (500, example(500, "server-error"))
    assert create(billink).body["id"] == 7301


@pytest.mark.parametrize("number", ["MISSING", "missing-1", "XMISSING-1", "FOREIGN", "Foreign-1", "-FOREIGN-"])
def test_only_the_exact_beginning_makes_an_invoice_missing_or_foreign(billink: Caller, number: str) -> None:
    assert create(billink, invoiceNumber=number).status == 201


def test_a_missing_invoice_is_told_after_all_violations(billink: Caller) -> None:
    assert violations(create(billink, invoiceNumber="MISSING-1", carrierCode="pigeon")) == [("carrierCode", CHOICE)]
    assert violations(create(billink, invoiceNumber="MISSING-1")) == [("invoiceNumber", None)]


@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        ({"Content-Type": "text/plain"}, "The content-type must be application/json."),
        ({}, "The content-type must be application/json."),
        (JSON | {"Content-Encoding": "gzip"}, "The content-encoding is not supported; send the body as it is."),
    ],
)
def test_a_body_of_another_kind_is_told_what_is_wrong_with_it(billink: Caller, headers: dict[str, str], detail: str) -> None:
    result = billink.post("/", data=json.dumps(NEW), headers=headers)
    assert (result.status, result.body["type"], result.body["detail"]) == (415, "/errors/415", detail)


@pytest.mark.parametrize("body", [b"", b"{", b'{"billinkID":"a","billinkID":"b"}', b'{"x":NaN}', b"\xff\xfe{\0}\0", b"[" * 1000])
def test_what_is_not_json_is_a_syntax_error(billink: Caller, body: bytes) -> None:
    result = billink.post("/", data=body, headers=JSON)
    assert (result.status, result.cause, result.body) == (400, "malformed", example(400, "malformed"))


def test_another_method_is_told_which_one_is_right(billink: Caller) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS"):
        result = billink.send(method, "/")
        assert (result.status, result.headers["allow"], result.body["detail"]) == (405, "POST", "Method Not Allowed (Allow: POST)")
