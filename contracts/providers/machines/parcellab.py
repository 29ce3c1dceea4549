"""The lives of orders of parcelLab: put, posted, merged, given parcels, cancelled, refused, read."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from contracts.promises import Broken, hold, same
from contracts.proofs import LOOKALIKES, TEXTS, members, taken, turned_down
from contracts.providers.parcellab.orders import CREATING, FULL, LIVE, PAGE, new, parcel
from contracts.run.lifecycle import Machine, rule, something_happened, something_is_known

SLOTS = st.integers(0, 1)
PARCELS = st.integers(0, 2)
WORDS = st.sampled_from(("left", "right", *TEXTS, *LOOKALIKES))
LINES = st.lists(st.sampled_from(("1", "2", "ß")), max_size=3, unique=True).map(
    lambda idents: [{"line_item_id": ident, "quantity": 3, "note": ident} for ident in idents]
)
CHANGES: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "recipient_name": WORDS,
        "channel": WORDS,
        "order_total_amount": st.sampled_from(("0.10", "19.99", "99999999.99")),
        "tags": st.lists(WORDS, max_size=3),
        "articles_order": LINES,
        "has_multiple_shipments": st.booleans(),
    },
)


class Orders(Machine):
    """Orders by slots, and parcels by slots of their own, which any order may want to have."""

    def begin(self) -> None:
        """Begin with no order."""
        self.numbers: dict[int, str] = {}
        self.trackings: dict[int, dict[str, Any]] = {}
        self.parcels: dict[int, list[int]] = {}

    def written(self, slot: int, **given: Any) -> dict[str, Any]:
        """Write the whole of a new order of a slot."""
        if slot not in self.numbers:
            self.numbers[slot] = self.caller.unique("LIFE-")
        return new(self.caller, order_number=self.numbers[slot], **given)

    def mutated(self, slot: int, mutation: dict[str, Any], **given: Any) -> dict[str, Any]:
        """Write a mutation of an order that is there."""
        return {"account": self.caller.scene["account"], "order_number": self.numbers[slot], "mutations": [mutation], **given}

    @rule(CREATING, slot=SLOTS, given=CHANGES, whole=st.booleans())
    def a_put_makes_or_merges(self, slot: int, given: dict[str, Any], *, whole: bool) -> None:
        """Put an order: a new one is made, of a known one what is sent is changed and nothing else."""
        known = self.known.get(slot)
        body = self.written(slot, **given)
        sent = body if whole or known is None else {name: body[name] for name in ("account", "order_number", *given)}
        outcome = taken(self.call("putOrder", sent), "an order")
        same(outcome.status, 200 if known else 201, "the status does not tell a new order from a known one", outcome)
        self._know(slot, {**(known or {}), **sent}, outcome.body)

    @rule(PAGE, slot=SLOTS, given=CHANGES)
    def a_post_makes_and_never_merges(self, slot: int, given: dict[str, Any]) -> None:
        """Post an order: a new one is made, a known one is refused."""
        body = self.written(slot, **given)
        outcome = self.call("createOrder", body)
        if slot in self.known:
            turned_down(outcome, "a post of a known order")
        else:
            self._know(slot, body, taken(outcome, "a new order").body)

    @rule(FULL, when=something_happened, slot=SLOTS, given=CHANGES)
    def a_refused_put_changes_nothing(self, slot: int, given: dict[str, Any]) -> None:
        """Put an order with one member that is wrong."""
        turned_down(self.call("putOrder", self.written(slot, **{**given, "recipient_email": "nobody"})), "a wrong e-mail address")

    @rule(LIVE, when=something_is_known, slot=SLOTS, number=PARCELS)
    def a_parcel_belongs_to_one_order(self, slot: int, number: int) -> None:
        """Add a parcel to an order: it is refused if another order has it, and nothing new if this one does."""
        slot = self.one_of_the_known(slot)
        tracking = self.trackings.get(number) or self.trackings.setdefault(number, parcel(self.caller))
        outcome = self.call("putOrder", self.mutated(slot, {"type": "add_tracking", "tracking": tracking}))
        holder = next((one for one, parcels in self.parcels.items() if number in parcels), None)
        if holder not in (None, slot):
            turned_down(outcome, "a parcel of another order")
            return
        taken(outcome, "a parcel")
        if holder is None:
            self.parcels.setdefault(slot, []).append(number)

    @rule(LIVE, when=something_is_known, slot=SLOTS, given=CHANGES)
    def a_soft_failure_changes_the_rest(self, slot: int, given: dict[str, Any]) -> None:
        """Add a parcel of a courier that nobody knows: the members are changed, the parcel is not there."""
        slot = self.one_of_the_known(slot)
        adding = {"type": "add_tracking", "tracking": parcel(self.caller, courier="nobody-at-all")}
        outcome = taken(self.call("putOrder", self.mutated(slot, adding, **given)), "a parcel of an unknown courier")
        hold(outcome.at("/mutations/0/result/success") is False, "an unknown courier succeeds", outcome=outcome)
        self._know(slot, {**self.known[slot], **given}, outcome.body)

    @rule(FULL, when=something_is_known, slot=SLOTS, quantity=st.integers(0, 5), relative=st.booleans())
    def a_quantity_changes(self, slot: int, quantity: int, *, relative: bool) -> None:
        """Set or lower the quantity of an order's first line; more than there is can't be taken off."""
        slot = self.one_of_the_known(slot)
        lines = self.known[slot].get("articles_order")
        if not lines:
            return
        change = {
            "line_item_id": lines[0]["line_item_id"],
            **({"quantity_to_cancel": quantity + 1} if relative else {"quantity": quantity}),
        }
        outcome = self.call("putOrder", self.mutated(slot, {"type": "change_line_item_quantity", "line_items": [change]}))
        left = lines[0]["quantity"] - quantity - 1 if relative else quantity
        if left < 0:
            turned_down(outcome, "cancelling more than there is")
            return
        changed = [{**lines[0], "quantity": left}, *lines[1:]]
        self._know(slot, {**self.known[slot], "articles_order": changed}, taken(outcome, "a quantity").body)

    @rule(FULL, when=something_is_known, slot=SLOTS)
    def an_order_is_cancelled(self, slot: int) -> None:
        """Cancel an order, for the first time or again."""
        slot = self.one_of_the_known(slot)
        outcome = taken(self.call("putOrder", self.mutated(slot, {"type": "cancel_order"})), "a cancellation")
        self._know(slot, {**self.known[slot], "order_status": "Cancelled"}, outcome.body)

    @rule(PAGE, when=something_is_known, slot=SLOTS)
    def a_read_tells_the_last_state(self, slot: int) -> None:
        """Read an order as the last accepted call left it."""
        self._read(self.one_of_the_known(slot))

    @rule(LIVE, when=something_happened, slot=SLOTS)
    def the_status_tells_the_parcels(self, slot: int) -> None:
        """Ask for an order's parcels: those that were added, each once, or nothing if there is no such order."""
        number = self.written(slot)["order_number"]
        outcome = self.call("getOrderInfo", params={"account": self.caller.scene["account"], "order_number": number})
        if slot not in self.known:
            turned_down(outcome, "the status of an order that is not there")
            return
        told = [one.get("tracking_number") for one in taken(outcome, "the status of an order").at("/trackings", [])]
        expected = [self.trackings[number]["tracking_number"] for number in self.parcels.get(slot, [])]
        same(told, expected, "the parcels of an order are not those that were added", outcome)

    @rule(PAGE, when=something_happened)
    def the_list_has_each_once(self) -> None:
        """List the newest orders: each of ours at most once and as it is, all of them if there is no other page."""
        outcome = taken(self.call("listOrders"), "a list")
        listed = outcome.at("/results", [])
        for known in self.known.values():
            found = [one for one in listed if one.get("external_id") == known["external_id"]]
            if len(found) > 1 or (not found and outcome.at("/next") is None):
                raise Broken("an order is not once in the list", known["order_number"], len(found), outcome)
            for one in found:
                members(one, known, "a listed order", outcome)

    def everything_is_as_it_should_be(self) -> None:
        """Read all orders."""
        for slot in self.known:
            self._read(slot)

    def _read(self, slot: int) -> None:
        outcome = taken(self.call("getOrder", params={"id": self.known[slot]["external_id"]}), "reading an order that is there")
        members(outcome.body, self.known[slot], "an order that was read", outcome)

    def _know(self, slot: int, expected: dict[str, Any], told: Any) -> None:
        """Hold an answer to what is expected, and keep that."""
        members(told, expected, "the answer of a put")
        ident = told.get("external_id")
        same(ident, expected.get("external_id", ident), "the external id of an order changed")
        self.known[slot] = {**expected, "external_id": ident}
