"""The whole command: what the sandbox brings, and what judges an implementation."""

from __future__ import annotations

from contracts.payloads.command import payloads
from contracts.verify import verify
from sandbox.cli import main

__all__ = ["main"]

main.add_command(payloads)
main.add_command(verify)
