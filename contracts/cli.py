"""The whole command: what the sandbox brings, and what judges an implementation."""

from __future__ import annotations

from contracts.payloads.command import payloads
from sandbox.cli import main

main.add_command(payloads)

__all__ = ["main"]
