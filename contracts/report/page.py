"""A result as one HTML page that needs nothing else: no script, no picture, no font, nothing from anywhere."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from contracts.report.data import matrix
from contracts.report.plain import plain, value
from contracts.run import certificate
from contracts.run.results import KINDS, Result


def page(result: Result, data: dict[str, Any]) -> str:
    """Write the page. Whatever comes from the target is text in it."""
    environment = Environment(
        loader=PackageLoader("contracts.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"plain": plain, "value": lambda thing: value(thing, 2000)}
    return environment.get_template("report.html").render(
        report=data, kinds=KINDS, matrix=matrix(result), states=certificate.STATES, proofs=certificate.KINDS
    )
