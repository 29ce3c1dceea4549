"""Several workers, and several servers with several workers, show one world; one that is killed is missed by nobody."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from databases import empty_postgres
from servers import Server, serving, trackbed

from sandbox import testing

CLIENTS = 8
KEY = "sbx_empty_workers"
TRIES = 200


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db" if request.param == "sqlite" else empty_postgres()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    """Two servers with two workers each, on one store."""
    folder = tmp_path_factory.mktemp("pair")
    url = f"sqlite:///{folder}/store.db" if request.param == "sqlite" else empty_postgres()
    with started(folder, url, "one") as one, started(folder, url, "two") as two:
        yield one, two
        assert "Traceback" not in one.log + two.log


@contextlib.contextmanager
def started(folder: Path, url: str, name: str = "one", *, workers: int = 2) -> Iterator[Server]:
    (folder / name).mkdir(exist_ok=True)
    with serving(folder / name, "--store", url, "--workers", str(workers), "trackru") as server:
        yield server


_connections: list[http.client.HTTPConnection] = []


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    while _connections:
        _connections.pop().close()


class Worker:
    """A connection that is kept open, and so always leads to the same worker."""

    def __init__(self, server: Server) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        _connections.append(self.connection)
        self.send("GET", "/trackru/v1/carriers")

    def send(self, method: str, path: str, body: Any = None, key: str = KEY) -> Any:
        data = None if body is None else json.dumps(body)
        self.connection.request(method, path, data, {"Api-Key": key, "Content-Type": "application/json"})
        reply = self.connection.getresponse()
        self.id = reply.headers.get("Trackbed-Id", "")
        content = reply.read()
        return json.loads(content) if content else None

    @property
    def process(self) -> int:
        return int(self.id.split("-")[1])

    def create(self, number: str, key: str = KEY) -> int:
        body = {"tracking_number": number, "carrier_code": "sto"}
        return int(self.send("POST", "/trackru/v1/trackings/post", body, key)["meta"]["code"])

    def read(self, number: str) -> Any:
        return self.send("GET", f"/trackru/v1/trackings/sto/{number}")

    def total(self, key: str = KEY) -> int:
        found = self.send("GET", "/trackru/v1/trackings/get?limit=1", key=key)["data"]
        return int(found["total"]) if found else 0


def two_of(*servers: Server) -> tuple[Worker, ...]:
    """Connect to two workers of each server; the kernel chooses, so it may take some tries."""
    found: dict[int, Worker] = {}
    for server in servers:
        wanted = len(found) + 2
        for _ in range(TRIES):
            worker = Worker(server)
            if found.setdefault(worker.process, worker) is not worker:
                worker.connection.close()
            if len(found) == wanted:
                break
    assert len(found) == 2 * len(servers)
    return tuple(found.values())


def workers_of(server: Server) -> set[int]:
    return set(map(int, Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()))


# --- one world -------------------------------------------------------------------------------------------------------------------


def test_all_workers_show_one_world_at_once(pair: tuple[Server, Server]) -> None:
    workers = two_of(*pair)
    assert {worker.process for worker in workers} == workers_of(pair[0]) | workers_of(pair[1])
    for turn in range(12):
        one, two, three, four = (workers[(turn + place) % 4] for place in range(4))
        assert one.create(f"A{turn}-000") == 200
        assert two.read(f"A{turn}-000")["data"][0]["tracking_number"] == f"A{turn}-000"
        two.send("PUT", f"/trackru/v1/trackings/sto/A{turn}-000", {"title": f"t{turn}"})
        assert three.read(f"A{turn}-000")["data"][0]["title"] == f"t{turn}"
        assert four.create(f"A{turn}-000") == 4016
        assert [worker.total() for worker in workers] == [turn + 1] * 4
    workers[0].send("DELETE", "/trackru/v1/trackings/sto/A0-000")
    assert [worker.read("A0-000")["meta"]["code"] for worker in workers] == [4017] * 4


def test_the_journal_is_one_for_all_workers_and_servers(pair: tuple[Server, Server]) -> None:
    workers, key = two_of(*pair), "sbx_empty_journal"
    before = workers[0].send("GET", "/_sandbox/journal?limit=1")["next"]
    said = []
    for turn in range(8):
        worker = workers[turn % 4]
        worker.send("GET", f"/trackru/v1/trackings/sto/N-{turn}", key=key)
        said.append((worker.id, f"/v1/trackings/sto/N-{turn}"))
        for other in workers:  # the moment it is answered, whoever is asked
            found = other.send("GET", f"/_sandbox/journal?after={before}")["entries"]
            assert [(entry["id"], entry["request"]["path"]) for entry in found] == said
    assert len({ident for ident, _ in said}) == len(said)
    assert [entry["number"] for entry in found] == list(range(before + 1, before + 9))
    told = workers[3].send("GET", f"/_sandbox/explain/{said[0][0]}")
    assert told["sentences"][0] == "GET /v1/trackings/sto/N-0 is getTracking of trackru."
    assert len(workers[2].send("GET", f"/_sandbox/journal.har?workspace={key}&text=sto/N-")["log"]["entries"]) == 8
    workers[1].send("DELETE", f"/_sandbox/workspaces/{key}")
    assert workers[2].send("GET", f"/_sandbox/journal?workspace={key}")["entries"] == []


def test_the_sandbox_of_a_test_sees_what_every_worker_was_asked(pair: tuple[Server, Server]) -> None:
    workers = two_of(*pair)
    with testing.connect(pair[0].url).workspace() as sandbox:
        for turn in range(8):
            workers[turn % 4].send("GET", f"/trackru/v1/trackings/sto/N-{turn}", key=sandbox.name)
        assert [request.path[-3:] for request in sandbox.requests] == [f"N-{turn}" for turn in range(8)]
        assert f"Api-Key: {sandbox.name}" in sandbox.requests[0].curl


def test_keys_are_unique_and_counters_exact_over_two_servers_with_two_workers(pair: tuple[Server, Server]) -> None:
    workers, key = [*two_of(*pair), *two_of(*pair)], "sbx_empty_race"
    codes: dict[str, list[int]] = {f"A1-{turn:03}": [] for turn in range(15)}
    rules: list[str] = []
    start = Barrier(CLIENTS)

    def work(worker: Worker) -> None:
        for number, seen in codes.items():
            start.wait()
            seen.append(worker.create(number, key))
            rules.append(worker.send("POST", f"/_sandbox/workspaces/{key}/faults", {"cut_after": 1, "path": "/nowhere"})["id"])

    threads = [Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {number: sorted(seen) for number, seen in codes.items()} == {number: [200] + [4016] * (CLIENTS - 1) for number in codes}
    assert sorted(rules, key=lambda ident: int(ident[1:])) == [f"f{number}" for number in range(1, len(rules) + 1)]
    assert [worker.total(key) for worker in workers] == [len(codes)] * CLIENTS


# --- and how they end ------------------------------------------------------------------------------------------------------------


def test_a_worker_that_is_killed_under_load_is_missed_by_nobody(url: str, tmp_path: Path) -> None:
    acknowledged: set[str] = set()
    done = Event()
    with started(tmp_path, url) as server:

        def work(name: int) -> None:
            turn = 0
            while not done.is_set():
                with contextlib.suppress(OSError, http.client.HTTPException):  # a connection to the one that was killed
                    worker = Worker(server)
                    while not done.is_set():
                        number, turn = f"K{name}-{turn:05}", turn + 1
                        if worker.create(number) == 200:
                            acknowledged.add(number)

        with ThreadPoolExecutor(CLIENTS) as clients:
            for name in range(CLIENTS):
                clients.submit(work, name)
            try:
                first = workers_of(server)
                grow(acknowledged, 50)
                killed = min(first)
                os.kill(killed, signal.SIGKILL)
                grow(acknowledged, 50)  # the other serves on
                while not (respawned := workers_of(server) - first):
                    grow(acknowledged, 1)
                grow(acknowledged, 50)
            finally:
                done.set()
        assert server.process.poll() is None
        assert len(respawned) == 1
        one, two = two_of(server)
        assert {one.process, two.process} == (first - {killed}) | respawned
        assert {number for number in acknowledged if one.read(number)["meta"]["code"] != 200} == set()
        assert "Traceback" not in server.log
        assert server.stop() == 0


def grow(numbers: set[str], by: int) -> None:
    """Wait until there are so many more; whoever adds them is at work all the time."""
    wanted, pause = len(numbers) + by, Event()
    for _ in range(3000):
        if len(numbers) >= wanted:
            return
        pause.wait(0.01)
    raise AssertionError(f"{len(numbers)} of {wanted}")


def test_sigterm_lets_every_worker_finish_what_is_in_flight(url: str, tmp_path: Path) -> None:
    with started(tmp_path, url) as server:
        workers = two_of(server)
        workers[0].send("POST", f"/_sandbox/workspaces/{KEY}/faults", {"latency_ms": 1500})
        raw = json.dumps({"tracking_number": "A1-000", "carrier_code": "sto"})
        for worker in workers:
            worker.connection.request(
                "POST", "/trackru/v1/trackings/post", raw, {"Api-Key": KEY, "Content-Type": "application/json"}
            )  # is done at once, and answered late
        while len(entries(server)) < 2:
            pass
        server.process.send_signal(signal.SIGTERM)
        codes = [json.loads(worker.connection.getresponse().read())["meta"]["code"] for worker in workers]
        assert sorted(codes) == [200, 4016]
        assert server.process.wait(timeout=10) == 0
        assert "Traceback" not in server.log


def entries(server: Server) -> Any:
    """What the journal has of the creates, over a connection of its own."""
    worker = Worker(server)
    try:
        return worker.send("GET", "/_sandbox/journal?operation=createTracking")["entries"]
    finally:
        worker.connection.close()


def test_ctrl_c_in_a_terminal_ends_all_with_exit_code_0(tmp_path: Path) -> None:
    """The terminal sends the signal to every process of the group."""
    options = ["--port", "0", "--json", "--workers", "2", "--store", "sqlite:///store.db"]
    command = [sys.executable, "-m", "sandbox", "serve", *options, "trackru"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, start_new_session=True) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["url"].startswith("http://127.0.0.1:")
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=15)
    assert (process.returncode, said) == (0, b"")


def test_memory_is_refused_to_several_workers_with_what_to_do() -> None:
    result = trackbed("serve", "--port", "0", "--workers", "2")
    assert (result.returncode, result.stdout) == (2, "")
    assert "add --store sqlite:///trackbed.db, or leave --workers out" in result.stderr
    assert trackbed("serve", "--workers", "0").returncode == 2
