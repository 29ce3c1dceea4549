"""The lives of Billink's trackers, of which only the answers to creates are ever seen."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from contracts.promises import Broken, hold, same
from contracts.proofs import LOOKALIKES, TEXTS, members, moment, taken, turned_down
from contracts.run.lifecycle import Machine, rule

PAGE = "https://developers.billink.nl/order-management/create-tracker"
CODES = st.sampled_from(("3SABCD1234567", *TEXTS, *LOOKALIKES))
CARRIERS = st.sampled_from(("carrier_code", "other_carrier_code"))  # as the scene names them
FILES: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.sampled_from(
        ({"file": "JVBERi0xLjQK"}, {"file": "iVBORw0KGgo=", "fileName": "Größe 漢字.PNG"}, {"file": "JVBERi0xLjQK", "fileName": "a.pdf"})
    ),
    max_size=3,
)


class Creates(Machine):
    """What the answers told so far: ids, the number of the order, and the last time."""

    def begin(self) -> None:
        """Begin with no answer."""
        self.idents: set[Any] = set()
        self.files: set[Any] = set()
        self.order: Any = None
        self.latest: Any = None

    def body(self, code: str, carrier: str, media: list[dict[str, Any]] | None) -> dict[str, Any]:
        """Write a create."""
        whole = {
            "carrierCode": self.caller.scene.get(carrier, carrier),
            "invoiceNumber": self.caller.scene["invoice"],
            "trackAndTrace": code,
        }
        return whole if media is None else {**whole, "media": media}

    @rule(PAGE, code=CODES, carrier=CARRIERS, media=st.none() | FILES, again=st.booleans())
    def each_create_is_answered_for_itself(self, code: str, carrier: str, media: list[dict[str, Any]] | None, *, again: bool) -> None:
        """Create a tracker, perhaps twice: what was sent comes back, with ids of its own and the order's one number."""
        body = self.body(code, carrier, media)
        for _ in range(1 + again):
            outcome = taken(self.call("createTracker", body), "a new tracker")
            told = {"invoiceNumber": body["invoiceNumber"], "carrier": body["carrierCode"], "trackingCode": code}
            members(outcome.body, told, "a new tracker", outcome)
            self._new(self.idents, outcome.at("/id"))
            stored = outcome.at("/media", [])
            same([one.get("fileName") for one in stored], [one.get("fileName") for one in media or ()], "the files are others", outcome)
            for one in stored:
                self._new(self.files, one.get("id"))
            self._time(outcome.at("/createdAt"))

    @rule(code=CODES, carrier=CARRIERS)
    def an_order_keeps_its_number(self, code: str, carrier: str) -> None:
        """Create a tracker of the same invoice: the order has the number that it always had."""
        outcome = taken(self.call("createTracker", self.body(code, carrier, None)), "a new tracker")
        number = outcome.at("/orderId")
        same(number, self.order or number, "the number of an order changed", outcome)
        self.order = number

    @rule(PAGE, code=CODES, media=FILES)
    def a_wrong_create_is_refused(self, code: str, media: list[dict[str, Any]]) -> None:
        """Create a tracker of no carrier."""
        turned_down(self.call("createTracker", self.body(code, "", media)), "a blank carrier")

    @rule(PAGE, code=CODES)
    def a_stranger_is_refused(self, code: str) -> None:
        """Create a tracker as a merchant that nobody knows."""
        stranger = self.caller.as_(self.caller.unique("nobody-"))
        turned_down(self.call("createTracker", self.body(code, "carrier_code", None), by=stranger), "an unknown merchant")

    def _new(self, known: set[Any], ident: Any) -> None:
        if ident in known:
            raise Broken("an id was given twice", "a new id", ident)
        known.add(ident)

    def _time(self, text: Any) -> None:
        at = moment(text, "createdAt")
        hold(self.latest is None or self.latest <= at, "a later tracker was created earlier", expected=str(self.latest), got=text)
        self.latest = at
