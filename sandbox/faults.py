"""Misbehaves on request: which calls go wrong, and how.

A rule waits in a world for calls that fit it; `Prefer` asks for the same effects for one call. What a rule decides about the
answer (a cause, a limit, an expired token) is said by the provider as ever; what it does to the bytes on their way out is an
`Effect` that the doors carry out. Rules and their counters are documents of the world, so they are isolated, reset and
restored with it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from sandbox import codec, idents
from sandbox.document import at
from sandbox.errors import Refused
from sandbox.exchange import Problem, Request
from sandbox.spec import Operation, Spec
from sandbox.store import Transaction
from sandbox.workspace import World

FAULTS = "faults"
LIMITS = "limits"
_COUNTERS = {"matched": 0, "applied": 0}


@dataclass(frozen=True, slots=True)
class Effect:
    """What goes wrong with one call.

    The first three decide the answer: the name of a cause of the document, a token that is no longer good, a limit that is
    exceeded. The others are about its bytes: `latency_ms` before the first one, a body of `truncate_at` bytes that claims to
    be whole, another `content_type`, a connection that breaks after `cut_after` bytes of the body (at least one), pieces of
    `dribble[0]` bytes with a pause of `dribble[1]` milliseconds before each.
    """

    cause: str | None = None
    expire_token: bool = False
    exceed_limit: bool = False
    latency_ms: int = 0
    truncate_at: int | None = None
    content_type: str | None = None
    cut_after: int | None = None
    dribble: tuple[int, int] | None = None

    @property
    def delivered_oddly(self) -> bool:
        """Whether the doors have to do more than to send a body."""
        return bool(self.latency_ms or self.cut_after or self.dribble)

    def pieces(self, body: bytes) -> Iterator[tuple[float, bytes]]:
        """Yield the pieces in which a body goes out, each with the pause before it in seconds.

        A cut leaves out at least the last byte, so that nobody takes a part for the whole.
        """
        whole = body if self.cut_after is None else body[: max(1, min(self.cut_after, len(body) - 1))]
        size, pause_ms = self.dribble or (len(whole), 0)
        for start in range(0, len(whole), size):
            yield pause_ms / 1000, whole[start : start + size]


def effect_of(rule: Mapping[str, Any]) -> Effect:
    """Read the effect out of a rule."""
    dribble = rule.get("dribble")
    return Effect(
        rule.get("cause"),
        bool(rule.get("expire_token")),
        "rate_limit" in rule,
        rule.get("latency_ms", 0),
        rule.get("truncate_at"),
        rule.get("content_type"),
        rule.get("cut_after"),
        (dribble["bytes"], dribble["every_ms"]) if dribble else None,
    )


def completed(specs: Mapping[str, Spec], rule: Mapping[str, Any]) -> dict[str, Any]:
    """Hold a fault rule to the documents and say how often it strikes, where it doesn't say so itself. Raises Refused.

    One whose cause is transient strikes once: the same call then succeeds.
    """
    if (provider := rule.get("provider")) is not None and provider not in specs:
        raise _unknown("provider", provider, specs)
    operations = [op for name, spec in specs.items() if provider in (None, name) for op in spec.operations.values()]
    if "operation" in rule:
        known = [op.id for op in operations]
        operations = [op for op in operations if op.id == rule["operation"]]
        if not operations:
            raise _unknown("operation", rule["operation"], known)
    if "rate_limit" in rule and not any(op.limit_cause for op in operations):
        raise Refused(
            "unknown-name", problems=(Problem("/rate_limit", "unknown-name", "has no documented reply in any operation that is meant"),)
        )
    if "cause" not in rule:
        return dict(rule)
    causes = [op.refusals[rule["cause"]] for op in operations if rule["cause"] in op.refusals]
    if not causes:
        raise _unknown("cause", rule["cause"], dict.fromkeys(name for op in operations for name in op.refusals))
    return ({"times": 1} if all(cause.severity == "transient" for cause in causes) else {}) | dict(rule)


def _unknown(kind: str, name: str, known: Any) -> Refused:
    near = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    message = f"there is no {kind} {name!r} here; {hint}expected one of {', '.join(known)}"
    return Refused("unknown-name", problems=(Problem(f"/{kind}", "unknown-name", message),))


def present(transaction: Transaction) -> bool:
    """Tell whether a world has any rule."""
    return transaction.get(FAULTS, FAULTS) is not None


def rules(transaction: Transaction) -> list[dict[str, Any]]:
    """List a world's rules in the order in which they were added, each with its `id` and its counters."""
    stored = transaction.get(FAULTS, FAULTS)
    return codec.load(stored) if stored else []


