"""The stock tools agree: what reads our documents elsewhere reads them well, and finds the sandbox keeping them."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import validate
from servers import Server, free_port, serving

from sandbox import codec, document
from sandbox.providers import PROVIDERS
from sandbox.resources import SPECS
from sandbox.spec import Operation, Spec

ROOT = Path(__file__).resolve().parents[1]
NODE = ROOT / ".ci" / "node_modules" / ".bin"
DOCUMENTS = (*PROVIDERS, "control")
SPEC = {name: Spec.load(SPECS / f"{name}.yaml") for name in DOCUMENTS}
TOKEN = "sbx_contract"  # of the control plane, as specs/schemathesis.toml has it

needs_node = pytest.mark.skipif(not (NODE / "prism").exists(), reason="not run: needs Prism and Redocly, which .ci/run installs with npm")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("tools")) as running:
        yield running
        assert "Traceback" not in running.log, running.log


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose control plane asks for its token and whose journal has an exchange."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRACKBED_TOKEN", TOKEN)
        with serving(tmp_path_factory.mktemp("guarded"), "--host", "0.0.0.0") as running:
            request = urllib.request.Request(f"{running.url}/trackru/v1/carriers", headers={"Api-Key": "sbx_tools"})
            urllib.request.urlopen(request).close()
            yield running
            assert "Traceback" not in running.log, running.log


def base_of(request: pytest.FixtureRequest, name: str) -> str:
    """Say where a document is served: a provider under its name, the control plane at the host itself."""
    if name == "control":
        return str(request.getfixturevalue("guarded").url)
    return f"{request.getfixturevalue('server').url}/{name}"


# --- readers -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DOCUMENTS)
def test_openapi_spec_validator_accepts_the_document(name: str) -> None:
    validate(document.read(SPECS / f"{name}.yaml"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_ordinary_yaml_loader_reads_the_same_document(name: str) -> None:
    text = (SPECS / f"{name}.yaml").read_text()
    assert yaml.safe_load(text) == document.read(SPECS / f"{name}.yaml")


@pytest.mark.node
@needs_node
@pytest.mark.parametrize("name", DOCUMENTS)
def test_redocly_finds_nothing_with_its_recommended_rules(name: str) -> None:
    command = [str(NODE / "redocly"), "lint", "--config", "redocly.yaml", name]
    result = subprocess.run(command, cwd=SPECS, capture_output=True, text=True, check=False, env=os.environ | {"REDOCLY_TELEMETRY": "off"})
    assert result.returncode == 0, result.stdout + result.stderr
    assert "warning" not in re.sub(r"Deprecation warning", "", result.stderr), result.stderr


# --- Prism -------------------------------------------------------------------------------------------------------------------


@contextmanager
def prism(name: str) -> Iterator[str]:
    port = free_port()
    command = [str(NODE / "prism"), "mock", "--port", str(port), str(SPECS / f"{name}.yaml")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            assert any("listening" in line for line in process.stdout)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.mark.node
@needs_node
@pytest.mark.parametrize("name", DOCUMENTS)
def test_prism_answers_every_named_example(name: str) -> None:
    with prism(name) as url:
        for operation in SPEC[name].operations.values():
            bodies = operation.body.examples.values() if operation.body else [None]
            success = min(operation.responses)
            for body in bodies:
                assert call(url, operation, body)[0] == success, f"{operation.id} with {body}"
            for response in operation.responses.values():
                for example, value in response.examples.items():
                    status, answer = call(url, operation, next(iter(bodies)), prefer=f"code={response.status}, example={example}")
                    assert status == response.status, f"{operation.id}, {example}: {answer!r}"
                    assert json.loads(answer) == value


VALUES = {"workspace": "sbx_tools", "fault": "f1", "id": "last"}  # for parameters that take no such id


def call(url: str, operation: Operation, body: Any, *, prefer: str = "") -> tuple[int, bytes]:
    """Call an operation with values that any document takes."""
    path = re.sub(r"\{([^{}]+)\}", lambda name: VALUES.get(name[1], "62a051c1729b5dfcdeae1870"), operation.path)
    name = url_provider(operation)
    credential = f"Authorization: Bearer {TOKEN}" if name == "control" else PROVIDERS[name].credential_header
    header, _, value = credential.partition(": ")
    headers = {header: value} if header else {}
    if any(need.scheme.kind == "basic" for need in operation.needs):
        headers = {"Authorization": "Basic c2J4X2RlbW86c2VjcmV0"}
    if prefer:
        headers["Prefer"] = prefer
    data = None
    if body is not None and operation.body:
        media_type = next(iter(operation.body.media))
        headers["Content-Type"] = media_type
        form = media_type == "application/x-www-form-urlencoded"
        data = "&".join(f"{k}={v}" for k, v in body.items()).encode() if form else codec.dump(body)
    query = "?order_number=ABC-0990&account=12345" if path.endswith("/info/") else ""
    request = urllib.request.Request(url + path + query, data, headers, method=operation.method)
    try:
        with urllib.request.urlopen(request) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def url_provider(operation: Operation) -> str:
    return next(name for name, spec in SPEC.items() if spec.operations.get(operation.id) is operation)


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_sandbox_answers_every_named_example_as_prism_does(server: Server, name: str) -> None:
    for operation in SPEC[name].operations.values():
        body = next(iter(operation.body.examples.values())) if operation.body else None
        for response in operation.responses.values():
            for example, value in response.examples.items():
                status, answer = call(f"{server.url}/{name}", operation, body, prefer=f"code={response.status}, example={example}")
                assert (status, json.loads(answer)) == (response.status, value), f"{operation.id}, {example}"


# --- Schemathesis ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DOCUMENTS)
def test_schemathesis_finds_nothing_and_every_operation_succeeds(request: pytest.FixtureRequest, tmp_path: Path, name: str) -> None:
    har, url = tmp_path / "run.har", base_of(request, name)
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(SPECS / "schemathesis.toml"), "run", str(SPECS / f"{name}.yaml")),
        *("--url", url, "--max-examples", "25", "--report", "har", "--report-har-path", str(har)),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert result.returncode == 0, result.stdout[-5000:]
    assert succeeded(name, har, url) == set(SPEC[name].operations), "an operation never succeeded"


def succeeded(name: str, har: Path, url: str) -> set[str]:
    """Name the operations that a run saw succeed."""
    spec, found = SPEC[name], set()
    for entry in json.loads(har.read_text())["log"]["entries"]:
        path = urllib.request.url2pathname(entry["request"]["url"].removeprefix(url).partition("?")[0])
        route = spec.router.find(path)
        operation = route[0].get(entry["request"]["method"]) if route else None
        if operation and entry["response"]["status"] < 300 and accepted(spec, entry["response"]["content"].get("text", "")):
            found.add(operation.id)
    return found


def accepted(spec: Spec, text: str) -> bool:
    return spec.accepted is None or document.at(json.loads(text), spec.accepted["pointer"]) in spec.accepted["in"]


# --- generated clients -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Clients generated from the documents, importable by their provider's name."""
    folder = tmp_path_factory.mktemp("clients")
    generator = shutil.which("openapi-python-client", path=str(Path(sys.executable).parent))
    assert generator is not None
    config = folder / "config.yaml"
    config.write_text("post_hooks: []\n")
    for name in PROVIDERS:
        command = [
            generator,
            "generate",
            "--meta",
            "none",
            "--path",
            str(SPECS / f"{name}.yaml"),
            "--output-path",
            str(folder / f"{name}_client"),
            "--config",
            str(config),
        ]
        result = subprocess.run(command, capture_output=True, text=True, check=True)
        assert "WARNING" not in result.stdout, result.stdout
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


