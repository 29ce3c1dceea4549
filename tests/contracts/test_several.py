"""`trackbed verify` for several documents, as a user runs it: each as if it were alone, told in the order in which they were named.

The documents are copies of a tiny one. The name of each is the port at which its server answers, so that `{document}` leads there.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import tiny
from flask import Flask
from processes import MARK, marked, wait_for_end

HEARING = """import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from contracts.cli import main
main(prog_name="trackbed")
"""  # who is started in the background of a shell hears no Ctrl+C, and neither do its children


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", HEARING, "verify", *arguments, "--url", "http://127.0.0.1:{document}"]


def verify(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    shared = ("--profile", "quick", "--seed", "1")
    return subprocess.run(command(*shared, *arguments), capture_output=True, text=True, timeout=120, check=False, cwd=folder)


@contextmanager
def served(folder: Path, *apps: Flask) -> Iterator[list[str]]:
    """Serve applications; gives the paths of their documents."""
    with ExitStack() as stack:
        ports = [urlsplit(stack.enter_context(tiny.served(app))).port for app in apps]
        yield [str(tiny.document(folder).rename(folder / f"{port}.json")) for port in ports]


def counting(app: Flask, heard: Callable[[], object]) -> Flask:
    @app.before_request
    def hear() -> None:
        heard()

    return app


def test_each_is_judged_by_its_document_at_its_address_and_told_in_the_order_they_were_named(tmp_path: Path) -> None:
    with served(tmp_path, tiny.notes(), tiny.notes("crash")) as (right, wrong):
        both = verify(wrong, right, "--json", "--profile", "ci")
        told = {path: json.loads(line) for path, line in zip((wrong, right), both.stdout.splitlines(), strict=True)}
        alone = {path: json.loads(verify(path, "--json", "--profile", "ci").stdout) for path in (wrong, right)}
    assert (both.returncode, both.stderr) == (1, ""), "one of them is broken"
    assert (told[right]["exit_code"], told[wrong]["exit_code"]) == (0, 1)
    for path in (wrong, right):
        assert told[path]["document"]["file"] == Path(path).name
        assert told[path]["url"] == f"http://127.0.0.1:{Path(path).stem}"
        for member in ("exit_code", "calls", "checks", "certificate"):
            assert told[path][member] == alone[path][member]


def test_a_table_and_reports_come_for_each(tmp_path: Path) -> None:
    with served(tmp_path, tiny.notes(), tiny.notes()) as paths:
        result = verify(
            *paths, "--report", f"junit={tmp_path}/junit-{{document}}.xml", "--report", f"json={tmp_path}/{{document}}-report.json"
        )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.count("All promises that were tried are kept") == 2
    for path in map(Path, paths):
        assert (tmp_path / f"junit-{path.stem}.xml").read_text().startswith(f'<testsuites name="trackbed verify {path.stem}"')
        assert json.loads((tmp_path / f"{path.stem}-report.json").read_text())["document"]["name"] == path.stem


def test_known_findings_are_kept_apart(tmp_path: Path) -> None:
    with served(tmp_path, tiny.notes("crash"), tiny.notes()) as (wrong, right):
        ours = (wrong, right, "--profile", "ci", "--baseline", f"{tmp_path}/known-{{document}}.json")
        first, then = verify(*ours, "--update-baseline"), verify(*ours)
    assert (first.returncode, then.returncode) == (1, 0)
    assert f"{right}: {tmp_path}/known-{Path(right).stem}.json knows 0 findings now" in first.stderr


def test_one_that_nobody_answers_for_is_exit_2_and_the_other_is_judged(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        silent = tiny.document(tmp_path).rename(tmp_path / f"{taken.getsockname()[1]}.json")
        with served(tmp_path, tiny.notes()) as (right,):
            result = verify(str(silent), right)
    assert result.returncode == 2
    assert result.stderr.startswith(f"{silent}: trackbed: http://127.0.0.1:{silent.stem} gave no answer")
    assert "All promises that were tried are kept" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("{ours}", "trakru"), "there is no provider 'trakru'; did you mean 'trackru'?"),
        (("{ours}", "{ours}"), "have the same name"),
        (("{ours}", "trackru", "--report", "junit=a.xml"), "write {document} where their names go, as in --report junit=a-{document}.xml"),
        (("{ours}", "trackru", "--baseline", "known.json"), "as in --baseline known-{document}.json"),
        (("{ours}", "trackru", "--jobs", "0"), "Invalid value for '--jobs'"),
    ],
)
def test_a_mistake_is_exit_2_before_anybody_is_called(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    calls: list[None] = []
    with served(tmp_path, counting(tiny.notes(), lambda: calls.append(None))) as (ours,):
        result = verify(*(ours if one == "{ours}" else one for one in arguments), folder=tmp_path)
    assert (result.returncode, result.stdout, calls) == (2, "", [])
    assert said in " ".join(result.stderr.split())


def test_the_time_is_shared_out_among_those_that_come_one_after_the_other(tmp_path: Path) -> None:
    never = threading.Event()
    ours = ("--profile", "ci", "--max-time", "8", "--json")
    with served(tmp_path, *(counting(tiny.notes(), lambda: never.wait(0.15)) for _ in range(2))) as paths:
        one_by_one, together = (verify(*paths, "--jobs", jobs, *ours) for jobs in ("1", "2"))
    told = [[json.loads(line) for line in result.stdout.splitlines()] for result in (one_by_one, together)]
    assert {one["ended_early"] for result in told for one in result} == {"its time was up"}
    assert all(half["took_s"] < 0.75 * whole["took_s"] for half, whole in zip(*told, strict=True))


def test_the_calls_a_second_are_shared_out_among_those_at_a_time(tmp_path: Path) -> None:
    ours = ("--rate-limit", "20", "--only", "readNote", "--skip", "conformance", "--json")
    with served(tmp_path, tiny.notes(), tiny.notes()) as paths:
        together, alone = (verify(*paths, "--jobs", jobs, *ours) for jobs in ("2", "1"))
    seconds = [[json.loads(line)["took_s"] for line in result.stdout.splitlines()] for result in (together, alone)]
    assert all(of_two > 1.5 * of_one for of_two, of_one in zip(*seconds, strict=True))


def test_a_dry_run_sends_nothing(tmp_path: Path) -> None:
    calls: list[None] = []
    with served(tmp_path, *(counting(tiny.notes(), lambda: calls.append(None)) for _ in range(2))) as paths:
        result = verify(*paths, "--dry-run")
    assert (result.returncode, calls) == (0, [])
    assert result.stderr.count("calls would be sent") == 2
    assert all(f"http://127.0.0.1:{Path(path).stem}/notes" in result.stdout for path in paths)


def slow_once_under_way(under_way: threading.Event) -> Callable[[], object]:
    count = itertools.count(1)
    return lambda: (next(count) == 14 and under_way.set(), threading.Event().wait(0.05))


def by_kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)


def by_terminal(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGINT)


@pytest.mark.parametrize("interrupt", [by_kill, by_terminal])
def test_a_person_who_breaks_off_gets_what_is_known_and_leaves_nothing_behind(
    tmp_path: Path, interrupt: Callable[[subprocess.Popen[str]], None]
) -> None:
    moments = [threading.Event(), threading.Event()]
    with served(tmp_path, *(counting(tiny.notes(), slow_once_under_way(moment)) for moment in moments), tiny.notes()) as paths:
        process = subprocess.Popen(
            command(*paths, "--jobs", "2", "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        with process:
            try:
                assert all(moment.wait(60) for moment in moments)
                interrupt(process)
                out, err = process.communicate(timeout=60)
            finally:
                process.kill()
    assert process.returncode == 2
    told = [json.loads(line) for line in out.splitlines()]
    assert [(one["ended_early"], len(one["removed"]) > 0, one["left"]) for one in told] == [("it was interrupted", True, [])] * 2
    assert err == f"{paths[2]}: trackbed: interrupted before anything was judged.\n", "the third was not begun"


def test_nobody_goes_on_when_who_started_them_is_killed(tmp_path: Path) -> None:
    mark, over = uuid4().hex, threading.Event()
    moments = [threading.Event(), threading.Event()]

    def stuck(moment: threading.Event) -> Callable[[], object]:
        return lambda: (moment.set(), over.wait(60))

    with served(tmp_path, *(counting(tiny.notes(), stuck(moment)) for moment in moments)) as paths:
        try:
            with subprocess.Popen(command(*paths, "--timeout", "60"), stdout=subprocess.DEVNULL, env={MARK: mark}) as process:
                assert all(moment.wait(60) for moment in moments)
                family = marked(mark)
                process.kill()
            assert len(family) == 3
            assert wait_for_end(family)
        finally:
            over.set()
