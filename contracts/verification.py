"""What `trackbed verify` does: turn what was chosen into a run, let it run, and report."""

from __future__ import annotations

import ipaddress
import json
import math
import os
import ssl
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import click
from rich.console import Console
from rich.text import Text

from contracts import documents
from contracts.findings import Key
from contracts.providers import PROVIDERS
from contracts.report import files, terminal
from contracts.report.data import report
from contracts.report.plain import line, plain
from contracts.report.secrets import Secrets
from contracts.run import baseline, worlds
from contracts.run.course import run
from contracts.run.identities import fresh_seed
from contracts.run.manners import Told
from contracts.run.phases import Options
from contracts.run.reach import CannotRun
from contracts.run.results import Result
from contracts.run.runner import Judged
from contracts.run.selection import Selection, UnknownName
from contracts.target import HttpTarget, Target, address
from sandbox.client import ControlError
from sandbox.document import read_data
from sandbox.errors import DataError, SpecError
from sandbox.exits import stop
from sandbox.spec import Spec

DOCUMENT = "{document}"  # stands for the name of a document: that of a provider, or of a file without its suffix
NAME = "sbx_verify"  # who calls a target on this machine unless another credential is given
SLOW_PER_S = 5.0
WIDTH = 180  # of a table that goes into a file
_TICK_CALLS = 20

Chosen = Mapping[str, Any]


def judge(document: str, told: Callable[[str], object] | None, chosen: Chosen) -> None:
    """Judge a target as was chosen, report, and end with the exit code. Every mistake is exit code 2 with what to do.

    `told` hears what is being done; None shows it to a person who waits.
    """
    try:
        spec = documents.load(document)
        chosen = _filled(chosen, spec.name)
        known = _known(chosen)
        judged, options = _judged(spec, chosen), _options(chosen)
        if chosen["dry_run"]:
            _print_calls(judged, options)
            return
        options = replace(options, seed=_seed(chosen, judged))
        with _progress() if told is None else nullcontext(Ticker(told).show) as shown:
            result = run(judged, options, shown)
    except KeyboardInterrupt:
        stop("interrupted before anything was judged")
    except (documents.UnknownDocument, SpecError, DataError, UnknownName, CannotRun, ControlError) as error:
        stop(plain(str(error)))
    result = replace(result, verdicts=baseline.accept(result.verdicts, known))
    _report(result, chosen, Secrets(spec, judged.credential), known)
    sys.exit(result.exit_code)


# --- what was chosen -----------------------------------------------------------------------------------------------------------


def _filled(chosen: Chosen, name: str) -> Chosen:
    """Fill the name of a document in where an address or the path of a file leaves it open."""

    def path(given: Path | None) -> Path | None:
        return given and Path(str(given).replace(DOCUMENT, name))

    return {
        **chosen,
        "url": chosen["url"].replace(DOCUMENT, quote(name)),
        "scene": path(chosen["scene"]),
        "baseline": path(chosen["baseline"]),
        "reports": tuple((kind, path(given)) for kind, given in chosen["reports"]),
    }


def _judged(spec: Spec, chosen: Chosen) -> Judged:
    target = _target(spec, chosen)
    provider = PROVIDERS.get(spec.name)
    credential = chosen["credential"]
    if credential is None and (is_loopback(target.url) or chosen["dry_run"]):
        credential = NAME
    elif credential is None and any(operation.secured for operation in spec.operations.values()):
        raise CannotRun("the document asks for a credential; give one with --credential or TRACKBED_CREDENTIAL")
    scene = {**(provider.scene if provider else {}), **(read_data(chosen["scene"]) if chosen["scene"] else {})}
    control = None if chosen["dry_run"] else worlds.control_of(target, os.environ.get("TRACKBED_TOKEN"))
    return Judged(spec, target, credential or None, provider.show if provider else None, scene, control)


def _target(spec: Spec, chosen: Chosen) -> HttpTarget:
    try:
        url = address(chosen["url"])
    except ValueError as error:
        raise CannotRun(str(error)) from None
    if not is_loopback(url) and not (chosen["owned"] or chosen["dry_run"]):
        raise CannotRun(
            f"{urlsplit(url).hostname} is not this machine. A run sends many calls, broken ones too: repeat it with --i-own-this-target"
            " where that is yours to do"
        )
    ca = str(chosen["ca"]) if chosen["ca"] else None
    if ca:
        _check_certificates(ca)
    timeout_s = min(chosen["timeout_s"], chosen["max_time_s"] or math.inf)
    target = HttpTarget(url, dict(chosen["headers"]), ca, timeout_s=timeout_s)
    return replace(target, url=worlds.host(target, spec.name))


