"""How a command of ours ends when it can't do what it was asked."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

NOT_THERE = 1  # the question was right and the answer is no
WRONG = 2  # the command, a file or an address is not as it must be


def stop(message: str, code: int = WRONG) -> NoReturn:
    """Say in one line on standard error what is wrong and what to do, and end."""
    end = "" if message.endswith("?") else "."
    click.echo(f"trackbed: {message.rstrip('.')}{end}", err=True)
    sys.exit(code)
