"""Transactions that go to the database together, over one connection and with one commit.

A batch belongs to one thread. What its transactions write is kept back until the end, or until somebody has to see it in the
database, and nobody may be answered before the batch has ended well. While a batch holds a workspace nobody else can change it,
so what was read once need not be read again.

A batch that holds a workspace never waits for another one: it commits first. So no two batches can wait for each other. The one
exception is the workspace that belongs to nobody, for which a transaction waits while it holds its own; who holds it waits for
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.lines import Command, Line, LineError, Statement
from sandbox.store import StoreUnavailable
from sandbox.tables import ALWAYS_READ, Statements, lock_of

USED_EVERY_S = 1  # how exactly is remembered when a workspace was last used


class Unkept(StoreUnavailable):
    """Something in a batch failed, and so all that was in it is taken back. Each part may be tried again alone."""


@dataclass(slots=True)
class Space:
    """A workspace that a batch holds: whether it has rows, and what is known of them.

    `used_s` is when it was last used, in seconds since 1970.
    """

    there: bool
    used_s: int = 0
    known: dict[tuple[str, str], bytes | None] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)

    def copy(self) -> Space:
        """Make another that can be written to."""
        return Space(self.there, self.used_s, dict(self.known), dict(self.counters))


class Lines(Protocol):
    """Where a batch gets its connection from."""

    def take(self) -> tuple[Line, bool]:
        """Give the connection, and tell whether it was opened only now. Raises LineError."""

    def drop(self) -> None:
        """Hang up."""


class Batch:
    """What one thread does between two commits.

    With `lasting` it ends when it is on disk, else when others can see it. `depth` counts the transactions that are open, `opened`
    all that there were, `commits` how often something was committed.
    """

    def __init__(self, lines: Lines, said: Statements, now_s: Callable[[], int], *, lasting: bool = True) -> None:
        self.spaces: dict[str, Space] = {}
        self.depth = self.opened = self.commits = 0
        self._lines = lines
        self._said = said
        self._now_s = now_s
        self._lasting = lasting
        self._line: Line | None = None
        self._used: dict[str, int] = {}
        self._counted: dict[tuple[str, str], int] = {}
        self._ops: list[Command] = []
        self._promised = self._is_lie = False
        self._error: StoreUnavailable | None = None

    # --- while it lasts ------------------------------------------------------------------------------------------------------

    def hold(self, workspace: str, *, inner: bool, uses: bool) -> Space:
        """Wait until nobody else has a workspace, and look at it. `inner` tells that another one is in the midst of something."""
        self.opened += 1
        space = self.spaces.get(workspace)
        if space is None:
            space = self.spaces[workspace] = self._look(workspace, inner=inner)
        if uses and space.there and (now_s := self._now_s()) - space.used_s >= USED_EVERY_S:
            self._used[workspace] = now_s
        return space

    @property
    def failed(self) -> bool:
        """Whether the database refused something, or did not answer."""
        return self._error is not None

    @property
    def pending(self) -> bool:
        """Whether something is kept back that the database does not know yet."""
        return bool(self._ops or self._counted or self._used)

    def ask(self, statement: Statement, **values: Any) -> list[Any]:
        """Run one statement and give its rows. Raises StoreUnavailable."""
        return self._run([(statement, values)])[0]

    def settle(self, more: Sequence[Command] = (), *, mark: bool = False) -> None:
        """Write what was kept back, and `more` of a transaction that may still fail; `unmark` takes back what comes behind a mark."""
        marks: list[Command] = [(self._said.mark, {})] if mark else []
        self._run([*self._kept_back(), *marks, *more])
        self._forget()

    def unmark(self, *, back: bool) -> None:
        """Forget the mark; with `back` also what was written behind it."""
        self._run([*([(self._said.back, {})] if back else []), (self._said.unmark, {})])

    def keep(self, workspace: str, space: Space, written: list[Command], counted: Iterable[str]) -> None:
        """Take over what a transaction did: how it left the workspace, what is to be written, and which counters it moved."""
        self.spaces[workspace] = space
        self._counted.update(((workspace, name), space.counters[name]) for name in counted)
        self.add(written)

    def add(self, written: list[Command]) -> None:
        """Write something at the end, and be told if that fails."""
        self._ops += written
        self._promised = True

    def _kept_back(self) -> list[Command]:
        counted = [(self._said.set_counter, {"w": name, "n": counter, "v": value}) for (name, counter), value in self._counted.items()]
        return [*self._ops, *counted, *((self._said.use, {"w": name, "v": used_s}) for name, used_s in self._used.items())]

    def _forget(self) -> None:
        self._ops, self._counted, self._used = [], {}, {}

    def _look(self, workspace: str, *, inner: bool) -> Space:
        look: list[Command] = [(self._said.look, {"w": workspace}), (self._said.counters, {"w": workspace})]
        lock = {"v": lock_of(workspace)}
        if self._said.hold is None or self._said.try_hold is None:
            return _space(*self._run(look))
        if self.spaces and not inner:
            (free,), *found = self._run([(self._said.try_hold, lock), *look])
            if free[0]:
                return _space(*found)
            self.commit()
        return _space(*self._run([(self._said.hold, lock), *look])[1:])

    def _run(self, commands: list[Command]) -> list[list[Any]]:
        if self._error is not None:
            raise StoreUnavailable(str(self._error)) from self._error
        try:
            return self._line.ask(commands) if self._line is not None else self._first(commands)
        except LineError as error:
            self._fail(error)
            raise StoreUnavailable(str(error)) from error

    def _first(self, commands: list[Command]) -> list[list[Any]]:
        """Begin with the first commands. A connection that was left from before may have died since; then take another."""
        said = self._said
        hush: list[Command] = [] if self._lasting else [(said.hush, {})]
        opening: list[Command] = [*hush, (said.begin, {})] if said.unhush else [(said.begin, {}), *hush]
        line, is_new = self._lines.take()
        try:
            found = line.ask(opening + commands)
        except LineError as error:
            if is_new or not error.gone:
                raise
            self._lines.drop()
            line, _ = self._lines.take()
            found = line.ask(opening + commands)
        self._line = line
        return found[len(opening) :]

    def _fail(self, error: LineError) -> None:
        """Give up everything since the last commit: nothing of it is in the database."""
        self._error = (StoreUnavailable if error.gone else Unkept)(str(error))
        self._is_lie = self._promised
        self.cancel()

    # --- how it ends ---------------------------------------------------------------------------------------------------------

    def commit(self) -> None:
        """Commit what was kept so far, and let go of every workspace. Raises StoreUnavailable."""
        ops = self._kept_back()
        if self._line is not None or ops:
            closing: list[Command] = [] if self._lasting or self._said.unhush is None else [(self._said.unhush, {})]
            self._run([*ops, (self._said.commit, {}), *closing])
        self._line, self._promised, self.spaces = None, False, {}
        self._forget()
        self.commits += 1

    def end(self) -> None:
        """Commit. Raises Unkept or StoreUnavailable if something had been kept and is lost; else a failure was told already."""
        with suppress(StoreUnavailable):
            self.commit()
        if self._error is not None and self._is_lie:
            raise self._error

    def cancel(self) -> None:
        """Take everything back that is not committed."""
        self._line, self._promised, self.spaces = None, False, {}
        self._forget()
        self._lines.drop()


def _space(looked: list[Any], counters: list[Any]) -> Space:
    if not looked:
        return Space(there=False)
    known: dict[tuple[str, str], bytes | None] = {(name, name): None for name in ALWAYS_READ}
    known |= {(name, name): body for _, name, body in looked if name is not None}
    return Space(there=True, used_s=looked[0][0], known=known, counters=dict(counters))


def reason(error: BaseException) -> str:
    """Take what the database itself said, in one line."""
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]
