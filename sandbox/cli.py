"""The command line. Results go to standard output, messages to standard error; exit codes are 0, 1 and 2."""

from __future__ import annotations

import difflib
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from sandbox import __version__, codec, configuration, server
from sandbox.assembly import Sandbox, Settings
from sandbox.ctl import ctl
from sandbox.errors import DataError, SpecError
from sandbox.overview import overview
from sandbox.providers import PROVIDERS

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)


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
        _stop(str(error))


@main.command()
@click.argument("providers", nargs=-1, metavar="[PROVIDER]…")
@click.option("--host", default="127.0.0.1", show_default=True, envvar="TRACKBED_HOST", help="Address to listen on.")
@click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), envvar="TRACKBED_PORT", help="Port; 0 takes a free one."
)
@click.option("--seed", default=0, show_default=True, envvar="TRACKBED_SEED", help="Makes other ids; the same seed makes the same.")
@click.option("--data", type=_FILE, envvar="TRACKBED_DATA", help="A scene file: what a fresh account finds.")
@click.option("--empty", is_flag=True, envvar="TRACKBED_EMPTY", help="Fresh accounts find no parcels.")
@click.option("--journeys", type=_FOLDER, envvar="TRACKBED_JOURNEYS", help="A folder of journeys of your own, one *.json each.")
@click.option("--faults", type=_FILE, envvar="TRACKBED_FAULTS", help="A file of fault rules that hold in every workspace.")
@click.option("--rate-limits", is_flag=True, envvar="TRACKBED_RATE_LIMITS", help="Keep the limits that the documents state.")
@click.option("--any-credentials", is_flag=True, envvar="TRACKBED_ANY_CREDENTIALS", help="Accept whatever credential comes.")
@click.option(
    "--allow-host", "hosts", multiple=True, metavar="NAME", envvar="TRACKBED_ALLOW_HOST", help="Serve this host name too. May be repeated."
)
@click.option("--json", "as_json", is_flag=True, help="Say where everything is as one line of JSON.")
def serve(
    providers: tuple[str, ...],
    host: str,
    port: int,
    hosts: tuple[str, ...],
    as_json: bool,
    **chosen: Any,
) -> None:
    """Serve all providers, or those named.

    On an address other than a loopback one the control plane asks for a token: that of TRACKBED_TOKEN, or one that is made
    and printed.
    """
    if unknown := [name for name in providers if name not in PROVIDERS]:
        near = difflib.get_close_matches(unknown[0], PROVIDERS, 1)
        _stop(f"there is no provider {unknown[0]!r}; {f'did you mean {near[0]!r}? ' if near else ''}expected one of {', '.join(PROVIDERS)}")
    admitted = (*hosts, server.reached(host))
    settings = Settings(tuple(dict.fromkeys(providers)), hosts=admitted, token=server.token_for(host, os.environ), **chosen)
    try:
        port = server.check_address(host, port)
        sandbox = server.sandbox_of(settings)
    except server.CannotListen as error:
        _stop(f"{error}. Choose another port with --port, or stop what listens there")
    except (SpecError, DataError) as error:
        _stop(str(error))
    reached = server.reached(host)
    shown = f"[{reached}]" if ":" in reached else reached
    greet = _greet_json if as_json else _greet
    server.serve(settings, host=host, port=port, ready=lambda: greet(sandbox, f"http://{shown}:{port}"))


def _greet_json(sandbox: Sandbox, site: str) -> None:
    about = overview(sandbox, site) | {"url": site, "token": sandbox.settings.token}
    click.echo(codec.dump(about))


def _greet(sandbox: Sandbox, site: str) -> None:
    """Say where everything is and what to try first."""
    about = overview(sandbox, site)
    click.echo(f"Trackbed {about['version']} at {site} (Ctrl+C ends it)\n")
    for provider in about["providers"]:
        click.echo(f"  {provider['title']}\n    {provider['url']}    {provider['header'] or '(credentials travel in the body)'}")
    if token := sandbox.settings.token:
        click.echo(f"\nThis address can be reached from other machines, so /_sandbox asks for a token:\n  TRACKBED_TOKEN={token}")
    click.echo(f"\n{about['credentials']}\nTry this first:\n\n  {about['providers'][-1]['try']}\n")


main.add_command(ctl)


def _stop(message: str) -> NoReturn:
    """Say what is wrong and end with exit code 2."""
    click.echo(f"trackbed: {message}.", err=True)
    sys.exit(2)
