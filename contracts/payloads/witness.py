"""A request that an edit of its schema is noticed by: the document and the edited document judge it differently.

The way from the whole request to the edited schema is walked once. At each schema on the way everything else is demanded to hold (or, for
the other branches of an `anyOf`, not to), so that the edited schema alone decides. What differs between the schema before and after
the edit is then demanded of the value that comes there: one holds and the other does not.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from contracts.payloads import firm
from contracts.payloads.contexts import Context, Found, Opening, find_spot, keep
from contracts.payloads.edits import Edit
from contracts.payloads.facets import LOOSE, OPEN, Demand, Hole, Spot, Step
from contracts.payloads.judge import Test, same
from contracts.payloads.likeness import memory
from contracts.payloads.pivots import affected, changes, others, pivots
from contracts.payloads.schema import MUTE, WHOLE, RequestSchema
from contracts.payloads.sites import Site
from contracts.payloads.solver import Solver

MAX_CONTEXTS = 8
MAX_LOOKED_AT = 400  # ways of one route to a place that are looked at
_ALL_LOOKED_AT = 800  # and of all its routes
_LONG = 100_000  # a longer text is asked about its length alone: patterns would take too long
_TRIES = 12  # values that are tried for one way


class Finder:
    """Finds witnesses for the edits of one operation."""

    def __init__(self, schema: RequestSchema) -> None:
        self.schema = schema
        self.solver = Solver(schema.bundle)
        self._free = Solver(schema.bundle, whole=False)
        self.memory = memory(schema.bundle)
        self._contexts: dict[Site, tuple[list[Context], bool]] = {}
        self._surroundings: dict[Site, Any] = {}
        self._described: dict[Site, Any] = {}
        self._routes: dict[Site, list[tuple[list[Step], int]]] = {}
        self._looked_at: dict[Site, bool] = {}
        self._edited: tuple[Edit, Test] | None = None

    # --- where a value decides alone ---------------------------------------------------------------------------------------------

    def contexts(self, start: Site) -> tuple[list[Context], bool]:
        """List the ways to fill the place at which a site starts, and whether these are all."""
        if start not in self._contexts:
            self._contexts[start] = self._work_out(start)
        return self._contexts[start]

    def surroundings(self, start: Site) -> Any:
        """Describe all that is asked of what comes to the place at which a site starts: the same for places that are alike."""
        if start not in self._surroundings:
            contexts, whole = self.contexts(start)
            self._surroundings[start] = (whole, *((one.sign, self.memory.numbers(one.demands)) for one in contexts))
        return self._surroundings[start]

    def way(self, site: Site) -> Any:
        """Describe what makes a site decide about the place at which it starts."""
        if site not in self._described:
            self._described[site] = tuple((sign, self.memory.numbers(route)) for route, sign in self.routes(site))
        return self._described[site]

    def _work_out(self, start: Site) -> tuple[list[Context], bool]:
        above = start.above
        if above is None:
            return [Context((Demand(self.schema.world, None, yes=True),), 1, Spot(()), ())], True
        key = (self.surroundings(above.start), self.way(above), self.memory.number(above.node), start.key, start.name)
        if key not in self.memory.openings:
            self.memory.openings[key] = self._openings(start, above)
        found, whole = self.memory.openings[key]
        outer, looked_at = self.contexts(above.start)[0], self._is_looked_at(above)
        return [one.within(outer[one.outer], number, start.key, looked_at=looked_at) for number, one in enumerate(found)], whole

    def _openings(self, start: Site, above: Site) -> tuple[list[Opening], bool]:
        outer, whole = self.contexts(above.start)
        looked_at = self._is_looked_at(above)  # then an opening that asks for less than another may be one that nothing accepts
        found: list[tuple[frozenset[Any], Opening]] = []
        left = _ALL_LOOKED_AT

        def is_free(sign: int) -> bool:  # there any value decides, whatever it is: no other opening can show more
            return not looked_at and any(not asked and one.sign == sign for asked, one in found)

        for context, (route, sign), name in itertools.product(outer, self.routes(above), _variants(start)):
            if is_free(1):
                break
            turned = context.sign * sign * (-1 if name == "most" else 1)
            demands = [*context.demands, *route, *others(above.node, start.key), Hole(above.node, start.key, name)]
            self.solver.start()
            looked, alone = 0, False
            for looked, value in enumerate(self.solver.each_way(demands), 1):
                spot = find_spot(value)
                if spot is not None and any(one is LOOSE for one in spot[0].demands):
                    whole = whole and alone
                elif spot is not None:
                    alone = True
                    opening = Opening(spot[0].demands, turned, context.number, value, spot[1])
                    if looked_at:
                        found.append((frozenset(), opening))
                    else:
                        keep(found, opening)
                left -= 1
                if looked >= MAX_LOOKED_AT or left < 0 or is_free(turned):
                    break
            whole = whole and (
                is_free(turned) or (self.solver.exact and looked < MAX_LOOKED_AT and left >= 0 and len(found) <= MAX_CONTEXTS)
            )
        return [one for _, one in found[:MAX_CONTEXTS]], whole

    def routes(self, site: Site) -> list[tuple[list[Step], int]]:
        """List what must hold so that a site decides about the place at which it starts; -1 where it decides the contrary."""
        if site not in self._routes:
            self._routes[site] = self._way(site)
        return self._routes[site]

    def _way(self, site: Site) -> list[tuple[list[Step], int]]:
        if site.first is None or site.above is None:
            return [([], 1)]
        found = []
        for (before, sign), (more, turned) in itertools.product(self.routes(site.above), pivots(site.above.node, site.key, site.name)):
            found.append(([*before, *more], sign * turned))
        return found

    # --- what an edit changes -----------------------------------------------------------------------------------------------------

    def find(self, edit: Edit, kills: Test) -> Found | None:
        """Find a witness of an edit, for which `kills` holds; None where there is none, or none was found: `solver.exact` tells which."""
        if edit.only and (single := self._single(edit, kills)) is not None:
            return single
        if edit.keyword == "pattern":  # a guess is cheaper than an automaton
            self.solver.quick = edit.site.node["pattern"]
            found = self._search(edit, kills)
            self.solver.quick = None
            if found is not None:
                return found
        return self._search(edit, kills)

    def _single(self, edit: Edit, kills: Test) -> Found | None:
        """Try the one value that can show an edit."""
        value = edit.probe[0]
        if not kills(value):
            return None
        tightened = self.schema.bundle.holds(edit.site.node, value)
        for context, (route, sign) in itertools.product(self.contexts(edit.site.start)[0], self.routes(edit.site)):
            if self.solver.satisfies(value, context.demands) and self.solver.satisfies(value, route):
                accepted = tightened is (sign * context.sign > 0)
                request = context.fill(value)
                if self.schema.ok(request) is accepted and self.tells(edit, context, value):
                    return Found(request, value, context.steps, context, accepted)
        return None

    def _search(self, edit: Edit, kills: Test) -> Found | None:
        contexts, whole = self.contexts(edit.site.start)
        reasons: dict[str, None] = {}
        otherwise = self._is_looked_at(edit.site) and firm.looks_otherwise(edit)
        exact = whole and not otherwise
        for context, (route, sign), (changed, tightened) in itertools.product(contexts, self.routes(edit.site), [*changes(edit)]):
            self.solver.start()
            accepted = tightened is (sign * context.sign > 0)
            for value in itertools.islice(self._offered(edit, changed, [*context.demands, *route, *changed]), _TRIES):
                request = context.fill(value)
                shown = self.schema.ok(request) is accepted and (_long(value) or kills(value))
                if shown and self.tells(edit, context, value):
                    return Found(request, value, context.steps, context, accepted)
                exact = False
            exact = exact and self.solver.exact
            reasons.update(self.solver.reasons)
        if edit.site.start.key == "propertyNames":
            named, settled = self._by_a_name(edit, kills)
            if named is not None:
                return named
            exact = exact and settled
        if exact and self._is_looked_at(edit.site) and firm.decides_twice(edit.site):
            types = firm.kinds_seen(edit.site)  # of others the search has said all
            exact = bool(types) and self._is_ruled_out(edit, types)
            reasons.update(self.solver.reasons)
        if not exact and ((not otherwise and self._nothing_changes(edit)) or self._is_ruled_out(edit, [])):
            return None
        if not exact and self._is_looked_at(edit.site) and (found := self._freely(edit)) is not None:
            return found
        self.solver.exact, self.solver.reasons = exact, reasons if contexts else {"no request gets there": None}
        return None

    def _by_a_name(self, edit: Edit, kills: Test) -> tuple[Found | None, bool]:
        """Find a member that must be there and whose name shows an edit; without one, tell whether that is settled."""
        settled = True
        for context in self.contexts(edit.site.start)[0]:
            names, alone = context.names()
            for name in filter(kills, names):
                another = itertools.islice(self.solver.solve([*context.demands, Demand(edit.site.node, None, yes=True)]), 1)
                for request in (alone, *map(context.fill, another)):
                    if self.judged(edit, request):
                        return Found(request, name, context.steps, context, self.schema.ok(request)), True
                settled = False
        return None, settled

    def _offered(self, edit: Edit, changed: list[Step], demands: list[Step]) -> Iterator[Any]:
        """Offer values that meet demands: those that an edit is about first, and no others where these alone can show it."""
        probes = [value for value in edit.probe if self.solver.satisfies(value, changed) and self.solver.satisfies(value, demands)]
        if not edit.only:
            return itertools.chain(probes, self.solver.solve(demands, plain=edit.change == "forbidden"))
        if not probes:
            self.solver.fail(f"{edit.probe[0]!r} alone could show it, and other rules decide about it")
        return iter(probes)

    def _is_ruled_out(self, edit: Edit, types: list[str]) -> bool:
        """Tell whether no accepted request has a part, of some types, that an edit judges otherwise; `solver` holds the proof then."""
        if (needed := firm.needed(edit, types)) is None:
            return False
        top, ways = needed
        contexts, whole = self.contexts(top.start)
        if not whole:
            return False
        reasons: dict[str, None] = {}
        for context, (route, _), way in itertools.product(contexts, self.routes(top), ways):
            self.solver.start()
            demands = [one for one in (*context.demands, *route) if one.key not in WHOLE]
            if next(self.solver.solve([*demands, *way]), OPEN) is not OPEN or not self.solver.exact:
                return False
            reasons.update(self.solver.reasons)
        self.solver.reasons = reasons
        return True

    def _freely(self, edit: Edit) -> Found | None:
        """Search where what is looked at changes with the edit, so that only the whole edited schema can judge."""
        for context, (route, _), (changed, _) in itertools.product(
            self.contexts(edit.site.start)[0], self.routes(edit.site), [*changes(edit)]
        ):
            self._free.start()
            for value in itertools.islice(self._free.solve([*context.demands, *route, *changed]), _TRIES):
                request = context.fill(value)
                if self.judged(edit, request):
                    return Found(request, value, context.steps, context, self.schema.ok(request))
        return None

    def together(self, edit: Edit) -> Found | None:
        """Find a request that breaks a rule which cannot break alone: others of the same schema break with it."""
        node, key = edit.site.node, edit.keyword
        typed = [Demand(node, "type", yes=True)] if "type" in node else []
        for context, (route, sign) in itertools.product(self.contexts(edit.site.start)[0], self.routes(edit.site)):
            if context.sign * sign < 0:
                continue
            self.solver.start()
            for value in itertools.islice(self.solver.solve([*context.demands, *route, *typed, Demand(node, key, yes=False)]), 1):
                request = context.fill(value)
                if not self.schema.ok(request):
                    return Found(request, value, context.steps, context, accepted=False)
        return None

    def _nothing_changes(self, edit: Edit) -> bool:
        """Tell whether a schema means the same after an edit, wherever it stands; `solver` holds the proof then."""
        reasons: dict[str, None] = {}
        for changed, _ in changes(edit):
            self.solver.start()
            if next(self.solver.solve(changed), OPEN) is not OPEN or not self.solver.exact:
                return False
            reasons.update(self.solver.reasons)
        self.solver.reasons = reasons
        return True

    def tells(self, edit: Edit, context: Context, value: Any) -> bool:
        """Tell whether a value that shows an edit shows it in a request, too, where other parts of that may stand against it."""
        return not self.depends(edit.site, context) or self.judged(edit, context.fill(value))

    def depends(self, site: Site, context: Context) -> bool:
        """Tell whether more than the value that a context is filled with may decide what the edits of a site change."""
        return context.shared or self._is_looked_at(site)

    def _is_looked_at(self, site: Site) -> bool:
        if not self.schema.bundle.looks:
            return False
        if site not in self._looked_at:
            self._looked_at[site] = firm.is_looked_at(site)
        return self._looked_at[site]

    def judged(self, edit: Edit, request: Any) -> bool:
        """Tell whether the whole edited schema judges a request otherwise."""
        if self._edited is None or self._edited[0] is not edit:
            self._edited = edit, self.schema.bundle.compile(edit.schema(self.schema)).is_valid
        return self._edited[1](request) is not self.schema.ok(request)

    def killer(self, edit: Edit) -> Test:
        """Make what tells whether a value at the place of an edit, which came there for another, shows this one too."""
        node, after, routes = edit.site.node, edit.after, [route for route, _ in self.routes(edit.site)]
        satisfies = self.solver.satisfies
        differs = self._whole_differs(edit) if isinstance(node, bool) or isinstance(after, bool) else self._differs(edit)
        wanted, counts = edit.probe[:1], edit.keyword in ("minLength", "maxLength")
        free = not all(routes)  # a route that asks for nothing

        def kills(value: Any) -> bool:
            if edit.only and not same(value, wanted[0]):
                return False
            if not counts and _long(value):
                return False
            return differs(value) and (free or any(satisfies(value, route) for route in routes))

        return kills

    def _whole_differs(self, edit: Edit) -> Test:
        holds, node, after = self.schema.bundle.holds, edit.site.node, edit.after
        return lambda value: holds(node, value) is not holds(after, value)

    def _differs(self, edit: Edit) -> Test:
        """Make what tells whether the keywords that an edit affects judge a value otherwise, and all others of their schema hold."""
        bundle, node, after = self.schema.bundle, edit.site.node, edit.after
        touched = affected(node, after)
        before = [test for key in touched if key in node and (test := bundle.kept(node, key)) is not None]
        behind = [test for key in touched if key in after and (test := bundle.test(after, key)) is not None]
        untouched = [(key, bundle.kept(node, key)) for key in node if key not in touched and key not in MUTE]
        rest = [test for _, test in untouched if test is not None]
        quick = [test for key, test in untouched if test is not None and key != "pattern"]

        def differs(value: Any) -> bool:
            if _all_hold(before, value) is _all_hold(behind, value):
                return False
            return _all_hold(quick if _long(value) else rest, value)

        return differs


def _all_hold(tests: list[Test], value: Any) -> bool:
    for test in tests:  # noqa: SIM110 - called for each value and edit of a place: a generator would cost as much as its tests
        if not test(value):
            return False
    return True


def _long(value: Any) -> bool:
    return isinstance(value, str) and len(value) > _LONG


def _variants(start: Site) -> tuple[Any, ...]:
    if start.key != "contains":
        return (start.name,)
    return ("least", "most") if start.above is not None and "maxContains" in start.above.node else ("least",)
