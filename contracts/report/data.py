"""A result as JSON data: the one form that holds all of it. The other reports are views of this."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contracts.bodies import target_path
from contracts.findings import Finding, Step
from contracts.report.commands import commands
from contracts.report.secrets import Secrets
from contracts.run import certificate
from contracts.run.results import KINDS, Result, Verdict
from sandbox import __version__
from sandbox.answers import Answer

FORMAT = "trackbed-verify-1"
MAX_BODY = 4096  # characters of a body that a report keeps; the command holds all of it


def report(result: Result, secrets: Secrets) -> dict[str, Any]:
    """Write a result."""
    return {
        "format": FORMAT,
        "trackbed": __version__,
        "document": {"name": result.spec.name, "title": result.spec.title, "file": result.spec.file},
        "url": result.url,
        "seed": result.seed,
        "profile": result.profile,
        "calls": result.calls,
        "took_s": round(result.took_s, 3),
        "exit_code": result.exit_code,
        "nothing_proved": result.nothing or None,
        "ended_early": result.ended or None,
        "findings": [verdict_data(result, verdict, secrets) for verdict in result.verdicts],
        "untried": [
            {
                "kind": one.kind,
                "check": one.check,
                "operation": one.operation,
                "reason": one.reason,
                "error": one.error,
                "place": one.place or None,
            }
            for one in result.untried
        ],
        "checks": [{"kind": check.kind, "check": check.check, "operation": check.operation, "held": check.held} for check in result.checks],
        "certificate": {"summary": certificate.summary(result.certificate), "rows": certificate.told(result.certificate)},
        "removed": list(result.gone),
        "left": [{"operation": left.operation, "identifiers": left.identifiers} for left in result.left],
    }


def verdict_data(result: Result, verdict: Verdict, secrets: Secrets) -> dict[str, Any]:
    """Write a verdict with all that is needed to repeat what it is about."""
    finding = verdict.finding
    return {
        "ruling": verdict.ruling,
        "reason": verdict.reason or None,
        "times": verdict.times,
        **_about(finding),
        "file": result.spec.file,
        "expected": finding.expected,
        "got": finding.got,
        "seed": finding.seed,
        "commands": list(commands(result.url, finding.steps, secrets)),
        "story": story(result.url, finding.steps, secrets),
    }


def _about(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "check": finding.check,
        "operation": finding.operation,
        "where": finding.where,
        "cause": finding.cause or None,
        "source": finding.source or None,
        "inferred": finding.inferred,
        "message": finding.message,
    }


def story(url: str, steps: Sequence[Step], secrets: Secrets) -> list[dict[str, Any]]:
    """Write exchanges."""
    return [
        {
            "method": step.request.method,
            "url": url + target_path(step.request),
            "headers": secrets.hidden_headers(step.request.headers),
            "body": secrets.hidden(_body(step.request.body)),
            "answer": _answer(step.answer, secrets),
        }
        for step in steps
    ]


def _answer(answer: Answer | None, secrets: Secrets) -> dict[str, Any] | None:
    if answer is None:
        return None
    return {"status": answer.status, "headers": secrets.hidden_headers(answer.headers), "body": secrets.hidden(_body(answer.body))}


def _body(raw: bytes) -> str:
    text = raw.decode(errors="replace")
    return text if len(text) <= MAX_BODY else f"{text[:MAX_BODY]}… ({len(raw)} bytes)"


def matrix(result: Result) -> list[tuple[str, list[str]]]:
    """Lay out operations by kinds of check, for tables: how many were kept, and what was not."""
    operations = [*result.spec.operations, ""]
    rows = []
    for operation in operations:
        cells = [_cell(result, operation, index) for index in range(len(KINDS))]
        if any(cells):
            rows.append((operation or "(the whole)", cells))
    return rows


def _cell(result: Result, operation: str, index: int) -> str:
    counts = result.count(operation, KINDS[index])
    words = [f"{counts['kept']} kept" if counts["kept"] else "", f"{counts['broken']} broken" if counts["broken"] else ""]
    return ", ".join(word for word in [*words, f"{counts['untried']} untried" if counts["untried"] else ""] if word)