def add(transaction: Transaction, rule: Mapping[str, Any]) -> dict[str, Any]:
    """Add a rule behind the others and return it with its `id`."""
    added = {"id": f"f{transaction.next(FAULTS)}", **rule, **_COUNTERS}
    _keep(transaction, [*rules(transaction), added])
    return added


def remove(transaction: Transaction, ident: str | None = None) -> bool:
    """Remove one rule, or all; tell whether there was one."""
    present_ = rules(transaction)
    kept = [rule for rule in present_ if ident not in (None, rule["id"])]
    _keep(transaction, kept)
    return len(kept) < len(present_)


def _keep(transaction: Transaction, kept: list[dict[str, Any]]) -> None:
    if kept:
        transaction.put(FAULTS, FAULTS, codec.dump(kept))
    else:
        transaction.delete(FAULTS, FAULTS)


def strike(world: World, operation: Operation, request: Request, body: Any) -> tuple[str, Effect] | None:
    """Count a call for every rule that it fits, and return the id and the effect of the first one that strikes."""
    struck: tuple[str, Effect] | None = None
    present_ = rules(world.transaction)
    for rule in present_:
        if not _fits(rule, world.provider, operation, request, body):
            continue
        rule["matched"] += 1
        if struck is None and _strikes(rule, world):
            rule["applied"] += 1
            struck = rule["id"], effect_of(rule)
    _keep(world.transaction, present_)
    return struck


def _fits(rule: Mapping[str, Any], provider: str, operation: Operation, request: Request, body: Any) -> bool:
    return (
        rule.get("provider") in (None, provider)
        and rule.get("operation") in (None, operation.id)
        and ("cause" not in rule or rule["cause"] in operation.refusals)
        and ("rate_limit" not in rule or operation.limit_cause is not None)
        and ("expire_token" not in rule or operation.secured)
        and ("path" not in rule or fnmatchcase(request.path, rule["path"]))
        and all(_holds(body, where, value) for where, value in rule.get("body", {}).items())
    )


def _holds(body: Any, where: str, value: Any) -> bool:
    try:
        return _same(at(body, where), value)
    except KeyError:
        return False


def _same(one: Any, other: Any) -> bool:
    """Compare as JSON does, to which `true` is no 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _strikes(rule: dict[str, Any], world: World) -> bool:
    if "times" in rule and rule["applied"] >= rule["times"]:
        return False
    if "nth" in rule and rule["matched"] != rule["nth"]:
        return False
    if "probability" in rule and not _chance(rule, world):
        return False
    if "rate_limit" in rule:
        return _exceeds(rule.setdefault("hits", []), rule["rate_limit"], world)
    return True


def _chance(rule: Mapping[str, Any], world: World) -> bool:
    """Throw the dice, which fall in every run with the same seed as they fall in this one."""
    thrown = idents.number(1_000_000, world.seed, world.name, rule["id"], rule["matched"])
    return thrown < float(rule["probability"]) * 1_000_000


def exceeds_limit(world: World, operation: Operation) -> bool:
    """Count a call against the document's own limit for an operation, and tell whether it is one too many.

    Time is the world's own. A call that is refused does not count.
    """
    if (limit := operation.rate_limit) is None:
        return False
    key = f"{world.provider}.{limit.get('group', operation.id)}"
    stored = world.transaction.get(LIMITS, key)
    hits = codec.load(stored) if stored else []
    exceeded = _exceeds(hits, limit, world)
    world.transaction.put(LIMITS, key, codec.dump(hits))
    return exceeded


def _exceeds(hits: list[float], limit: Mapping[str, Any], world: World) -> bool:
    """Tell whether `calls` calls came within the last `per_s` seconds; if not, count this one."""
    now = world.now.timestamp()
    hits[:] = [hit for hit in hits if now - limit["per_s"] < hit <= now]
    if len(hits) >= limit["calls"]:
        return True
    hits.append(now)
    return False
