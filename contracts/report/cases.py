"""A result as cases for CI: one suite for each kind of check, one case for each check and operation, and for each finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from contracts.report.junit import Case, Ended, write
from contracts.run.results import KINDS, Result


def suites(result: Result, data: dict[str, Any]) -> str:
    """Write the XML."""
    return write(f"trackbed verify {result.spec.name}", _cases(result, data))


def _cases(result: Result, data: dict[str, Any]) -> Iterator[Case]:
    accused = [finding for finding in data["findings"] if finding["ruling"] in _counting(result)]
    for kind in KINDS:
        suite = f"{result.spec.name}.{kind}"
        yield from _checks(suite, [one for one in data["checks"] if one["kind"] == kind], [one for one in accused if one["kind"] == kind])
        for untried in data["untried"]:
            if untried["kind"] == kind:
                ended: Ended = "error" if untried["error"] else "skipped"
                yield Case(suite, untried["check"], _about(untried["operation"]), ended, untried["reason"])
    yield from _proofs(result)


def _counting(result: Result) -> tuple[str, ...]:
    return ("failed", "doubtful") if result.strict or result.own else ("failed",)


def _checks(suite: str, checks: list[dict[str, Any]], findings: list[dict[str, Any]]) -> Iterator[Case]:
    """Write a case for each check that was made; a finding is a failure of its own case, and says where if it is not the only one."""
    found = Counter((finding["check"], finding["operation"]) for finding in findings)
    for check in checks:
        if check["held"] != "untried" and (check["check"], check["operation"]) not in found:
            yield Case(suite, check["check"], _about(check["operation"]))
    for finding in findings:
        name = finding["check"]
        if found[name, finding["operation"]] > 1:
            name = " ".join(word for word in (name, finding["where"], finding["cause"]) if word)
        yield Case(suite, name, _about(finding["operation"]), "failure", finding["message"], finding["ruling"], _story(finding))


def _proofs(result: Result) -> Iterator[Case]:
    """Write a case for each operation: whether it ever answered with success. A run that proved nothing is an error."""
    suite, name = f"{result.spec.name}.certificate", "answers with success"
    for row in result.certificate.rows:
        if row.kind == "operation" and row.state == "missing":
            yield Case(suite, name, row.operation, "error", "it never did, so nothing is proved of it")
        elif row.kind == "operation" and row.state == "impossible":
            yield Case(suite, name, row.operation, "skipped", row.reason)
        elif row.kind == "operation":
            yield Case(suite, name, row.operation)


def _about(operation: str) -> str:
    return operation or "the whole"


def _story(finding: dict[str, Any]) -> str:
    place = f"{finding['file']}#{finding['where']} {finding['source'] or ''}".strip()
    expected = f"expected {finding['expected']!r}, got {finding['got']!r}, seed {finding['seed']}"
    return "\n".join([finding["message"], place, expected, *finding["commands"]])
