"""What `trackbed serve` does: put a sandbox together, serve it, and say where everything is."""

from __future__ import annotations

import difflib
import os
from typing import Any

import click

from sandbox import codec, server
from sandbox.assembly import Sandbox, Settings
from sandbox.errors import DataError, SpecError
from sandbox.overview import overview
from sandbox.providers import PROVIDERS
from sandbox.store import StoreError


class CannotStart(Exception):
    """Nothing can be served as it was wanted; the text says why, and what to do."""


def run(
    *, providers: tuple[str, ...], address: tuple[str, int], hosts: tuple[str, ...], workers: int, as_json: bool, **chosen: Any
) -> None:
    """Serve until a signal ends it. What else is `chosen` are settings (see `Settings`). Raises CannotStart."""
    if unknown := [name for name in providers if name not in PROVIDERS]:
        raise CannotStart(_no_provider(unknown[0]))
    if workers > 1 and chosen.get("store") is None:
        raise CannotStart(
            f"{workers} workers are {workers} processes, and memory belongs to one; "
            "add --store sqlite:///trackbed.db, or leave --workers out"
        )
    host, port = address
    here = server.reached(host)
    settings = Settings(tuple(dict.fromkeys(providers)), hosts=(*hosts, here), token=server.token_for(host, os.environ), **chosen)
    try:
        port = server.check_address(host, port)
        sandbox = server.sandbox_of(settings)
    except server.CannotListen as error:
        raise CannotStart(f"{error}. Choose another port with --port, or stop what listens there") from None
    except (SpecError, DataError, StoreError) as error:
        raise CannotStart(str(error)) from None
    site = f"http://{f'[{here}]' if ':' in here else here}:{port}"
    server.serve(settings, host=host, port=port, workers=workers, ready=lambda: (_greet_json if as_json else _greet)(sandbox, site))


def _no_provider(name: str) -> str:
    near = difflib.get_close_matches(name, PROVIDERS, 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"there is no provider {name!r}; {hint}expected one of {', '.join(PROVIDERS)}"


def _greet_json(sandbox: Sandbox, site: str) -> None:
    click.echo(codec.dump(overview(sandbox, site) | {"url": site, "token": sandbox.settings.token}))


def _greet(sandbox: Sandbox, site: str) -> None:
    """Say where everything is and what to try first."""
    about = overview(sandbox, site)
    click.echo(f"Trackbed {about['version']} at {site} (Ctrl+C ends it)\n")
    for provider in about["providers"]:
        click.echo(f"  {provider['title']}\n    {provider['url']}    {provider['header'] or '(credentials travel in the body)'}")
    if token := sandbox.settings.token:
        click.echo(f"\nThis address can be reached from other machines, so /_sandbox asks for a token:\n  TRACKBED_TOKEN={token}")
    click.echo(f"\n{about['credentials']}\nTry this first:\n\n  {about['providers'][-1]['try']}\n")