def _check_certificates(file: str) -> None:
    if not Path(file).is_file():
        raise CannotRun(f"there is no file {file}; --ca names certificates to trust")
    try:
        ssl.create_default_context(cafile=file)
    except OSError:  # what is wrong with a certificate is one, too
        raise CannotRun(f"{file} holds no certificates that can be read; --ca takes a file in PEM form") from None


def is_loopback(url: str) -> bool:
    """Tell whether an address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def rate(chosen: Chosen) -> float | None:
    """Say how many calls a second there may be; None for as many as can be."""
    return chosen["per_s"] or (None if is_loopback(chosen["url"]) else SLOW_PER_S)


def _options(chosen: Chosen) -> Options:
    selection = Selection(frozenset(chosen["only"]), frozenset(chosen["skip"]), chosen["read_only"])
    keep = any(kind == "har" for kind, _ in chosen["reports"])
    return Options(
        seed=chosen["seed"] or 0,
        profile=chosen["profile"],
        selection=selection,
        strict=chosen["strict"],
        max_time_s=chosen["max_time_s"],
        per_s=rate(chosen),
        keep=keep,
    )


def _seed(chosen: Chosen, judged: Judged) -> int:
    """Take the seed that was chosen; else 0 where worlds can be made fresh, and a new one where an earlier run may have left things."""
    if chosen["seed"] is not None:
        return int(chosen["seed"])
    return 0 if judged.control is not None else fresh_seed()


def _known(chosen: Chosen) -> frozenset[Key]:
    path = chosen["baseline"]
    if chosen["update_baseline"] and path is None:
        raise CannotRun("--update-baseline writes the file of --baseline; name one")
    if path is None or (chosen["update_baseline"] and not path.exists()):
        return frozenset()
    return baseline.read(path)


# --- what is said ----------------------------------------------------------------------------------------------------------------


def _print_calls(judged: Judged, options: Options) -> None:
    """Print what would be sent."""
    from contracts.run.standin import stand_in  # noqa: PLC0415 - knows every provider of the sandbox

    target: Target = Told(stand_in(judged.spec), judged.target.url, lambda text: click.echo(plain(text)))
    result = run(replace(judged, target=target, wait=lambda _: None), replace(options, per_s=None, keep=False))
    click.echo(f"{result.calls} calls would be sent; what a real target answers may change them", err=True)


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show on a terminal what is being done; nothing anywhere else."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(Text("starting")) as status:
        shown = Ticker(lambda text: status.update(Text(line(text, 100))))
        yield shown.show


@dataclass
class Ticker:
    """Shows every so-manieth text, and every new activity at once: a terminal is slower than a run."""

    to: Callable[[str], object]
    count: int = 0
    activity: str = ""

    def show(self, text: str) -> None:
        """Show a text, if it is its turn."""
        activity = text.partition(": ")[2]
        self.count += 1
        if activity != self.activity or self.count % _TICK_CALLS == 0:
            self.activity = activity
            self.to(text)


def _report(result: Result, chosen: Chosen, secrets: Secrets, known: frozenset[Key]) -> None:
    try:
        for kind, path in chosen["reports"]:
            files.write(kind, path, result, secrets)
        if chosen["update_baseline"]:
            count = baseline.write(chosen["baseline"], result.verdicts)
            click.echo(f"{chosen['baseline']} knows {count} findings now", err=True)
    except files.CannotWrite as error:
        stop(str(error))
    except OSError as error:
        stop(f"{chosen['baseline']} can't be written: {error.strerror}")
    if chosen["as_json"]:
        click.echo(json.dumps(report(result, secrets), ensure_ascii=True, default=str))
        return
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
    terminal.tell(console, result, secrets)
    if not chosen["update_baseline"]:
        for key in baseline.stale(result.verdicts, known):
            click.echo(f"known, but not found any more: {' '.join(filter(None, key))}", err=True)
