"""The whole command: what the sandbox brings, and what judges an implementation."""

from __future__ import annotations

import atexit
import gc

from contracts.payloads.command import payloads
from contracts.verify import verify
from sandbox.cli import main

__all__ = ["main"]

atexit.register(gc.freeze)  # nobody needs what is there at the end: to look for cycles in it would take longer than many a command

main.add_command(payloads)
main.add_command(verify)
