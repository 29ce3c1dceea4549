"""The pytest plugin: a team's own suite asks whether its implementation keeps the promises, one test item for each promise.

A test that takes `contract` becomes as many items as there is to check. What it is checked on is the fixture `contract_target`, which the
suite has: an address of a running server, or a WSGI application, which is then called in this process.

    import pytest

    @pytest.fixture(scope="session")
    def contract_target():
        return "http://127.0.0.1:8080/trackru"        # or: return create_app()

    @pytest.mark.contract("trackru", credential="sbx_ours", profile="quick")
    def test_contract(contract):
        contract.check()

    pytest -k "createTracking"       pytest -n 4       pytest -k "promise and duplicate"

The mark names a provider or the path of an OpenAPI document (relative to the suite's root), and may say: `credential` (a lone `sbx_…` gives
each item an account of its own), `profile` (quick, ci, deep), `seed`, `scene` (a mapping), `only` and `skip` (names, as `trackbed verify`
has them), `strict` (fail for what is only inferred too), `prefix` (the path below which a WSGI application stands for the provider's host).
An item whose promise cannot be tried on this target is skipped with the reason. Items share nothing, so they run under xdist in any order;
promises that spoil an account get one of their own there. What the suite proved as a whole only `trackbed verify` can say.

Every project that has Trackbed installed loads this, so nothing is imported here before it is used.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from contracts.contract import Contract


_MARKED = 'a test that takes `contract` is marked with its document: @pytest.mark.contract("trackru")'


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark."""
    config.addinivalue_line(
        "markers", "contract(document, **options): which document the fixture `contract` checks; see contracts.pytest_plugin"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make an item of everything that there is to check."""
    mark = metafunc.definition.get_closest_marker("contract")
    if mark is None or "contract" not in metafunc.fixturenames:
        return  # a fixture of that name may be anybody's
    if len(mark.args) != 1:
        pytest.fail(_MARKED, pytrace=False)
    from contracts import contract  # noqa: PLC0415 - not before it is used

    try:
        tasks = contract.tasks(metafunc.config.rootpath, mark.args[0], mark.kwargs)
    except contract.BadContract as error:
        pytest.fail(str(error), pytrace=False)
    metafunc.parametrize("contract", tasks, ids=[task.id for task in tasks], indirect=True)


@pytest.fixture
def contract(request: pytest.FixtureRequest) -> Contract:
    """Give one thing to check, ready to be checked on the target."""
    if not hasattr(request, "param"):
        pytest.fail(_MARKED, pytrace=False)
    from contracts import contract as found  # noqa: PLC0415 - not before it is used

    try:
        target = request.getfixturevalue("contract_target")
    except pytest.FixtureLookupError:
        pytest.fail("write a fixture `contract_target` that gives an address or a WSGI application", pytrace=False)
    return found.Contract(request.param, target, os.environ.get("TRACKBED_TOKEN"))
