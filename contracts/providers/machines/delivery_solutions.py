"""The lives of trackers of Delivery Solutions: created, dispatched, changed, refused, listed."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from contracts.promises import Broken
from contracts.proofs import LOOKALIKES, TEXTS, members, once, taken, turned_down
from contracts.providers.delivery_solutions import trackers
from contracts.providers.delivery_solutions.trackers import FILE, PAGE
from contracts.run.lifecycle import Machine, rule, something_happened, something_is_known

SLOTS = st.integers(0, 1)
GROUPS = st.sampled_from(("a", "A", "a "))
WORDS = st.sampled_from(("left", "right", "", *TEXTS, *LOOKALIKES))
AMOUNTS = st.sampled_from((0, 1, 19.99, 0.1, 99999999.99))
CHANGES: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "deliveryInstructions": WORDS,
        "orderValue": AMOUNTS,
        "groupId": GROUPS,
        "orderAttributes": st.dictionaries(st.sampled_from(("x", "ÿ")), st.one_of(WORDS, AMOUNTS, st.booleans()), max_size=2),
        "deliveryTime": st.sampled_from((None, {"startsAt": 1, "endsAt": None}, {"startsAt": 1, "endsAt": 2})),
    },
)


class Trackers(Machine):
    """Trackers by slots: each slot has an external id, and is free until a create with it was accepted."""

    def begin(self) -> None:
        """Begin with no tracker."""
        self.names: dict[int, str] = {}
        self.group = self.caller.unique("basket-")

    def name(self, slot: int) -> str:
        """Give the external id of a slot."""
        if slot not in self.names:
            self.names[slot] = self.caller.unique("life-")
        return self.names[slot]

    def named(self, given: dict[str, Any]) -> dict[str, Any]:
        """Write a group as one of this life's own."""
        return {**given, "groupId": self.group + given["groupId"]} if "groupId" in given else given

    @rule(FILE, slot=SLOTS, given=CHANGES, dispatched=st.booleans())
    def a_tracker_is_created_once(self, slot: int, given: dict[str, Any], *, dispatched: bool) -> None:
        """Create a tracker; a second one with its external id is refused."""
        make = trackers.dispatched if dispatched else trackers.waiting
        body = make(self.caller, trackerExternalId=self.name(slot), **self.named(given))
        outcome = self.call("createTracker", body)
        if slot in self.known:
            turned_down(outcome, "an external id that is taken")
            return
        told = {**body, "provider": {"name": body["provider"]} if dispatched else None}
        self.known[slot] = {"id": taken(outcome, "a new tracker").at("/id"), **told}
        self._hold(slot, outcome.body, "the answer to a create")

    @rule(PAGE, slot=SLOTS, given=CHANGES)
    def a_refused_create_leaves_nothing(self, slot: int, given: dict[str, Any]) -> None:
        """Create a tracker with a provider that nobody has."""
        body = trackers.dispatched(self.caller, trackerExternalId=self.name(slot), provider="nobody at all", **self.named(given))
        turned_down(self.call("createTracker", body), "an unknown provider")

    @rule(when=something_happened, slot=SLOTS, change=CHANGES, by_id=st.booleans())
    def an_update_changes_what_it_names(self, slot: int, change: dict[str, Any], *, by_id: bool) -> None:
        """Change some members of a tracker; of one that is not there nothing can be changed."""
        known = self.known.get(slot)
        sent = self.named(change)
        outcome = self.call("updateTracker", sent, params={"tracker_id": known["id"] if known and by_id else self.name(slot)})
        if known is None:
            turned_down(outcome, "an update of nothing that is there")
            return
        taken(outcome, "an update")
        self.known[slot] = {**known, **sent}
        self._hold(slot, outcome.body, "the answer to an update")

    @rule(PAGE, when=something_is_known, slot=SLOTS, change=CHANGES)
    def a_refused_update_changes_nothing(self, slot: int, change: dict[str, Any]) -> None:
        """Change some members of a tracker and move it to a location that nobody knows."""
        body = {**self.named(change), "locationExternalId": "nowhere at all"}
        known = self.known[self.one_of_the_known(slot)]
        turned_down(self.call("updateTracker", body, params={"tracker_id": known["id"]}), "an unknown location")

    @rule(FILE, when=something_is_known, slot=SLOTS)
    def a_tracker_is_dispatched(self, slot: int) -> None:
        """Give a tracker a provider and a number."""
        slot = self.one_of_the_known(slot)
        change = {"provider": self.caller.scene["provider"], "trackingId": self.caller.unique("del_")}
        outcome = taken(self.call("updateTracker", change, params={"tracker_id": self.known[slot]["id"]}), "a dispatch")
        self.known[slot] |= {**change, "provider": {"name": change["provider"]}}
        self._hold(slot, outcome.body, "the answer to a dispatch")

    @rule(FILE, when=something_happened, slot=SLOTS)
    def a_list_tells_the_last_state(self, slot: int) -> None:
        """Find a tracker by its external id, as the last accepted call left it, or not at all."""
        outcome = taken(self.call("listTrackers", {"orderExternalIds": [self.name(slot)]}), "a list")
        found = outcome.at("/data", [])
        if len(found) != (slot in self.known):
            raise Broken("a list has not what was created, once", [self.names[slot]] * (slot in self.known), found, outcome)
        if found:
            self._hold(slot, found[0], "a listed tracker")

    @rule(FILE, when=something_happened, group=GROUPS)
    def a_group_is_complete(self, group: str) -> None:
        """List a group: all of its trackers, each once."""
        name = self.group + group
        outcome = taken(self.call("listTrackers", {"groupId": name}), "a list")
        orders = [tracker.get("orderExternalId") for tracker in outcome.at("/data", [])]
        once(
            orders, [self.names[slot] for slot, known in self.known.items() if known.get("groupId") == name], "the list of a group", outcome
        )

    def everything_is_as_it_should_be(self) -> None:
        """Find all trackers at once."""
        outcome = taken(self.call("listTrackers", {"orderExternalIds": [self.name(slot) for slot in range(2)]}), "a list")
        found = {tracker.get("orderExternalId"): tracker for tracker in outcome.at("/data", [])}
        once([*found], [self.names[slot] for slot in self.known], "the list of all", outcome)
        for slot in self.known:
            self._hold(slot, found[self.names[slot]], "a tracker at the end")

    def _hold(self, slot: int, told: Any, what: str) -> None:
        known = dict(self.known[slot])
        provider = known.pop("provider")
        members(told, known, what)
        if provider is not None:
            members(told.get("provider"), provider, f"the provider of {what}")
