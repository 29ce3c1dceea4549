"""The command line. Results go to standard output, messages to standard error; exit codes are 0, 1 and 2."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from sandbox import __version__, configuration, durations
from sandbox.ctl import ctl
from sandbox.errors import DataError
from sandbox.exits import stop
from sandbox.shelf import store

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)


class _Duration(click.ParamType[timedelta]):
    """A length of time, as people write it."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read it; one second at least."""
        if isinstance(value, timedelta):
            return value
        try:
            found = durations.parse(value)
        except (TypeError, ValueError) as error:
            self.fail(str(error), param, ctx)
        if found < timedelta(seconds=1):
            self.fail(f"{value!r} is less than a second", param, ctx)
        return found


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="trackbed")
@click.pass_context
def main(context: click.Context) -> None:
    """Run and question a local sandbox for parcel-tracking APIs.

    Every option can also be set in the environment (TRACKBED_PORT for --port) and in the table [tool.trackbed] of the
    pyproject.toml in the current folder (port = 8080). An option beats the environment, which beats the file.
    """
    try:
        context.default_map = configuration.defaults(Path("pyproject.toml"), main)
    except DataError as error:
        stop(str(error))


@main.command()
@click.argument("providers", nargs=-1, metavar="[PROVIDER]…")
@click.option("--host", default="127.0.0.1", show_default=True, envvar="TRACKBED_HOST", help="Address to listen on.")
@click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), envvar="TRACKBED_PORT", help="Port; 0 takes a free one."
)
@click.option("--seed", default=0, show_default=True, envvar="TRACKBED_SEED", help="Makes other ids; the same seed makes the same.")
@click.option("--data", type=_FILE, envvar="TRACKBED_DATA", help="A scene file: what a fresh account finds.")
@click.option("--empty", is_flag=True, envvar="TRACKBED_EMPTY", help="Fresh accounts find no parcels.")
@click.option(
    "--store", metavar="URL", envvar="TRACKBED_STORE", help="Keep everything in a database: sqlite:///FILE or postgresql+psycopg://…"
)
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 64), envvar="TRACKBED_WORKERS",
    help="How many processes serve; more than one needs --store.",
)  # fmt: skip
@click.option(
    "--max-workspaces",
    type=click.IntRange(1),
    metavar="N",
    envvar="TRACKBED_MAX_WORKSPACES",
    help="Beyond so many the workspace that is unused longest ends.",
)
@click.option(
    "--workspace-ttl",
    type=_Duration(),
    metavar="DURATION",
    envvar="TRACKBED_WORKSPACE_TTL",
    help="A workspace ends that nobody used for so long, such as 7d.",
)
@click.option("--journeys", type=_FOLDER, envvar="TRACKBED_JOURNEYS", help="A folder of journeys of your own, one *.json each.")
@click.option("--faults", type=_FILE, envvar="TRACKBED_FAULTS", help="A file of fault rules that hold in every workspace.")
@click.option("--rate-limits", is_flag=True, envvar="TRACKBED_RATE_LIMITS", help="Keep the limits that the documents state.")
@click.option("--any-credentials", is_flag=True, envvar="TRACKBED_ANY_CREDENTIALS", help="Accept whatever credential comes.")
@click.option(
    "--allow-host", "hosts", multiple=True, metavar="NAME", envvar="TRACKBED_ALLOW_HOST", help="Serve this host name too. May be repeated."
)
@click.option("--json", "as_json", is_flag=True, envvar="TRACKBED_JSON", help="Say where everything is as one line of JSON.")
def serve(host: str, port: int, **chosen: Any) -> None:
    """Serve all providers, or those named.

    On an address other than a loopback one the control plane asks for a token: that of TRACKBED_TOKEN, or one that is made
    and printed.
    """
    from sandbox import start  # noqa: PLC0415 - brings the whole server with it, which `ctl` does not need

    try:
        start.run(address=(host, port), **chosen)
    except start.CannotStart as error:
        stop(str(error))


main.add_command(ctl)
main.add_command(store)
