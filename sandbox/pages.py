"""Pages for a parcel's recipient: what the links in an answer open. Data only; one template shows them all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PageEvent:
    """One line of a parcel's story. `at` is aware, in the zone of the place."""

    at: datetime
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page: a title, a sentence, facts as (name, value), the story newest first, and links as (text, address)."""

    title: str
    lead: str
    facts: tuple[tuple[str, str], ...] = ()
    events: tuple[PageEvent, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
