"""Does a page of a long list cost what a page of a short one does? parcelLab's orders, without a filter, in each store.

    python tests/benchmarks/listing.py [--many 100000]

Nothing here is a test: it prints what it finds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from databases import empty_postgres

from sandbox.assembly import Sandbox, Settings, assemble
from sandbox.exchange import Request
from sandbox.store import State

ACCOUNT = "sbx_empty_list"
HEADERS = {"host": "127.0.0.1", "authorization": f"Parcellab-API-Token {ACCOUNT}", "content-type": "application/json"}
PATH = "/v4/track/orders/"
FEW = 1_000
FIRST = "5d0c7a52-3f6e-4b1d-9a38-2c1f60b7e914"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--many", type=int, default=100_000)
    options = parser.parse_args()
    print(f"| store | a page of {FEW:,} ms | a page of {options.many:,} ms | ratio |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, url in (("memory", None), ("SQLite", f"sqlite:///{folder}/list.db"), ("PostgreSQL", empty_postgres())):
            sandbox = assemble(Settings(("parcellab",), store=url))
            few, many = (_page_ms(sandbox, number) for number in (FEW, options.many))
            print(f"| {name} | {few:.2f} | {many:.2f} | {many / few:.2f} |")


def _page_ms(sandbox: Sandbox, number: int) -> float:
    """Fill a world with so many orders, and time its first page and one from the middle."""
    _fill(sandbox, number)
    first = _send(sandbox, "GET", "")
    middle = first["next"].partition("?")[2]
    for _ in range(3):
        middle = _send(sandbox, "GET", middle)["next"].partition("?")[2]
    times = []
    for query in ("", middle) * 25:
        began = time.perf_counter()
        _send(sandbox, "GET", query)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def _fill(sandbox: Sandbox, number: int) -> None:
    store = sandbox.shared.store
    with store.transaction(ACCOUNT) as transaction:
        transaction.reset()
    _send(
        sandbox,
        "PUT",
        "",
        {"external_id": FIRST, "account": 1, "order_number": "N-1", "recipient_email": "a@example.com", "destination_country_iso3": "DEU"},
    )
    with store.transaction(ACCOUNT) as transaction:
        state = transaction.export()
        collections = dict(state.collections)
        (name,) = (name for name in collections if name.endswith(".orders"))
        (_, _, body) = collections[name][0]
        text = body.decode()
        collections[name] = [
            (serial, f"{FIRST[:24]}{serial:012}", text.replace(FIRST, f"{FIRST[:24]}{serial:012}").encode())
            for serial in range(1, number + 1)
        ]
        transaction.restore(State(collections, state.counters))


def _send(sandbox: Sandbox, method: str, query: str, body: object = None) -> dict[str, str]:
    data = b"" if body is None else json.dumps(body).encode()
    answer = sandbox.apis["parcellab"].answer(Request(method, PATH, query, HEADERS, data, "http://127.0.0.1", "http://127.0.0.1"))
    assert answer.status < 300, answer.body
    return dict(json.loads(answer.body))


if __name__ == "__main__":
    main()
