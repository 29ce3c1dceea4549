"""Where the documents and the fixtures are: beside the code in a checkout, inside the package in a wheel."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent
_DATA = _HERE / "_data" if (_HERE / "_data").is_dir() else _HERE.parent

SPECS = _DATA / "specs"
FIXTURES = _DATA / "fixtures"
