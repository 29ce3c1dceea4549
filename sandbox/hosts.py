"""Which host names are served, and which provider a host name selects. Everything else is refused, against DNS rebinding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sandbox.answers import Answer, own
from sandbox.pipeline import Api

LOCAL = ("127.0.0.1", "localhost", "::1")


class Hosts:
    """The host names of one sandbox: its own, `<provider>.localhost`, the vendors' own, and `further` ones."""

    def __init__(self, apis: Mapping[str, Api], further: Iterable[str] = ()) -> None:
        self._selects = dict.fromkeys((*LOCAL, *(host.lower() for host in further)), "")
        for name, api in apis.items():
            self._selects |= dict.fromkeys((*api.spec.hosts, f"{name}.localhost"), name)

    def select(self, header: str) -> str | None:
        """Name the provider that a Host header selects: empty for none in particular, None for a host not served."""
        return self._selects.get(_name(header))


def _name(header: str) -> str:
    """Take the name out of a Host header: no port, no brackets of an IPv6 address, lower case."""
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower()


def is_own(path: str) -> bool:
    """Tell whether a path is the sandbox's own under every host name, a vendor's too."""
    return path.startswith(("/_sandbox/", "/t/"))


def foreign(header: str) -> Answer:
    """Refuse a host that is not served."""
    reason = f"This sandbox does not serve the host {header[:100]!r}." if header else "The request has no Host header."
    return own(400, "Foreign host", f"{reason} Use 127.0.0.1 or localhost, or admit the name with --allow-host.")
