"""Half load for a long time: does memory grow, and does the journal stay within its bound?

    python tests/benchmarks/soak.py [--minutes 10]

It first finds out how much these clients get through, then sends half of that: creates, reads, updates, faults, clock moves and
deletes within a bounded set of parcels and workspaces. Memory is that of all processes, after a minute of warm-up and at the end.
Nothing here is a test: it prints what it finds.
"""

from __future__ import annotations

import argparse
import asyncio
import time

from client import Connection, connected, memory_kb, sandbox

CLIENTS = 8
WARM_UP_S = 60
CYCLE = 6  # calls


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    options = parser.parse_args()
    with sandbox() as (pid, port):
        asyncio.run(_run(pid, port, options.minutes * 60))


async def _run(pid: int, port: int, seconds: float) -> None:
    full = await _load(port, 5, None)
    rate = full / 2
    await _load(port, WARM_UP_S, rate)
    before = memory_kb(pid)
    reached = await _load(port, seconds, rate)
    after = memory_kb(pid)
    async with connected(port) as connection:
        kept, last = await _journal(connection)
    print(f"full load {full:,.0f} calls a second; {seconds / 60:.0f} minutes at {reached:,.0f}")
    print(f"memory {before / 1024:.1f} MB after warm-up, {after / 1024:.1f} MB at the end: {(after / before - 1) * 100:+.1f} %")
    print(f"the journal holds {kept:,} of {last:,} exchanges")


async def _journal(connection: Connection) -> tuple[int, int]:
    """Count what the journal holds, and tell the number of its last exchange."""
    kept, after = 0, 0
    while True:
        _, page = await connection.send("GET", f"/_sandbox/journal?limit=1000&after={after}", "sbx_demo")
        if not page["entries"]:
            return kept, page["next"]
        kept, after = kept + len(page["entries"]), page["next"]


async def _load(port: int, seconds: float, rate: float | None) -> float:
    """Send calls for a time, at `rate` a second or as many as possible; return how many a second it were."""
    began = time.perf_counter()
    done = await asyncio.gather(*(_client(port, number, began + seconds, rate and rate / CLIENTS) for number in range(CLIENTS)))
    return sum(done) / (time.perf_counter() - began)


async def _client(port: int, number: int, ends: float, rate: float | None) -> int:
    done, began = 0, time.perf_counter()
    async with connected(port) as connection:
        while (now := time.perf_counter()) < ends:
            if rate is not None and (ahead_s := done / rate - (now - began)) > 0:
                await asyncio.sleep(ahead_s)
            await _cycle(connection, f"sbx_empty_{number}_{done // CYCLE % 20}", f"N{done // CYCLE % 50:04}")
            done += CYCLE
    return done


async def _cycle(connection: Connection, account: str, tracking: str) -> None:
    path = f"/trackru/v1/trackings/sto/{tracking}"
    await connection.send(
        "POST", "/trackru/v1/trackings/post", account, {"tracking_number": tracking, "carrier_code": "sto", "title": "t" * 500}
    )
    await connection.send("GET", path, account)
    await connection.send("PUT", path, account, {"title": "u"})
    await connection.send("GET", "/trackru/v1/nowhere", account)
    await connection.send("POST", f"/_sandbox/workspaces/{account}/clock/advance", account, {"by": 1})
    await connection.send("DELETE", path, account)


if __name__ == "__main__":
    main()
