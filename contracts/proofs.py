"""What promises prove their point with, whatever the provider: texts that get damaged, refusals, pages, accounts, clocks.

Nothing here knows an operation or a member of a document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from contracts.caller import Caller, Outcome
from contracts.promises import Broken, CannotTell, same
from sandbox.client import ControlError, workspace_path

# Texts that a careless implementation trims, folds, counts, escapes or guesses a type from; each is within 100 characters.
TEXTS: tuple[str, ...] = (
    "Größe ΣΑΣ ёж 漢字 שלום",
    "MiXeD cAsE, ß is not SS, İ is not i",
    "e\u0301 is not \u00e9, \ufb01 is not fi",
    "👩‍👩‍👧 and 𝄞 lie beyond sixteen bits",
    "<b>&amp;</b> \"double\" 'single' \\ / %20 + ; -- ${x} {{y}}",
    "two\nlines\tand a tab",
)
LOOKALIKES: tuple[str, ...] = ("007", "1.0", "1e5", "12.50", "true", "null", "2026-03-02")  # texts that are no numbers, no truths, no dates
BLANKS = "  two  blanks  around  and  between  "
MAX_PAGES = 400
_A_SECOND = 1.05  # with what a timer may be early
_ACCOUNT = re.compile(r"sbx_[A-Za-z0-9._-]{1,60}")


def taken(outcome: Outcome, what: str) -> Outcome:
    """Hold a call to be accepted, for what the document allows. Raises Broken, and CannotTell where the target wants a pause."""
    if outcome.accepted:
        return outcome
    if outcome.means == 429:
        raise CannotTell(f"{outcome.operation.id} was called too often")
    raise Broken(f"{what} is refused", "an accepted call", outcome.means, outcome)


def turned_down(outcome: Outcome, what: str) -> Outcome:
    """Hold a call to be refused, for what the document forbids. Raises Broken, and CannotTell where the target wants a pause."""
    if outcome.means == 429:
        raise CannotTell(f"{outcome.operation.id} was called too often")
    if outcome.accepted or outcome.means >= 500:
        raise Broken(f"{what} is not refused", "a refusal", outcome.means, outcome)
    return outcome


def members(got: Any, expected: Mapping[str, Any], what: str, outcome: Outcome | None = None) -> None:
    """Hold the members of an object to be what they should be; it may have others. Raises Broken, naming the first that is not."""
    if not isinstance(got, dict):
        raise Broken(f"{what} is no object", dict(expected), got, outcome)
    for name, value in expected.items():
        if name not in got:
            raise Broken(f"{what} lacks {name}", value, None, outcome)
        same(got[name], value, f"{name} of {what} is not what it should be", outcome)


def without(value: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Give an object without some of its members."""
    return {name: inner for name, inner in value.items() if name not in names}


def once(got: list[Any], expected: list[Any], what: str, outcome: Outcome | None = None) -> None:
    """Hold a list to have these values, each once, in any order. Raises Broken."""
    twice = [value for index, value in enumerate(got) if value in got[:index]]
    if twice:
        raise Broken(f"{what} has something twice", expected, twice, outcome)
    missing, foreign = [value for value in expected if value not in got], [value for value in got if value not in expected]
    if missing or foreign:
        raise Broken(f"{what} lacks something" if missing else f"{what} has more than it should", expected, got, outcome)


def pages(turn: Callable[[str | None], Outcome], following: Callable[[Outcome], str | None]) -> Iterator[Outcome]:
    """Turn pages from the first to the last; `following` tells what leads on. Raises Broken for one that leads back."""
    mark: str | None = None
    seen: set[str | None] = {None}
    for _ in range(MAX_PAGES):
        page = turn(mark)
        yield page
        mark = following(page)
        if mark is None:
            return
        if mark in seen:
            raise Broken("a page leads on to one that was there before", "another page", mark, page)
        seen.add(mark)
    raise CannotTell(f"the list has more than {MAX_PAGES} pages")


def moment(text: Any, what: str, outcome: Outcome | None = None) -> datetime:
    """Read a date-time with its offset. Raises Broken for what is none."""
    try:
        found = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        raise Broken(f"{what} is no real date-time", "an RFC 3339 date-time", text, outcome) from None
    if found.tzinfo is None:
        raise Broken(f"{what} has no offset", "an RFC 3339 date-time", text, outcome)
    return found.astimezone(UTC)


# --- accounts and clocks -----------------------------------------------------------------------------------------------------


def stranger(caller: Caller) -> Caller:
    """Give a caller with another account. Raises CannotTell where there is none."""
    other = caller.foreign()
    if other is None:
        raise CannotTell("there is one account only; a second one is needed")
    return other


def with_standing(caller: Caller, standing: str) -> str:
    """Name a credential of a certain standing (`revoked`, `readonly`, `denied`): the scene's own, or that of a `sbx_…` name.

    Raises CannotTell where neither is to be had.
    """
    if f"{standing}_credential" in caller.scene:
        return str(caller.scene[f"{standing}_credential"])
    if caller.text is not None and _ACCOUNT.fullmatch(caller.text):
        return f"sbx_{standing}_{caller.text.removeprefix('sbx_')}"[:64]
    raise CannotTell(f"a {standing} credential is needed; the scene may name one as {standing}_credential")


def later(caller: Caller) -> None:
    """Let a second pass, since times are told in seconds: on the target's clock, or where it can't be moved for everybody."""
    try:
        forward(caller, 1)
    except CannotTell:
        caller.wait(_A_SECOND)


def forward(caller: Caller, seconds: float) -> None:
    """Let time pass on a target that has a clock. Raises CannotTell where it has none.

    Nor can it be moved for a credential that is more than a name: a token that was bought with it would expire for all who share it.
    """
    found = _ACCOUNT.fullmatch(caller.text or "")
    if caller.control is None or found is None:
        raise CannotTell("the target's clock cannot be moved")
    try:
        caller.control.post(workspace_path(found[0], "clock", "advance"), {"by": seconds})
    except ControlError as error:
        raise CannotTell(f"the target's clock cannot be moved: {error}") from None
