"""State in a database: it outlives the server, is shared by several, and survives the faults of real life."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import resource
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from databases import empty_postgres, postgres
from servers import Server, serving, trackbed

from sandbox.lines import Statement
from sandbox.sql import SqlStore
from sandbox.store import StoreError, StoreUnavailable
from sandbox.tables import VERSION

KILLS = 20
CLIENTS = 8


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db" if request.param == "sqlite" else empty_postgres()


@contextlib.contextmanager
def started(folder: Path, url: str, name: str = "one") -> Iterator[Server]:
    (folder / name).mkdir(exist_ok=True)
    with serving(folder / name, "--store", url, "trackru", "parcellab", "delivery_solutions") as server:
        yield server


def send(server: Server, method: str, path: str, body: Any = None, account: str = "sbx_demo", **headers: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    with contextlib.closing(connection):
        data = None if body is None else json.dumps(body)
        connection.request(method, path, data, {"Api-Key": account, "Content-Type": "application/json", **headers})
        reply = connection.getresponse()
        content = reply.read()
        return reply.status, json.loads(content) if content else None


def create(server: Server, number: str, account: str = "sbx_demo", **more: str) -> int:
    status, reply = send(server, "POST", "/trackru/v1/trackings/post", {"tracking_number": number, "carrier_code": "sto"} | more, account)
    assert status == 200
    return int(reply["meta"]["code"])


def read(server: Server, number: str, account: str = "sbx_demo") -> Any:
    return send(server, "GET", f"/trackru/v1/trackings/sto/{number}", None, account)[1]


# --- it lasts, and is shared -----------------------------------------------------------------------------------------------------


def test_everything_of_a_workspace_survives_a_restart(url: str, tmp_path: Path) -> None:
    workspace = "/_sandbox/workspaces/sbx_demo"
    with started(tmp_path, url) as server:
        send(server, "PUT", f"{workspace}/clock", {"now": "2026-03-02T09:00:00Z", "frozen": True})
        assert create(server, "SBX-CUSTOMS-1") == 200
        send(server, "POST", f"{workspace}/faults", {"cause": "server-error", "nth": 2})
        send(server, "GET", "/trackru/v1/carriers")
        grant = {"Authorization": "Basic c2J4X2RlbW86c2VjcmV0", "Content-Type": "application/x-www-form-urlencoded"}
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        connection.request("POST", "/delivery_solutions/ent-services/security/v1/oauth/token", "grant_type=client_credentials", grant)
        token = json.load(connection.getresponse())["access_token"]
        connection.close()
        send(server, "DELETE", f"{workspace}/faults")
        send(server, "POST", f"{workspace}/faults", {"cause": "server-error", "nth": 2, "provider": "trackru"})
        send(server, "GET", "/trackru/v1/carriers")
        before = send(server, "GET", f"{workspace}/snapshot")[1]
        assert server.stop() == 0
    with started(tmp_path, url) as server:
        assert send(server, "GET", f"{workspace}/snapshot")[1] == before
        assert read(server, "SBX-CUSTOMS-1")["meta"]["code"] == 500  # the second call that fits the rule
        assert read(server, "SBX-CUSTOMS-1")["data"][0]["tracking_number"] == "SBX-CUSTOMS-1"
        assert create(server, "sbx-customs-1") == 4016
        bearer = {"Authorization": f"Bearer {token}"}
        assert send(server, "POST", "/delivery_solutions/tracker/v2/trackers/list", {}, **bearer)[0] == 200


def test_two_servers_on_one_store_show_one_world(url: str, tmp_path: Path) -> None:
    with started(tmp_path, url, "one") as one, started(tmp_path, url, "two") as two:
        assert create(one, "A1-000") == 200
        assert read(two, "A1-000")["data"][0]["tracking_number"] == "A1-000"
        send(two, "PUT", "/trackru/v1/trackings/sto/A1-000", {"title": "changed"})
        assert read(one, "A1-000")["data"][0]["title"] == "changed"
        assert create(two, "A1-000") == 4016
        send(two, "PUT", "/_sandbox/workspaces/sbx_demo/clock", {"now": "2026-03-02T09:00:00Z", "frozen": True})
        assert send(one, "GET", "/_sandbox/workspaces/sbx_demo/clock")[1]["now"].startswith("2026-03-02T09:00:00")
        send(one, "DELETE", "/trackru/v1/trackings/sto/A1-000")
        assert read(two, "A1-000")["meta"]["code"] == 4017


def test_a_key_is_unique_under_concurrent_creates_on_two_servers(url: str, tmp_path: Path) -> None:
    with started(tmp_path, url, "one") as one, started(tmp_path, url, "two") as two:
        codes: dict[str, list[int]] = {f"A1-{turn:03}": [] for turn in range(15)}
        start = Barrier(CLIENTS)

        def work(server: Server) -> None:
            for number, seen in codes.items():
                start.wait()
                seen.append(create(server, number))

        threads = [Thread(target=work, args=((one, two)[index % 2],)) for index in range(CLIENTS)]
        _run(threads)
        assert {number: sorted(seen) for number, seen in codes.items()} == {number: [200] + [4016] * (CLIENTS - 1) for number in codes}


def test_no_update_is_lost_between_two_servers(url: str, tmp_path: Path) -> None:
    """Every fault rule that is added gets an id of its own, and all are there: each is a read and a write of one document."""
    path = "/_sandbox/workspaces/sbx_demo/faults"
    with started(tmp_path, url, "one") as one, started(tmp_path, url, "two") as two:
        idents: list[str] = []

        def work(server: Server) -> None:
            idents.extend(send(server, "POST", path, {"cut_after": 1, "path": "/nowhere"})[1]["id"] for _ in range(10))

        _run([Thread(target=work, args=((one, two)[index % 2],)) for index in range(CLIENTS)])
        assert sorted(idents, key=lambda ident: int(ident[1:])) == [f"f{number}" for number in range(1, CLIENTS * 10 + 1)]
        assert {rule["id"] for rule in send(one, "GET", path)[1]["faults"]} == set(idents)


def _run(threads: list[Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# --- the faults of real life -----------------------------------------------------------------------------------------------------


def test_what_was_acknowledged_survives_kill_9(url: str, tmp_path: Path) -> None:
    acknowledged: set[str] = set()
    asked: set[str] = set()
    for kill in range(KILLS):
        with started(tmp_path, url) as server:
            enough = Event()
            clients = [
                Thread(target=_create_until_killed, args=(server, f"K{kill:02}-{index}", asked, acknowledged, enough)) for index in range(4)
            ]
            for client in clients:
                client.start()
            assert enough.wait(30)
            _kill(server)
            for client in clients:
                client.join()
    assert len(acknowledged) > KILLS
    with started(tmp_path, url) as server:
        kept = {number for number in asked if read(server, number, "sbx_empty_killed")["meta"]["code"] == 200}
        assert acknowledged - kept == set()
        listed = send(server, "GET", "/trackru/v1/trackings/get?limit=1", None, "sbx_empty_killed")[1]["data"]
        assert int(listed["total"]) == len(kept)  # nothing half-written: what is listed can be read


def _create_until_killed(server: Server, name: str, asked: set[str], acknowledged: set[str], enough: Event) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        for turn in range(10_000):
            number = f"{name}-{turn:04}"
            asked.add(number)
            if create(server, number, "sbx_empty_killed") == 200:
                acknowledged.add(number)
            if turn == 5:
                enough.set()


def _kill(server: Server) -> None:
    """Kill the main process and its worker with no warning."""
    main = server.process.pid
    workers = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    for process in (main, *map(int, workers)):
        os.kill(process, signal.SIGKILL)
    server.process.wait()


def test_a_full_disk_refuses_writes_and_goes_on_reading(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/store.db"
    with started(tmp_path, database) as server:
        assert create(server, "A1-000", "sbx_empty_full") == 200
        worker = int(Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()[0])
        size = max((tmp_path / name).stat().st_size for name in ("store.db", "store.db-wal"))
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (size + 40_000, resource.RLIM_INFINITY))
        codes = [create(server, f"A1-{turn:03}", "sbx_empty_full", title="x" * 2000) for turn in range(1, 80)]
        assert codes[0] == 200
        assert codes[-1] == 503  # Trackru says so with HTTP 200
        assert read(server, "A1-000", "sbx_empty_full")["data"][0]["tracking_number"] == "A1-000"
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert create(server, "A1-999", "sbx_empty_full") == 200
        kept = 2 + codes.count(200)
        assert int(send(server, "GET", "/trackru/v1/trackings/get?limit=1", None, "sbx_empty_full")[1]["data"]["total"]) == kept
        assert "Traceback" not in server.log


def test_a_database_that_is_gone_is_503_until_it_is_back(tmp_path: Path) -> None:
    with started(tmp_path, empty_postgres()) as server:
        assert create(server, "A1-000") == 200
        postgres().stop()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
            connection.request("GET", "/_sandbox/workspaces")
            reply = connection.getresponse()
            assert (reply.status, reply.headers["Retry-After"]) == (503, "1")
            assert json.load(reply)["title"] == "Store unavailable"
            connection.close()
            assert create(server, "A1-001") == 503
        finally:
            postgres().start()
        assert read(server, "A1-000")["data"][0]["tracking_number"] == "A1-000"
        assert create(server, "A1-001") == 200
        assert "Traceback" not in server.log


# --- what can't be used ----------------------------------------------------------------------------------------------------------


def test_a_store_of_another_version_is_refused_and_left_alone(url: str) -> None:
    store = SqlStore(url)
    store.prepare()
    store.ask(Statement("UPDATE trackbed SET value = '99'"))
    store.close()
    result = trackbed("serve", "--port", "0", "--store", url)
    assert result.returncode == 2
    assert f"is a store of version 99, and this Trackbed reads version {VERSION}; use the Trackbed that made it" in result.stderr


def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is no database" * 100)
    with contextlib.closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE mine (x)")
    for name, told in (("text.db", "file is not a database"), ("other.db", "holds something else; choose another database")):
        before = (tmp_path / name).read_bytes()
        result = trackbed("serve", "--port", "0", "--store", f"sqlite:///{name}", cwd=tmp_path)
        assert (result.returncode, result.stdout) == (2, "")
        assert told in result.stderr
        assert name in result.stderr
        assert (tmp_path / name).read_bytes() == before


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("somewhere", "is no address of a store; write sqlite:///FILE or postgresql+psycopg://"),
        ("mysql://host/name", "is neither SQLite nor PostgreSQL"),
        ("sqlite://", "names no file"),
        ("sqlite:////no/such/folder/store.db", "unable to open database file"),
        ("postgresql+psycopg://someone:hidden@127.0.0.1:1/name", "onnection"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused_with_what_to_do(address: str, told: str) -> None:
    result = trackbed("serve", "--port", "0", "--store", address)
    assert (result.returncode, result.stdout) == (2, "")
    assert told in result.stderr
    assert "hidden" not in result.stderr
    assert "Traceback" not in result.stderr


def test_a_store_that_is_locked_by_somebody_else_is_unavailable_and_comes_back(tmp_path: Path) -> None:
    store = SqlStore(f"sqlite:///{tmp_path}/store.db")
    store.prepare()
    with contextlib.closing(store), contextlib.closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"), store.transaction("sbx_x") as transaction:
            transaction.put("c", "k", b"")
        other.execute("ROLLBACK")
        with store.transaction("sbx_x") as transaction:
            assert transaction.get("c", "k") is None


def test_an_unknown_kind_of_store_is_an_error_of_ours() -> None:
    with pytest.raises(StoreError, match="neither"):
        SqlStore("oracle://host/name")
