"""What a document declares of a list is read, and its pages are turned to the end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from breaking import document

from contracts import documents, listing
from contracts.caller import Caller
from contracts.promises import Broken, CannotTell
from sandbox.answers import Answer
from sandbox.exchange import Request

NOTES = documents.load(Path(__file__).parent / "documents" / "notes.yaml")
LIST = listing.listing(NOTES, NOTES.operations["list"])
assert LIST is not None


class Pages:
    """A target that has pages by the cursor that is asked for; `asked` are the queries."""

    url = "http://localhost"

    def __init__(self, pages: Mapping[str, tuple[list[Any], Any]], status: int = 200) -> None:
        self.pages = pages
        self.status = status
        self.asked: list[dict[str, str]] = []

    def send(self, request: Request) -> Answer:
        query = dict(parse_qsl(request.query))
        self.asked.append(query)
        items, following = self.pages[query.get("after", "")]
        body = json.dumps({"notes": items, "next": following}).encode()
        return Answer(self.status, {"content-type": "application/json"}, body)


def test_the_roles_of_a_list_are_read() -> None:
    assert (LIST.items, LIST.cursor, LIST.next, LIST.limit, LIST.page) == ("/notes", "after", "/next", "size", "")
    assert LIST.windows == {"/written": listing.Window("since", "until", "text")}
    assert listing.listing(NOTES, NOTES.operations["read"]) is None
    assert {one.operation.id for one in listing.listings(document("trackru"))} == {"listTrackings", "listTrackingsByPost"}


def test_a_list_without_items_is_none() -> None:
    spec = documents.load(Path(__file__).parent / "documents" / "notes.yaml")
    spec.tree["paths"]["/notes"]["get"]["x-list"] = {"limit": "size"}
    assert listing.listing(spec, spec.operations["list"]) is None


@pytest.mark.parametrize(
    "second", ["two", "/notes?size=2&after=two", "http://localhost/notes?after=two", "https://notes.example/notes?after=two", "?after=two"]
)
def test_a_cursor_leads_on_as_itself_or_in_an_address(second: str) -> None:
    target = Pages({"": ([{"id": 1}], second), "two": ([{"id": 2}], None)})
    assert listing.identities(listing.whole(Caller(NOTES, target, None), LIST, {"tag": "red"})) == ["1", "2"]
    assert target.asked == [{"size": "100", "tag": "red"}, {"size": "100", "tag": "red", "after": "two"}]


def test_an_address_of_another_host_is_told() -> None:
    target = Pages({"": ([{"id": 1}], "http://10.0.0.7:3000/notes?after=two"), "two": ([{"id": 2}], None)})
    with pytest.raises(Broken, match="another host"):
        listing.whole(Caller(NOTES, target, None), LIST)


def test_a_page_that_leads_back_is_told() -> None:
    target = Pages({"": ([{"id": 1}], "two"), "two": ([{"id": 2}], "two")})
    with pytest.raises(Broken, match="that was there before"):
        listing.whole(Caller(NOTES, target, None), LIST)


def test_a_page_that_comes_again_is_told() -> None:
    target = Pages({"": ([{"id": 1}], "two"), "two": ([{"id": 1}], "three")})
    with pytest.raises(Broken, match="the one before it again"):
        listing.whole(Caller(NOTES, target, None), LIST)


def test_a_list_without_an_end_is_not_read_for_ever() -> None:
    pages = {"": ([{"id": 0}], "1")} | {str(number): ([{"id": number}], str(number + 1)) for number in range(1, 99)}
    with pytest.raises(CannotTell, match="more than 60 pages"):
        listing.whole(Caller(NOTES, Pages(pages), None), LIST)


def test_a_refusal_for_an_empty_list_is_an_empty_list_and_another_one_cannot_be_told() -> None:
    assert listing.whole(Caller(NOTES, Pages({"": ([], None)}, 404), None), LIST) == []
    with pytest.raises(CannotTell, match="refused with 403"):
        listing.whole(Caller(NOTES, Pages({"": ([], None)}, 403), None), LIST)


def test_items_that_are_no_array_are_told() -> None:
    target = Pages({"": ("one, two", None)})  # type: ignore[dict-item]
    with pytest.raises(Broken, match="has no items at /notes"):
        listing.whole(Caller(NOTES, target, None), LIST)


def test_parameters_of_a_body_are_laid_into_one() -> None:
    spec = document("delivery_solutions")
    found = listing.listing(spec, spec.operations["listTrackers"])
    assert found is not None
    target = Pages({"": ([], None)})
    caller = Caller(spec, target, "sbx_x")
    request = listing.call(caller, found, {"/pagination/currentToken": "t", "/groupId": "g"}).request
    assert json.loads(request.body) == {"pagination": {"currentToken": "t"}, "groupId": "g"}
    assert json.loads(listing.call(caller, found, {}).request.body) == {}  # its body must be there


@pytest.mark.parametrize(
    ("provider", "operation", "name", "kind"),
    [
        ("trackru", "listTrackings", "status", "string"),
        ("trackru", "listTrackingsByPost", "/created_at_min", "integer"),
        ("delivery_solutions", "listTrackers", "/statuses", "array"),
        ("trackru", "listTrackings", "nobody", None),
        ("trackru", "listTrackingsByPost", "/nobody", None),
    ],
)
def test_the_schema_of_a_parameter_is_found_where_it_travels(provider: str, operation: str, name: str, kind: str | None) -> None:
    spec = document(provider)
    found = listing.listing(spec, spec.operations[operation])
    assert found is not None
    assert listing.schema_of(spec, found, name).get("type") == kind


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ({"id": 1, "a": 1}, {"id": 1, "a": 2}, True),
        ({"external_id": "x"}, {"external_id": "y"}, False),
        ({"userId": "x", "a": 1}, {"userId": "x", "a": 2}, False),  # it may be somebody else's
        ([1], [1], True),
    ],
)
def test_two_items_are_the_same_thing_by_their_ids(one: Any, other: Any, alike: bool) -> None:
    assert (listing.identity(one) == listing.identity(other)) is alike
