"""How fast payloads are derived and written, how many there are, and what another tool does in the same run.

    python tests/benchmarks/payloads.py

Writes each provider's default set from its schemas as JSON lines into memory, one line each, then asks Schemathesis for the cases of
its coverage phase over the same documents. Times are of the processor, so that another program on the machine does not count.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import orjson
import schemathesis
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from contracts import documents
from contracts.payloads import derive, sampling
from contracts.payloads.payload import Payload
from sandbox.providers import PROVIDERS
from sandbox.spec import Spec

RANDOM = 2_000
QUIET = '[cache]\nenabled = false\n[generation]\ndatabase = "none"\n'


def line(payload: Payload) -> bytes:
    """Write a payload as one line."""
    whole = asdict(payload)
    body = payload.draft.body
    whole["draft"]["body"] = None if body is None else body.decode("utf-8", "backslashreplace")
    return orjson.dumps(whole) + b"\n"


def timed(work: Callable[[], tuple[int, int]]) -> tuple[int, int, float]:
    began = time.process_time()
    count, size = work()
    return count, size, time.process_time() - began


def ours(spec: Spec) -> tuple[int, int]:
    lines = [len(line(payload)) for operation in spec.operations.values() for payload in derive.payloads(spec, operation)]
    return len(lines), sum(lines)


def drawn(spec: Spec) -> tuple[int, int]:
    operation = max(spec.operations.values(), key=lambda one: len(one.body.examples) if one.body else 0)
    lines = [len(line(payload)) for payload in sampling.payloads(spec, operation, RANDOM, 1)]
    return len(lines), sum(lines)


def theirs(spec: Spec) -> tuple[int, int]:
    schema: Any = schemathesis.openapi.from_dict(orjson.loads(orjson.dumps(spec.tree)), config=SchemathesisConfig.from_str(QUIET))
    return sum(1 for _ in cases(schema)), 0


def cases(schema: Any) -> Iterator[Any]:
    for found in schema.get_all_operations():
        operation = found.ok()
        generation = schema.config.generation_for(operation=operation, phase="coverage")
        yield from schema.iter_coverage_cases(operation, generation_modes=list(GenerationMode), generation_config=generation)


def main() -> None:
    specs = {name: documents.load(name) for name in PROVIDERS}
    print(f"{'':36}{'payloads':>9}{'MB':>8}{'CPU s':>8}{'a second':>10}{'peak MB':>9}")
    for title, work in (("derived", ours), ("random", drawn), ("Schemathesis, coverage phase", theirs)):
        total, spent = 0, 0.0
        for name, spec in specs.items():
            count, size, seconds = timed(lambda spec=spec, work=work: work(spec))  # type: ignore[misc]
            total, spent = total + count, spent + seconds
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(f"{title + ', ' + name:36}{count:9,}{size / 1e6:8.1f}{seconds:8.2f}{count / seconds:10,.0f}{peak:9,}")
        print(f"{title + ', all four':36}{total:9,}{'':8}{spent:8.2f}{total / spent:10,.0f}")


if __name__ == "__main__":
    main()
