"""Delivery Solutions, now called LynkUp: what its document can't say.

`provider` has the operations; beside it are the rooms that they use: `tokens`, `trackers` (what is kept and told), `story`
(how far an order is), `listing` (filters and pages of a list), `pages` (what links open) and `refusals`.
"""

from __future__ import annotations

from sandbox.providers.delivery_solutions.provider import DeliverySolutions

__all__ = ["DeliverySolutions"]
