"""A script of curl commands that sends payloads and says of each, in TAP, whether it was answered as its label says."""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Iterable, Iterator

from contracts.payloads.formats.cases import Case, Hole, Message, Sought, json_text, plain_text

_HEAD = r"""#!/usr/bin/env bash
# Payloads of {title}, written by `trackbed payloads`. Each line of output is a test in TAP.
# URL says where to send them. RUN keeps the accounts of one run apart from those of any other.
# Exit codes: 0 all were answered as labelled; 1 some were not; 2 nobody answers, or curl is not there.
set -u
URL=${{URL:-{url}}}
RUN=${{RUN:-$(date +%s)$$}}
total=0 wrong=0
command -v curl >/dev/null || {{ echo "Bail out! there is no curl"; exit 2; }}
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

payload() {{ id=$1 title=$2 scene='' total=$((total + 1)) account={account}_${{RUN}}_$total; }}
words() {{ printf %s "$1" | base64 | tr -d '\n'; }}
call() {{
    local target=$1
    shift
    status=$(curl -s -g --path-as-is --http1.1 -H Expect: -o "$answer" -w '%{{http_code}}' "$@" "$URL$target")
    [ "$status" != 000 ] || [ "$total" != 1 ] || {{ echo "Bail out! nobody answers at $URL"; exit 2; }}
}}
before() {{
    call "$@"
    case $status in 2*) ;; *) scene="its scene could not be set, which got $status" ;; esac
}}
expect() {{
    local found=$scene
    case " $1 " in *" $status "*) ;; *) found=${{found:-the status is $status, not one of $1}} ;; esac
    [ -n "$found" ] || [ -z "${{2-}}" ] || grep -Eaq -- "$2" "$answer" || found="the answer does not hold $2"
    [ -z "$found" ] && echo "ok $total - $id" && return
    wrong=$((wrong + 1))
    echo "not ok $total - $id"
    echo "  # $title: $found"
    head -c 300 "$answer" | tr '\n\0' '  ' | sed 's/^/  # /'
    echo
}}
"""
_FOOT = """
echo "1..$total"
[ "$wrong" = 0 ] || { echo "# $wrong of $total were not answered as labelled"; exit 1; }
"""


def script(title: str, url: str, account: str, cases: Iterable[Case]) -> Iterator[str]:
    """Write a script, piece by piece."""
    title = re.sub(r"[^ -~]", "?", title)
    yield _HEAD.format(title=title, url=shlex.quote(url), account=shlex.quote(account or "nobody"))
    for case in cases:
        yield "".join(_case(case))
    yield _FOOT


def _case(case: Case) -> Iterator[str]:
    label = case.payload
    yield f"\npayload {shlex.quote(label.id)} {shlex.quote(label.title)}\n"
    for message in case.before:
        yield f"before {_words(message)}\n"
    yield f"call {_words(case.call)}\n"
    pattern = f" {shlex.quote(_pattern(case.sought))}" if case.sought else ""
    yield f"expect '{' '.join(map(str, label.expected.statuses))}'{pattern}\n"


def _words(message: Message) -> str:
    words = [shlex.quote(message.target), "-X", message.method]
    for name, parts in message.headers:
        words += ["-H", _header(name, parts)]
    if message.body is not None:
        words += ["--data-binary", f"@<({_body(message)})"]
        if not any(name == "content-type" for name, _ in message.headers):
            words += ["-H", "Content-Type:"]  # else curl would say that it is a form
    return " ".join(words)


def _header(name: str, parts: tuple[str | Hole, ...]) -> str:
    if parts in ((), ("",)):
        return shlex.quote(f"{name};")
    return shlex.quote(f"{name}: ") + "".join(shlex.quote(part) if isinstance(part, str) else _hole(part) for part in parts)


def _hole(hole: Hole) -> str:
    if not hole.base64:
        return '"$account"'
    return f'"$(words {shlex.quote(hole.before)}"$account"{shlex.quote(hole.after)})"'


def _body(message: Message) -> str:
    """Write a command that prints a body: as text, where it is text."""
    parts = message.body or ()
    if plain_text(parts):
        text = "".join(shlex.quote(part.decode()) if isinstance(part, bytes) else _hole(part) for part in parts) or "''"
        return f"printf %-{message.padded_to}s {text}" if message.padded_to else f"printf %s {text}"
    return "; ".join(
        f"base64 -d <<<{base64.b64encode(part).decode()}" if isinstance(part, bytes) else f"printf %s {_hole(part)}" for part in parts
    )


def _pattern(sought: Sought) -> str:
    """Write what is sought as an extended regular expression on the text of a JSON body."""
    values = "|".join(re.sub(r"([][\\.*^$+?{}|()])", r"\\\1", json_text(value)) for value in sought.values)
    return f'"{sought.member}"[[:space:]]*:[[:space:]]*({values})[^0-9]'
