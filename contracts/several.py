"""`trackbed verify` for several documents: judged a few at a time, told in the order in which they were named.

Each is judged as if it were alone, in a process that begins with all that is imported here: to import it takes as long as to judge a
small document. What there is for all of them, time and calls a second, is shared out.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from functools import partial

import click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from contracts import verification
from contracts.abreast import METHOD, Ended, abreast
from contracts.court import reference
from contracts.documents import UnknownDocument, load
from contracts.report.plain import line, plain
from contracts.verification import DOCUMENT, Chosen
from sandbox import codec
from sandbox.errors import SpecError
from sandbox.exits import stop

_AT_A_TIME = 2  # for each processor: who judges waits for answers half of the time


def main(documents: Sequence[str], jobs: int | None, chosen: Chosen) -> None:
    """Judge, report, and end with the highest exit code of all."""
    _check_files(chosen)
    sizes = _sizes(documents)
    at_a_time = min(jobs or _AT_A_TIME * (os.cpu_count() or 1), len(documents))
    work = partial(verification.judge, chosen=_shared(chosen, len(documents), at_a_time))
    if METHOD == "fork":
        _prepare()
    ended: dict[str, Ended] = {}
    untold = list(documents)
    with closing(_Progress()) as progress:
        for name, end in abreast(work, sorted(documents, key=lambda name: -sizes[name]), at_a_time, progress.show):
            ended[name] = end
            progress.end(name)
            while untold and untold[0] in ended:
                progress.tell(untold[0], ended[untold.pop(0)])
    sys.exit(max(end.code for end in ended.values()))


def _prepare() -> None:
    """Import what takes long, for all who judge."""
    from contracts.conformance import adapter  # noqa: PLC0415 - with its engine it takes seconds

    adapter.load()
    reference.load()


def _sizes(documents: Sequence[str]) -> dict[str, int]:
    """Read all documents, before any is judged, and say how large each is: the larger the longer it takes."""
    sizes, names = dict[str, int](), dict[str, str]()
    for document in documents:
        try:
            spec = load(document)
        except (UnknownDocument, SpecError) as error:
            stop(plain(str(error)))
        if (other := names.setdefault(spec.name, document)) != document or document in sizes:
            stop(f"{plain(other)} and {plain(document)} have the same name, and so would their reports; judge them one after the other")
        sizes[document] = len(codec.dump(spec.tree))
    return sizes


def _check_files(chosen: Chosen) -> None:
    """Refuse a file that would be written for each document anew."""
    files = [(f"--report {kind}=", path) for kind, path in chosen["reports"]]
    if chosen["baseline"]:
        files.append(("--baseline ", chosen["baseline"]))
    for option, path in files:
        if DOCUMENT not in str(path):
            better = path.with_name(f"{path.stem}-{DOCUMENT}{path.suffix}")
            stop(f"{option}{path} would be one file for several documents; write {DOCUMENT} where their names go, as in {option}{better}")


def _shared(chosen: Chosen, count: int, at_a_time: int) -> Chosen:
    """Share the time out among those that come one after the other, and the calls a second among those at a time."""
    time_s, per_s = chosen["max_time_s"], verification.rate(chosen)
    return {
        **chosen,
        "max_time_s": time_s and time_s / math.ceil(count / at_a_time),
        "per_s": per_s and per_s / at_a_time,
    }


class _Progress:
    """What is being done, a line for each document that is at work, on a terminal; nothing anywhere else.

    Nothing else draws it than who calls: a process that is copied must have no thread that may hold a lock just then.
    """

    def __init__(self) -> None:
        console = Console(stderr=True, highlight=False)
        self._lines: dict[str, str] = {}
        self._live = Live(Text("starting"), console=console, auto_refresh=False, transient=True) if console.is_terminal else None
        if self._live is not None:
            self._live.start(refresh=True)

    def show(self, name: str, text: str) -> None:
        """Show what is done about a document."""
        self._lines[name] = f"{line(name, 30)}: {line(text, 90)}"
        self._draw()

    def end(self, name: str) -> None:
        """Show no more of a document."""
        self._lines.pop(name, None)
        self._draw()

    def _draw(self) -> None:
        if self._live is not None:
            self._live.update(Text("\n".join(self._lines.values())), refresh=True)

    def close(self) -> None:
        """Show nothing more."""
        if self._live is not None:
            self._live.stop()

    def tell(self, name: str, ended: Ended) -> None:
        """Print how a document ended."""
        self.close()
        click.echo(ended.out, nl=False)
        for text in ended.err.splitlines():
            click.echo(f"{line(name)}: {text}", err=True)
        if self._live is not None and self._lines:
            self._live.start(refresh=True)
