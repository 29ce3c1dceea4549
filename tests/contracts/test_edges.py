"""The law of edges holds of the sandbox, and is told where an edge lies elsewhere. More of both is in test_faulty."""

from __future__ import annotations

import itertools

import pytest
from breaking import broken, caller, document, untold

from contracts import laws
from contracts.promises import Promise
from contracts.providers import PROVIDERS

NUMBERS = itertools.count(1)
ALL = [
    pytest.param(provider, promise, id=f"{provider}-{promise.name}-{promise.operations[0]}")
    for provider in PROVIDERS
    for promise in laws.of_bodies(document(provider))
]


@pytest.mark.parametrize(("provider", "promise"), ALL)
def test_the_sandbox_keeps_to_its_edges(provider: str, promise: Promise) -> None:
    assert untold(promise.check, caller(provider, f"sbx_e{next(NUMBERS)}", clock=False)) == ""


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("trackru-short-number-accepted", ""),  # no example is as short, and a pattern tells no edge
        ("trackru-number-unanchored", "a line break behind it at /tracking_number is not refused"),
        ("billink-carrier-in-any-case", "the other letter case at /carrierCode is not refused"),
        ("delivery_solutions-postal-code-of-21", "a text of 21 characters at /deliveryAddress/postalCode is not refused"),
        ("delivery_solutions-city-of-100-refused", "a text of 100 characters at /deliveryAddress/city is refused"),
        ("delivery_solutions-length-in-bytes", "a text of 100 characters, most of four bytes at /deliveryAddress/city is refused"),
        ("delivery_solutions-negative-value", "the number -1 at /orderValue is not refused"),
        ("parcellab-number-of-256", "a text of 256 characters at /order_number is not refused"),
        ("parcellab-country-in-any-case", "the other letter case at /destination_country_iso3 is not refused"),
    ],
)
def test_an_edge_that_lies_elsewhere_is_told(name: str, told: str) -> None:
    provider = next(known for known in PROVIDERS if name.startswith(f"{known}-"))
    creates = [law for law in laws.of_bodies(document(provider)) if law.operations[0] in ("createTracking", "createTracker", "createOrder")]
    found = [str(found) for law in creates if (found := broken(law.check, caller(provider, f"sbx_e{next(NUMBERS)}", name)))]
    assert found == ([told] if told else [])
