"""Before anything is judged: does the target answer, and does it take the credential? One call tells.

The call changes nothing: it reads, or it is so empty that it must be refused for what it lacks.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts.caller import Caller, Outcome
from contracts.run.manners import reads
from contracts.target import UNTRUSTED, NoAnswer
from sandbox.spec import Operation, Spec


@dataclass
class CannotRun(Exception):
    """Nothing can be judged; `reason` says why, and what to do."""

    reason: str

    def __str__(self) -> str:
        return self.reason


def reach(caller: Caller) -> None:
    """Find out whether a target can be judged. Raises CannotRun."""
    operation = _probe(caller.spec)
    try:
        outcome = _ask(caller, operation)
    except NoAnswer as error:
        hint = "" if UNTRUSTED in error.reason else "; start what is to be verified, or give another address with --url"
        raise CannotRun(f"{error}{hint}") from None
    except ValueError as error:  # a credential that has to be exchanged for a token first
        raise CannotRun(f"the credential is refused: {error}") from None
    if 300 <= outcome.status < 400 and outcome.status not in operation.responses:
        raise CannotRun(f"{caller.target.url} redirects, and redirects are not followed; give the address behind it with --url")
    if caller.text is not None and operation.secured and outcome.means in _refusing(caller.spec, operation):
        shown = f"{operation.id} was answered {outcome.means}"
        raise CannotRun(f"the credential is refused ({shown}); give one that is good with --credential or TRACKBED_CREDENTIAL")


def _probe(spec: Spec) -> Operation:
    """Choose the operation to ask: a secured one that reads and needs nothing, else the next best. Raises CannotRun for none."""

    def rank(operation: Operation) -> tuple[bool, bool, bool, bool]:
        basic = any(need.scheme.kind == "basic" for need in operation.needs)
        return (not operation.secured, basic, not reads(spec, operation), "{" in operation.path)

    if not spec.operations:
        raise CannotRun(f"{spec.file} has no operations, so there is nothing to verify")
    return min(spec.operations.values(), key=rank)


def _ask(caller: Caller, operation: Operation) -> Outcome:
    params = {parameter.name: caller.unique() for parameter in operation.parameters if parameter.location == "path"}
    if operation.body is None or operation.method == "GET":
        return caller.call(operation.id, params=params)
    return caller.call(operation.id, {}, params=params)


def _refusing(spec: Spec, operation: Operation) -> frozenset[int]:
    """Say which statuses mean that a credential is not taken."""
    causes = [*operation.causes.values(), *spec.causes.values()]
    said = {cause.means for cause in causes if cause.when and cause.when.kinds & {"unauthenticated", "forbidden"}}
    return frozenset(said & {401, 403}) | {401, 403}
