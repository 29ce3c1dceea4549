"""Billink, wrong in one way at a time."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from contracts.caller import Caller
from sandbox.exchange import Call, Reply, Request
from sandbox.security import any_account

from .making import GONE, Asked, Difference, Faulty, Send, Told, between, body, edited, instead, page_of_html, sent, telling

NEW = {"carrierCode": "postnl", "invoiceNumber": "FAULT-1", "trackAndTrace": "3SABCD1234567"}
FILE = {"file": "JVBERi0xLjQK", "fileName": "label.pdf"}
OTHER = {"file": "iVBORw0KGgo=", "fileName": "Proof of shipment.PNG"}
CREATE = "createTracker"
SCHEMAS = "/components/schemas"

Usual = Callable[[Call], Reply]


def creates(**members: Any) -> Callable[[Caller], object]:
    """Create one with these members."""
    return lambda c: c.call(CREATE, {**NEW, **members})


def creates_without(*names: str) -> Callable[[Caller], object]:
    """Create one without some members."""
    return lambda c: c.call(CREATE, {name: value for name, value in NEW.items() if name not in names})


def twice(c: Caller) -> object:
    """Create the same one twice."""
    return c.call(CREATE, NEW), c.call(CREATE, NEW)


def _raw(c: Caller, raw: bytes, **headers: str) -> object:
    operation = c.spec.operations[CREATE]
    return c.send(operation, Request("POST", "/", "", {"content-type": "application/json", **headers}, raw, c.target.url))


# --- what is accepted --------------------------------------------------------------------------------------------------------------


def _lower_carrier(value: Any) -> None:
    if isinstance(value, dict) and isinstance(value.get("carrierCode"), str):
        value["carrierCode"] = value["carrierCode"].lower()


def _other_spelling(value: Any) -> None:
    if isinstance(value, dict) and "billinkId" in value:
        value.setdefault("billinkID", value.pop("billinkId"))


def _any_user(value: Any) -> None:
    if isinstance(value, dict):
        value.setdefault("billinkUsername", "anybody")


def _any_invoice(value: Any) -> None:
    if isinstance(value, dict) and isinstance(value.get("invoiceNumber"), str):
        value["invoiceNumber"] = value["invoiceNumber"].replace("MISSING-", "NEW-")


def _strict_files(asked: Asked, send: Send) -> Told:
    value = asked.json
    if isinstance(value, dict) and any(isinstance(file, dict) and file.keys() - FILE.keys() for file in value.get("media") or ()):
        value["media"] = "extra members"
        asked.json = value
    return send(asked)


def _one_megabyte(asked: Asked, send: Send) -> Told:
    return page_of_html(413) if len(asked.body) > 1_000_000 else send(asked)


def _no_astral(asked: Asked, send: Send) -> Told:
    return page_of_html(500) if re.search(r"[\U00010000-\U0010ffff]", str(asked.json)) else send(asked)


def _no_json(asked: Asked, send: Send) -> Told:
    told = send(asked)
    return page_of_html(500) if told.status == 400 else told


# --- what is answered -----------------------------------------------------------------------------------------------------------------


def _created(change: Callable[[Any, Any], object]) -> Difference:
    """Change the answer of a create in place; `change` also sees what was sent."""

    def handler(asked: Asked, send: Send) -> Told:
        given, told = asked.json, send(asked)
        if told.status == 201:
            value = told.json
            change(value, given)
            told.json = value
        return told

    return between(lambda: handler)


def _status(old: int, new: int) -> Callable[[Told], None]:
    def change(told: Told) -> None:
        if told.status == old:
            told.status = new
            told.json = told.json | {"status": new}

    return change


def _plain_json(told: Told) -> None:
    if told.status != 201:
        told.headers["content-type"] = "application/json"


def _first_only(value: Any) -> None:
    if len(value.get("violations", ())) > 1:
        value["violations"] = value["violations"][:1]


def _other_place(value: Any) -> None:
    for violation in value.get("violations", ()):
        violation["propertyPath"] = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", violation["propertyPath"]).lower()


def _innocent_too(value: Any) -> None:
    if value.get("violations") and not any(violation["propertyPath"] == "carrierCode" for violation in value["violations"]):
        value["violations"].append({"propertyPath": "carrierCode", "message": "This value is not valid.", "code": None})


def _without_detail(value: Any) -> None:
    if "violations" in value:
        del value["detail"]


def _known_tracker(call: Call, usual: Usual, _: Any) -> Reply:
    key = f"{call.body['invoiceNumber']} {call.body['trackAndTrace']}"
    if (known := call.world.get("same", key)) is not None:
        return Reply(201, known)
    reply = usual(call)
    call.world.put("same", key, reply.body)
    return reply


def _new_order(value: Any, _: Any) -> None:
    value["orderId"] = 100_000 + value["id"]


def _with_content(value: Any, given: Any) -> None:
    for stored, file in zip(value["media"], given.get("media", ()), strict=True):
        stored["file"] = file["file"]


def _one_file(value: Any, _: Any) -> None:
    value["media"] = value["media"][:1]


def _lower_names(value: Any, _: Any) -> None:
    for stored in value["media"]:
        if "fileName" in stored:
            stored["fileName"] = stored["fileName"].lower()


def _trimmed(value: Any, _: Any) -> None:
    value["trackingCode"] = value["trackingCode"].strip()


def _naive(value: Any, _: Any) -> None:
    for name in ("createdAt", "updatedAt"):
        value[name] = value[name][:19]


def _as_text(value: Any, _: Any) -> None:
    value["id"] = str(value["id"])


def _updated_before(value: Any, _: Any) -> None:
    value["updatedAt"] = "2020-01-01T00:00:00+01:00"


def _request_names(value: Any, _: Any) -> None:
    value["carrierCode"] = value["carrier"]


# fmt: off
FAULTY: tuple[Faulty, ...] = tuple(Faulty(f"billink-{name}", "billink", *rest) for name, *rest in [
    ("carrier-in-any-case", "validation", "A carrier's code is taken in any letter case.", "an enum is exact", sent(_lower_carrier), creates(carrierCode="PostNL"), 5),
    ("blank-accepted", "validation", "A tracking code may be blank.", "limits at the edge and one beyond", edited({f"{SCHEMAS}/NewTracker/properties/trackAndTrace/minLength": 0}), creates(trackAndTrace="")),
    ("username-not-needed", "validation", "The user name may be absent.", "what is required is asked for", sent(_any_user),
     lambda c: _raw(c, b'{"billinkID":"sbx_demo","carrierCode":"postnl","invoiceNumber":"FAULT-1","trackAndTrace":"3S"}'), 6),
    ("base64-unchecked", "validation", "The content of a file is taken in any form.", "what the schema forbids is refused", edited({f"{SCHEMAS}/MediaFile/properties/file/pattern": GONE}), creates(media=[{"file": "not base64!"}])),
    ("extension-case-matters", "validation", "An extension in capitals is refused.", "what the schema allows is taken",
     edited({f"{SCHEMAS}/MediaFile/properties/fileName/pattern": r"\.(?:png|pdf|jpe?g|docx?|heic)$"}), creates(media=[OTHER])),
    ("extension-unanchored", "validation", "An extension may stand anywhere in a name.", "what the schema forbids is refused",
     edited({f"{SCHEMAS}/MediaFile/properties/fileName/pattern": r"\.(?:[Pp][Nn][Gg]|[Pp][Dd][Ff]|[Jj][Pp][Ee]?[Gg]|[Dd][Oo][Cc][Xx]?|[Hh][Ee][Ii][Cc])"}), creates(media=[{**FILE, "fileName": "label.pdf.exe"}])),
    ("extra-refused", "validation", "A file with another member is refused; it is ignored.", "what the schema allows is taken", between(lambda: _strict_files), creates(media=[{**FILE, "size": 9}])),
    ("other-spelling", "validation", "`billinkId` is taken for `billinkID`.", "names are case sensitive", sent(_other_spelling),
     lambda c: _raw(c, b'{"billinkId":"sbx_demo","billinkUsername":"u","carrierCode":"postnl","invoiceNumber":"FAULT-1","trackAndTrace":"3S"}')),
    ("small-files-only", "validation", "A body of more than a million bytes is refused by the web server.", "what the schema allows is taken",
     between(lambda: _one_megabyte), creates(media=[{"file": "AAAA" * 300_000}])),
    ("unknown-invoice", "state", "An invoice that no order has is taken.", "a tracker needs an order", sent(_any_invoice), creates(invoiceNumber="MISSING-1")),

    ("first-violation-only", "envelope", "Only the first violation is told.", "all violations are told at once", body(_first_only), creates_without("carrierCode", "trackAndTrace")),
    ("snake-case-paths", "envelope", "A violation names the column and not the member.", "an error names the wrong field", body(_other_place), creates_without("trackAndTrace")),
    ("innocent-accused", "envelope", "A violation of the carrier is told beside any other.", "an error names only wrong fields", body(_innocent_too), creates_without("trackAndTrace")),
    ("detail-missing", "envelope", "Violations come without `detail`.", "an answer conforms to its schema", body(_without_detail), creates_without("trackAndTrace")),
    ("plain-json", "envelope", "A refusal is `application/json`.", "an answer has its media type", telling(_plain_json), creates_without("trackAndTrace"), 2),
    ("violations-are-400", "envelope", "Violations have the status 400.", "a refusal has the status of its cause", telling(_status(422, 400)), creates_without("trackAndTrace")),
    ("wrong-credentials-401", "envelope", "Wrong credentials get 401, which the document does not have.", "a refusal has the status of its cause", telling(_status(403, 401)), lambda c: c.as_("wrong").call(CREATE, NEW), 3),
    ("html-for-bad-json", "crash", "A body that is not JSON ends in a page of HTML.", "a malformed body is refused in the envelope", between(lambda: _no_json), lambda c: _raw(c, b"{"), 1),
    ("astral-crash", "crash", "A character beyond the basic plane ends in a crash.", "valid data are accepted", between(lambda: _no_astral), creates(trackAndTrace="\U0001f4e6"), 1),

    ("repeat-is-merged", "state", "The same request again answers the tracker that is there.", "the same request again adds one more", instead(create_tracker=_known_tracker), twice),
    ("new-order-each-time", "identity", "The order of an invoice has another number each time.", "ids are stable", _created(_new_order), twice),
    ("content-leaked", "envelope", "A file comes back with its content.", "an answer conforms to its schema", _created(_with_content), creates(media=[FILE])),
    ("request-names", "envelope", "The answer has the request's name of a member beside its own.", "an answer conforms to its schema", _created(_request_names), creates()),
    ("second-file-lost", "state", "Of several files only the first is kept.", "a batch accounts for each element", _created(_one_file), creates(media=[FILE, OTHER])),
    ("file-name-lowered", "echo", "File names come back in small letters.", "what was sent comes back", _created(_lower_names), creates(media=[OTHER])),
    ("code-trimmed", "echo", "Blanks around a tracking code are cut off.", "what was sent comes back", _created(_trimmed), creates(trackAndTrace=" 3S 1 ")),
    ("id-is-text", "envelope", "The id is a text.", "an answer conforms to its schema", _created(_as_text), creates()),
    ("naive-times", "time", "Times have no zone.", "times are real", _created(_naive), creates()),
    ("updated-before-created", "time", "`updatedAt` lies before `createdAt`.", "times are ordered", _created(_updated_before), creates()),
    ("any-merchant", "security", "Any merchant id is good.", "wrong credentials are refused", Difference(known=any_account), lambda c: c.as_("wrong").call(CREATE, NEW)),
])
# fmt: on
