"""What every test may ask for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sandbox.timeline import Clock

sys.path.insert(0, str(Path(__file__).parent))

from moments import NOW


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still at 2026-03-02 09:00 UTC; a test moves it by setting `fixed`."""
    return Clock(NOW)
