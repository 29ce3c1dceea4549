"""What the commands of this package need beside the sandbox, and how it is said that it is not there."""

from __future__ import annotations

import os
from importlib.util import find_spec

from sandbox.exits import stop

# The packages of the extra `contracts`: some are imported late, and a run must not end for want of one of them.
PACKAGES = (
    *"harfile hypothesis jinja2 jsonschema junitparser platformdirs referencing rich schemathesis urllib3".split(),
    *"fqdn idna isoduration jsonpointer rfc3339-validator rfc3986-validator uri-template webcolors".split(),  # jsonschema's formats
    "werkzeug",
)


def need(command: str) -> None:
    """End with what to install where a package of the extra is missing. Else see to it that nothing is left where the command runs."""
    if missing := [name for name in PACKAGES if find_spec(name.replace("-", "_")) is None]:
        stop(f"{command} needs {', '.join(missing)}, which is not installed: pip install 'trackbed[contracts]'")
    from platformdirs import user_cache_path  # noqa: PLC0415 - from the extra

    # Hypothesis keeps tables of characters, which take long to make, and would put them into the current folder.
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(user_cache_path("trackbed") / "hypothesis"))
