"""The command that judges an implementation: options in, a run, reports out. What is heavy is imported when it runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import click

from contracts.extra import need

_FILE = click.Path(path_type=Path, dir_okay=False)
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*([^\r\n\0]*)")
REPORTS = ("junit", "json", "html", "har")


class Header(click.ParamType):  # type: ignore[type-arg]
    """A header, `Name: value`; in the environment one a line."""

    name = "header"
    envvar_list_splitter: ClassVar[str] = "\n"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Read a header."""
        if isinstance(value, tuple):
            return value
        found = _HEADER.fullmatch(value.strip())
        if found is None:
            self.fail(f"{value!r} is no header; write 'Name: value'", param, ctx)
        return found[1].lower(), found[2]


class Report(click.ParamType):  # type: ignore[type-arg]
    """A report, `kind=path`."""

    name = "report"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Path]:
        """Read which report is wanted, and where."""
        if isinstance(value, tuple):
            return value
        kind, _, path = value.partition("=")
        if kind not in REPORTS or not path:
            self.fail(f"{value!r} is no report; write one of {', '.join(f'{name}=FILE' for name in REPORTS)}", param, ctx)
        return kind, Path(path)


@click.command()
@click.argument("documents", nargs=-1, required=True, metavar="PROVIDER|FILE…")
@click.option(
    "--url", envvar="TRACKBED_URL", required=True, help="What stands for the provider's host, such as http://127.0.0.1:8080/{document}."
)
@click.option(
    "--credential",
    envvar="TRACKBED_CREDENTIAL",
    metavar="VALUE",
    help="In the provider's own form: a key, a token, id:secret. Default for loopback: sbx_verify.",
)
@click.option("--scene", type=_FILE, envvar="TRACKBED_SCENE", help="A JSON file that names what exists on the target.")
@click.option(
    "--header", "headers", type=Header(), multiple=True, envvar="TRACKBED_HEADER", help="Send this header with every call. May be repeated."
)
@click.option("--ca", type=_FILE, envvar="TRACKBED_CA", help="A file of certificates to trust.")
@click.option(
    "--timeout",
    "timeout_s",
    default=15.0,
    show_default=True,
    type=click.FloatRange(0.1, 600),
    envvar="TRACKBED_TIMEOUT",
    help="Seconds that an answer may take.",
)
@click.option(
    "--profile",
    type=click.Choice(["quick", "ci", "deep"]),
    default="ci",
    show_default=True,
    envvar="TRACKBED_PROFILE",
    help="How thoroughly to look.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    envvar="TRACKBED_SEED",
    help="The same seed makes the same calls. Default: 0 for a sandbox, else a new one.",
)
@click.option(
    "--max-time",
    "max_time_s",
    type=click.FloatRange(1),
    metavar="SECONDS",
    envvar="TRACKBED_MAX_TIME",
    help="End the run then, with what is known.",
)
@click.option(
    "--rate-limit",
    "per_s",
    type=click.FloatRange(0.01),
    metavar="PER_SECOND",
    envvar="TRACKBED_RATE_LIMIT",
    help="Send no more calls a second. Default for what is not loopback: 5.",
)
@click.option(
    "--only", multiple=True, metavar="NAME", envvar="TRACKBED_ONLY", help="Only this operation, promise or kind of check. May be repeated."
)
@click.option(
    "--skip", multiple=True, metavar="NAME", envvar="TRACKBED_SKIP", help="Not this operation, promise or kind of check. May be repeated."
)
@click.option("--read-only", is_flag=True, envvar="TRACKBED_READ_ONLY", help="Send nothing that could change the target.")
@click.option("--dry-run", is_flag=True, envvar="TRACKBED_DRY_RUN", help="Print the calls and send none; a stand-in answers them.")
@click.option("--strict", is_flag=True, envvar="TRACKBED_STRICT", help="Fail for what is doubtful too.")
@click.option("--baseline", type=_FILE, envvar="TRACKBED_BASELINE", help="A file of findings that are known and accepted.")
@click.option("--update-baseline", is_flag=True, help="Write what is found into the file of --baseline.")
@click.option(
    "--report",
    "reports",
    type=Report(),
    multiple=True,
    metavar="KIND=FILE",
    envvar="TRACKBED_REPORT",
    help=f"Write a report ({', '.join(REPORTS)}). May be repeated.",
)
@click.option("--json", "as_json", is_flag=True, envvar="TRACKBED_JSON", help="Print the whole result as JSON, a line for each document.")
@click.option(
    "--jobs",
    type=click.IntRange(1),
    envvar="TRACKBED_JOBS",
    help="Judge so many documents at a time. Default: two for each processor.",
)
@click.option(
    "--i-own-this-target", "owned", is_flag=True, envvar="TRACKBED_I_OWN_THIS_TARGET", help="Needed for a target that is not loopback."
)
def verify(documents: tuple[str, ...], jobs: int | None, **chosen: Any) -> None:
    """Judge whether an implementation keeps the promises of its document, or of each of several.

    PROVIDER is one of ours (billink, delivery_solutions, parcellab, trackru), FILE any OpenAPI 3.0 or 3.1 document. Where {document}
    stands in an address or in the name of a file, the name of each takes its place. The exit code is 0 where all promises are kept, 1
    where some are broken, 2 where nothing could be proved or run; of several documents it is the highest.
    """
    need("verify")
    if len(documents) == 1:
        from contracts import verification  # noqa: PLC0415 - heavy, and from an extra

        verification.judge(documents[0], None, chosen)
    else:
        from contracts import several  # noqa: PLC0415 - as above

        several.main(documents, jobs, chosen)
