"""What the real service would send to a parcel's recipient by e-mail or text message.

Nothing is sent. Messages follow from journeys and clock, as statuses do, so they are worked out when somebody looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `at` is aware, `channel` is email or sms, `about` names the parcel."""

    at: datetime
    channel: str
    to: str
    about: str
    text: str
