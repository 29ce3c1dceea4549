"""A team's own suite checks its implementation, one test item for each promise, with nothing but a fixture and a mark."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiny

from contracts import contract

TESTS = Path(__file__).parents[1]
SUITE = """
import sys
import pytest

sys.path.insert(0, {tests!r})
import tiny

@pytest.fixture(scope="session")
def contract_target():
    return {target}

@pytest.mark.contract("notes.json", profile="quick"{options})
def test_contract(contract):
    contract.check()
"""


def suite(folder: Path, target: str, *arguments: str, options: str = "", text: str = SUITE) -> tuple[int, str]:
    """Run a suite of its own in a folder; gives its exit code and what it printed."""
    tiny.document(folder)
    (folder / "test_ours.py").write_text(text.format(tests=str(TESTS), target=target, options=options))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rsf", *arguments]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "TRACKBED"))}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300, env=environment)
    return done.returncode, done.stdout + done.stderr


def test_there_is_one_item_for_each_operation_and_promise(tmp_path: Path) -> None:
    code, told = suite(tmp_path, "tiny.notes()", "--collect-only", "-q")
    assert code == 0
    for item in (
        "conformance-createNote",
        "conformance-deleteNote",
        "law-what-is-created-can-be-read-createNote",
        "law-what-is-deleted-is-read-no-longer-createNote",
    ):
        assert f"test_ours.py::test_contract[{item}]" in told


def test_a_right_application_passes_in_this_process_under_xdist(tmp_path: Path) -> None:
    code, told = suite(tmp_path, "tiny.notes()", "-n", "2", "-k", "readNote or law")
    assert code == 0, told
    assert "5 passed" in told


def test_a_wrong_server_fails_the_item_of_its_promise_with_the_story(tmp_path: Path) -> None:
    with tiny.served(tiny.notes("forgets")) as url:
        code, told = suite(tmp_path, repr(url), "-k", "law-what-is-created")
    assert code == 1
    assert "FAILED test_ours.py::test_contract[law-what-is-created-can-be-read-createNote]" in told
    assert "notes.json#" in told
    assert f"curl -s -X POST {url}/notes" in told
    assert "made1=$(" in told
    assert "Traceback" not in told


def test_a_mistake_says_what_to_write(tmp_path: Path) -> None:
    document = str(tiny.document(tmp_path))
    for options, said in (
        ({"only": ["readNotes"]}, "did you mean 'readNote'"),
        ({"profil": "quick"}, "the mark `contract` knows no 'profil'"),
    ):
        with pytest.raises(contract.BadContract, match=said):
            contract.tasks(tmp_path, document, options)
    with pytest.raises(contract.BadContract, match="cannot be read"):
        contract.tasks(tmp_path, "nothing.yaml", {})


OVERHEARD = """
import itertools
import sys
import pytest
from contracts.target import WsgiTarget

sys.path.insert(0, {tests!r})
import tiny

class Listening(WsgiTarget):
    def send(self, request):
        HEARD[-1].update(value for name, value in request.headers.items() if value.startswith("sbx_"))
        return super().send(request)

HEARD = [set()]

@pytest.fixture
def contract_target():
    HEARD.append(set())
    return Listening(tiny.notes())

@pytest.mark.contract("notes.json", profile="quick")
def test_contract(contract):
    contract.check()

def test_accounts():
    for one, other in itertools.combinations(HEARD, 2):
        assert not one & other
    assert sum(map(len, HEARD)) > 5
"""


def test_no_two_items_share_an_account_since_workers_of_xdist_make_them_fresh_at_the_same_time(tmp_path: Path) -> None:
    code, told = suite(tmp_path, "", text=OVERHEARD)
    assert code == 0, told


LACKING = """
import pytest

def test_without_a_mark(contract):
    pass

@pytest.mark.contract("notes.json")
def test_without_a_target(contract):
    pass
"""
ANOTHERS = """
import pytest

@pytest.fixture
def contract():
    return 7

def test_ours(contract):
    assert contract == 7
"""


def test_a_suite_without_a_mark_or_a_target_is_told_what_it_lacks(tmp_path: Path) -> None:
    told = suite(tmp_path, "", "-k", "without_a_mark or conformance-readNote", text=LACKING)[1]
    assert "is marked with its document" in told
    assert "write a fixture `contract_target`" in told


def test_a_fixture_of_that_name_may_be_anybodys(tmp_path: Path) -> None:
    assert suite(tmp_path, "", text=ANOTHERS)[0] == 0
