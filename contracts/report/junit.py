"""JUnit XML, as CI reads it: the one writer of it, for whatever was checked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import junitparser

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # in XML 1.0, even as references
_RESULTS = {"failure": junitparser.Failure, "error": junitparser.Error, "skipped": junitparser.Skipped}


Ended = Literal["kept", "failure", "error", "skipped"]


@dataclass(frozen=True, slots=True)
class Case:
    """One check: the suite that it belongs to, its name, what it is about, and how it ended, with a message and a longer text."""

    suite: str
    name: str
    about: str
    ended: Ended = "kept"
    message: str = ""
    kind: str | None = None
    text: str = ""


def write(title: str, cases: Iterable[Case]) -> str:
    """Write the XML: suites in the order in which they come, a case for each check. What XML can't hold is written as an escape."""
    suites: dict[str, junitparser.TestSuite] = {}
    for case in cases:
        suites.setdefault(case.suite, junitparser.TestSuite(_legal(case.suite))).add_testcase(_element(case))
    whole = junitparser.JUnitXml(_legal(title))
    for suite in suites.values():
        whole.add_testsuite(suite)
    whole.update_statistics()  # type: ignore[no-untyped-call]  # it has no types
    return str(whole.tostring().decode())  # type: ignore[no-untyped-call]  # it has no types


def _element(case: Case) -> junitparser.TestCase:
    element = junitparser.TestCase(_legal(case.name), classname=_legal(case.about))
    if case.ended != "kept":
        result = _RESULTS[case.ended](_legal(case.message), case.kind)
        if case.text:
            result.text = _legal(case.text)
        element.result = [result]
    return element


def _legal(text: str) -> str:
    return _ILLEGAL.sub(lambda match: ascii(match[0])[1:-1], text)
