"""A result for a person at a terminal: findings with the commands that repeat them, a table, and one line that says how it ended."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from contracts.report.commands import commands
from contracts.report.data import matrix
from contracts.report.plain import line, plain, value
from contracts.report.secrets import Secrets
from contracts.run import certificate
from contracts.run.results import KINDS, Result, Ruling, Verdict

MAX_COMMANDS = 12  # of one story; the JSON report has them all
MAX_LISTED = 10
_STYLES: dict[Ruling, str] = {"failed": "bold red", "doubtful": "yellow", "flake": "magenta", "disputed": "magenta", "known": "dim"}
_TOLD: dict[Ruling, str] = {
    "failed": "failed: a documented promise is broken",
    "doubtful": "doubtful: what no page states is not as it should be",
    "flake": "flake: it did not come about again",
    "disputed": "disputed: not held against the target",
    "known": "known: the baseline has it",
}


def tell(console: Console, result: Result, secrets: Secrets) -> None:
    """Print a result."""
    for ruling in _TOLD:
        for verdict in result.ruled(ruling):
            if ruling == "known":
                continue
            console.print(_finding(result, verdict, secrets), soft_wrap=True)
    console.print(table(result))
    for text in _notes(result):
        console.print(Text(text), soft_wrap=True)
    console.print(Text(_ending(result), style="bold green" if result.exit_code == 0 else "bold red"), soft_wrap=True)


def _finding(result: Result, verdict: Verdict, secrets: Secrets) -> Text:
    finding = verdict.finding
    text = Text()
    text.append(f"{_TOLD[verdict.ruling]}\n", style=_STYLES[verdict.ruling])
    text.append(f"  {finding.kind} {finding.check} of {finding.operation or 'the whole'}\n", style="bold")
    text.append(f"  {line(finding.message)}\n")
    if verdict.reason:
        text.append(f"  {line(verdict.reason)}\n")
    place = f"{result.spec.file}#{finding.where}"
    text.append(f"  where     {line(place)}{f'  ({line(finding.source)})' if finding.source else ''}\n")
    if finding.expected is not None or finding.got is not None:
        text.append(f"  expected  {value(finding.expected)}\n  got       {secrets.hidden(value(finding.got))}\n")
    if verdict.times > 1:
        text.append(f"  seen      {verdict.times} times\n")
    text.append(f"  seed      {finding.seed}\n")
    told = commands(result.url, finding.steps, secrets)
    if len(told) > MAX_COMMANDS:
        text.append(f"  … {len(told) - MAX_COMMANDS} calls before; the JSON report has them all\n", style="dim")
    for command in told[-MAX_COMMANDS:]:
        text.append(f"  $ {plain(command)}\n", style="cyan")
    if finding.steps and (answer := finding.steps[-1].answer) is not None:
        text.append(f"  → {answer.status} {secrets.hidden(line(answer.body.decode(errors='replace'), 200))}\n", style="dim")
    return text


def table(result: Result) -> Table:
    """Lay out operations by kinds of check, and what was proved of each."""
    grid = Table(box=box.SIMPLE_HEAD, title=f"{plain(result.spec.title)} at {plain(result.url)}", title_justify="left")
    grid.add_column("operation", overflow="fold")
    for kind in (*KINDS, "success", "replies", "causes", "links", "rules"):
        grid.add_column(kind, justify="right")
    for operation, cells in matrix(result):
        grid.add_row(operation, *(Text(cell or "-", style=_style(cell)) for cell in cells), *_proved(result, operation))
    return grid


def _style(cell: str) -> str:
    return "bold red" if "broken" in cell else "yellow" if "untried" in cell else "green" if cell else "dim"


def _proved(result: Result, operation: str) -> Iterator[Text]:
    """Say how much of an operation was seen, of how much there is to see."""
    for kind in certificate.KINDS:
        name = "" if operation == "(the whole)" else operation
        seen = result.certificate.count(kind, "seen", name) + result.certificate.count(kind, "shown", name)
        missing = result.certificate.count(kind, "missing", name)
        word = "-" if not seen + missing else f"{seen}/{seen + missing}"
        yield Text(word, style="yellow" if missing else "green" if seen else "dim")


def _notes(result: Result) -> Iterator[str]:
    if known := result.ruled("known"):
        yield f"{len(known)} known from the baseline"
    for untried in sorted(result.untried, key=lambda one: not one.error)[:MAX_LISTED]:
        what = "could not run" if untried.error else "could not be tried"
        yield f"{what}: {untried.kind} {untried.check} of {untried.operation or 'the whole'}: {line(untried.reason)}"
    if len(result.untried) > MAX_LISTED:
        yield f"… and {len(result.untried) - MAX_LISTED} more that could not be tried; the JSON report has them all"
    missing = [row for row in result.certificate.missing if row.kind != "constraint"]
    for row in missing[:MAX_LISTED]:
        yield f"not seen: {row.kind} {row.name} of {row.operation or 'the whole'} ({result.spec.file}#{row.where})"
    if len(missing) > MAX_LISTED:
        yield f"… and {len(missing) - MAX_LISTED} more that were not seen; the JSON report has them all"
    if result.gone:
        yield f"{len(result.gone)} things that were created were deleted again"
    for left in result.left[:MAX_LISTED]:
        yield f"left on the target: {left.operation} {line(left.identifiers)}"
    if len(result.left) > MAX_LISTED:
        yield f"… and {len(result.left) - MAX_LISTED} more left on the target; the JSON report has them all"


def _ending(result: Result) -> str:
    """Say in one line how it ended."""
    facts = f"{result.calls} calls in {result.took_s:.1f} s, seed {result.seed}, profile {result.profile}"
    counts = ", ".join(f"{len(result.ruled(ruling))} {ruling}" for ruling in _TOLD if result.ruled(ruling))
    early = f"ended early, {line(result.ended)}; " if result.ended else ""
    if result.nothing:
        return f"Nothing could be proved: {result.nothing} ({early}{facts}{f'; {counts}' if counts else ''})"
    if result.exit_code == 2 and result.certificate.unproved:
        return f"Not proved: {', '.join(result.certificate.unproved)} never answered with success ({early}{facts})"
    if result.exit_code == 2:
        return f"Not all could be run ({early}{facts}{f'; {counts}' if counts else ''})"
    if result.exit_code == 1:
        return f"Promises are broken: {counts} ({early}{facts})"
    return f"All promises that were tried are kept ({early}{facts}{f'; {counts}' if counts else ''})"
