"""The command line. Results go to standard output, messages to standard error; exit codes are 0, 1 and 2."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path
from typing import NoReturn

import click

from sandbox import __version__, server
from sandbox.assembly import Sandbox, Settings
from sandbox.errors import DataError, SpecError
from sandbox.overview import overview
from sandbox.providers import PROVIDERS


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="trackbed")
def main() -> None:
    """Run and question a local sandbox for parcel-tracking APIs."""


@main.command()
@click.argument("providers", nargs=-1, metavar="[PROVIDER]…")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--seed", default=0, show_default=True, help="Makes other ids; the same seed makes the same.")
@click.option("--data", type=click.Path(path_type=Path, dir_okay=False), help="A scene file: what a fresh account finds.")
@click.option("--empty", is_flag=True, help="Fresh accounts find no parcels.")
@click.option("--any-credentials", is_flag=True, help="Accept whatever credential comes.")
@click.option("--allow-host", "hosts", multiple=True, metavar="NAME", help="Serve this host name too. May be repeated.")
def serve(
    providers: tuple[str, ...],
    host: str,
    port: int,
    seed: int,
    data: Path | None,
    empty: bool,
    any_credentials: bool,
    hosts: tuple[str, ...],
) -> None:
    """Serve all providers, or those named."""
    if unknown := [name for name in providers if name not in PROVIDERS]:
        near = difflib.get_close_matches(unknown[0], PROVIDERS, 1)
        _stop(f"there is no provider {unknown[0]!r}; {f'did you mean {near[0]!r}? ' if near else ''}expected one of {', '.join(PROVIDERS)}")
    admitted = (*hosts, *(() if host in ("0.0.0.0", "::") else (host,)))  # noqa: S104 - compared, not bound
    settings = Settings(tuple(dict.fromkeys(providers)), seed, data, empty, any_credentials, admitted)
    try:
        server.check_address(host, port)
        sandbox = server.sandbox_of(settings)
    except server.CannotListen as error:
        _stop(f"{error}. Choose another port with --port, or stop what listens there")
    except (SpecError, DataError) as error:
        _stop(str(error))
    shown = f"[{host}]" if ":" in host else host
    server.serve(settings, host=host, port=port, ready=lambda: _greet(sandbox, f"http://{shown}:{port}"))


def _greet(sandbox: Sandbox, site: str) -> None:
    """Say where everything is and what to try first."""
    about = overview(sandbox, site)
    click.echo(f"Trackbed {about['version']} at {site} (Ctrl+C ends it)\n")
    for provider in about["providers"]:
        click.echo(f"  {provider['title']}\n    {provider['url']}    {provider['header'] or '(credentials travel in the body)'}")
    click.echo(f"\n{about['credentials']}\nTry this first:\n\n  {about['providers'][-1]['try']}\n")


def _stop(message: str) -> NoReturn:
    """Say what is wrong and end with exit code 2."""
    click.echo(f"trackbed: {message}.", err=True)
    sys.exit(2)
