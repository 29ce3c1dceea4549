"""Promises of parcelLab: what is just within a limit is taken and comes back whole, one beyond is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contracts.caller import Caller
from contracts.causes import refused
from contracts.promises import Promise, promise
from contracts.proofs import turned_down
from contracts.providers.parcellab.orders import ADDRESS, CLI, FULL, PAGE, SCHEMAS, echoes, new, put

Make = Callable[[str], Mapping[str, Any]]

TEXTS: Mapping[str, tuple[int, Make]] = {  # how long a text may be, and the members that hold one
    "order_number": (255, lambda text: {"order_number": text}),
    "external_reference": (255, lambda text: {"external_reference": text}),
    "client_key": (512, lambda text: {"client_key": text}),
}
ADDRESSES: Mapping[str, tuple[int, int]] = {  # how short and how long a text of an address may be
    "address_line": (1, 256),
    "postal_code": (2, 10),
    "city": (1, 40),
    "region_code": (1, 25),
    "phone": (0, 30),
}
AMOUNTS = (("99999999.99", "100000000"), ("-99999999.99", "-100000000.00"), ("0.01", "0.001"), ("1.10", "1,10"), ("1.00", "1e2"))
DECIMALS = (("+1", "+"), ("-.5", "-."), ("0", ""), ("1.", "."), ("1.5", "1,5"), ("100", "1e2"))


def _text(caller: Caller, length: int) -> str:
    """Make a text of a length that nobody has sent."""
    return caller.unique().ljust(length, "x")[:length]


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/OrderMembers", source=PAGE)
def the_longest_text_comes_back_whole(caller: Caller) -> None:
    """A text of the greatest length is taken and comes back whole."""
    for name, (most, make) in TEXTS.items():
        given = make(_text(caller, most))
        echoes(caller, new(caller, **given), given, f"an order with {most} characters in {name}")


@promise("putOrder", "createOrder", where=f"{SCHEMAS}/OrderMembers", source=PAGE)
def a_longer_text_is_refused(caller: Caller) -> None:
    """A text of one character more than the greatest length, or an empty number, is refused and not cut."""
    for name, (most, make) in TEXTS.items():
        for operation in ("putOrder", "createOrder"):
            body = new(caller, **make(_text(caller, most + 1)))
            refused(caller.spec, turned_down(caller.call(operation, body), f"{most + 1} characters in {name}"), "invalid")
    refused(caller.spec, turned_down(caller.call("putOrder", new(caller, order_number="")), "an empty order number"), "invalid")


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/OrderNumber", source=PAGE)
def a_character_counts_once(caller: Caller) -> None:
    """A length counts characters, neither bytes nor halves of them."""
    given = {"client_key": "𝄞" * 512, "external_reference": caller.unique() + "漢" * 200}
    echoes(caller, new(caller, **given), given, "an order with long texts of another script")


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/Address", source=CLI)
def an_address_has_limits(caller: Caller) -> None:
    """The shortest and the longest text of an address are taken, a shorter and a longer one refused."""
    for name, (least, most) in ADDRESSES.items():
        for length in (least, most):
            address = {**ADDRESS, name: "x" * length}
            echoes(caller, new(caller, shipping_address=address), {"shipping_address": address}, f"{length} characters in {name}")
        for length in (least - 1, most + 1):
            if length >= 0:
                body = new(caller, shipping_address={**ADDRESS, name: "x" * length})
                refused(caller.spec, turned_down(caller.call("putOrder", body), f"{length} characters in {name}"), "invalid")


@promise("putOrder", where=f"{SCHEMAS}/OptionalAmount", source=PAGE)
def an_amount_has_eight_digits_and_two_decimals(caller: Caller) -> None:
    """An amount of eight digits and two decimals is taken, one more of either is refused."""
    for right, wrong in AMOUNTS:
        echoes(caller, new(caller, order_total_amount=right), {"order_total_amount": right}, f"an order of {right}")
        body = new(caller, order_total_amount=wrong)
        refused(caller.spec, turned_down(caller.call("putOrder", body), f"an order of {wrong!r}"), "invalid")


@promise("putOrder", where=f"{SCHEMAS}/OptionalAmount", inferred=True)
def an_amount_has_a_digit(caller: Caller) -> None:
    """An amount without a digit is refused, although the published pattern has it."""
    for text in ("", "-", ".", "-."):
        body = new(caller, order_total_amount=text)
        refused(caller.spec, turned_down(caller.call("putOrder", body), f"an order of {text!r}"), "invalid")


@promise("putOrder", where=f"{SCHEMAS}/Decimal", source=CLI)
def a_decimal_has_a_digit(caller: Caller) -> None:
    """A decimal of a line has any number of digits and a sign, but not only a sign or a point."""
    for right, wrong in DECIMALS:
        put(caller, new(caller, articles_order=[{"line_item_id": "1", "unit_price": right}]), f"a price of {right}")
        body = new(caller, articles_order=[{"line_item_id": "1", "unit_price": wrong}])
        refused(caller.spec, turned_down(caller.call("putOrder", body), f"a price of {wrong!r}"), "invalid")


@promise("putOrder", "createOrder", where=f"{SCHEMAS}/OrderMembers", source=FULL)
def codes_are_taken_letter_by_letter(caller: Caller) -> None:
    """A country, a language, a currency or a zone in another letter case or form is refused."""
    misspelt: tuple[dict[str, Any], ...] = (
        {"destination_country_iso3": "deu"},
        {"destination_country_iso3": "DE"},
        {"destination_country_iso3": ""},
        {"shipping_address": {**ADDRESS, "country_iso3": "deu"}},
        {"language_iso2": "DE"},
        {"language_iso2": "deu"},
        {"order_currency": "eur"},
        {"order_currency": "EU"},
        {"timezone": "europe/berlin"},
        {"timezone": "+01:00"},
    )
    for given in misspelt:
        for operation in ("putOrder", "createOrder"):
            refused(caller.spec, turned_down(caller.call(operation, new(caller, **given)), f"{given} in an order"), "invalid")


@promise("putOrder", where=f"{SCHEMAS}/CancelledReason", source=PAGE)
def each_documented_reason_is_taken(caller: Caller) -> None:
    """Each reason of the document comes back, any other is refused."""
    for reason in ("customer", "inventory", "payment", "other"):
        echoes(caller, new(caller, cancelled_reason=reason), {"cancelled_reason": reason}, f"the reason {reason}")
    for reason in ("Customer", "", "weather"):
        refused(
            caller.spec, turned_down(caller.call("putOrder", new(caller, cancelled_reason=reason)), f"the reason {reason!r}"), "invalid"
        )


PROMISES: tuple[Promise, ...] = (
    the_longest_text_comes_back_whole,
    a_longer_text_is_refused,
    a_character_counts_once,
    an_address_has_limits,
    an_amount_has_eight_digits_and_two_decimals,
    an_amount_has_a_digit,
    a_decimal_has_a_digit,
    codes_are_taken_letter_by_letter,
    each_documented_reason_is_taken,
)
