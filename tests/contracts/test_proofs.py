"""What promises prove their point with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from judges import Bench

from contracts.caller import Outcome
from contracts.causes import refused
from contracts.promises import Broken, CannotTell
from contracts.proofs import BLANKS, LOOKALIKES, TEXTS, forward, members, moment, once, pages, stranger, taken, turned_down, with_standing
from sandbox.answers import Answer
from sandbox.exchange import Request
from sandbox.timeline import Clock

from callers import sandbox_app


@pytest.fixture
def bench(clock: Clock) -> Bench:
    return Bench("parcellab", sandbox_app("parcellab", clock=clock))


def outcome(bench: Bench, status: int, body: Any = None) -> Outcome:
    return Outcome(
        bench.spec.operations["putOrder"], Request("PUT", "/"), Answer(status, {"content-type": "application/json"}, b""), body, status
    )


def test_what_is_allowed_is_taken_and_what_is_forbidden_turned_down(bench: Bench) -> None:
    yes, no, later, broken = (outcome(bench, status) for status in (201, 400, 429, 500))
    assert (taken(yes, "it"), turned_down(no, "it")) == (yes, no)
    for hold, bad in ((taken, no), (taken, broken), (turned_down, yes), (turned_down, broken)):
        with pytest.raises(Broken):
            hold(bad, "it")
    for hold in (taken, turned_down):
        with pytest.raises(CannotTell):
            hold(later, "it")


def test_an_object_may_have_more_than_the_members_expected_and_not_less() -> None:
    members({"a": 1, "b": 2}, {"a": 1}, "it")
    for got in ({}, {"a": 2}, {"a": True}, {"a": "1"}, None, []):
        with pytest.raises(Broken):
            members(got, {"a": 1}, "it")


def test_a_list_has_each_value_once_in_any_order() -> None:
    once([2, 1], [1, 2], "it")
    for got in ([1], [1, 2, 2], [1, 2, 3], [1, 3], []):
        with pytest.raises(Broken):
            once(got, [1, 2], "it")


def test_pages_are_turned_to_the_last_and_never_in_a_circle(bench: Bench) -> None:
    def book(links: dict[str | None, str | None]) -> list[Any]:
        return [page.body for page in pages(lambda mark: outcome(bench, 200, [mark, links[mark]]), lambda page: page.body[1])]

    assert book({None: "b", "b": "c", "c": None}) == [[None, "b"], ["b", "c"], ["c", None]]
    with pytest.raises(Broken):
        book({None: "b", "b": "c", "c": "b"})
    with pytest.raises(CannotTell):
        list(pages(lambda mark: outcome(bench, 200, int(mark or 0)), lambda page: str(page.body + 1)))


def test_a_moment_is_real_and_has_an_offset() -> None:
    assert moment("2026-03-02T10:00:00+01:00", "it") == datetime(2026, 3, 2, 9, tzinfo=UTC)
    for text in ("2026-02-30T10:00:00Z", "2026-03-02T10:00:00", "yesterday", None, 5):
        with pytest.raises(Broken):
            moment(text, "it")


def test_others_and_other_standings_are_to_be_had_for_a_lone_name_or_from_the_scene(bench: Bench) -> None:
    lone, other = bench.caller("sbx_name"), bench.caller("12345:secret")
    assert stranger(lone).text != lone.text
    assert with_standing(lone, "revoked") == "sbx_revoked_name"
    for ask in (stranger, lambda caller: with_standing(caller, "revoked"), lambda caller: forward(caller, 1)):
        with pytest.raises(CannotTell):
            ask(other)
    other.scene = {"revoked_credential": "old"}
    assert with_standing(other, "revoked") == "old"


def test_time_goes_forward_where_there_is_a_clock(bench: Bench) -> None:
    caller = bench.caller("sbx_clock")
    order = {"account": 12345, "order_number": "1", "destination_country_iso3": "DEU", "recipient_email": "a@example.com"}
    first = caller.call("putOrder", order)
    forward(caller, 3600)
    second = caller.call("putOrder", {**order, "order_number": "2"})
    created = [datetime.fromisoformat(one.at("/created_at")) for one in (first, second)]
    assert (created[1] - created[0]).total_seconds() == 3600


def test_texts_are_short_enough_for_every_member() -> None:
    assert max(map(len, (*TEXTS, *LOOKALIKES, BLANKS))) <= 80
    assert len({*TEXTS, *LOOKALIKES}) == len(TEXTS) + len(LOOKALIKES)


def test_a_refusal_may_tell_its_errors_in_any_number_and_order(bench: Bench) -> None:
    def refusal(*codes: str) -> Outcome:
        errors = [{"code": code, "detail": "This field is required.", "attr": None} for code in codes]
        return outcome(bench, 400, {"type": "client_error", "errors": errors})

    for codes in (("required",), ("required", "required"), ("invalid", "required")):
        refused(bench.spec, refusal(*codes), "missing-for-create")
    for codes in (("invalid",), ("invalid", "unique")):
        with pytest.raises(Broken):
            refused(bench.spec, refusal(*codes), "missing-for-create")
