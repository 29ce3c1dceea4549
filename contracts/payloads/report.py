"""How a run of payloads is told: a table for people, JSON for programs, JUnit for CI. No credential is in any of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from contracts.payloads.coverage import Score
from contracts.payloads.run import Result
from contracts.report.junit import Case, write
from sandbox import __version__

SHOWN = 20  # payloads that the table tells in full; the reports tell all


@dataclass
class Tally:
    """What came of a run, counted as it goes; `document` and `url` say of what and where."""

    document: str
    url: str
    seed: int
    results: list[Result] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Take a result in."""
        self.results.append(result)

    def count(self, verdict: str) -> int:
        """Count the payloads with a verdict."""
        return sum(result.verdict == verdict for result in self.results)

    @property
    def otherwise(self) -> list[Result]:
        """The payloads that were not answered as labelled."""
        return [result for result in self.results if result.verdict == "otherwise"]

    def summary(self) -> dict[str, Any]:
        """Tell a run as JSON data."""
        return {
            "tool": {"name": "trackbed payloads", "version": __version__},
            "document": self.document,
            "url": self.url,
            "seed": self.seed,
            "counts": {
                "total": len(self.results),
                "as_labelled": self.count("as labelled"),
                "otherwise": self.count("otherwise"),
                "not_tried": self.count("not tried"),
            },
            "results": [asdict(result) for result in self.results],
        }


def show(tally: Tally, console: Console) -> None:
    """Print a table of operations and kinds, and the payloads that were not answered as labelled."""
    console.print(_table(tally.results))
    for result in tally.otherwise[:SHOWN]:
        doubt = " [dim](the rule is inferred)[/]" if result.inferred else ""
        console.print(f"\n[bold]{escape(result.id)}[/]{doubt}\n  {escape(result.title)}", highlight=False)
        for text in (*result.reasons, *([f"answer: {result.answer}"] if result.answer else [])):
            console.print(f"  {text}", highlight=False, markup=False)
    if (more := len(tally.otherwise) - SHOWN) > 0:
        console.print(f"\nand {more} more; --report json=FILE tells all", highlight=False)
    for reason, count in Counter(reason for r in tally.results if r.verdict == "not tried" for reason in r.reasons).items():
        console.print(f"\n{count} payloads were not tried: {reason}", highlight=False, markup=False)
    tried = len(tally.results) - tally.count("not tried")
    console.print(f"\n{tally.count('as labelled')} of {tried} payloads were answered as labelled", highlight=False)


def _table(results: Iterable[Result]) -> Table:
    """Count how many of each operation and kind were answered as labelled, of those that were tried."""
    cells: dict[tuple[str, str], Counter[bool]] = {}
    for result in results:
        if result.verdict != "not tried":
            cells.setdefault((result.operation, result.kind), Counter())[result.verdict == "as labelled"] += 1
    kinds = list(dict.fromkeys(kind for _, kind in cells))
    table = Table("operation", *kinds)
    for operation in dict.fromkeys(operation for operation, _ in cells):
        table.add_row(operation, *(_cell(cells.get((operation, kind))) for kind in kinds))
    return table


def _cell(counts: Counter[bool] | None) -> str:
    if counts is None:
        return "-"
    text = f"{counts[True]} of {counts.total()}"
    return text if not counts[False] else f"[red]{text}[/]"


def show_coverage(scores: Iterable[Score], console: Console) -> bool:
    """Print which edits of a document its payloads notice, operation by operation; tell whether no edit is missed."""
    table = Table("operation", "edits", "noticed", "equivalent", "unproven", "score", "payloads")
    whole = True
    for score in scores:
        whole = whole and not score.unproven
        for kill in score.kills:
            console.print(f"{score.operation}: {kill.edit} is noticed by {kill.payload}", highlight=False, markup=False, soft_wrap=True)
        for name, survivors in (("equivalent", score.equivalent), ("unproven", score.unproven)):
            for one in survivors:
                why = f": {one.proof}" if one.proof else ""
                console.print(f"{score.operation}: {one.edit} at {one.rule} is {name}{why}", highlight=False, markup=False, soft_wrap=True)
        counts = (score.edits, len(score.kills), len(score.equivalent), len(score.unproven))
        table.add_row(score.operation, *map(str, counts), f"{score.percent:.1f} %", str(score.payloads))
    console.print(table)
    return whole


def junit(tally: Tally) -> bytes:
    """Write a run as JUnit XML: a suite for each operation, a case for each payload."""
    return write("trackbed payloads", (_case(tally.document, result) for result in tally.results)).encode()


def _case(document: str, result: Result) -> Case:
    suite = f"{document}.{result.operation}"
    told = "; ".join(result.reasons)
    if result.verdict == "otherwise":
        text = f"{result.title}\nrule: {result.rule}\nanswer: {result.answer}"
        return Case(suite, result.id, f"{suite}.{result.kind}", "failure", told, text=text)
    return Case(suite, result.id, f"{suite}.{result.kind}", "skipped" if result.verdict == "not tried" else "kept", told)
