"""Only known hosts are served, and a vendor's own name selects its provider."""

from __future__ import annotations

import pytest
from toy import toy_api

from sandbox.hosts import Hosts
from sandbox.timeline import Clock


@pytest.mark.parametrize(
    ("header", "provider"),
    [
        ("127.0.0.1", ""),
        ("127.0.0.1:8080", ""),
        ("localhost:1", ""),
        ("LOCALHOST", ""),
        ("[::1]:8080", ""),
        ("[::1]", ""),
        ("team.example:80", ""),
        ("toys.example", "toys"),
        ("Toys.Example:8080", "toys"),
        ("toys.localhost:8080", "toys"),
        ("", None),
        ("evil.example", None),
        ("toys.example.evil.example", None),
        ("127.0.0.1.evil.example", None),
        ("localhost@evil.example", None),
        ("[::1", ""),
        ("[evil]", None),
        ("127.0.0.2", None),
    ],
)
def test_a_host_header_selects(clock: Clock, header: str, provider: str | None) -> None:
    assert Hosts({"toys": toy_api(clock)}, ("Team.example",)).select(header) == provider
