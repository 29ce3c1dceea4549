"""Runs the application for real, on Granian: one main process that watches, and workers that serve."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ipaddress
import logging
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from sandbox.assembly import Sandbox, Settings, assemble
from sandbox.door import Door

MAX_HEADER_BYTES = 65_536
HEADER_TIMEOUT_MS = 10_000
STOP_TIMEOUT_S = 10
RETRY_S = 0.005
_ENDING = (signal.SIGINT, signal.SIGTERM)


@dataclass
class CannotListen(Exception):
    """The address can't be listened on; `reason` says why."""

    host: str
    port: int
    reason: str

    def __str__(self) -> str:
        return f"cannot listen on {self.host}:{self.port}: {self.reason}"


@cache
def sandbox_of(settings: Settings) -> Sandbox:
    """Put the sandbox together, once per process; a worker that is forked finds it ready. Raises SpecError or DataError."""
    return assemble(settings)


def token_for(host: str, environment: Mapping[str, str]) -> str | None:
    """Say which token the control plane asks for: none on a loopback address, else that of the environment or a new one."""
    if _is_loopback(host):
        return None
    return environment.get("TRACKBED_TOKEN") or secrets.token_urlsafe(24)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_address(host: str, port: int) -> int:
    """Find out whether an address can be listened on, and return its port: a free one for 0. Raises CannotListen."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return int(probe.getsockname()[1])
    except OSError as error:
        raise CannotListen(host, port, error.strerror or str(error)) from None


def serve(settings: Settings, *, host: str, port: int, workers: int, ready: Callable[[], None]) -> None:
    """Serve until a signal ends it; `ready` is called once the address answers.

    SIGTERM and SIGINT stop accepting, finish what is in flight for ten seconds at most, and return.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(message)s")
    server = Server(
        "trackbed",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_TIMEOUT_MS, max_buffer_size=MAX_HEADER_BYTES),
        log_level=LogLevels.error,
        workers=workers,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_TIMEOUT_S,
    )
    os.register_at_fork(before=_hold_signals, after_in_parent=_hear_signals)
    server.on_startup(threading.Thread(target=_when_it_answers, args=(reached(host), port, ready), daemon=True).start)
    server.serve(target_loader=_Loader(settings), wrap_loader=False)


def reached(host: str) -> str:
    """Say where this machine reaches what listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def _when_it_answers(host: str, port: int, ready: Callable[[], None]) -> None:
    """Wait until somebody accepts at an address: the worker listens a moment after the start of the server."""
    while True:
        try:
            socket.create_connection((host, port)).close()
        except OSError:
            time.sleep(RETRY_S)
        else:
            with contextlib.suppress(BrokenPipeError):  # nobody reads what we print
                ready()
            return


def _hold_signals() -> None:
    """Let signals wait. A worker that is just being made has nobody yet who would hear them, and then nobody would end it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)


def _hear_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)


class _Served(Door):
    """The door as a worker of Granian serves it."""

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hear signals as soon as the loop runs: Granian has set its handlers, and before that the loop loses what comes."""
        loop.call_soon(_hear_signals)


@dataclass(frozen=True)
class _Loader:
    """Loads the application in a worker; a value, so that it can be sent to one that is not forked."""

    settings: Settings

    def __call__(self) -> Door:
        _hold_signals()  # where a worker is started anew instead of forked
        door = _Served(sandbox_of(self.settings))
        gc.collect()
        gc.freeze()  # what is there now stays; the collector need not look at it again
        return door
