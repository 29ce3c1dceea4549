"""Schemathesis, behind one door: the only module that knows how it is made.

It is pinned to one release, since all of this is internal to it. What it is asked for is here: its engine with a schema of ours, whose
requests go to a Target of ours, and what happened as values that the rest of the package understands.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import requests
from hypothesis.internal import lambda_sources
from schemathesis import hooks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.engine import Status, events
from schemathesis.engine.core import Engine, ExecutionPlan
from schemathesis.engine.errors import ServerUnavailable, UnhealthyAPIError, UnresponsiveOperationError
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.engine.run import PhaseName
from schemathesis.filters import FilterSet
from schemathesis.generation import GenerationMode
from schemathesis.generation.case import Case
from schemathesis.generation.hypothesis.examples import generate_many
from schemathesis.generation.meta import REQUEST_SHAPE_PROBES, CoveragePhaseData
from schemathesis.generation.overrides import Override
from schemathesis.specs.openapi import converter, stateful
from schemathesis.specs.openapi.coverage import _schema as coverage
from schemathesis.specs.openapi.schemas import OpenApiSchema
from schemathesis.specs.openapi.stateful.dependencies.models import DependencyGraph
from schemathesis.transport.prepare import _normalize_multipart_boundary
from schemathesis.transport.requests import REQUESTS_TRANSPORT, RequestsTransport

from contracts.conformance.events import Begun, Checked, Event, Got, Lost, Made, Sent, Told, Trouble, Wrong
from contracts.conformance.patience import patiently

_OURS = frozenset(("x-schemathesis-testcaseid", "user-agent", "accept-encoding", "accept", "connection", "content-length"))
_LONG = 100_000  # characters
_TESTS = (PhaseName.EXAMPLES, PhaseName.COVERAGE, PhaseName.FUZZING, PhaseName.STATEFUL_TESTING)


@dataclass(frozen=True, slots=True)
class Cases:
    """How many enumerated cases of an operation are sent: valid ones, invalid ones that are alike, and one in `every` of the kinds."""

    positive: int
    alike: int
    every: int = 1


@dataclass(frozen=True, slots=True)
class Choice:
    """Which operations are tried, by operationId, and with how many enumerated cases, and when it is enough.

    A value that is still being made when `over` says so is given up, and with it the engine. So it is at Ctrl+C.
    """

    wants: Callable[[str], bool]
    cases: Cases
    seed: int = 0
    over: Callable[[], bool] = lambda: False


class _Transport(RequestsTransport):
    """Lets Schemathesis write a request, and sends it by a way of ours."""

    def __init__(self, send: Callable[[Sent], Got]) -> None:
        super().__init__()
        self._copy_serializers_from(REQUESTS_TRANSPORT)
        self._way = send

    def send(self, case: Case[Any], *, session: requests.Session | None = None, **kwargs: Any) -> Response:  # noqa: ARG002 - given by name
        asked = {key: kwargs[key] for key in ("base_url", "headers", "params", "cookies") if kwargs.get(key)}
        data = self.serialize_case(case, **asked)
        prepared = requests.Request(**data).prepare()
        _normalize_multipart_boundary(prepared)
        for name in [name for name in prepared.headers if name.lower() in _OURS]:
            del prepared.headers[name]
        body: Any = prepared.body or b""
        sent = Sent(
            case.id,
            _id(case),
            str(prepared.method),
            str(prepared.url),
            {str(name): str(value) for name, value in prepared.headers.items()},
            body.encode() if isinstance(body, str) else bytes(body),
        )
        try:
            got = self._way(sent)
        except Lost as lost:
            raise requests.ConnectionError(str(lost), request=prepared) from None
        return Response(
            got.status,
            {name: [value] for name, value in got.headers.items()},
            got.body,
            prepared,
            0.0,
            verify=True,
            encoding="utf-8",
            _override=Override.from_send_kwargs(kwargs),
        )


class _Schema(OpenApiSchema):
    """A schema whose requests go our way, and which does not guess from names what belongs together."""

    way: _Transport
    choice: Choice

    def __post_init__(self) -> None:
        super().__post_init__()
        self.analysis._dependency_graph = DependencyGraph({}, {})  # noqa: SLF001 - it has no other way in

    @property
    def transport(self) -> _Transport:
        return self.way

    def create_extra_data_source(self) -> None:
        return None

    def iter_coverage_cases(self, operation: Any, **options: Any) -> Iterator[Case[Any]]:
        """Enumerate fewer cases: there are thousands of valid ones for a large body, which differ in what they leave out."""
        limits = self.choice.cases
        modes = options.pop("generation_modes")
        if GenerationMode.POSITIVE in modes:
            positive = super().iter_coverage_cases(operation, generation_modes=[GenerationMode.POSITIVE], **options)
            yield from itertools.islice(positive, limits.positive)
        if GenerationMode.NEGATIVE in modes:
            negative = super().iter_coverage_cases(operation, generation_modes=[GenerationMode.NEGATIVE], **options)
            yield from _few(negative, limits, self.choice.seed)


def _few(cases: Iterator[Case[Any]], limits: Cases, seed: int) -> Iterator[Case[Any]]:
    """Choose among cases: the first of each scenario, and of the kinds that the seed selects as many as may be alike."""
    seen: Counter[tuple[str, ...]] = Counter()
    for case in cases:
        data = case.meta.phase.data if case.meta else None
        if not isinstance(data, CoveragePhaseData):
            continue
        null = "null" in data.description.rpartition("type")[2].lower()  # what is accepted wrongly most often is null
        kind = (data.scenario.value, data.location or "", data.parameter or "", str(null))
        first = not seen[kind[:1]]
        seen[kind] += 1
        seen[kind[:1]] += 1
        selected = zlib.crc32(f"{seed} {kind}".encode()) % limits.every == 0
        if first or data.scenario in REQUEST_SHAPE_PROBES or (selected and seen[kind] <= limits.alike):
            yield case


_upstream_likely_root: Any = stateful.is_likely_root_transition


def _likely_root(operation: Any, node: Any, produced: set[str]) -> bool:
    """Begin a story with whatever leads on and needs nothing: upstream, a create by PUT begins none."""
    if isinstance(operation.schema, _Schema):
        return not operation.path_parameters
    return bool(_upstream_likely_root(operation, node, produced))


stateful.is_likely_root_transition = _likely_root  # type: ignore[assignment]


@cache
def _strangers() -> tuple[Any, ...]:
    """Make values that hardly an enumeration has, once: upstream, more than a thousand are drawn for the one or two that are taken."""
    return tuple(generate_many(coverage.INVALID_ENUM_STRATEGY, 8))


coverage._invalid_enum_candidates = _strangers  # noqa: SLF001 - it has no other way in


_upstream_pattern = converter.update_pattern_in_schema


def _pattern(schema: dict[str, Any]) -> None:
    """Write the bounds of a length into a pattern: upstream, huge ones are tried too, for up to two seconds and mostly in vain."""
    bounds = (schema.get("minLength"), schema.get("maxLength"))
    if all(bound is None or bound <= _LONG for bound in bounds):
        _upstream_pattern(schema)


converter.update_pattern_in_schema = _pattern


@contextmanager
def _briefly_described() -> Iterator[None]:
    """Let Hypothesis name a filter without parsing the module that it stands in: nobody reads it, and it takes a twelfth of a quick run."""
    usual = lambda_sources.lambda_description
    lambda_sources.lambda_description = lambda _: "lambda: <unknown>"
    try:
        yield
    finally:
        lambda_sources.lambda_description = usual


class _Engine(Engine):
    """An engine that goes straight to its tests: it would probe the target by other ways than ours."""

    __slots__ = ()

    def _create_execution_plan(self) -> ExecutionPlan:
        plan = super()._create_execution_plan()
        return ExecutionPlan([phase for phase in plan.phases if phase.name in _TESTS])


def schema_of(tree: dict[str, Any], config: Mapping[str, Any]) -> _Schema:
    """Read a document and a configuration."""
    return _Schema(raw_schema=tree, config=SchemathesisConfig.from_dict(dict(config)).projects.get(tree))


def transport(send: Callable[[Sent], Got]) -> _Transport:
    """Make a transport that goes our way."""
    return _Transport(send)


def load() -> None:
    """Import what the engine imports itself when a phase begins."""
    import schemathesis.engine.run.stateful  # noqa: PLC0415 - not needed before
    import schemathesis.engine.run.unit  # noqa: F401, PLC0415 - as above


def run(
    tree: dict[str, Any],
    config: Mapping[str, Any],
    send: Callable[[Sent], Got],
    shape: Callable[[Made], None],
    choice: Choice,
) -> Iterator[Event]:
    """Run all phases. `tree` is used up. `shape` may change a case before it is sent."""
    schema = schema_of(tree, config)
    schema.way, schema.choice = transport(send), choice
    schema.filter_set = FilterSet()
    schema.filter_set.include(lambda context: choice.wants(context.operation.definition.raw.get("operationId", "")))

    def before_call(_context: hooks.HookContext, case: Case[Any], _kwargs: dict[str, Any]) -> None:
        if getattr(case.operation.schema, "way", None) is schema.way:  # hooks are common to all runs of the process
            shape(_made(case))

    hooks.GLOBAL_HOOK_DISPATCHER.register_hook_with_name(before_call, "before_call")
    stream = _Engine(schema).execute()
    try:
        with _briefly_described():
            for event in patiently(iter(stream), choice.over):
                yield from _told(event)
    finally:
        stream.stop()
        hooks.GLOBAL_HOOK_DISPATCHER.unregister(before_call)


def _told(event: events.EngineEvent) -> Iterator[Event]:
    match event:
        case events.PhaseStarted() if event.phase.name in _TESTS:
            yield Begun(event.phase.name.value)
        case events.NonFatalError():
            message = f"{type(event.value).__name__}: {event.value}"
            network = isinstance(event.value, (requests.RequestException, ServerUnavailable, UnhealthyAPIError, UnresponsiveOperationError))
            yield Wrong(event.phase.value if event.phase else "", event.label, message, network)
        case events.FatalError():
            raise event.exception
        case events.ScenarioFinished():
            yield _scenario(event.phase.value, event.recorder)


def _scenario(phase: str, recorder: ScenarioRecorder) -> Told:
    checks, walked = [], []
    for id_, node in recorder.cases.items():
        for check in recorder.checks.get(id_, ()):
            failure = check.failure_info.failure if check.failure_info else None
            if check.status is not Status.ERROR:
                checks.append(Checked(id_, check.name, _trouble(failure, id_, recorder) if failure else None))
        seen = recorder.interactions.get(id_)
        followed = node.transition is not None and node.is_transition_applied and not node.transition.is_inferred
        if followed and node.transition is not None and seen is not None and seen.response is not None:
            source = recorder.cases[node.transition.parent_id].value
            parent = recorder.interactions[node.transition.parent_id].response
            name = re.sub(r"^.*? -> \[\w+\] (.*) -> .*$", r"\1", node.transition.id)
            walked.append((_id(source), parent.status_code if parent else 0, name, seen.response.status_code))
    return Told(phase, tuple(recorder.cases), tuple(checks), tuple(walked))


def _trouble(failure: Failure, id_: str, recorder: ScenarioRecorder) -> Trouble:
    case = recorder.cases[failure.case_id or id_].value
    story = recorder.iter_chain_cases(case_id=case.id, related_case_ids=failure.related_case_ids())
    positive = case.meta is None or case.meta.generation.mode.is_positive
    return Trouble(failure.code, failure.title, failure.message, positive, tuple(step.id for step in story))


def _id(case: Case[Any]) -> str:
    return str(case.operation.definition.raw.get("operationId", case.operation.label))


def _made(case: Case[Any]) -> Made:
    meta = case.meta
    data = meta.phase.data if meta else None

    def replace(body: Any) -> None:
        case.body = body

    return Made(
        case.id,
        _id(case),
        meta is None or meta.generation.mode.is_positive,
        isinstance(data, CoveragePhaseData) and data.scenario in REQUEST_SHAPE_PROBES,
        meta.phase.name.value if meta else "",
        data.scenario.value if isinstance(data, CoveragePhaseData) else "",
        (data.location or "") if data else "",
        (data.parameter or "") if data else "",
        case.path_parameters,
        case.body,
        replace,
    )
