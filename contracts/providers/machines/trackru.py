"""The lives of trackings of Trackru: created alone and in batches, read, changed, deleted, made again."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from contracts.promises import Broken, same
from contracts.proofs import LOOKALIKES, TEXTS, members, once, taken, turned_down
from contracts.run.lifecycle import Machine, rule, something_happened, something_is_known

CREATE_PAGE = "https://www.trackru.ru/en/api-track-create-a-tracking-item.html"
BATCH_PAGE = "https://www.trackru.ru/en/api-track-create-multiple-track.html"
LIST_PAGE = "https://www.trackru.ru/en/api-track-list-all-track.html"
UPDATE_PAGE = "https://www.trackru.ru/en/api-track-update-tracking-item.html"
DELETE_PAGE = "https://www.trackru.ru/en/api-track-delete-tracking-item.html"
CODES_PAGE = "https://www.tracktry.com/api-status_code.html"

SLOTS = st.integers(0, 2)
WORDS = st.sampled_from(("left", "right", *TEXTS, *LOOKALIKES))
MEMBERS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries({}, optional={"title": WORDS, "customer_name": WORDS, "order_id": WORDS})


class Trackings(Machine):
    """Trackings by slots. Two slots share a number and have different carriers, for it is the pair that is unique."""

    def begin(self) -> None:
        """Begin with no tracking."""
        one, other = self.caller.scene["carrier_code"], self.caller.scene["other_carrier_code"]
        shared = self.caller.unique("Li-")
        self.names: list[dict[str, str]] = [
            {"carrier_code": one, "tracking_number": shared},
            {"carrier_code": other, "tracking_number": shared},
            {"carrier_code": one, "tracking_number": self.caller.unique("Li-")},
        ]
        self.idents: set[Any] = set()

    @rule(CREATE_PAGE, slot=SLOTS, given=MEMBERS)
    def a_tracking_is_created_once(self, slot: int, given: dict[str, Any]) -> None:
        """Create a tracking; one that is there is refused, one that was deleted can be made again."""
        body = {**self.names[slot], **given}
        outcome = self.call("createTracking", body)
        if slot in self.known:
            turned_down(outcome, "a tracking that is there already")
        else:
            self._know(slot, body, taken(outcome, "a new tracking").at("/data"))

    @rule(BATCH_PAGE, slots=st.lists(SLOTS, min_size=1, max_size=4), given=MEMBERS)
    def a_batch_accounts_for_each(self, slots: list[int], given: dict[str, Any]) -> None:
        """Create several at once: each is created, or listed among the errors if it is there, or earlier in the batch."""
        outcome = taken(self.call("createTrackings", [{**self.names[slot], **given} for slot in slots]), "a batch")
        created, errors = outcome.at("/data/trackings", []), outcome.at("/data/errors", [])
        fresh = [slot for slot in dict.fromkeys(slots) if slot not in self.known]
        once([_name(one) for one in created], [_name(self.names[slot]) for slot in fresh], "what a batch created", outcome)
        same(len(errors), len(slots) - len(fresh), "a batch has not an error for each that it did not create", outcome)
        for slot in fresh:
            told = next(one for one in created if _name(one) == _name(self.names[slot]))
            self._know(slot, {**self.names[slot], **given}, told)

    @rule(CODES_PAGE, slot=SLOTS, given=MEMBERS)
    def a_refused_create_leaves_nothing(self, slot: int, given: dict[str, Any]) -> None:
        """Create a tracking with a carrier that nobody knows."""
        body = {**self.names[slot], **given, "carrier_code": "no-such-carrier"}
        turned_down(self.call("createTracking", body), "an unknown carrier")

    @rule(UPDATE_PAGE, when=something_happened, slot=SLOTS, change=MEMBERS)
    def an_update_changes_what_it_names(self, slot: int, change: dict[str, Any]) -> None:
        """Change some members; of a tracking that is not there nothing can be changed."""
        outcome = self.call("updateTracking", change, params=self.names[slot])
        if slot not in self.known:
            turned_down(outcome, "an update of nothing that is there")
            return
        members(taken(outcome, "an update").at("/data"), change, "the answer to an update", outcome)
        self.known[slot] |= change

    @rule(CODES_PAGE, when=something_is_known, slot=SLOTS, change=MEMBERS)
    def a_refused_update_changes_nothing(self, slot: int, change: dict[str, Any]) -> None:
        """Change some members and set a status that there is not."""
        body, name = {**change, "status": 99}, self.names[self.one_of_the_known(slot)]
        turned_down(self.call("updateTracking", body, params=name), "an unknown status")

    @rule(DELETE_PAGE, when=something_happened, slot=SLOTS)
    def a_tracking_is_deleted_once(self, slot: int) -> None:
        """Delete a tracking; what is not there, or not any more, is refused."""
        outcome = self.call("deleteTracking", params=self.names[slot])
        if slot in self.known:
            taken(outcome, "a deletion")
            del self.known[slot]
        else:
            turned_down(outcome, "a deletion of nothing that is there")

    @rule(CREATE_PAGE, when=something_happened, slot=SLOTS)
    def a_read_tells_the_last_state(self, slot: int) -> None:
        """Read a tracking as the last accepted call left it, or not at all."""
        self._read(slot)

    @rule(LIST_PAGE, when=something_happened, by_post=st.booleans())
    def the_list_has_each_once(self, *, by_post: bool) -> None:
        """List what has one of our numbers: all that is there, each once, and nothing that is gone."""
        wanted = {"numbers": ",".join(dict.fromkeys(name["tracking_number"] for name in self.names))}
        outcome = self.call("listTrackingsByPost", wanted) if by_post else self.call("listTrackings", params=wanted)
        if not self.known:
            turned_down(outcome, "an empty list")
            return
        items = taken(outcome, "a list").at("/data/items", [])
        once([_name(one) for one in items], [_name(self.names[slot]) for slot in self.known], "the list", outcome)
        for slot, known in self.known.items():
            members(next(one for one in items if _name(one) == _name(self.names[slot])), known, "a listed tracking", outcome)

    def everything_is_as_it_should_be(self) -> None:
        """Read all, those that are gone too."""
        for slot in range(len(self.names)):
            self._read(slot)

    def _read(self, slot: int) -> None:
        outcome = self.call("getTracking", params=self.names[slot])
        if slot not in self.known:
            turned_down(outcome, "reading what is not there")
            return
        data = taken(outcome, "reading what is there").at("/data")
        if not isinstance(data, list) or len(data) != 1:
            raise Broken("a read is not an array of one", [self.names[slot]], data, outcome)
        members(data[0], self.known[slot], "a tracking that was read", outcome)

    def _know(self, slot: int, body: dict[str, Any], told: Any) -> None:
        members(told, body, "a new tracking")
        ident = told.get("id")
        if ident in self.idents:
            raise Broken("an id was given twice", "a new id", ident)
        self.idents.add(ident)
        self.known[slot] = {**body, "id": ident, "created_at": told.get("created_at")}


def _name(tracking: Any) -> tuple[Any, Any]:
    return (tracking.get("carrier_code"), tracking.get("tracking_number")) if isinstance(tracking, dict) else (None, None)
