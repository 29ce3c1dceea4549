"""Compare the sandbox with Prism on the same document, and with an empty application on the same server (the limit).

    python tests/benchmarks/throughput.py [--seconds 10] [--rounds 2] [--stores]

Each subject is started, timed until it answers, and driven by wrk with 16 connections: first a create of about 1 KB, each with a
number of its own, then a read of one resource. The rounds take turns, so that a machine that gets slower is unfair to all.
Needs wrk and Prism 5.16; Prism is looked for in .ci/node_modules (`.ci/run` puts it there), else npx fetches it. Nothing here is
a test: no figure fails anything.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from databases import empty_postgres  # noqa: E402

DOCUMENT = ROOT / "specs" / "trackru.yaml"
CREATE, READ = "/v1/trackings/post", "/v1/trackings/sto/B0000000001"
KEY = "sbx_empty_bench"

LUA = """
local n = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Api-Key"] = "%s"
function request()
  n = n + 1
  return wrk.format(nil, nil, nil, string.format(
    '{"tracking_number":"B%%010d","carrier_code":"sto","title":"%%s","comment":"%%s","order_id":"A-1","customer_name":"Ivy Chandler"}',
    n, string.rep("t", 300), string.rep("c", 560)))
end
"""

EMPTY_WSGI = """
def app(environ, start_response):
    environ["wsgi.input"].read()
    start_response("200 OK", [("content-type", "application/json")])
    return [b'{}']
"""
EMPTY_RSGI = """
async def app(scope, protocol):
    await protocol()
    protocol.response_bytes(200, [("content-type", "application/json")], b'{}')
"""


@dataclass
class Subject:
    """One thing that is measured, and what was measured: one figure per round."""

    name: str
    command: list[str]
    prefix: str = ""
    folder: Path = ROOT
    ready_s: list[float] = field(default_factory=list)
    idle_kb: list[int] = field(default_factory=list)
    create: list[Load] = field(default_factory=list)
    read: list[Load] = field(default_factory=list)
    bytes_per_byte: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Load:
    """What wrk said of one load: requests a second, and latencies in milliseconds."""

    per_second: float
    p50_ms: float
    p99_ms: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=10, help="how long each load lasts (10)")
    parser.add_argument("--rounds", type=int, default=2, help="how often each subject has its turn (2)")
    parser.add_argument(
        "--stores", action="store_true", help="measure state in SQLite and PostgreSQL as well, with one worker and with two"
    )
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("throughput.py needs wrk (Debian: apt-get install wrk)")
    with tempfile.TemporaryDirectory() as folder:
        subjects = list(_subjects(Path(folder), stores=options.stores))
        script = Path(folder) / "create.lua"
        script.write_text(LUA % KEY)
        for _ in range(options.rounds):
            for subject in subjects:
                _measure(subject, script, options.seconds)
    _print(subjects)


def _subjects(folder: Path, *, stores: bool) -> Iterator[Subject]:
    serve = [sys.executable, "-m", "sandbox", "serve", "--port", "{port}"]
    yield Subject("trackbed", serve, prefix="/trackru")
    if stores:
        for workers in ("1", "2"):
            name = "" if workers == "1" else f", {workers} workers"
            stored = [*serve, "--workers", workers, "--store"]
            yield Subject(f"trackbed, SQLite{name}", [*stored, f"sqlite:///{folder}/{{port}}.db"], prefix="/trackru")
            yield Subject(f"trackbed, PostgreSQL{name}", [*stored, empty_postgres()], prefix="/trackru")
    local = ROOT / ".ci" / "node_modules" / ".bin" / "prism"
    prism = [str(local)] if local.exists() else ["npx", "--yes", "@stoplight/prism-cli@5.16"]
    yield Subject("prism", [*prism, "mock", "--port", "{port}", str(DOCUMENT)])
    for kind, code in (("wsgi", EMPTY_WSGI), ("rsgi", EMPTY_RSGI)):
        (folder / f"empty_{kind}.py").write_text(code)
        options = ["--blocking-threads", "1"] if kind == "wsgi" else ["--loop", "uvloop"]
        command = [sys.executable, "-m", "granian", "--interface", kind, "--port", "{port}", "--no-ws", *options, f"empty_{kind}:app"]
        yield Subject(f"empty {kind}", command, folder=folder)


def _measure(subject: Subject, script: Path, seconds: int) -> None:
    with _started(subject) as (pid, port):
        url = f"http://127.0.0.1:{port}{subject.prefix}"
        subject.idle_kb.append(_memory_kb(pid))
        subject.create.append(_wrk(url + CREATE, seconds, "-s", str(script)))
        if subject.name == "trackbed":
            documents = _documents(url)
            subject.bytes_per_byte.append((_memory_kb(pid) - subject.idle_kb[-1]) * 1024 / (documents * 1024))
        subject.read.append(_wrk(url + READ, seconds, "-H", f"Api-Key: {KEY}"))


@contextlib.contextmanager
def _started(subject: Subject) -> Iterator[tuple[int, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [word.format(port=port) for word in subject.command]
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=subject.folder, env=_environment(), start_new_session=True
    )
    try:
        while not _answers(f"http://127.0.0.1:{port}{subject.prefix}/v1/carriers"):
            time.sleep(0.005)
        subject.ready_s.append(time.perf_counter() - began)
        time.sleep(1)
        yield process.pid, port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _environment() -> dict[str, str]:
    """Take this process's environment; modules are compiled once and kept, as an installation has them."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _answers(url: str) -> bool:
    request = urllib.request.Request(url, headers={"Connection": "close", "Api-Key": KEY})
    try:
        urllib.request.urlopen(request, timeout=1).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _wrk(url: str, seconds: int, *options: str) -> Load:
    command = ["wrk", "-t1", "-c16", f"-d{seconds}", "--latency", *options, url]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    p50, p99 = (_milliseconds(re.search(rf"{p}%\s+([\d.]+)(us|ms|s)", text)) for p in (50, 99))
    found = re.search(r"Requests/sec:\s+([\d.]+)", text)
    assert found is not None, text
    return Load(float(found[1]), p50, p99)


