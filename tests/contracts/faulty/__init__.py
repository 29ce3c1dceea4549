"""Implementations that are wrong in one way each, and some that are right in ways of their own.

The first must be caught, the second must not be accused. Each is the sandbox with a difference; `making` says how.
"""

from . import billink, delivery_solutions, parcellab, trackru
from .making import App, Difference, Faulty, Right, build
from .right import RIGHT

FAULTY: tuple[Faulty, ...] = (*trackru.FAULTY, *billink.FAULTY, *delivery_solutions.FAULTY, *parcellab.FAULTY)

__all__ = ["FAULTY", "RIGHT", "App", "Difference", "Faulty", "Right", "build"]
