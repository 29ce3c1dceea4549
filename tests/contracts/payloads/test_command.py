"""`trackbed payloads`, run as a user runs it."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from servers import Server, serving

from contracts.payloads import command
from sandbox.providers import PROVIDERS

FOLDER = Path(__file__).parent / "documents"
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("TRACKBED_")}


def payloads(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    environment = ENVIRONMENT | options.pop("env", {})
    line = [sys.executable, "-m", "contracts", "payloads", *arguments]
    return subprocess.run(line, capture_output=True, text=True, timeout=300, check=False, env=environment, **options)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("payloads")) as running:
        yield running
        assert "Traceback" not in running.log, running.log


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trakru"], "there is no provider 'trakru'; did you mean 'trackru'?"),
        (["nothing.yaml"], "nothing.yaml#: cannot be read"),
        (["trackru", "createTrakking"], "trackru has no operation 'createTrakking'; did you mean 'createTracking'?"),
        (["trackru", "zzz"], "trackru has no operation 'zzz'; expected one of createTracking"),
        (
            ["billink", "--kind", "business", "--place", "/invoiceNumbr"],
            "no payload is about the place '/invoiceNumbr'; did you mean '/invoiceNumber'?",
        ),
        (["billink", "--kind", "bussiness"], "business"),
        (["billink", "--format", "json"], "jsonl"),
        (["billink", "--max", "0"], "--max"),
        (["billink", "--run"], "--run needs an address"),
        (["billink", "--run", "--url", "http://127.0.0.1:1"], "nothing listens there"),
        (["billink", "--run", "--url", "127.0.0.1:8080"], "is no address of a server; give --url as http://HOST:PORT"),
        (["billink", "--run", "--url", "http://127.0.0.1:1", "--report", "html=a"], "expected junit=FILE or json=FILE"),
        (["billink", "--format", "files"], "name one with --out"),
        (["billink", "--out", "/nowhere/a.jsonl"], "/nowhere"),
        (
            ["delivery_solutions", "createTracker", "--format", "curl", "--kind", "business", "--credential", "client:secret"],
            "payloads are left out: this credential is traded for a token",
        ),
    ],
)
def test_a_mistake_is_told_with_what_to_do(arguments: list[str], words: str) -> None:
    result = payloads(*arguments)
    assert "Traceback" not in result.stderr
    assert words in result.stderr.replace("\n", " ")
    assert result.returncode == (0 if "left out" in words else 2)


def test_an_operation_whose_media_type_is_not_written_is_left_out_and_named(tmp_path: Path) -> None:
    taken = {"content": {"application/xml": {"schema": {"type": "object"}}}, "required": True}
    paths = {
        "/xml": {"post": {"operationId": "sendXml", "requestBody": taken, "responses": {"204": {"description": "Taken."}}}},
        "/all": {"get": {"operationId": "readAll", "responses": {"204": {"description": "Nothing."}}}},
    }
    file = tmp_path / "xml.json"
    file.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "XML", "version": "1"}, "paths": paths}))
    result = payloads(str(file))
    assert result.returncode == 0
    assert result.stderr == "trackbed: sendXml is left out: it takes application/xml, which Trackbed does not write.\n"
    assert {json.loads(line)["operation"] for line in result.stdout.splitlines()} == {"readAll"}


def test_a_missing_extra_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "urllib3.py").write_text("raise ModuleNotFoundError(\"No module named 'urllib3'\", name='urllib3')\n")
    result = payloads("billink", "--run", "--url", "http://127.0.0.1:1", env={"PYTHONPATH": str(tmp_path)})
    assert (result.returncode, result.stdout) == (2, "")
    assert "payloads need urllib3, which is not installed: pip install 'trackbed[contracts]'" in result.stderr


def test_the_same_seed_makes_the_same_bytes() -> None:
    arguments = ("trackru", "createTracking", "--random", "5")
    one, other = (payloads(*arguments, "--seed", "7", env={"PYTHONHASHSEED": seed}).stdout for seed in ("0", "1"))
    assert one == other
    assert one != payloads(*arguments, "--seed", "8").stdout


def test_kinds_places_and_a_largest_number_select() -> None:
    lines = payloads("billink", "--kind", "business", "--kind", "invalid", "--place", "invoiceNumber", "--max", "9").stdout.splitlines()
    found = [json.loads(line) for line in lines]
    assert len(found) == 9
    assert {payload["kind"] for payload in found} <= {"business", "invalid"}
    assert {payload["place"] for payload in found} == {"/invoiceNumber"}


def test_an_address_and_a_credential_are_filled_in() -> None:
    arguments = ("trackru", "createTracking", "--kind", "business", "--max", "2", "--url", "http://127.0.0.1:9/trackru/")
    found = [json.loads(line) for line in payloads(*arguments, "--credential", "a-key").stdout.splitlines()]
    assert [(payload["url"], payload["draft"]["headers"]["api-key"]) for payload in found] == [
        ("http://127.0.0.1:9/trackru/v1/trackings/post", "a-key")
    ] * 2
    (line, _) = payloads(*arguments, "--credential", "sbx_me").stdout.splitlines()
    assert json.loads(line)["draft"]["headers"]["api-key"] == "sbx_me__1"


def test_a_scene_says_what_the_target_calls_things(tmp_path: Path) -> None:
    (tmp_path / "scene.json").write_text('{"carrier_code": "pigeon"}')
    arguments = ("trackru", "createTracking", "--kind", "business", "--max", "1")
    (line,) = payloads(*arguments, "--scene", "scene.json", cwd=tmp_path).stdout.splitlines()
    assert json.loads(json.loads(line)["draft"]["body"])["carrier_code"] == "pigeon"
    (tmp_path / "scene.json").write_text("{")
    bad = payloads("trackru", "--scene", "scene.json", cwd=tmp_path)
    assert (bad.returncode, bad.stdout, "scene.json" in bad.stderr, "Traceback" in bad.stderr) == (2, "", True, False)


def test_settings_come_from_the_file_and_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.trackbed.payloads]\nmax = 3\nkind = ["business"]\n')
    assert len(payloads("billink", cwd=tmp_path).stdout.splitlines()) == 3
    assert len(payloads("billink", cwd=tmp_path, env={"TRACKBED_MAX": "2"}).stdout.splitlines()) == 2
    assert len(payloads("billink", "--max", "1", cwd=tmp_path, env={"TRACKBED_MAX": "2"}).stdout.splitlines()) == 1


@pytest.mark.parametrize(
    "option", [option for option in command.payloads.params if option.param_type_name == "option"], ids=lambda o: o.opts[0]
)
def test_every_option_can_be_set_in_the_environment(option: Any) -> None:
    assert option.envvar == "TRACKBED_" + option.opts[0].removeprefix("--").upper()


def test_who_has_read_enough_ends_it_quietly() -> None:
    line = f"{sys.executable} -m contracts payloads trackru --kind business | head -1"
    result = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True, timeout=300, check=False, env=ENVIRONMENT
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout)["kind"] == "business"


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    result = payloads("billink", "--kind", "business", "--out", "a.jsonl", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]
    bad = payloads("billink", "--place", "nowhere", "--out", "b.jsonl", cwd=tmp_path)
    assert bad.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


LIMITED = """
import os, resource, signal, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
os.execv(sys.executable, [sys.executable, "-m", "contracts", "payloads", "billink", "--kind", "business"])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit of a file's size to be set")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_told_whatever_python_does_with_standard_output(tmp_path: Path, unbuffered: str) -> None:
    whole = payloads("billink", "--kind", "business").stdout.encode()
    with (tmp_path / "some.jsonl").open("wb") as file:
        line = [sys.executable, "-c", LIMITED, str(len(whole) - 10)]
        environment = ENVIRONMENT | {"PYTHONUNBUFFERED": unbuffered}
        told = subprocess.run(line, stdout=file, stderr=subprocess.PIPE, text=True, timeout=300, check=False, env=environment)
    assert (told.returncode, told.stderr) == (2, "trackbed: the output cannot be written: File too large.\n")