def client(name: str, server: Server, **options: Any) -> Any:
    return importlib.import_module(f"{name}_client").Client(base_url=f"{server.url}/{name}", **options)


def operation(name: str, tag: str, function: str) -> Any:
    return importlib.import_module(f"{name}_client.api.{tag}.{function}").sync_detailed


def model(name: str, kind: str) -> Any:
    return getattr(importlib.import_module(f"{name}_client.models"), kind)


def test_a_generated_client_of_trackru_creates_reads_updates_and_deletes(server: Server, clients: Path) -> None:
    new = model("trackru", "NewTracking").from_dict({"tracking_number": "7712345678", "carrier_code": "sto", "title": "Käse ☕"})
    change = model("trackru", "TrackingChange").from_dict({"title": "new", "status": 7})
    with client("trackru", server, headers={"Api-Key": "sbx_empty_generated"}) as here:
        created = operation("trackru", "trackings", "create_tracking")(client=here, body=new).parsed
        assert (created.meta.code, created.data.title, created.data.tracking_number) == (200, "Käse ☕", "7712345678")
        updated = operation("trackru", "trackings", "update_tracking")("sto", "7712345678", client=here, body=change).parsed
        assert (updated.data.title, updated.data.status.value) == ("new", "7")
        read = operation("trackru", "trackings", "get_tracking")("sto", "7712345678", client=here).parsed
        assert (read.data[0].id, read.data[0].title, read.data[0].status.value) == (created.data.id, "new", "exception")
        listed = operation("trackru", "trackings", "list_trackings")(client=here, limit=5).parsed
        assert [item.id for item in listed.data.items] == [created.data.id]
        assert operation("trackru", "trackings", "delete_tracking")("sto", "7712345678", client=here).parsed.data == []
        assert operation("trackru", "trackings", "get_tracking")("sto", "7712345678", client=here).parsed.meta.code == 4017


