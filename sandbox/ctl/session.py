"""Which sandbox and which workspace a command means, and how it answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from sandbox import exits

if TYPE_CHECKING:
    from sandbox.client import Control

_NOT_THERE = (404, 409)
Say = Callable[[Any], None]


@dataclass(frozen=True)
class Session:
    """The sandbox, the workspace (`named` is None where nobody named one), and how to answer."""

    control: Control
    named: str | None
    as_json: bool

    @property
    def workspace(self) -> str:
        """The workspace that is meant."""
        return self.named or "sbx_demo"

    def path(self, *steps: str) -> str:
        """Write the path of something in the workspace."""
        from sandbox.client import workspace_path  # noqa: PLC0415 - as in `command`

        return workspace_path(self.workspace, *steps)

    def show(self, value: Any, say: Say) -> None:
        """Print an answer: as JSON, or as `say` says it."""
        if self.as_json:
            click.echo(json.dumps(value, indent=2, ensure_ascii=False))
        else:
            say(value)


def each(name: str, say: Say) -> Say:
    """Say every item of a member of the answer, or that there is none."""

    def say_all(answer: Any) -> None:
        for item in answer[name]:
            say(item)
        if not answer[name]:
            click.echo(f"There are no {name}.", err=True)

    return say_all


_OPTIONS = (
    (("--url",), {"help": "Where the sandbox is; else TRACKBED_URL, else http://127.0.0.1:8080."}, "TRACKBED_URL"),
    (("--token",), {"help": "Its token, where it asks for one; else TRACKBED_TOKEN."}, "TRACKBED_TOKEN"),
    (
        ("--workspace", "-w"),
        {"help": "Which account's world; else TRACKBED_WORKSPACE, else sbx_demo.", "metavar": "NAME"},
        "TRACKBED_WORKSPACE",
    ),
    (("--json", "as_json"), {"help": "Print the answer as JSON.", "is_flag": True}, None),
)


def options(function: Callable[..., Any], *, environment: bool = False) -> Callable[..., Any]:
    """Add the options that every command takes; those of the group `ctl` itself look into the `environment` as well."""
    for names, attributes, variable in reversed(_OPTIONS):
        function = click.option(*names, **attributes, envvar=variable if environment else None)(function)
    return function


def remember(context: click.Context, given: Mapping[str, Any]) -> None:
    """Keep what a group was told, for the commands below it."""
    context.obj = (context.find_object(dict) or {}) | {name: value for name, value in given.items() if value}


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Make a function of a session one of click's, with the common options; what goes wrong is said in a line."""

    @options
    @click.pass_context
    @wraps(function)
    def run(context: click.Context, /, **given: Any) -> None:
        from sandbox.client import Control, ControlError  # noqa: PLC0415 - `serve` starts sooner without a client

        said = context.find_object(dict) or {}
        url, token, named, as_json = (given.pop(name) or said.get(name) for name in ("url", "token", "workspace", "as_json"))
        session = Session(Control(url or "http://127.0.0.1:8080", token), named, bool(as_json))
        try:
            function(session, **given)
        except ControlError as error:
            exits.stop(str(error), exits.NOT_THERE if error.status in _NOT_THERE else exits.WRONG)
        except BrokenPipeError:
            raise  # whoever read our output has read enough; click knows what to do
        except (ValueError, OSError) as error:
            exits.stop(str(error))

    return run


def time(moment: str) -> str:
    """Shorten a moment for people: UTC, to the second."""
    return moment.replace("T", " ")[:19] + "Z"
