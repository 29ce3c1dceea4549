"""The plugin in projects as users have them: pytest runs in a process of its own, with one worker or many."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from processes import MARK, marked

from sandbox import testing
from sandbox.testing import Server

pytest_plugins = ["pytester"]

CLIENT = """
import json, urllib.request

def send(provider, method, path, body=None):
    data = None if body is None else json.dumps(body | provider.body).encode()
    headers = provider.headers | {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(provider.url + path, data, headers, method=method), timeout=30) as reply:
        return json.load(reply)

def create(sandbox, number):
    return send(sandbox.provider("trackru"), "POST", "/v1/trackings/post", {"tracking_number": number, "carrier_code": "sto"})

def numbers(sandbox):
    return [tracking["tracking_number"] for tracking in send(sandbox.provider("trackru"), "GET", "/v1/trackings/get")["data"]["items"]]
"""
FAILING = """
from client import create

def test_it(sandbox):
    create(sandbox, "SBX-1")
    create(sandbox, "SBX-1")
    assert False
"""
SHUFFLED = """
import random

def pytest_collection_modifyitems(items):
    random.Random(1).shuffle(items)  # the same in every worker, as xdist wants it
"""
CROWD = """
import os
from datetime import UTC, datetime, timedelta
import pytest
from client import create, numbers, send

START = datetime(2026, 3, 2, 9, tzinfo=UTC)

@pytest.mark.parametrize("index", range(15))
def test_nobody_else_is_here(sandbox, index):
    with open({log!r}, "a") as log:
        log.write(f"{{sandbox.url}} {{os.environ.get('PYTEST_XDIST_WORKER')}} {{sandbox.name}}\\n")
    scene = numbers(sandbox)
    sandbox.clock.freeze()
    sandbox.clock.set(START)
    fault = sandbox.fault("server-error", operation="createTracking", times=index % 3 + 1)
    mine = [f"SBX-CUSTOMS-{{number}}" for number in range(index % 5 + 1)]
    for number in mine:
        while create(sandbox, number)["meta"]["code"] != 200:
            pass
    sandbox.clock.advance(days=index)
    assert sandbox.clock.now() == START + timedelta(days=index)
    assert sorted(numbers(sandbox)) == sorted(scene + mine)
    assert fault.applied == index % 3 + 1
    assert len(sandbox.requests) == len(mine) + fault.applied + 2
    send(sandbox.provider("billink"), "POST", "/", {{
        "billinkUsername": "x", "carrierCode": "dhl", "invoiceNumber": "KRKND-0001", "trackAndTrace": str(index)}})
    assert sandbox.requests[-1].operation == "createTracker"
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.Pytester]:
    """A project with a small client of its own, warnings as errors; whatever it starts has ended when it has."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:schemathesis -p no:hypothesispytest")  # slow to load, and nothing to do with it
    monkeypatch.setenv(MARK, str(pytester.path))
    monkeypatch.delenv("TRACKBED_URL", raising=False)
    pytester.makepyprojecttoml('[tool.pytest.ini_options]\nfilterwarnings = ["error"]\naddopts = ["--strict-config"]\n')
    pytester.makepyfile(client=CLIENT)
    yield pytester
    assert marked(str(pytester.path)) == []


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with testing.serve() as server:
        yield server


@pytest.mark.parametrize("workers", ["0", "2"])
def test_every_test_finds_a_fresh_world_and_leaves_none_behind(project: pytest.Pytester, workers: str) -> None:
    test = "def test_{0}(sandbox):\n    assert 'SBX-1' not in numbers(sandbox)\n    create(sandbox, 'SBX-1')\n    assert 'SBX-1' in numbers(sandbox)\n"
    project.makepyfile(
        test_parcels="from client import create, numbers\n"
        + "\n".join(test.format(name) for name in ("one", "two", "three"))
        + "\ndef test_left(sandbox_server):\n    assert sandbox_server.control.get('/_sandbox/workspaces')['workspaces'] == []\n"
    )
    project.runpytest_subprocess("-n", workers, "--dist", "loadfile").assert_outcomes(passed=4)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_failed_test_shows_what_it_asked_with_causes_and_lines_to_try(project: pytest.Pytester, workers: str) -> None:
    project.makepyfile(test_it=FAILING)
    result = project.runpytest_subprocess("-n", workers)
    result.assert_outcomes(failed=1)
    result.stdout.re_match_lines(
        [
            r"-+ Trackbed -+",
            r"t00000\d POST /trackru/v1/trackings/post → 200$",
            r"    curl -i -X POST http://127.0.0.1:\d+/trackru/v1/trackings/post -H .*-H 'Api-Key: sbx_[0-9a-f]{16}' --data-raw .*SBX-1",
            r"t00000\d POST /trackru/v1/trackings/post → 200 duplicate$",
            r"    curl -i -X POST ",
        ]
    )


def test_a_report_shows_the_last_ten_and_how_many_there_were_before(project: pytest.Pytester) -> None:
    project.makepyfile(
        "from client import create\ndef test_it(sandbox):\n    [create(sandbox, f'SBX-{n}') for n in range(12)]\n    assert False"
    )
    output = project.runpytest_subprocess().stdout.str()
    assert output.count("    curl -i") == 10
    assert "… 2 earlier\n" in output
    assert "SBX-11" in output


def test_a_report_shows_what_a_fixture_asked_that_failed(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        from client import create

        @pytest.fixture
        def shop(sandbox):
            create(sandbox, "SBX-1")
            raise RuntimeError

        def test_it(shop):
            pass
        """
    )
    result = project.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.re_match_lines([r"-+ Trackbed -+", r"t\d+ POST /trackru/v1/trackings/post → 200"])


