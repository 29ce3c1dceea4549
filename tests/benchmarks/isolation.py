"""Many worlds at once: is there cross-talk, what does a fresh one cost, and do half-open connections keep anybody waiting?

    python tests/benchmarks/isolation.py [--workspaces 200] [--clients 50] [--seconds 20]

Every client works in every workspace: it creates numbers of its own there, reads them back, moves that workspace's clock, and at
the end every workspace must hold exactly what was put into it. Nothing here is a test: it prints what it finds.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field

from client import Connection, connected, sandbox

LIMIT = 2000


@dataclass
class Found:
    """What the clients did and saw."""

    created: Counter[str] = field(default_factory=Counter)
    foreign: list[str] = field(default_factory=list)
    first_s: list[float] = field(default_factory=list)
    later_s: list[float] = field(default_factory=list)
    calls: int = 0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspaces", type=int, default=200)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    with sandbox() as (_, port):
        asyncio.run(_run(port, options.workspaces, options.clients, options.seconds))


async def _run(port: int, workspaces: int, clients: int, seconds: float) -> None:
    await _fresh(port)
    names = [f"sbx_empty_{number}" for number in range(workspaces)]
    found = Found()
    ends = time.perf_counter() + seconds
    await asyncio.gather(*(_client(port, number, names, ends, found) for number in range(clients)))
    async with connected(port) as connection:
        for name in names:
            await _check(connection, name, found)
    print(f"{workspaces} workspaces x {clients} clients: {found.calls:,} calls in {seconds:.0f} s, {len(found.foreign)} cross-talk")
    for line in found.foreign[:10]:
        print(f"  {line}")
    await _half_open(port)


async def _fresh(port: int) -> None:
    """Compare the first call in a world, which is made by it, with the second."""
    found = Found()
    async with connected(port) as connection:
        for number in range(500):
            for times, tracking in ((found.first_s, "A1-000"), (found.later_s, "A1-001")):
                began = time.perf_counter()
                await connection.send("POST", "/trackru/v1/trackings/post", f"sbx_fresh_{number}", _body(tracking))
                times.append(time.perf_counter() - began)
    first, later = (statistics.median(times) * 1000 for times in (found.first_s, found.later_s))
    print(f"a create in a fresh workspace {first:.2f} ms, in one that is there {later:.2f} ms: a fresh one costs {first - later:.2f} ms")


def _body(number: str) -> dict[str, str]:
    return {"tracking_number": number, "carrier_code": "sto"}


async def _client(port: int, number: int, names: list[str], ends: float, found: Found) -> None:
    serial = 0
    async with connected(port) as connection:
        while time.perf_counter() < ends:
            name = names[(serial * 7 + number * 13) % len(names)]
            tracking = f"C{number:03}-{serial:06}"
            status, reply = await connection.send("POST", "/trackru/v1/trackings/post", name, _body(tracking))
            assert (status, reply["meta"]["code"]) == (200, 200), reply
            found.created[name] += 1
            _, reply = await connection.send("GET", f"/trackru/v1/trackings/sto/{tracking}", name)
            if reply["data"][0]["tracking_number"] != tracking:
                found.foreign.append(f"{name}: {tracking} reads as {reply['data'][0]['tracking_number']}")
            if serial % 50 == 0:
                await connection.send("POST", f"/_sandbox/workspaces/{name}/clock/advance", name, {"by": 60})
                found.calls += 1
            found.calls += 2
            serial += 1


async def _check(connection: Connection, name: str, found: Found) -> None:
    _, reply = await connection.send("GET", f"/trackru/v1/trackings/get?limit={LIMIT}", name)
    total = int(reply["data"]["total"]) if reply["data"] else 0
    if total != found.created[name]:
        found.foreign.append(f"{name}: holds {total}, was given {found.created[name]}")


async def _half_open(port: int, count: int = 64) -> None:
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(count):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            writer.write(
                b"POST /trackru/v1/trackings/post HTTP/1.1\r\nHost: 127.0.0.1\r\nApi-Key: sbx_slow\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
            )
            await writer.drain()
        times = []
        connection = await stack.enter_async_context(connected(port))
        for _ in range(200):
            began = time.perf_counter()
            await connection.send("GET", "/trackru/v1/carriers", "sbx_demo")
            times.append((time.perf_counter() - began) * 1000)
    print(f"a GET beside {count} half-open connections: median {statistics.median(times):.2f} ms, slowest of 200 {max(times):.2f} ms")


if __name__ == "__main__":
    main()
