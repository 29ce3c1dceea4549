"""Let `trackbed verify` and the stock `schemathesis run` judge every faulty implementation of tests/contracts/faulty, and the right ones.

    python tests/benchmarks/catch.py [--ours] [--stock] [--right] [--provider NAME] [--only TEXT] [--results FILE] [--minutes N] [--list]

Each implementation is served on a port of its own. Both tools get the same document and the same seed; Schemathesis also gets
specs/schemathesis.toml, as a user of these documents would. It may stop at its first finding, since one is enough, and a warning counts
as one. We first take the profile `quick`, and `ci` where that finds nothing. An implementation is killed when the tool says that something is wrong (exit 1, for us also a
doubt), else missed; it is no kill that a tool could not run at all.

What is known is kept in the file of results and not measured again, so that a run may end and go on. Without `--ours` and `--stock`
nothing is measured: the table is printed from the file. The order mixes providers, so that a part is like the whole.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from threading import Thread
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "contracts")]

from faulty import FAULTY, RIGHT, App, Faulty, Right  # noqa: E402

SPECS = ROOT / "specs"
SEED = "1"
TOOLS = ("ours", "stock")
LONGEST_S = 600

Judged = dict[str, Any]  # killed (None: it could not run), seconds, by (what was found)


# --- implementations ----------------------------------------------------------------------------------------------------------------


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # it writes head and body apart, and the second would wait 40 ms for word of the first

    def log_request(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(app: App, provider: str) -> Iterator[str]:
    """Serve an application; give the address that stands for its provider's host."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.port}/{provider}"
    finally:
        server.shutdown()
        server.server_close()


# --- tools ----------------------------------------------------------------------------------------------------------------------------


def stock(subject: Faulty | Right, url: str, folder: Path) -> Judged:
    """Let Schemathesis judge."""
    code, output = _run(
        *("schemathesis.cli", "--config-file", str(SPECS / "schemathesis.toml"), "run", str(SPECS / f"{subject.provider}.yaml")),
        *("--url", url, "--seed", SEED, "--max-failures", "1"),
        folder=folder,
    )
    lines = [line.removeprefix("- ") for line in output.splitlines() if line.startswith("- ")]
    return {"killed": None if code not in (0, 1) else code == 1, "by": lines[:3] if code == 1 else []}


def ours(subject: Faulty | Right, url: str, folder: Path) -> Judged:
    """Let us judge, the quick profile first."""
    judged: Judged = {}
    for profile in ("quick", "ci"):
        judged = {**_ours(subject, url, folder, profile), "profile": profile}
        if judged["killed"]:
            break
    return judged


def _ours(subject: Faulty | Right, url: str, folder: Path, profile: str) -> Judged:
    credential = getattr(subject, "credential", "") or "sbx_catch"
    report = folder / f"{profile}.json"
    code, output = _run(
        *("contracts", "verify", subject.provider, "--url", url, "--credential", credential, "--seed", SEED, "--profile", profile),
        *("--strict", "--report", f"json={report}"),
        folder=folder,
    )
    found = json.loads(report.read_text()) if report.exists() else {}
    checks = [f"{finding['check']} ({finding['operation']})" for finding in found.get("findings", ())]
    killed = code == 1 if code in (0, 1) else True if checks else None
    return {"killed": killed, "by": checks[:3] or ([output[-300:]] if killed is None else [])}


def _run(*command: str, folder: Path) -> tuple[int, str]:
    """Run one of our modules to its end; its exit code, -1 where it had to be stopped, and what it wrote."""
    try:
        result = subprocess.run(
            [sys.executable, "-m", *command], capture_output=True, text=True, timeout=LONGEST_S, check=False, cwd=folder
        )
    except subprocess.TimeoutExpired:
        return -1, f"was not ready after {LONGEST_S} s"
    return result.returncode, result.stdout + result.stderr


JUDGES: dict[str, Callable[[Faulty | Right, str, Path], Judged]] = {"ours": ours, "stock": stock}


# --- results --------------------------------------------------------------------------------------------------------------------------


@dataclass
class Results:
    """What is known of each implementation by each tool, in a file."""

    path: Path
    known: dict[str, dict[str, Judged]]

    @classmethod
    def read(cls, path: Path) -> Results:
        """Read them; nothing is known where there is no file."""
        return cls(path, json.loads(path.read_text()) if path.exists() else {})

    def add(self, name: str, tool: str, judged: Judged) -> None:
        """Keep what one tool said of one implementation."""
        self.known.setdefault(name, {})[tool] = judged
        self.path.write_text(json.dumps(self.known, indent=1, sort_keys=True, ensure_ascii=False) + "\n")

    def of(self, name: str, tool: str) -> Judged | None:
        """Tell what is known; None where nothing is."""
        return self.known.get(name, {}).get(tool)


