"""A result as JUnit XML: one suite for each kind of check, one test case for each check and operation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import junitparser

from contracts.run.results import KINDS, Result

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # in XML 1.0, even as references


def suites(result: Result, data: dict[str, Any]) -> str:
    """Write the XML."""
    whole = junitparser.JUnitXml(f"trackbed verify {result.spec.name}")
    accused = [finding for finding in data["findings"] if finding["ruling"] in _counting(result)]
    for kind in (*KINDS, "certificate"):
        suite = junitparser.TestSuite(f"{result.spec.name}.{kind}")
        suite.add_testcases(list(_proofs(result)) if kind == "certificate" else [*_checks(data, kind, accused), *_untried(data, kind)])
        if len(suite):
            whole.add_testsuite(suite)
    whole.update_statistics()  # type: ignore[no-untyped-call]
    return str(whole.tostring().decode())  # type: ignore[no-untyped-call]


def _counting(result: Result) -> tuple[str, ...]:
    return ("failed", "doubtful") if result.strict or result.own else ("failed",)


def _checks(data: dict[str, Any], kind: str, accused: list[dict[str, Any]]) -> Iterator[junitparser.TestCase]:
    """Write a case for each check that was made; a finding is a failure of its own case."""
    found = {(finding["check"], finding["operation"]): finding for finding in accused if finding["kind"] == kind}
    for check in data["checks"]:
        name = (check["check"], check["operation"])
        if check["kind"] == kind and check["held"] != "untried" and name not in found:
            yield _case(*name)
    for name, finding in found.items():
        case = _case(*name)
        case.result = [junitparser.Failure(_legal(finding["message"]), finding["ruling"])]
        case.result[0].text = _legal(_story(finding))
        yield case


def _untried(data: dict[str, Any], kind: str) -> Iterator[junitparser.TestCase]:
    for untried in data["untried"]:
        if untried["kind"] == kind:
            case = _case(untried["check"], untried["operation"])
            case.result = [(junitparser.Error if untried["error"] else junitparser.Skipped)(_legal(untried["reason"]))]
            yield case


def _proofs(result: Result) -> Iterator[junitparser.TestCase]:
    """Write a case for each operation: whether it ever answered with success. A run that proved nothing is an error."""
    for row in result.certificate.rows:
        if row.kind == "operation":
            case = _case("answers with success", row.operation)
            if row.state == "missing":
                case.result = [junitparser.Error("it never did, so nothing is proved of it")]
            elif row.state == "impossible":
                case.result = [junitparser.Skipped(row.reason)]
            yield case


def _case(check: str, operation: str) -> junitparser.TestCase:
    return junitparser.TestCase(_legal(check), classname=_legal(operation or "the whole"))


def _story(finding: dict[str, Any]) -> str:
    place = f"{finding['file']}#{finding['where']} {finding['source'] or ''}".strip()
    expected = f"expected {finding['expected']!r}, got {finding['got']!r}, seed {finding['seed']}"
    return "\n".join([finding["message"], place, expected, *finding["commands"]])


def _legal(text: str) -> str:
    return _ILLEGAL.sub(lambda match: ascii(match[0])[1:-1], text)
