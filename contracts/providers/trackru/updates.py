"""Promises of Trackru: an update changes what it names and nothing else."""

from __future__ import annotations

from typing import Any

from contracts.caller import Caller
from contracts.promises import Promise, hold, promise, same
from contracts.proofs import TEXTS, members, taken, without
from contracts.providers.trackru.calls import (
    PYTHON_CLIENT,
    READ,
    SCHEMAS,
    UPDATE,
    UPDATE_PAGE,
    create,
    gone,
    key,
    new,
    read,
    refused,
    update,
)
from contracts.providers.trackru.echo import EVERYTHING

CHANGE = {
    "title": "new title",
    "logistics_channel": "4PX专线",
    "customer_name": "Sandy",
    "customer_email": "Sandy@example.com",
    "customer_phone": "+86123456789",
    "order_id": "0986574521568",
    "destination_code": "CN",
}
SEEN = ("title", "customer_name", "customer_email", "order_id", "comment", "order_create_time", "archived", "id", "created_at")
STATUS = f"{SCHEMAS}/TrackingChange/properties/status"
ARCHIVED = f"{SCHEMAS}/TrackingChange/properties/archived"


@promise("updateTracking", where=UPDATE, source=UPDATE_PAGE)
def an_update_is_answered_with_what_it_sent(caller: Caller) -> None:
    """The answer to an update has each member that was sent, as it was sent."""
    made = create(caller)
    members(update(caller, made, CHANGE), {**key(made), "id": made["id"], **CHANGE}, "the answer")


@promise("updateTracking", "getTracking", where=UPDATE, source=UPDATE_PAGE)
def an_update_can_be_read(caller: Caller) -> None:
    """What an update sent is what a read tells."""
    made = create(caller, **EVERYTHING)
    update(caller, made, CHANGE)
    members(read(caller, made), {name: CHANGE[name] for name in SEEN if name in CHANGE}, "the tracking")


@promise("updateTracking", "getTracking", where=UPDATE, source=UPDATE_PAGE)
def an_update_changes_what_it_names_and_nothing_else(caller: Caller) -> None:
    """After an update of one member all others are what they were."""
    made = create(caller, **EVERYTHING)
    for name, value in CHANGE.items():
        answer, before = update(caller, made, {}), read(caller, made)
        changed = update(caller, made, {name: value})
        same(
            without(changed, name, "updated_at", "status"),
            without(answer, name, "updated_at", "status"),
            f"an update of {name} changes more",
        )
        after = read(caller, made)
        expected = {part: before[part] for part in SEEN} | ({name: value} if name in SEEN else {})
        members(after, expected, f"the tracking after an update of {name}")


@promise("updateTracking", "getTracking", where=UPDATE, source=PYTHON_CLIENT)
def an_update_without_a_body_changes_nothing(caller: Caller) -> None:
    """No body, or an empty one, is taken, and changes nothing."""
    made = create(caller, **EVERYTHING)
    before = read(caller, made)
    taken(caller.call("updateTracking", params=key(made)), "an update without a body")
    update(caller, made, {})
    members(read(caller, made), {name: before[name] for name in SEEN}, "the tracking")


@promise("updateTracking", "getTracking", where=UPDATE, source=UPDATE_PAGE)
def texts_are_updated_as_they_were_written(caller: Caller) -> None:
    """A text that an update sends comes back letter by letter, blanks too."""
    made = create(caller)
    for text in (*TEXTS, "  around  ", "10.00"):
        members(update(caller, made, {"title": text, "customer_name": text}), {"title": text, "customer_name": text}, "the answer")
        members(read(caller, made), {"title": text, "customer_name": text}, "the tracking")


@promise("updateTracking", "getTracking", where=UPDATE, inferred=True)
def the_same_update_twice_is_the_same_as_once(caller: Caller) -> None:
    """A repeated update is taken again and leaves what the first one left."""
    made, change = create(caller, **EVERYTHING), {**CHANGE, "archived": "true", "status": 4}
    update(caller, made, change)
    once = read(caller, made)
    update(caller, made, change)
    same(without(read(caller, made), "updated_at"), without(once, "updated_at"), "the second update leaves something else")


@promise("updateTracking", "getTracking", where=f"{SCHEMAS}/UpdatedTracking/properties/archived", source=UPDATE_PAGE)
def archived_is_a_text_in_updates_and_a_truth_in_reads(caller: Caller) -> None:
    """`archived` is sent and answered as a string, and read as a boolean; `false` takes it back."""
    made = create(caller)
    for text, truth in (("true", True), ("false", False)):
        same(update(caller, made, {"archived": text}).get("archived"), text, "archived is not answered as the string that was sent")
        same(read(caller, made).get("archived"), truth, "archived is not read as a boolean")


