"""`trackbed payloads`: edge-case payloads of a document, to a file or to a target."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from contracts.extra import need
from sandbox.exits import NOT_THERE, stop

if TYPE_CHECKING:
    from contracts.payloads.payload import Payload
    from contracts.payloads.selection import Selection
    from sandbox.spec import Spec

FORMATS = ("jsonl", "files", "curl", "postman", "pytest")
KINDS = ("valid", "invalid", "business", "random")
CREDENTIAL = "sbx_payloads"
_SELDOM = 20_000  # objects more than at the last look, instead of 700


@click.command()
@click.argument("document", metavar="PROVIDER|FILE")
@click.argument("operations", nargs=-1, metavar="[OPERATION]…")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="jsonl", show_default=True, envvar="TRACKBED_FORMAT", help="What to write."
)
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(KINDS), envvar="TRACKBED_KIND", help="Only payloads of this kind. May be repeated."
)
@click.option(
    "--place", envvar="TRACKBED_PLACE", help="Only payloads about this place: a JSON pointer such as /carrier_code, or a name alone."
)
@click.option("--max", "most", type=click.IntRange(min=1), envvar="TRACKBED_MAX", help="No more payloads than this.")
@click.option(
    "--seed", default=0, show_default=True, envvar="TRACKBED_SEED", help="Makes other identifiers; the same seed, the same bytes."
)
@click.option(
    "--random",
    "random_count",
    type=click.IntRange(min=0),
    default=0,
    envvar="TRACKBED_RANDOM",
    help="As many random payloads of each kind, too.",
)
@click.option("--url", envvar="TRACKBED_URL", help="What stands for the provider's host, such as http://127.0.0.1:8080/trackru.")
@click.option("--credential", envvar="TRACKBED_CREDENTIAL", help="Whose requests they are: an sbx_ name, or a credential of the target.")
@click.option(
    "--scene",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="TRACKBED_SCENE",
    help="A JSON file that names what exists on the target, as for verify.",
)
@click.option("--out", type=click.Path(path_type=Path), envvar="TRACKBED_OUT", help="Where to write: a file, or for files a folder.")
@click.option("--coverage", is_flag=True, envvar="TRACKBED_COVERAGE", help="Tell which edits of the document the payloads would notice.")
@click.option("--run", "running", is_flag=True, envvar="TRACKBED_RUN", help="Send them to --url and hold the answers to the labels.")
@click.option("--json", "as_json", is_flag=True, envvar="TRACKBED_JSON", help="With --run or --coverage: tell the results as JSON.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="KIND=FILE",
    envvar="TRACKBED_REPORT",
    help="With --run: also write junit=FILE or json=FILE.",
)
def payloads(document: str, operations: tuple[str, ...], **said: Any) -> None:
    """Write the requests that a careful tester would try, each labelled with what must happen, or send them.

    Exit codes: 0 done, and all were answered as labelled or noticed; 1 some were not; 2 the call was wrong, or nobody answered.
    """
    need("payloads")
    try:
        _start(document, operations, said)
    except ModuleNotFoundError as error:  # what a package of the extra needs itself
        if (error.name or "").partition(".")[0] in ("contracts", "sandbox"):
            raise
        stop(f"payloads need {error.name}, which is not installed: pip install 'trackbed[contracts]'")
    except BrokenPipeError:  # who reads has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        stop(f"{error.filename or 'the output'} cannot be written: {error.strerror or error}")


def _start(document: str, operations: tuple[str, ...], said: dict[str, Any]) -> None:
    from contracts import documents  # noqa: PLC0415 - brings the validators, which other commands do not need
    from contracts.payloads.selection import Selection, Unknown  # noqa: PLC0415 - as above
    from sandbox.document import read_data  # noqa: PLC0415 - as above
    from sandbox.errors import DataError, SpecError  # noqa: PLC0415 - as above

    try:
        spec = documents.load(document)
        scene = read_data(said["scene"]) if said["scene"] else {}
        chosen = (spec, operations, frozenset(said["kinds"]), said["place"], said["most"], said["seed"], said["random_count"])
        wanted = Selection(*chosen, scene)
        for operation in wanted.left_out():
            taken = " or ".join(operation.body.media) if operation.body else ""
            click.echo(f"trackbed: {operation.id} is left out: it takes {taken}, which Trackbed does not write.", err=True)
        if said["coverage"]:
            _tell_coverage(wanted, as_json=said["as_json"])
        elif said["running"]:
            _send(wanted, said)
        else:
            _write(wanted, said)
    except (documents.UnknownDocument, SpecError, DataError, Unknown) as error:
        stop(str(error))


# --- writing -------------------------------------------------------------------------------------------------------------------


def _write(wanted: Selection, said: dict[str, Any]) -> None:
    from sandbox import files  # noqa: PLC0415 - as above

    form, out = said["form"], said["out"]
    if form == "files":
        _write_folder(wanted, said)
        return
    with seldom_collected(), files.writing(out or Path("-")) as file:
        file.writelines(_lines(wanted, said) if form == "jsonl" else _pieces(wanted, said))


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Let the collector look for cycles less often: to look again at all that is known of a document takes a tenth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(_SELDOM, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _lines(wanted: Selection, said: dict[str, Any]) -> Iterator[bytes]:
    """Write JSON Lines; with a credential each request shows it, with an address each line has it."""
    from contracts.payloads.formats import jsonl  # noqa: PLC0415 - as above

    plain = wanted.payloads()
    if said["credential"]:
        from contracts.payloads import signed  # noqa: PLC0415 - as above

        plain = signed.payloads(wanted.spec, said["credential"], plain)
    watched = _watched(plain, said)
    return jsonl.lines_at(said["url"], watched) if said["url"] else jsonl.lines(watched)


def _pieces(wanted: Selection, said: dict[str, Any]) -> Iterator[bytes]:
    """Write one of the formats that are a single file, with what had to be left out told on standard error."""
    from contracts.payloads.formats import curl, postman, pytest_module  # noqa: PLC0415 - as above
    from contracts.payloads.formats.cases import Cases, json_text  # noqa: PLC0415 - as above

    cases = Cases(wanted.spec, said["credential"] or CREDENTIAL, {})
    known = (wanted.spec.title, _url(wanted.spec, said), cases.account, cases.of(_watched(wanted.payloads(), said)))
    if said["form"] == "postman":
        yield json_text(postman.collection(*known)).encode()
    else:
        yield from (piece.encode() for piece in (curl.script if said["form"] == "curl" else pytest_module.module)(*known))
    for reason, count in cases.left_out.items():
        click.echo(f"trackbed: {count} payloads are left out: {reason}.", err=True)


def _write_folder(wanted: Selection, said: dict[str, Any]) -> None:
    from contracts.payloads.formats import files  # noqa: PLC0415 - as above
    from contracts.payloads.formats.cases import Cases  # noqa: PLC0415 - as above

    if said["out"] is None:
        stop("files need a folder to go to; name one with --out")
    cases = Cases(wanted.spec, said["credential"] or CREDENTIAL, {})
    try:
        count = files.write(said["out"], _url(wanted.spec, said), cases.account, cases.of(_watched(wanted.payloads(), said)))
    except files.Taken as error:
        stop(str(error))
    click.echo(f"{count} payloads are in {said['out']}", err=True)


def _url(spec: Spec, said: dict[str, Any]) -> str:
    """Take the address that was given, else that of a sandbox with its defaults, or the document's own."""
    from sandbox.providers import PROVIDERS  # noqa: PLC0415 - as above

    if said["url"]:
        return str(said["url"]).rstrip("/")
    servers = spec.tree.get("servers", ())
    return f"http://127.0.0.1:8080/{spec.name}" if spec.name in PROVIDERS or not servers else str(servers[0]["url"]).rstrip("/")


