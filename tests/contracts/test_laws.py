"""Laws hold of the sandbox's four APIs and of a small one of another kind, and each of them is told when it is broken."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from breaking import answers, asks, broken, caller, document, untold
from judges import Bug, Send

from contracts import documents, laws
from contracts.caller import Caller
from contracts.promises import Promise
from contracts.providers import PROVIDERS
from sandbox import codec
from sandbox.answers import Answer
from sandbox.exchange import Request
from sandbox.spec import Spec

NUMBERS = itertools.count(1)
DOCUMENTS = Path(__file__).parent / "documents"


@cache
def promises(provider: str) -> tuple[Promise, ...]:
    return laws.promises(document(provider))


def label(promise: Promise) -> str:
    return f"{promise.name}-{'-'.join(promise.operations)}"


ALL = [pytest.param(provider, promise, id=f"{provider}-{label(promise)}") for provider in PROVIDERS for promise in promises(provider)]


@pytest.mark.parametrize("account", ["sbx_l{}", "sbx_empty_l{}"])
@pytest.mark.parametrize(("provider", "promise"), ALL)
def test_the_sandbox_keeps_each_law(provider: str, promise: Promise, account: str) -> None:
    assert untold(promise.check, caller(provider, account.format(next(NUMBERS)), clock=False)) == ""


def test_a_document_that_declares_nothing_makes_no_laws() -> None:
    assert promises("billink") == ()


def test_a_law_is_as_sure_as_the_document() -> None:
    sure = {(promise.name, promise.operations[0]): promise.inferred for promise in promises("trackru")}
    assert sure["a-limit-is-a-prefix", "listTrackings"] is False
    assert sure["the-list-is-sorted-as-declared", "listTrackings"] is True
    assert sure["a-limit-is-a-prefix", "listTrackingsByPost"] is True
    assert all(promise.source or promise.inferred for promise in promises("trackru"))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_law_is_made_twice_of_an_operation(provider: str) -> None:
    names = [(promise.name, promise.operations[0]) for promise in promises(provider)]
    assert len(set(names)) == len(names)


# --- broken by an API of ours ------------------------------------------------------------------------------------------------------


def listing(change: Callable[[list[Any]], Any]) -> Bug:
    """Change the items of a list; what is left of none is refused as nothing is, so it stays as it was."""

    def with_items(body: Any) -> None:
        place = "items" if isinstance(body.get("data"), dict) else "data" if "data" in body else "results"
        around = body["data"] if place == "items" else body
        around[place] = change(around[place])

    return answers(with_items)


def without(*names: str) -> Bug:
    """Take parameters out of a query and out of a body."""

    def change(request: Request) -> Request:
        query = "&".join(pair for pair in request.query.split("&") if pair.partition("=")[0] not in names)
        body = request.body
        if body.startswith(b"{") and (request.path.endswith("/list") or request.path.endswith("/get")):
            body = codec.dump({name: value for name, value in json.loads(body).items() if name not in names})
        return request._replace(query=query, body=body)

    return asks(change)


def only_said(method: str) -> Bug:
    """Answer a method with success and do nothing."""

    def bug(request: Request, send: Send) -> Answer:
        if request.method != method:
            return send(request)
        return Answer(
            200, {"content-type": "application/json"}, b'{"meta": {"code": 200, "type": "Success", "message": "Success"}, "data": []}'
        )

    return bug


def never_found(request: Request, send: Send) -> Answer:
    gone = request.method == "GET" and request.path.count("/") > 3 and not request.path.endswith(("/get", "/orders/"))
    return send(request._replace(path=f"{request.path.rstrip('/')[:-4]}0000{'/' * request.path.endswith('/')}") if gone else request)


def counts_updates() -> Bug:
    numbers = itertools.count(1)

    def change(request: Request) -> Request:
        if request.method != "PUT":
            return request
        return request._replace(
            body=codec.dump({**json.loads(request.body), "customer_name": f"No. {next(numbers)}", "recipient_name": f"No. {next(numbers)}"})
        )

    return asks(change)


def _one_more(request: Request) -> Request:
    def more(text: str) -> str:
        return "&".join(f"limit={int(pair[6:]) + 1}" if pair.startswith("limit=") else pair for pair in text.split("&"))

    body = request.body
    if b'"limit"' in body:
        given = json.loads(body)
        body = codec.dump({**given, "limit": given["limit"] + 1})
    return request._replace(query=more(request.query), body=body)


def _total(body: Any) -> None:
    body["data"]["total"] = str(int(body["data"]["total"]) + 1)


BUGS: dict[str, Callable[[], Bug]] = {
    "everything-is-listed-once": lambda: listing(lambda items: items + items[:1]),
    "a-limit-is-a-prefix": lambda: asks(_one_more),
    "pages-partition-the-list": lambda: without("page"),
    "cursors-partition-the-list": lambda: listing(lambda items: items[1:]),
    "the-total-counts-the-whole": lambda: answers(_total),
    "the-list-is-sorted-as-declared": lambda: listing(lambda items: items[::-1]),
    "an-order-turns-the-list": lambda: without("ordering"),
    "a-filter-leaves-what-matches": lambda: without("status", "statuses", "groupId", "locationExternalIds", "account", "archived"),
    "a-narrower-window-leaves-less": lambda: without("created_at_min", "update_time_max"),
    "what-is-created-is-listed": lambda: listing(lambda items: items[1:]),
    "what-is-deleted-is-listed-no-longer": lambda: only_said("DELETE"),
    "what-is-deleted-is-read-no-longer": lambda: only_said("DELETE"),
    "what-is-created-can-be-read": lambda: never_found,
    "a-put-twice-is-a-put-once": counts_updates,
}


EDGES = {"values-end-where-the-schema-says", "values-end-where-the-schema-supposes"}  # broken by the catalogue of what is wrong
SAME = ("parcellab", "a-filter-leaves-what-matches")  # all that one caller creates has the same account: an ignored filter does not show


@pytest.mark.parametrize(
    ("provider", "promise"), [case for case in ALL if (case.values[0], case.values[1].name) != SAME and case.values[1].name not in EDGES]
)
def test_each_law_is_told_when_it_is_broken(provider: str, promise: Promise) -> None:
    account = f"sbx_bad{next(NUMBERS)}"
    assert broken(promise.check, caller(provider, account, BUGS[promise.name](), clock=False))


# --- another API ---------------------------------------------------------------------------------------------------------------


@dataclass
class Notes:
    """An API of another kind: cursors in a query, orders, windows in text. `wrong` names what it does wrong."""

    wrong: str = ""
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    made: int = 0
    url: str = "http://localhost/notes"

    def send(self, request: Request) -> Answer:  # noqa: PLR0911 - one for each thing that may be asked
        ident = request.path.removeprefix("/notes").strip("/")
        body = json.loads(request.body) if request.body else {}
        match request.method, ident:
            case "POST", "" if next(iter(notes().operations["write"].body.media.values())).problems(body):
                return Answer(400, {}, b"")
            case "POST", "":
                return _json(201, self._write(body))
            case "GET", "":
                return _json(200, self._list(dict(parse_qsl(request.query))))
            case "GET", _ if ident in self.notes and self.wrong != "lost":
                return _json(200, self.notes[ident])
            case "PUT", _ if ident in self.notes:
                changes = self.notes[ident].get("changes", 0) + 1 if self.wrong == "counting" else 0
                self.notes[ident] |= {**body, **({"changes": changes} if changes else {}), "changed": self._now()}
                return _json(200, self.notes[ident])
            case "DELETE", _ if ident in self.notes:
                if self.wrong != "undead":
                    del self.notes[ident]
                return Answer(204, {}, b"")
            case _:
                return Answer(404, {}, b"")

    def _now(self) -> str:
        self.made += 1
        return (datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(minutes=self.made)).isoformat()

    def _write(self, body: dict[str, Any]) -> dict[str, Any]:
        written = self._now()
        note = {"id": f"n{self.made}", "number": self.made, "written": written, **body}
        self.notes[note["id"]] = note
        return note

    def _list(self, wanted: dict[str, str]) -> dict[str, Any]:
        found = list(self.notes.values())
        if "tag" in wanted and self.wrong != "no-filter":
            found = [note for note in found if note["tag"] == wanted["tag"]]
        if "kept" in wanted and self.wrong != "no-truth":
            found = [note for note in found if note["kept"] == (wanted["kept"] == "true")]
        if "since" in wanted and self.wrong != "no-window":
            since, until = (datetime.fromisoformat(wanted[name].replace(" ", "+")) for name in ("since", "until"))
            found = [note for note in found if since <= datetime.fromisoformat(note["written"]) <= until]
        by = wanted.get("by", "number").lstrip("-") if self.wrong != "no-order" else "number"
        found.sort(key=lambda note: note[by], reverse=wanted.get("by", "").startswith("-") or self.wrong == "upside-down")
        start, size = int(wanted.get("after", 0)), int(wanted.get("size", 4))
        if self.wrong == "repeating":
            start = max(start - 1, 0)
        page = found[start : start + size + (self.wrong == "off-by-one")]
        following = None if start + size >= len(found) else str(start + size)
        if self.wrong == "endless":
            following = "0"
        if self.wrong == "forgetful":
            page = page[:-1] or page
        total = len(page) if self.wrong == "total-of-a-page" else len(found)
        return {"notes": page, "next": following, "total": total}


def _json(status: int, body: Any) -> Answer:
    return Answer(status, {"content-type": "application/json"}, codec.dump(body))


@cache
def notes() -> Spec:
    return documents.load(DOCUMENTS / "notes.yaml")


@pytest.mark.parametrize("promise", laws.promises(notes()), ids=label)
def test_laws_hold_of_an_api_that_nobody_here_knows(promise: Promise) -> None:
    assert promise.inferred  # no page is named
    assert untold(promise.check, Caller(notes(), Notes(), None)) == ""


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("no-filter", {"a-filter-leaves-what-matches"}),
        ("no-truth", {"a-filter-leaves-what-matches"}),
        ("no-window", {"a-narrower-window-leaves-less"}),
        ("no-order", {"an-order-turns-the-list"}),
        ("upside-down", {"the-list-is-sorted-as-declared"}),
        ("repeating", {"cursors-partition-the-list"}),
        ("endless", {"everything-is-listed-once", "cursors-partition-the-list"}),
        ("off-by-one", {"a-limit-is-a-prefix"}),
        ("forgetful", {"what-is-created-is-listed"}),
        ("total-of-a-page", {"the-total-counts-the-whole"}),
        ("undead", {"what-is-deleted-is-listed-no-longer", "what-is-deleted-is-read-no-longer"}),
        ("lost", {"what-is-created-can-be-read"}),
        ("counting", {"a-put-twice-is-a-put-once"}),
    ],
)
def test_a_law_is_told_of_an_api_that_nobody_here_knows(wrong: str, told: set[str]) -> None:
    found = {promise.name for promise in laws.promises(notes()) if broken(promise.check, Caller(notes(), Notes(wrong), None))}
    assert told <= found


def test_every_law_of_that_api_is_among_those_that_were_broken() -> None:
    names = {promise.name for promise in laws.promises(notes())}
    assert names - EDGES == set(BUGS) - {"pages-partition-the-list"}


def test_a_list_that_nothing_can_be_created_for_says_so() -> None:
    empty = Notes()
    spec = documents.load(DOCUMENTS / "notes.yaml")
    del spec.tree["paths"]["/notes"]["post"]
    reread = Spec(spec.name, spec.file, spec.tree)
    prefix = next(promise for promise in laws.promises(reread) if promise.name == "a-limit-is-a-prefix")
    assert "nothing can be created" in untold(prefix.check, Caller(reread, empty, None))
