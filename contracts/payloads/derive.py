"""The payloads of a document's schemas: the fewest requests by which every single edit of a rule is noticed, each one idea.

Edits are gone through in the order of the document. What an earlier payload already shows needs no other. A refused payload has what
one edit allows and everything else right, so it breaks one rule; its twin is the accepted payload nearest to its place. Where the same
schema comes again in the same surroundings (see `likeness`), the same values show its edits: they are put there and not searched for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, MutableSequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from operator import attrgetter, getitem
from typing import Any, NamedTuple

from contracts.payloads import bases
from contracts.payloads.contexts import Context, Found
from contracts.payloads.edits import Edit, edits
from contracts.payloads.facets import Demand
from contracts.payloads.frame import Frame
from contracts.payloads.payload import Payload
from contracts.payloads.places import Place, apart
from contracts.payloads.recipe import USUAL
from contracts.payloads.schema import RequestSchema
from contracts.payloads.sites import Site, sites
from contracts.payloads.solver import Solver
from contracts.payloads.told import Told
from contracts.payloads.witness import Finder
from contracts.payloads.writer import Striking, Writer, nothing
from sandbox import codec
from sandbox.spec import Operation, Spec

_NEIGHBOURS = frozenset(  # keywords that may only break together with another of the same schema
    "minLength maxLength pattern format enum minimum maximum exclusiveMinimum exclusiveMaximum multipleOf".split()
)


class Derived(NamedTuple):
    """A payload with what it was made of: the request as one value, and the edit that asked for it (None for one that none asked for)."""

    payload: Payload
    request: Mapping[str, Any]
    edit: Edit | None


@dataclass(eq=False, slots=True)
class Missed:
    """An edit that no payload notices. `equivalent` tells that none can; then `reasons` say why."""

    edit: Edit
    equivalent: bool
    reasons: tuple[str, ...]


class _Shown(NamedTuple):
    """What showed an edit once: a value, its JSON, in which context of its place, and whether the document accepts it."""

    value: Any
    written: bytes
    context: int
    accepted: bool


@dataclass
class Derivation:
    """The work on one operation. `missed` and `killed` fill up while payloads are taken; `writer` writes them."""

    schema: RequestSchema
    writer: Writer
    missed: MutableSequence[Missed] = field(default_factory=list)
    killed: MutableSequence[tuple[Edit, str]] = field(default_factory=list)
    edits: int = 0

    def __post_init__(self) -> None:
        self._finder = Finder(self.schema)
        self._told = Told(self._finder)
        self._frame = Frame(self.schema)
        self._places: dict[Site, Place] = {}
        self._seen: dict[Any, str] = {}  # id of the payload by which a request was sent
        self._plans = self._finder.memory.plans
        self._accepted: dict[str, None] = {}

    def payloads(self) -> Iterator[Derived]:
        """Yield the payloads: the smallest and the fullest request, then those that the edits ask for."""
        yield from self._whole()
        for site in sites(self.schema):
            yield from self._of_site(site)

    def _of_site(self, site: Site) -> Iterator[Derived]:
        """Go through the edits of one site; where the same schema was met in the same surroundings, its answers are known."""
        place = self._places.setdefault(site.start, Place())
        contexts = self._finder.contexts(site.start)[0]
        key = self._likeness(site, contexts, place)
        known = self._plans.get(key) if key else None
        plan, answers = known, list[Any]()
        for index, edit in enumerate(edits(site, self._finder.memory.changes)):
            answer, found = None if plan is None else plan[index], None
            if isinstance(answer, _Shown):
                found = self._frame.filled(contexts[answer.context], answer.value, accepted=answer.accepted)
                plan = plan if found is not None else None  # from here on it is another plan
            if plan is None:
                answer, found = self._answer(edit, place)
            answers.append(answer)
            if (made := self._take(edit, place, answer, found)) is not None:
                yield made
        self.edits += len(answers)
        if key and known is None:
            self._plans[key] = answers

    def _likeness(self, site: Site, contexts: list[Context], place: Place) -> Any:
        """Describe a schema and all that matters around it; None for one that is not the document's."""
        finder = self._finder
        if not site.where or any(finder.depends(site, context) for context in contexts):
            return None
        where = (site.plain, site.key, site.first is None, site.trail[1:2], self.writer.credential == site.trail[1::2])
        return finder.memory.number(site.node), where, finder.surroundings(site.start), finder.way(site), place.summed()

    def _answer(self, edit: Edit, place: Place) -> tuple[Any, Found | None]:
        """Say what shows an edit: the position of a payload that is there, a new one, with its request, or why there is none."""
        kills = self._finder.killer(edit)
        for index in place.positions(edit):
            if kills(value := place.values[index]) and self._finder.tells(edit, place.contexts[index], value):
                return index, None
        found = self._finder.find(edit, kills)
        if found is None:
            return (self._finder.solver.exact, tuple(self._finder.solver.reasons)), None
        return _Shown(found.value, codec.dump(found.value), found.context.number, found.accepted), self._frame.around(found)

    def _take(self, edit: Edit, place: Place, answer: Any, found: Found | None) -> Derived | None:
        if found is not None:
            ident, made = self._make(edit, found, answer.written)
            place.add(found, answer.written, ident, accepted=ident in self._accepted)
            self.killed.append((edit, ident))
            return made
        if isinstance(answer, int):
            self.killed.append((edit, place.ids[answer]))
            return None
        self.missed.append(Missed(edit, *answer))
        return self._together(edit)

    def _together(self, edit: Edit) -> Derived | None:
        """Write a payload for a rule that breaks with its neighbours only."""
        if not (edit.change == "dropped" and edit.keyword in _NEIGHBOURS and edit.site.plain):
            return None
        found = self._finder.together(edit)
        if found is None or not any(problem.rule == edit.rule for problem in self.schema.problems(found.request)):
            return None
        return self._make(edit, self._frame.around(found), codec.dump(found.value))[1]

    def _make(self, edit: Edit, found: Found, written: bytes) -> tuple[str, Derived | None]:
        """Write a payload, and give its id; no payload where the same request was there before, but the id of that one."""
        twin = None
        if not found.accepted:
            twin = self._twin(edit.site.start, found)
            found = self._frame.beside(found) if twin is not None and twin == self._usual else found
        draft = self.writer.draft_at(found, written)
        key = self.writer.key(draft)
        if (known := self._seen.get(key)) is not None:
            return known, None
        if found.accepted:
            payload = self.writer.accepted(found, edit, draft)
        else:
            payload = self.writer.refused(found, edit, draft, self._told.problems(edit.site.start, found, written), twin)
        made = self._new(key, payload, found.request, edit)
        return made.payload.id, made

    def _whole(self) -> Iterator[Derived]:
        demands = [Demand(self.schema.root, None, yes=True), Demand(self.schema.world, None, yes=True)]
        for name, full in (("smallest", False), ("fullest", True)):
            for request in Solver(self.schema.bundle, full=full).solve(demands, plain=True):
                if self.schema.ok(request):
                    if not full:
                        self._frame.begin(request.get("body"))
                    payload = self.writer.whole(request, name)
                    if (key := self.writer.key(payload.draft)) not in self._seen:
                        yield self._new(key, payload, request, None)
                    break

    def _new(self, key: Any, payload: Payload, request: Any, edit: Edit | None) -> Derived:
        if payload.verdict == "reject" and payload.twin is None:  # the schema allows it, and nobody has what it names
            payload = replace(payload, twin=self._usual or next(iter(self._accepted), None))
        self._seen[key] = payload.id
        if payload.verdict == "accept":
            self._accepted[payload.id] = None
        return Derived(payload, request, edit)

    def _twin(self, start: Site, found: Found) -> str | None:
        """Find the accepted payload nearest to a refused one: at its place, else at a place around it, else any."""
        number: int | None = found.context.number
        steps, value = found.steps, found.value
        while True:
            place = self._places.get(start)
            if place is not None and (ident := place.nearest(value, number)) is not None:
                return ident
            if start.above is None:
                return next(iter(self._accepted), None) or self._usual
            if number is not None and self._frame.usual and apart(found.request.get("body"), self._frame.usual) == 1:
                return self._usual
            start, steps, number = start.above.start, steps[:-1], None
            value = reduce(getitem, steps, found.request)

    @cached_property
    def _usual(self) -> str | None:
        """Name the usual call, which comes from the wire; None where the document shows none."""
        spec, operation = self.schema.spec, self.schema.operation
        name = bases.ident(spec, operation, USUAL)
        return name if bases.usual(spec, operation, name) is not None else None


def derivation(spec: Spec, operation: Operation, striking: Striking = nothing) -> Derivation:
    """Begin the work on one operation. What `striking` finds gives accepted payloads another label (see `doubts`)."""
    schema = RequestSchema(spec, operation)
    return Derivation(schema, Writer(schema, striking))


def payloads(spec: Spec, operation: Operation, striking: Striking = nothing) -> Iterator[Payload]:
    """Yield the payloads of an operation that its schemas ask for, in the order of the document. For `striking` see `derivation`."""
    work = derivation(spec, operation, striking)
    work.missed, work.killed = deque(maxlen=0), deque(maxlen=0)  # nobody asks, and there may be more of them than payloads
    return map(attrgetter("payload"), work.payloads())
