"""Promises of Billink: what a create answers, and what becomes of what was sent."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from contracts.caller import Caller
from contracts.promises import CannotTell, Promise, hold, promise, same
from contracts.proofs import BLANKS, LOOKALIKES, TEXTS, forward, members, moment, stranger, taken
from contracts.providers.billink.calls import (
    CREATE,
    FRAMEWORK,
    PAGE,
    PDF,
    PNG,
    RENAMED,
    SCHEMAS,
    VERSIONS,
    create,
    new,
    send,
    violations,
)

MEMBERS = ("id", "orderId", "invoiceNumber", "carrier", "trackingCode", "media", "createdAt", "updatedAt")
EXTENSIONS = ("png", "pdf", "jpg", "jpeg", "doc", "docx", "heic")
LARGEST = 13_981_016  # characters of a file: 10 MiB in Base64
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@promise("createTracker", where=f"{CREATE}/responses/201", source=PAGE)
def a_create_is_answered_without_an_envelope(caller: Caller) -> None:
    """The answer has status 201 and is the tracker itself: these eight members and no others."""
    outcome = taken(send(caller), "a create")
    same(outcome.status, 201, "the status of a create is not 201", outcome)
    same(sorted(outcome.body), sorted(MEMBERS), "the answer has other members than it should", outcome)


@promise("createTracker", where=f"{SCHEMAS}/Tracker", source=PAGE)
def carrier_and_code_come_back_under_other_names(caller: Caller) -> None:
    """`carrierCode` comes back as `carrier`, `trackAndTrace` as `trackingCode`; the invoice keeps its name."""
    for given in ({}, {"carrierCode": caller.scene["other_carrier_code"], "invoiceNumber": caller.scene["other_invoice"]}):
        body = new(caller, **given)
        outcome = taken(caller.call("createTracker", body), "a create")
        members(outcome.body, {RENAMED.get(name, name): value for name, value in body.items()}, "the tracker", outcome)


@promise("createTracker", where=f"{SCHEMAS}/Tracker/properties/trackingCode", source=PAGE)
def a_code_comes_back_as_it_was_written(caller: Caller) -> None:
    """A code comes back letter by letter: other scripts, blanks around it, zeros, letter case, what looks like a value."""
    for text in (*TEXTS, BLANKS, " ", *LOOKALIKES, "0012.500", "3SabcD"):
        outcome = taken(send(caller, trackAndTrace=text), f"a create with the code {text!r}")
        same(outcome.at("/trackingCode"), text, "the code is not as it was sent", outcome)


@promise("createTracker", where=f"{SCHEMAS}/NewTracker", inferred=True)
def unknown_members_are_ignored(caller: Caller) -> None:
    """A member that the document does not name, in the body or in a file, changes nothing."""
    outcome = taken(send(caller, workflowNumber=1, media=[{"file": PDF, "fileName": "a.pdf", "size": 9}]), "a create with other members")
    same(sorted(outcome.body), sorted(MEMBERS), "an unknown member comes back", outcome)
    same(sorted(outcome.at("/media/0")), ["fileName", "id"], "an unknown member of a file comes back", outcome)


@promise("createTracker", where=f"{SCHEMAS}/Id", source=PAGE)
def ids_are_numbers_and_unique(caller: Caller) -> None:
    """Each tracker and each file has a number of its own."""
    made = [create(caller, media=[{"file": PDF}, {"file": PDF}]) for _ in range(4)]
    for what, ids in (("trackers", [tracker["id"] for tracker in made]), ("files", [file["id"] for one in made for file in one["media"]])):
        hold(all(type(ident) is int for ident in ids), f"ids of {what} are no whole numbers", got=ids)
        same(len(set(ids)), len(ids), f"two {what} have the same id ({ids})")


@promise("createTracker", where=f"{SCHEMAS}/Tracker/properties/orderId", source=PAGE)
def an_order_has_one_number(caller: Caller) -> None:
    """All trackers of an invoice name the same order, a number; those of another invoice name another."""
    one, two, other = create(caller), create(caller), create(caller, invoiceNumber=caller.scene["other_invoice"])
    hold(type(one["orderId"]) is int, "orderId is no whole number", got=one["orderId"])
    same(two["orderId"], one["orderId"], "two trackers of one invoice name different orders")
    hold(other["orderId"] != one["orderId"], "two invoices name the same order", got=other["orderId"])
    same(create(caller)["orderId"], one["orderId"], "the number of an order moves")


@promise("createTracker", where=CREATE, inferred=True)
def the_same_request_again_adds_one_more(caller: Caller) -> None:
    """An order may have several trackers; the same request again makes another one, with its own id."""
    body = new(caller, media=[{"file": PDF, "fileName": "label.pdf"}])
    one = taken(caller.call("createTracker", body), "a create").body
    again = taken(caller.call("createTracker", body), "the same create again").body
    hold(again["id"] != one["id"], "the same request again gives the same tracker", got=again["id"])
    same([again["trackingCode"], again["orderId"]], [one["trackingCode"], one["orderId"]], "the second tracker is of something else")


@promise("createTracker", where=f"{SCHEMAS}/Timestamp", inferred=True)
def both_times_are_the_same_at_first(caller: Caller) -> None:
    """`updatedAt` is `createdAt`, and both are as the clocks of Amsterdam show them."""
    made = create(caller)
    at = moment(made["createdAt"], "createdAt")
    same(made["updatedAt"], made["createdAt"], "a new tracker was updated at another time than it was created")
    same(datetime.fromisoformat(made["createdAt"]).utcoffset(), at.astimezone(AMSTERDAM).utcoffset(), "the offset is not that of Amsterdam")


@promise("createTracker", where=f"{SCHEMAS}/Timestamp", source=PAGE)
def times_are_real_and_in_order(caller: Caller) -> None:
    """Times are date-times with an offset; a later create has no earlier one."""
    times = [moment(create(caller)["createdAt"], "createdAt") for _ in range(3)]
    same([str(time) for time in times], [str(time) for time in sorted(times)], "a later tracker is older")


@promise("createTracker", where=f"{SCHEMAS}/Timestamp", inferred=True)
def summer_and_winter_are_told_apart(caller: Caller) -> None:
    """The offset follows the clocks of Amsterdam through the year, and time passes as it does."""
    before = moment(create(caller)["createdAt"], "createdAt")
    for _ in range(2):
        forward(caller, 182 * 86_400)
        text = create(caller)["createdAt"]
        at = moment(text, "createdAt")
        same(
            datetime.fromisoformat(text).utcoffset(), at.astimezone(AMSTERDAM).utcoffset(), f"the offset of {text} is not that of Amsterdam"
        )
        hold(
            181 <= (at - before).days <= 183,
            "createdAt is not the time of the call",
            expected="182 days later",
            got=str(at.astimezone(UTC)),
        )
        before = at


# --- files -------------------------------------------------------------------------------------------------------------------


@promise("createTracker", where=f"{SCHEMAS}/NewTracker/properties/media", source=PAGE)
def files_may_be_absent_none_or_many(caller: Caller) -> None:
    """`media` may be left out, empty, or have several files; the answer lists as many, in the order sent."""
    many = [{"file": PDF, "fileName": f"label {index}.pdf"} for index in (3, 1, 2)]
    for given, names in (({}, []), ({"media": []}, []), ({"media": many}, ["label 3.pdf", "label 1.pdf", "label 2.pdf"])):
        outcome = taken(send(caller, **given), f"a create with {len(names)} files")
        same(
            [file.get("fileName") for file in outcome.at("/media")], names, "the answer does not list the files as they were sent", outcome
        )


@promise("createTracker", where=f"{SCHEMAS}/StoredFile", inferred=True)
def a_file_is_listed_without_its_content(caller: Caller) -> None:
    """A file comes back with an id and its name, without a name when none was sent, never with its content."""
    outcome = taken(send(caller, media=[{"file": PNG, "fileName": "Proof of shipment.PNG"}, {"file": PDF}]), "a create with two files")
    same(
        [sorted(file) for file in outcome.at("/media")], [["fileName", "id"], ["id"]], "files have other members than they should", outcome
    )
    hold(PNG.encode() not in outcome.answer.body, "the content of a file comes back", outcome=outcome)


@promise("createTracker", where=f"{SCHEMAS}/MediaFile/properties/fileName", inferred=True)
def a_file_name_has_a_known_ending(caller: Caller) -> None:
    """A name ends in one of seven extensions, in any letter case, and comes back as it was sent; another ending is refused."""
    names = [f"Größe {ending}.{ending}" for ending in EXTENSIONS] + [f"x.{ending.upper()}" for ending in EXTENSIONS] + [" a.b.Pdf"]
    outcome = taken(send(caller, media=[{"file": PDF, "fileName": name} for name in names]), "a create with a file of each kind")
    same([file.get("fileName") for file in outcome.at("/media")], names, "names of files are not as they were sent", outcome)
    for bad in ("label", "label.exe", "pdf", "label.pdf.zip", "label.pdf ", ""):
        violations(caller, send(caller, media=[{"file": PDF, "fileName": bad}]), ["media[0].fileName"], f"the name {bad!r}")


@promise("createTracker", where=f"{SCHEMAS}/MediaFile/properties/file", inferred=True)
def a_file_is_base64(caller: Caller) -> None:
    """A file is Base64 in the standard alphabet with padding; a line break, a `data:` prefix or a missing end is refused."""
    for good in ("AAAA", "AA==", "AAA=", "+/+/"):
        taken(send(caller, media=[{"file": good}]), f"a create with the file {good!r}")
    for bad in ("", "A", "AA", "AAA", "AA=", "A===", "AAAA\n", "AA AA===", "-_-_", "data:text/plain;base64,AAAA", "é==="):
        violations(caller, send(caller, media=[{"file": bad}]), ["media[0].file"], f"the file {bad[:20]!r}")


@promise("createTracker", where=f"{SCHEMAS}/MediaFile/properties/file/maxLength", inferred=True)
def ten_mebibytes_are_the_most(caller: Caller) -> None:
    """A file of 13,981,016 characters is taken, one of four more is refused."""
    taken(send(caller, media=[{"file": "A" * LARGEST}]), "a create with the largest file")
    violations(caller, send(caller, media=[{"file": "A" * (LARGEST + 4)}]), ["media[0].file"], "a file of four characters too many")


# --- merchants and orders ----------------------------------------------------------------------------------------------------


@promise("createTracker", where=f"{SCHEMAS}/NewTracker/properties/billinkID", source=VERSIONS)
def an_id_may_have_any_form(caller: Caller) -> None:
    """`billinkID` need not be 40 hexadecimal digits."""
    merchant = (caller.text or "").partition(":")[0]
    if len(merchant) == 40 and not set(merchant) - set("0123456789abcdef"):
        raise CannotTell("the credential is 40 hexadecimal digits")
    taken(send(caller), "a create by a merchant whose id is not hexadecimal")


@promise("createTracker", where=f"{SCHEMAS}/NewTracker/properties/invoiceNumber/pattern", inferred=True)
def an_invoice_has_letters_digits_underscore_and_hyphen(caller: Caller) -> None:
    """Any other sign in an invoice number is refused as a violation."""
    for bad in ("INVOICE 1234", "INVOICE.1234", "INVOICE/1234", "INVOICEÉ", " INVOICE1234", "INVOICE1234\n", "INVOICE٣"):
        violations(caller, send(caller, invoiceNumber=bad), ["invoiceNumber"], f"the invoice {bad!r}")


@promise("createTracker", where=CREATE, inferred=True)
def merchants_do_not_share_ids(caller: Caller) -> None:
    """What one merchant creates has no part in what another does: each create is answered with its own code."""
    other = stranger(caller)
    mine, theirs = send(caller, trackAndTrace="mine"), send(other, trackAndTrace="theirs")
    again = send(caller, trackAndTrace="mine again")
    told = [taken(outcome, "a create").at("/trackingCode") for outcome in (mine, theirs, again)]
    same(told, ["mine", "theirs", "mine again"], "a create is answered with another merchant's code")
    hold(mine.at("/id") != again.at("/id"), "two trackers have the same id", got=mine.at("/id"))


@promise("createTracker", where=f"{CREATE}/responses/201", source=FRAMEWORK)
def a_create_is_answered_in_json(caller: Caller) -> None:
    """A create is answered as application/json."""
    outcome = taken(send(caller), "a create")
    kind = outcome.answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    same(kind, "application/json", "the media type of a create is wrong", outcome)


PROMISES: tuple[Promise, ...] = (
    a_create_is_answered_without_an_envelope,
    carrier_and_code_come_back_under_other_names,
    a_code_comes_back_as_it_was_written,
    unknown_members_are_ignored,
    ids_are_numbers_and_unique,
    an_order_has_one_number,
    the_same_request_again_adds_one_more,
    both_times_are_the_same_at_first,
    times_are_real_and_in_order,
    summer_and_winter_are_told_apart,
    files_may_be_absent_none_or_many,
    a_file_is_listed_without_its_content,
    a_file_name_has_a_known_ending,
    a_file_is_base64,
    ten_mebibytes_are_the_most,
    an_id_may_have_any_form,
    an_invoice_has_letters_digits_underscore_and_hyphen,
    merchants_do_not_share_ids,
    a_create_is_answered_in_json,
)