def measure(subjects: Sequence[Faulty | Right], tools: Sequence[str], results: Results, *, minutes: float) -> None:
    """Let tools judge what they have not judged yet, until the time is up."""
    end = time.monotonic() + minutes * 60
    for subject in subjects:
        for tool in tools:
            if results.of(subject.name, tool) is not None or time.monotonic() > end:
                continue
            with served(subject.build(), subject.provider) as url, tempfile.TemporaryDirectory() as folder:
                began = time.monotonic()
                judged = JUDGES[tool](subject, url, Path(folder))
            judged["seconds"] = round(time.monotonic() - began, 1)
            results.add(subject.name, tool, judged)
            print(f"{_word(judged):9} {tool:6} {judged['seconds']:6.1f} s  {subject.name}", file=sys.stderr, flush=True)


# --- tables ---------------------------------------------------------------------------------------------------------------------------


def _word(judged: Judged | None) -> str:
    if judged is None:
        return "?"
    return {True: "killed", False: "missed", None: "not run"}[judged["killed"]]


def table(subjects: Sequence[Faulty], results: Results, part: str) -> Iterator[str]:
    """Write how many were killed, for each `kind` or each `provider`."""
    groups: dict[str, list[Faulty]] = defaultdict(list)
    for subject in subjects:
        groups[getattr(subject, part)].append(subject)
    yield f"| {part} | faulty | `trackbed verify` | `schemathesis run` |"
    yield "|---|---|---|---|"
    for name, group in [*sorted(groups.items()), ("**all**", list(subjects))]:
        yield f"| {name} | {len(group)} | {_killed(group, results, 'ours')} | {_killed(group, results, 'stock')} |"


def _killed(group: Sequence[Faulty], results: Results, tool: str) -> str:
    judged = [found for subject in group if (found := results.of(subject.name, tool)) is not None]
    killed = sum(found["killed"] is True for found in judged)
    share = f"{killed} ({100 * killed / len(judged):.0f} %)" if judged else "?"
    return share if len(judged) == len(group) else f"{share} of {len(judged)} tried"


def whole(subjects: Sequence[Faulty], results: Results) -> Iterator[str]:
    """Write what became of each."""
    yield "| implementation | kind | what is wrong | ours | stock |"
    yield "|---|---|---|---|---|"
    for subject in subjects:
        words = " | ".join(_word(results.of(subject.name, tool)) for tool in TOOLS)
        yield f"| {subject.name} | {subject.kind} | {subject.sentence} | {words} |"


def accused(results: Results) -> Iterator[str]:
    """Write which of the right ones were accused of something."""
    for tool in TOOLS:
        judged = {right.name: found for right in RIGHT if (found := results.of(right.name, tool)) is not None}
        wrongly = [f"{name} ({', '.join(found['by'])})" for name, found in judged.items() if found["killed"]]
        yield f"Of {len(judged)} right ones {tool} accused {len(wrongly)}{': ' if wrongly else ''}{'; '.join(wrongly)}"


def mixed(subjects: Sequence[Any]) -> list[Any]:
    """Put implementations into an order in which providers take turns."""
    groups: dict[str, list[Any]] = defaultdict(list)
    for subject in subjects:
        groups[subject.provider].append(subject)
    return [subject for row in zip_longest(*groups.values()) for subject in row if subject is not None]


def main() -> None:
    """Measure what is wished, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", action="store_true", help="let trackbed verify judge")
    parser.add_argument("--stock", action="store_true", help="let schemathesis run judge")
    parser.add_argument("--right", action="store_true", help="the right ones, not the faulty ones")
    parser.add_argument("--provider", help="only those of this provider")
    parser.add_argument("--only", default="", help="only those with this text in their name")
    parser.add_argument("--results", type=Path, default=Path("catch.json"), help="the file of results")
    parser.add_argument("--minutes", type=float, default=600, help="begin nothing new after this time")
    parser.add_argument("--list", action="store_true", help="print each implementation")
    options = parser.parse_args()
    results = Results.read(options.results)
    wanted = [one for one in (RIGHT if options.right else FAULTY) if options.only in one.name and options.provider in (None, one.provider)]
    measure(mixed(wanted), [tool for tool in TOOLS if getattr(options, tool)], results, minutes=options.minutes)
    faulty = [one for one in FAULTY if options.only in one.name and options.provider in (None, one.provider)]
    for lines in (table(faulty, results, "kind"), table(faulty, results, "provider"), whole(faulty, results) if options.list else ()):
        print("\n".join(lines), end="\n\n")
    print("\n".join(accused(results)))


if __name__ == "__main__":
    main()