def test_a_generated_client_of_delivery_solutions_creates_updates_and_lists(server: Server, clients: Path) -> None:
    module = importlib.import_module("delivery_solutions_client")
    sent = next(iter(SPEC["delivery_solutions"].operations["createTracker"].body.examples.values())) | {"trackerExternalId": "generated-1"}  # type: ignore[union-attr]
    with module.AuthenticatedClient(base_url=f"{server.url}/delivery_solutions", token="sbx_empty_generated") as here:
        body = model("delivery_solutions", "NewTracker").from_dict(sent)
        created = operation("delivery_solutions", "trackers", "create_tracker")(client=here, body=body).parsed
        assert (created.tracker_external_id, created.status.value) == ("generated-1", "ORDER_DISPATCHED")
        change = model("delivery_solutions", "TrackerChange").from_dict({"groupId": "Gruppe ☕"})
        updated = operation("delivery_solutions", "trackers", "update_tracker")(created.id, client=here, body=change).parsed
        assert (updated.id, updated.group_id) == (created.id, "Gruppe ☕")
        wanted = model("delivery_solutions", "TrackerFilters").from_dict({"orderExternalIds": ["generated-1"]})
        listed = operation("delivery_solutions", "trackers", "list_trackers")(client=here, body=wanted).parsed
        assert [(tracker.id, tracker.group_id) for tracker in listed.data] == [(created.id, "Gruppe ☕")]


def test_a_generated_client_of_parcellab_creates_reads_updates_and_lists(server: Server, clients: Path) -> None:
    module = importlib.import_module("parcellab_client")
    sent = {
        "account": 12345,
        "order_number": "generated-1",
        "destination_country_iso3": "DEU",
        "recipient_email": "a@example.com",
        "recipient_name": "Käthe",
    }
    with module.AuthenticatedClient(base_url=f"{server.url}/parcellab", token="sbx_empty_generated") as here:
        body = model("parcellab", "OrderChange").from_dict(sent)
        created = operation("parcellab", "orders", "put_order")(client=here, body=body)
        assert (int(created.status_code), created.parsed.recipient_name) == (201, "Käthe")
        again = model("parcellab", "OrderChange").from_dict(sent | {"recipient_name": "Ada", "order_total_amount": "89.9"})
        updated = operation("parcellab", "orders", "put_order")(client=here, body=again)
        assert (int(updated.status_code), updated.parsed.recipient_name) == (200, "Ada")
        read = operation("parcellab", "orders", "get_order")(str(created.parsed.external_id), client=here).parsed
        assert (read.order_number, read.recipient_name, read.order_total_amount) == ("generated-1", "Ada", "89.90")
        listed = operation("parcellab", "orders", "list_orders")(client=here).parsed
        assert [order.order_number for order in listed.results] == ["generated-1"]


def test_a_generated_client_of_billink_creates(server: Server, clients: Path) -> None:
    sent = next(iter(SPEC["billink"].operations["createTracker"].body.examples.values()))  # type: ignore[union-attr]
    with client("billink", server) as here:
        body = model("billink", "NewTracker").from_dict(sent)
        created = operation("billink", "trackers", "create_tracker")(client=here, body=body).parsed
    assert (created.invoice_number, created.tracking_code) == (sent["invoiceNumber"], sent["trackAndTrace"])