def _watched(payloads: Iterator[Payload], said: dict[str, Any]) -> Iterator[Payload]:
    """Show how far it is while something takes long and nobody reads the output as it comes."""
    return _shown(payloads) if sys.stderr.isatty() and (said["out"] is not None or said["running"]) else payloads


def _shown(payloads: Iterator[Payload]) -> Iterator[Payload]:
    with click.progressbar(payloads, file=sys.stderr, show_pos=True, label="Payloads") as bar:
        yield from bar


# --- running -------------------------------------------------------------------------------------------------------------------


def _send(wanted: Selection, said: dict[str, Any]) -> None:
    """Send payloads, tell what came, and end with 1 where something was not as labelled."""
    from contracts.payloads import report, run  # noqa: PLC0415 - as above
    from contracts.run.worlds import host  # noqa: PLC0415 - as above
    from contracts.target import HttpTarget, address  # noqa: PLC0415 - as above

    if not said["url"]:
        stop("--run needs an address; say what stands for the provider's host with --url")
    written = [_report(text) for text in said["reports"]]
    try:
        url = host(HttpTarget(address(said["url"])), wanted.spec.name)
    except ValueError as error:
        stop(str(error))
    accounts = run.Accounts(said["credential"] or CREDENTIAL)
    if not (accounts.many or wanted.seed):  # one account for all payloads remembers those of the run before
        wanted = replace(wanted, seed=int(accounts.tag, 16))
    tally = report.Tally(wanted.spec.name, url, wanted.seed)
    sender = run.Run(wanted.spec, HttpTarget(url), accounts)
    try:
        for result in sender.results(_watched(wanted.payloads(), said)):
            tally.add(result)
    except run.CannotRun as error:
        stop(str(error))
    _tell(tally, written, as_json=said["as_json"])
    if tally.otherwise:
        sys.exit(NOT_THERE)


def _report(text: str) -> tuple[str, Path]:
    kind, _, file = text.partition("=")
    if kind not in ("junit", "json") or not file:
        stop(f"--report {text}: expected junit=FILE or json=FILE")
    return kind, Path(file)


def _tell(tally: Any, reports: list[tuple[str, Path]], *, as_json: bool) -> None:
    from rich.console import Console  # noqa: PLC0415 - as above

    from contracts.payloads import report  # noqa: PLC0415 - as above
    from sandbox import codec, files  # noqa: PLC0415 - as above

    for kind, path in reports:
        files.write(path, report.junit(tally) if kind == "junit" else codec.dump(tally.summary()) + b"\n")
    if as_json:
        click.echo(codec.dump(tally.summary()))
    else:
        report.show(tally, Console(emoji=False))


# --- coverage ------------------------------------------------------------------------------------------------------------------


def _tell_coverage(wanted: Selection, *, as_json: bool) -> None:
    """Tell the score of each operation, and end with 1 where an edit is missed."""
    from rich.console import Console  # noqa: PLC0415 - as above

    from contracts.payloads import coverage, report  # noqa: PLC0415 - as above

    scores = (coverage.score(wanted.spec, operation) for operation in wanted.chosen())
    if as_json:
        told = [*scores]
        click.echo(json.dumps([asdict(score) | {"percent": score.percent} for score in told]))
        whole = not any(score.unproven for score in told)
    else:
        whole = report.show_coverage(scores, Console(emoji=False))
    if not whole:
        sys.exit(NOT_THERE)
