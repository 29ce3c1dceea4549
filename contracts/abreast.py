"""Several things done at a time, each by a process of its own, and told in their order as if they had been done one after the other.

Where processes can be copied (Linux) they begin with all that was imported before; elsewhere each imports for itself.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import signal
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any, NamedTuple, TextIO

from sandbox.exits import WRONG

METHOD = "fork" if sys.platform == "linux" else "spawn"

Told = Callable[[str], object]
Work = Callable[[str, Told], object]  # on the thing of a name; it ends as a command does, and may tell how far it is


class Ended(NamedTuple):
    """How work on one thing ended: its exit code, and what it printed on standard output and on standard error."""

    code: int
    out: str
    err: str


def abreast(
    work: Work, names: Sequence[str], jobs: int, told: Callable[[str, str], object], method: str = METHOD
) -> Iterator[tuple[str, Ended]]:
    """Begin with the first names, `jobs` at a time, and yield how each one ended, as it ends.

    `told` hears, by name, what is told of the work that goes on. On KeyboardInterrupt those that are at work are interrupted, and what was
    not begun never is. With the method `spawn` the work is pickled.
    """
    waiting, at_work = deque(names), dict[Any, tuple[str, BaseProcess]]()
    ended: dict[str, Ended] = {}
    while waiting or at_work:
        try:
            while waiting and len(at_work) < jobs:
                pipe, process = _begun(work, waiting[0], method)
                at_work[pipe] = (waiting.popleft(), process)
            ready: list[Any] = wait([*at_work])
            for pipe in ready:
                name, process = at_work[pipe]
                try:
                    said = pipe.recv()
                except EOFError:
                    process.join()
                    del at_work[pipe]
                    yield name, ended.pop(name, Ended(WRONG, "", f"trackbed: its process ended early, with {process.exitcode}.\n"))
                    continue
                if isinstance(said, Ended):
                    ended[name] = said
                else:
                    told(name, said)
        except KeyboardInterrupt:
            for _, process in at_work.values():
                _interrupt(process)
            while waiting:
                yield waiting.popleft(), Ended(WRONG, "", "trackbed: interrupted before anything was judged.\n")


def _begun(work: Work, name: str, method: str) -> tuple[Connection, BaseProcess]:
    context: Any = get_context(method)
    ours, theirs = context.Pipe(duplex=False)
    process: BaseProcess = context.Process(target=_work, args=(work, name, theirs), kwargs={"terminal": sys.stdout.isatty()}, daemon=True)
    process.start()
    theirs.close()  # so that the end of the process is the end of the pipe
    return ours, process


def _interrupt(process: BaseProcess) -> None:
    if process.pid is not None and hasattr(os, "setpgrp"):  # elsewhere the terminal does it
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGINT)


class _Kept(io.StringIO):
    """What is printed, kept for a stream that comes later; it is a terminal where that one is."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def _work(work: Work, name: str, pipe: Connection, *, terminal: bool) -> None:
    """Do what a process of its own is there for."""
    if hasattr(os, "setpgrp"):
        os.setpgrp()  # who started it hears Ctrl+C, and passes it on once
    Thread(target=_end_with_parent, daemon=True).start()
    gc.freeze()  # what was there before stays: no need to look at it again
    out, err = _Kept(terminal=terminal), _Kept(terminal=False)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = _code(work, name, pipe.send, err)
    pipe.send(Ended(code, out.getvalue(), err.getvalue()))


def _code(work: Work, name: str, told: Told, err: TextIO) -> int:
    try:
        work(name, told)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except BaseException:  # noqa: BLE001 - a fault of ours, which the process that prints has to tell
        traceback.print_exc(file=err)
        return WRONG
    return 0


def _end_with_parent() -> None:
    """Wait until who started this process is gone; nobody would hear of the rest."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(WRONG)