# --- random ----------------------------------------------------------------------------------------------------------------


def test_random_payloads_are_labelled_as_all_others_are() -> None:
    lines = payloads("trackru", "createTracking", "--kind", "random", "--random", "20").stdout.splitlines()
    found = [json.loads(line) for line in lines]
    assert {payload["kind"] for payload in found} == {"random"}
    assert [payload["id"] for payload in found[:2]] == [f"trackru.createTracking.random-{kind}-1" for kind in ("valid", "invalid")]
    refused = [payload for payload in found if payload["verdict"] == "reject"]
    assert (len(found) - len(refused), bool(refused)) == (20, True)
    assert all(payload["keyword"] and payload["expected"]["cause"] and payload["twin"] for payload in refused)


# A process is reckoned at least as large as the one that started it: so a small one stands between.
MEASURE = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(status, usage.ru_maxrss)
"""


def peak(count: int) -> float:
    """Measure the most memory that drawing took, in MB."""
    line = [sys.executable, "-m", "contracts", "payloads", str(FOLDER / "numbers.yaml"), "--kind", "random", "--random", str(count)]
    told = subprocess.run([sys.executable, "-c", MEASURE, *line], capture_output=True, text=True, timeout=300, check=True, env=ENVIRONMENT)
    status, size = map(int, told.stdout.split())
    assert status == 0
    return size / (1024 if sys.platform == "linux" else 1024 * 1024)


def test_four_times_as_many_take_no_more_memory() -> None:
    assert peak(2400) < peak(600) + 2  # to hold them all takes 3 MB more


# --- coverage --------------------------------------------------------------------------------------------------------------


def test_coverage_tells_which_payload_notices_which_edit_and_why_none_notices_the_others() -> None:
    result = payloads("trackru", "updateTracking", "--coverage")
    assert (result.returncode, result.stderr) == (0, "")
    text = " ".join(result.stdout.split())
    assert "/properties/title type dropped is noticed by trackru.updateTracking.title.null-instead" in text
    assert "100.0 %" in text
    (score,) = json.loads(payloads("trackru", "updateTracking", "--coverage", "--json").stdout)
    assert (score["percent"], score["unproven"]) == (100.0, [])
    assert len(score["kills"]) + len(score["equivalent"]) == score["edits"] > 100
    assert all(survivor["proof"] for survivor in score["equivalent"])


def test_what_is_neither_noticed_nor_proven_is_missed_and_exit_code_1(tmp_path: Path) -> None:
    # What a back reference matches is no regular language, so nothing is proven about it.
    text = (FOLDER / "numbers.yaml").read_text("utf-8").replace("type: number", r"type: string, pattern: '^(a|b)\1$'", 1)
    (tmp_path / "back.yaml").write_text(text)
    result = payloads("back.yaml", "--coverage", cwd=tmp_path)
    assert result.returncode == 1
    assert "unproven" in result.stdout
    assert "100.0 %" not in result.stdout


# --- running -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_sandbox_answers_all_payloads_of_a_provider_as_labelled(server: Server, tmp_path: Path, name: str) -> None:
    reports = ("--report", "junit=r.xml", "--report", "json=r.json")
    result = payloads(name, "--kind", "business", "--run", "--url", server.url, *reports, cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout[-3000:]
    counts = json.loads((tmp_path / "r.json").read_text())["counts"]
    assert counts["total"] == counts["as_labelled"] > 10
    assert f"{counts['total']} of {counts['total']} payloads were answered as labelled" in result.stdout
    suites = ET.parse(tmp_path / "r.xml").getroot()
    assert (suites.get("tests"), suites.get("failures")) == (str(counts["total"]), "0")


def test_a_target_that_answers_otherwise_is_exit_code_1(server: Server, tmp_path: Path) -> None:
    elsewhere = ("--run", "--url", f"{server.url}/parcellab", "--report", "junit=r.xml")
    result = payloads("trackru", "createTracking", "--kind", "business", *elsewhere, cwd=tmp_path)
    assert result.returncode == 1
    assert "trackru.createTracking.twice" in result.stdout
    assert "its scene could not be set: createTracking was refused with 404" in result.stdout
    assert len(ET.parse(tmp_path / "r.xml").getroot().findall(".//failure")) == result.stdout.count("trackru.createTracking.")


def test_results_can_be_json_on_standard_output_and_tell_no_credential(server: Server) -> None:
    given = ("--run", "--json", "--url", f"{server.url}/trackru", "--credential", "sbx_very_secret")
    result = payloads("trackru", "createTracking", "--kind", "business", *given)
    told = json.loads(result.stdout)
    assert (told["document"], told["counts"]["otherwise"], told["results"][0]["verdict"]) == ("trackru", 0, "as labelled")
    assert "very_secret" not in result.stdout


def test_the_wheel_brings_the_schema_of_a_line() -> None:
    schema = json.loads((Path(command.__file__).parent / "payload.schema.json").read_text())
    assert schema["title"] == "A payload"


def test_a_process_that_lives_on_collects_its_garbage_as_before(tmp_path: Path) -> None:
    before = gc.get_threshold()
    result = CliRunner().invoke(command.payloads, ["trackru", "listCarriers", "--out", str(tmp_path / "some.jsonl")])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "some.jsonl").stat().st_size > 0
    assert gc.get_threshold() == before