def test_a_test_that_asked_nothing_is_told_so_and_one_without_a_sandbox_nothing(project: pytest.Pytester) -> None:
    project.makepyfile("def test_it(sandbox):\n    assert False\ndef test_other():\n    assert False\ndef test_good(sandbox):\n    pass")
    output = project.runpytest_subprocess("-rA").stdout.str()
    assert output.count("- Trackbed -") == 1
    assert "\nNothing was asked in sbx_" in output


def test_a_report_says_when_the_server_is_gone(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_it(sandbox, monkeypatch):
            monkeypatch.setitem(sandbox.server.__dict__, "url", "http://127.0.0.1:1")
            assert False
        """
    )
    assert "\nno sandbox answers at http://127.0.0.1:1 (" in project.runpytest_subprocess().stdout.str()


def test_eight_workers_in_any_order_share_one_server_and_nothing_else(project: pytest.Pytester) -> None:
    log = project.path / "log"
    project.makeconftest(SHUFFLED)
    project.makepyfile(**{f"test_crowd_{number}": CROWD.format(log=str(log)) for number in range(4)})
    project.runpytest_subprocess("-n", "8", "--dist", "worksteal").assert_outcomes(passed=60)
    urls, workers, names = (set(column) for column in zip(*(line.split() for line in log.read_text().splitlines()), strict=True))
    assert len(urls) == 1
    assert len(workers) > 1
    assert len(names) == 60


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize("end", ["assert False", "raise KeyboardInterrupt", "pytest.exit('enough')"])
def test_nothing_is_left_behind_however_the_tests_end(project: pytest.Pytester, end: str, workers: str) -> None:
    project.makepyfile(f"import pytest\ndef test_it(sandbox):\n    {end}\ndef test_other(sandbox):\n    pass")
    assert project.runpytest_subprocess("-x", "-n", workers).ret != 0


def test_a_worker_that_crashes_takes_nothing_from_the_others(project: pytest.Pytester) -> None:
    log = project.path / "log"
    project.makepyfile(
        f"""
        import os, pytest
        from client import create

        @pytest.mark.parametrize("index", range(12))
        def test_it(sandbox, index):
            with open({str(log)!r}, "a") as log:
                log.write(sandbox.url + "\\n")
            create(sandbox, "SBX-1")
            if index in (0, 5):
                os._exit(1)
        """
    )
    project.runpytest_subprocess("-n", "3").assert_outcomes(passed=10, failed=2)
    assert len(log.read_text().splitlines()) == 12
    assert len(set(log.read_text().splitlines())) == 1


def test_those_who_ask_for_the_server_in_a_wrong_way_do_not_keep_it_from_others(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import multiprocessing, pytest
        from multiprocessing.connection import Client

        def test_it(request):
            address, key = request.config.workerinput["trackbed"]
            with pytest.raises(multiprocessing.AuthenticationError):
                Client(address, authkey=b"wrong")
            Client(address).close()
            Client(address, authkey=key).close()
            request.getfixturevalue("sandbox").clock.freeze()
        """
    )
    project.runpytest_subprocess("-n", "1").assert_outcomes(passed=1)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_server_of_the_environment_is_used_instead(
    project: pytest.Pytester, workers: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKBED_URL", server.url)
    monkeypatch.setenv("TRACKBED_TOKEN", "secret")
    project.makepyfile(
        f"def test_it(sandbox):\n    assert (sandbox.url, sandbox.server.token) == ({server.url!r}, 'secret')\n    sandbox.clock.freeze()"
    )
    project.runpytest_subprocess("-n", workers).assert_outcomes(passed=1)
    assert testing.connect(server.url).control.get("/_sandbox/workspaces")["workspaces"] == []


@pytest.mark.parametrize("workers", ["0", "2"])
def test_the_server_is_started_as_the_project_says(project: pytest.Pytester, workers: str) -> None:
    project.makepyprojecttoml('[tool.pytest.ini_options]\ntrackbed_serve = "trackru --host 0.0.0.0"\n[tool.trackbed]\nempty = true\n')
    project.makepyfile(
        """
        from client import send

        def test_it(sandbox):
            assert [about["name"] for about in sandbox.server.providers] == ["trackru"]
            assert sandbox.server.token
            assert send(sandbox.provider("trackru"), "GET", "/v1/trackings/get")["data"] == []
        """
    )
    project.runpytest_subprocess("-n", workers).assert_outcomes(passed=1)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_server_that_does_not_start_is_an_error_that_says_why(project: pytest.Pytester, workers: str) -> None:
    project.makepyprojecttoml('[tool.pytest.ini_options]\ntrackbed_serve = "trakru"\n')
    project.makepyfile("def test_it(sandbox):\n    pass\ndef test_other(sandbox):\n    pass")
    result = project.runpytest_subprocess("-n", workers)
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["E * the sandbox did not start: trackbed: there is no provider 'trakru'; did you mean 'trackru'? *"])


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_project_that_does_not_use_it_pays_for_nothing(project: pytest.Pytester, workers: str) -> None:
    project.makepyfile(
        """
        import sys

        def test_it():
            assert [name for name in sys.modules if name.startswith("sandbox")] == ["sandbox", "sandbox.pytest_plugin"]
        """
    )
    project.runpytest_subprocess("-n", workers).assert_outcomes(passed=1)


def test_loading_it_imports_nothing_that_pytest_has_not_loaded() -> None:
    code = "import pytest, sys; before = set(sys.modules); import sandbox.pytest_plugin; print(*sorted(set(sys.modules) - before))"
    result = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert result.stdout.split() == ["sandbox", "sandbox.pytest_plugin"]


def test_the_fixtures_say_what_they_are_for(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("--fixtures")
    result.stdout.fnmatch_lines(["sandbox_server * -- *", "    Give the one server *", "sandbox -- *", "    Give a fresh workspace *"])
