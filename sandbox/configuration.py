"""Settings that a project keeps: the table `[tool.trackbed]` of its pyproject.toml.

    [tool.trackbed]
    port = 9000
    allow-host = ["sandbox.internal"]

    [tool.trackbed.ctl]
    workspace = "sbx_ci"

The table itself holds what `trackbed serve` takes, a table below it what the command of its name takes.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from sandbox.errors import DataError

ELSEWHERE = frozenset(("payloads", "verify"))  # commands of `trackbed` that the sandbox alone does not have; it leaves their tables alone


def defaults(path: Path, commands: click.Group) -> dict[str, Any]:
    """Read the defaults of every command from a file; none where there is no such file or table. Raises DataError."""
    table = _table(path)
    groups = {name: value for name, value in table.items() if isinstance(value, dict)}
    groups["serve"] = {name: value for name, value in table.items() if name not in groups} | groups.get("serve", {})
    found: dict[str, Any] = {}
    for name, values in groups.items():
        if name in ELSEWHERE and name not in commands.commands:
            continue
        if (command := commands.commands.get(name)) is None:
            raise DataError(path.name, f"/tool/trackbed/{name}", f"is no command; expected one of {', '.join(commands.commands)}")
        found[name] = dict(_values(path, f"/tool/trackbed{'' if name == 'serve' else '/' + name}", command, values))
    return found


def _table(path: Path) -> dict[str, Any]:
    try:
        tools = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
    except OSError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(path.name, "", f"is no TOML: {error}") from None
    if not isinstance(tools, dict):
        raise DataError(path.name, "/tool", "is not a table")
    table = tools.get("trackbed", {})
    if not isinstance(table, dict):
        raise DataError(path.name, "/tool/trackbed", "is not a table")
    return table


def _values(path: Path, where: str, command: click.Command, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    options = {option.removeprefix("--"): parameter for parameter in command.params for option in parameter.opts if option.startswith("--")}
    for name, value in values.items():
        if (parameter := options.get(name)) is None:
            near = difflib.get_close_matches(name, options, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; expected one of {', '.join(options)}"
            raise DataError(path.name, f"{where}/{name}", f"is no option{hint}")
        if parameter.multiple is not isinstance(value, list):
            raise DataError(path.name, f"{where}/{name}", f"must {'' if parameter.multiple else 'not '}be a list")
        yield str(parameter.name), value
