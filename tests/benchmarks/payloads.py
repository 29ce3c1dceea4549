"""How fast payloads are derived, labelled and written, how many there are, and what another tool does in the same run.

    python tests/benchmarks/payloads.py

Writes each provider's default set (all kinds) as JSON lines into memory, as `trackbed payloads` does, then more at random, then asks
Schemathesis for the cases of its coverage phase over the same documents, which are neither labelled nor written. Of each document it may
make cases for a minute. Times are of the processor, so that another program on the machine does not count as much. Every row is measured
in a process of its own: what one has learnt or loaded does not help the next. In all of them garbage is collected as seldom as by the command.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import schemathesis
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from contracts import documents
from contracts.payloads.command import seldom_collected
from contracts.payloads.formats import jsonl
from contracts.payloads.selection import Selection
from sandbox.spec import Spec

PROVIDERS = ("trackru", "billink", "delivery_solutions", "parcellab")
RANDOM = 1_000
LONGEST_S = 60.0
QUIET = '[cache]\nenabled = false\n[generation]\ndatabase = "none"\n'


class Row(NamedTuple):
    """What was made: how many, how many bytes, in which time of the processor, with which most memory."""

    count: int
    size: int
    seconds: float
    peak_mb: int

    @property
    def rate(self) -> float:
        return self.count / self.seconds


def derived(spec: Spec) -> Iterable[int]:
    return map(len, jsonl.lines(Selection(spec).payloads()))


def drawn(spec: Spec) -> Iterable[int]:
    operation = max(spec.operations.values(), key=lambda one: len(one.body.examples) if one.body else 0)
    return map(len, jsonl.lines(Selection(spec, (operation.id,), frozenset(("random",)), random=RANDOM).payloads()))


def theirs(spec: Spec) -> Iterable[int]:
    schema: Any = schemathesis.openapi.from_dict(json.loads(json.dumps(spec.tree)), config=SchemathesisConfig.from_str(QUIET))
    end = time.process_time() + LONGEST_S
    for _ in cases(schema):
        yield 0
        if time.process_time() > end:
            return


def cases(schema: Any) -> Iterator[Any]:
    for found in schema.get_all_operations():
        operation = found.ok()
        generation = schema.config.generation_for(operation=operation, phase="coverage")
        yield from schema.iter_coverage_cases(operation, generation_modes=list(GenerationMode), generation_config=generation)


def measured(work: Callable[[Spec], Iterable[int]], name: str) -> Row:
    spec = documents.load(name)
    began = time.process_time()
    count = size = 0
    with seldom_collected():
        for length in work(spec):
            count, size = count + 1, size + length
    return Row(count, size, time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def apart(work: Callable[[Spec], Iterable[int]], name: str) -> Row:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measured, (work, name))


def show(title: str, row: Row) -> None:
    print(f"{title:36}{row.count:9,}{row.size / 1e6:8.1f}{row.seconds:8.2f}{row.rate:10,.0f}{row.peak_mb:9,}", flush=True)


def main() -> None:
    print(f"{'':36}{'count':>9}{'MB':>8}{'CPU s':>8}{'a second':>10}{'peak MB':>9}")
    rates = {}
    for title, work in (("derived", derived), ("random", drawn), ("Schemathesis, coverage phase", theirs)):
        rows = []
        for name in PROVIDERS:
            rows.append(apart(work, name))
            show(f"{title}, {name}", rows[-1])
        whole = Row(*(sum(row[at] for row in rows) for at in range(3)), max(row.peak_mb for row in rows))
        show(f"{title}, all four", whole)
        rates[work] = [row.rate for row in (*rows, whole)]
    for name, ours, other in zip((*PROVIDERS, "all four"), rates[derived], rates[theirs], strict=True):
        print(f"derived and written to cases of Schemathesis, {name}: {ours / other:.1f} : 1")


if __name__ == "__main__":
    main()