@promise("updateTracking", "getTracking", where=ARCHIVED, inferred=True)
def another_text_archives_nothing(caller: Caller) -> None:
    """Any other text in `archived` changes nothing."""
    made = create(caller)
    update(caller, made, {"archived": "yes"})
    hold(read(caller, made)["archived"] is False, "archived: yes archives", expected=False)
    update(caller, made, {"archived": "true"})
    update(caller, made, {"archived": "no"})
    hold(read(caller, made)["archived"] is True, "archived: no takes it back", expected=True)


@promise("updateTracking", "getTracking", where=STATUS, source=UPDATE_PAGE)
def a_caller_can_overrule_the_status(caller: Caller) -> None:
    """4 says delivered and 7 exception; the answer has the number as a string, a read the word."""
    made = create(caller)
    for number, word in ((4, "delivered"), (7, "exception")):
        same(update(caller, made, {"status": number}).get("status"), str(number), "the answer does not have the number as a string")
        same(read(caller, made).get("status"), word, f"status {number} is not read as {word}")


@promise("updateTracking", "getTracking", where=STATUS, source=UPDATE_PAGE)
def a_status_can_be_taken_back(caller: Caller) -> None:
    """8 gives back the status that the carrier told."""
    made = create(caller)
    before = read(caller, made)["status"]
    for number in (7, 4):
        update(caller, made, {"status": number})
        same_again = update(caller, made, {"status": 8})
        hold(same_again.get("status") != str(number), "the answer to 8 has the status that it takes back", got=same_again.get("status"))
        after = read(caller, made)["status"]
        young = before == "pending" and after in ("notfound", "transit")  # the carrier may have been asked meanwhile
        hold(after == before or young, "8 does not give the status back", expected=before, got=after)


@promise("updateTracking", "getTracking", where=f"{STATUS}/oneOf/1", inferred=True)
def a_status_may_be_a_number_in_a_text(caller: Caller) -> None:
    """The status that an answer tells can be sent back as it is."""
    made = create(caller)
    update(caller, made, {"status": "4"})
    same(read(caller, made).get("status"), "delivered", "status '4' is not read as delivered")


@promise("updateTracking", "getTracking", where=f"{UPDATE}/x-causes/bad-status", source=UPDATE_PAGE)
def other_statuses_are_refused_and_change_nothing(caller: Caller) -> None:
    """Only 4, 7 and 8 can be set; a refused update changes none of its members."""
    made = create(caller, title="kept")
    before = read(caller, made)
    bad: Any
    for bad in (0, 3, 5, 6, 9, -4, 40, "delivered"):
        outcome = caller.call("updateTracking", {"title": "changed", "archived": "true", "status": bad}, params=key(made))
        refused(caller, outcome, "bad-status")
        members(read(caller, made), {name: before[name] for name in SEEN}, f"the tracking after status {bad!r}")


@promise("updateTracking", "getTracking", where=UPDATE, inferred=True)
def a_refused_update_changes_nothing(caller: Caller) -> None:
    """An update with one bad member changes none of the others."""
    made = create(caller, title="kept")
    for bad in ({"customer_name": 7}, {"destination_code": "Germany"}):
        refused(caller, caller.call("updateTracking", {"title": "changed", **bad}, params=key(made)), "invalid")
        same(read(caller, made).get("title"), "kept", f"a refused update ({', '.join(bad)}) changes the title")


@promise("updateTracking", "getTracking", "listTrackings", where=f"{UPDATE}/x-causes/no-such-tracking", inferred=True)
def an_update_creates_nothing(caller: Caller) -> None:
    """An update of what does not exist is refused and makes nothing."""
    absent = new(caller)
    refused(caller, caller.call("updateTracking", {"title": "made"}, params=key(absent)), "no-such-tracking")
    gone(caller, absent)


@promise("updateTracking", "getTracking", where=READ, inferred=True)
def an_update_touches_one_tracking(caller: Caller) -> None:
    """An update of one tracking leaves another with the same number at another carrier alone."""
    made = create(caller, title="first")
    other = create(caller, tracking_number=made["tracking_number"], carrier_code=caller.scene["other_carrier_code"], title="second")
    update(caller, made, {"title": "changed", "status": 7, "archived": "true"})
    members(read(caller, other), {"title": "second", "archived": False, "id": other["id"]}, "the other tracking")


PROMISES: tuple[Promise, ...] = (
    an_update_is_answered_with_what_it_sent,
    an_update_can_be_read,
    an_update_changes_what_it_names_and_nothing_else,
    an_update_without_a_body_changes_nothing,
    texts_are_updated_as_they_were_written,
    the_same_update_twice_is_the_same_as_once,
    archived_is_a_text_in_updates_and_a_truth_in_reads,
    another_text_archives_nothing,
    a_caller_can_overrule_the_status,
    a_status_can_be_taken_back,
    a_status_may_be_a_number_in_a_text,
    other_statuses_are_refused_and_change_nothing,
    a_refused_update_changes_nothing,
    an_update_creates_nothing,
    an_update_touches_one_tracking,
)
