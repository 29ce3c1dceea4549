"""The pytest plugin: `sandbox` is a workspace for one test, `sandbox_server` the server of them all.

Every project that has Trackbed installed loads this, so nothing is imported here but what pytest has loaded anyway; the rest
comes when it is used. Under xdist the controller starts the server when the first worker asks for it, since it outlives them all.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sandbox.testing import Sandbox, Server

TAIL = 10  # exchanges in the report of a failed test
_END = b"end"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the one setting."""
    parser.addini("trackbed_serve", "arguments of `trackbed serve` for the server that tests run against", type="args", default=[])


@pytest.fixture(scope="session")
def sandbox_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Give the one server that all tests run against: that of TRACKBED_URL, else one that is started for them."""
    from sandbox import testing  # noqa: PLC0415 - not before it is used

    address = getattr(request.config, "workerinput", {}).get("trackbed")
    if address:
        yield _ask(*address)
        return
    with testing.server(*request.config.getini("trackbed_serve"), folder=request.config.rootpath) as server:
        yield server


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, sandbox_server: Server) -> Iterator[Sandbox]:
    """Give a fresh workspace on the server, for this test alone; it is deleted afterwards."""
    with sandbox_server.workspace() as world:
        request.node.stash[_WORLD] = world
        yield world
        del request.node.stash[_WORLD]


_WORLD = pytest.StashKey["Sandbox"]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show in the report of a failed test what it asked last."""
    report = yield
    if report.failed and (world := item.stash.get(_WORLD, None)) is not None:
        report.sections.append(("Trackbed", _tail(world)))
    return report


def _tail(world: Sandbox) -> str:
    from sandbox.client import ControlError  # noqa: PLC0415 - not before it is used

    try:
        exchanges = world.requests
    except ControlError as error:
        return str(error)
    if not exchanges:
        return f"Nothing was asked in {world.name}. A call without a good credential belongs to no workspace."
    earlier = [f"… {len(exchanges) - TAIL} earlier"] if len(exchanges) > TAIL else []
    return "\n".join(earlier + [f"{exchange}\n    {exchange.curl}" for exchange in exchanges[-TAIL:]])


# --- one server for all workers of xdist ---------------------------------------------------------------------------------------


class _Desk:
    """Where workers ask for the server: a thread of the controller, which starts it for the first who asks.

    Asking needs the `key` that xdist hands to the workers, since whoever asks is told the token of the server.
    """

    def __init__(self, config: pytest.Config) -> None:
        from multiprocessing.connection import Listener  # noqa: PLC0415 - only where there is xdist

        self._config = config
        self._listener = Listener(backlog=128, authkey=(key := os.urandom(32)))
        self.address = (self._listener.address, key)
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop the server, if one was started."""
        _call(*self.address, _END)
        self._thread.join()
        self._listener.close()

    def _answer(self) -> None:
        from multiprocessing import AuthenticationError  # noqa: PLC0415 - as above

        told: dict[str, Any] = {}
        with ExitStack() as running:
            while True:
                try:
                    with self._listener.accept() as worker:
                        if worker.recv_bytes() == _END:
                            return
                        told = told or self._start(running)
                        worker.send_bytes(json.dumps(told).encode())
                except (OSError, EOFError, AuthenticationError):
                    continue  # a worker that broke off; the others still ask

    def _start(self, running: ExitStack) -> dict[str, Any]:
        from sandbox import background  # noqa: PLC0415 - not before it is used

        arguments, folder = self._config.getini("trackbed_serve"), self._config.rootpath
        try:
            return running.enter_context(background.serving(*arguments, folder=folder))
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait for an answer have to know
            return {"reason": getattr(error, "reason", repr(error))}


_DESK = pytest.StashKey[_Desk]()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of xdist where to ask, unless there is a server already."""
    stash = node.config.stash
    if not os.environ.get("TRACKBED_URL"):
        if _DESK not in stash:
            stash[_DESK] = _Desk(node.config)
        node.workerinput["trackbed"] = stash[_DESK].address


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server of the workers; they are done."""
    if (desk := config.stash.get(_DESK, None)) is not None:
        desk.end()


def _ask(address: Any, key: bytes) -> Server:
    from sandbox import background, testing  # noqa: PLC0415 - not before it is used

    told = json.loads(_call(address, key, b"server"))
    if "reason" in told:
        raise background.CannotServe(told["reason"])
    return testing.connect(told["url"], told["token"])


def _call(address: Any, key: bytes, wish: bytes) -> bytes:
    """Say what is wished; the answer, empty for none."""
    from multiprocessing.connection import Client  # noqa: PLC0415 - only where there is xdist

    with Client(address, authkey=key) as desk:
        desk.send_bytes(wish)
        return b"" if wish == _END else desk.recv_bytes()