def _milliseconds(found: re.Match[str] | None) -> float:
    assert found is not None
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]


def _documents(url: str) -> int:
    """Count what was really created: a refusal comes with HTTP 200 here, so wrk can't tell."""
    request = urllib.request.Request(f"{url}/v1/trackings/get?limit=1", headers={"Api-Key": KEY})
    return int(json.load(urllib.request.urlopen(request))["data"]["total"])


def _memory_kb(pid: int) -> int:
    """Sum the proportional memory (PSS) of a process and all that it started."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    own = int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1])  # type: ignore[index]
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(_memory_kb(int(child)) for child in children)


def _print(subjects: list[Subject]) -> None:
    print("| | create/s | p50 ms | p99 ms | read/s | p50 ms | p99 ms | ready s | idle MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    for subject in subjects:
        loads = [value for load in (subject.create, subject.read) for value in _median(load)]
        ready, idle = statistics.median(subject.ready_s), statistics.median(subject.idle_kb) / 1024
        cells = [f"{v:,.0f}" if i % 3 == 0 else f"{v:.2f}" for i, v in enumerate(loads)] + [f"{ready:.2f}", f"{idle:.0f}"]
        print(f"| {subject.name} | {' | '.join(cells)} |")
    (ours, *stores), prism = subjects[:-3], subjects[-3]
    create, read = (_median(a)[0] / _median(b)[0] for a, b in ((ours.create, prism.create), (ours.read, prism.read)))
    print(f"\ncreate {create:.1f} x Prism, read {read:.1f} x Prism;", end=" ")
    print(
        f"p99 {_median(ours.create)[2] / _median(prism.create)[2]:.2f} and {_median(ours.read)[2] / _median(prism.read)[2]:.2f} of Prism's;",
        end=" ",
    )
    print(f"ready in {statistics.median(ours.ready_s) / statistics.median(prism.ready_s):.2f} of its time;", end=" ")
    print(f"idle memory {statistics.median(ours.idle_kb) / statistics.median(prism.idle_kb):.2f} of its;", end=" ")
    print(f"{statistics.median(ours.bytes_per_byte):.2f} bytes of memory per byte stored;", end=" ")
    print("; ".join(f"create in {one.name[10:]} {_ratios(one, prism)}" for one in stores))


def _ratios(subject: Subject, prism: Subject) -> str:
    """Say how many times as fast as Prism creates were: the median, and the range of the rounds."""
    rounds = sorted(ours.per_second / theirs.per_second for ours, theirs in zip(subject.create, prism.create, strict=True))
    return f"{_median(subject.create)[0] / _median(prism.create)[0]:.1f} x Prism ({rounds[0]:.1f} to {rounds[-1]:.1f})"


def _median(loads: list[Load]) -> tuple[float, float, float]:
    return (
        statistics.median(load.per_second for load in loads),
        statistics.median(load.p50_ms for load in loads),
        statistics.median(load.p99_ms for load in loads),
    )


if __name__ == "__main__":
    main()
