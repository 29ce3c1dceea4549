"""Workspaces end: what nobody used for a time, and what is unused longest when there are too many."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from databases import empty_postgres
from flask import Flask
from moments import NOW

from sandbox.timeline import Clock

from callers import Caller, sandbox_app

Make = Callable[..., Flask]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def make(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Make]:
    """Build an application on one store; another call builds one more on the same store, as another worker does."""
    urls = {"memory": lambda: None, "sqlite": lambda: f"sqlite:///{tmp_path}/store.db", "postgres": empty_postgres}
    url = urls[request.param]()
    with contextlib.ExitStack() as stack:

        def build(**settings: Any) -> Flask:
            app = sandbox_app("trackru", "delivery_solutions", clock=clock, store=url, **settings)
            if url is not None:
                stack.callback(app.extensions["sandbox"].shared.store.close)
            return app

        build.shares = url is not None  # type: ignore[attr-defined]
        yield build


def use(app: Flask, name: str, number: str = "A1-000") -> int:
    body = {"tracking_number": number, "carrier_code": "sto"}
    return int(Caller(app, "trackru", {"Api-Key": name}).post("/v1/trackings/post", body).body["meta"]["code"])


def look(app: Flask, name: str) -> int:
    return int(Caller(app, "trackru", {"Api-Key": name}).get("/v1/trackings/sto/A1-000").body["meta"]["code"])


def there(app: Flask) -> list[str]:
    return [one["name"] for one in app.test_client().get("/_sandbox/workspaces").get_json()["workspaces"]]


def passes(clock: Clock, by: timedelta) -> None:
    assert clock.fixed is not None
    clock.fixed += by


def test_beyond_the_limit_the_one_that_is_unused_longest_ends(make: Make, clock: Clock) -> None:
    app = make(max_workspaces=3)
    for name in ("sbx_a", "sbx_b", "sbx_c"):
        assert use(app, name) == 200
        passes(clock, timedelta(seconds=2))
    assert look(app, "sbx_a") == 200  # to read is to use
    passes(clock, timedelta(seconds=2))
    assert use(app, "sbx_d") == 200
    assert sorted(there(app)) == ["sbx_a", "sbx_c", "sbx_d"]
    assert use(app, "sbx_b") == 200  # fresh again
    assert sorted(there(app)) == ["sbx_a", "sbx_b", "sbx_d"]


def test_who_only_reads_a_fresh_world_ends_nobody(make: Make, clock: Clock) -> None:
    app = make(max_workspaces=1)
    assert use(app, "sbx_a") == 200
    for number in range(5):
        passes(clock, timedelta(seconds=2))
        assert look(app, f"sbx_reader_{number}") == 4017
    assert there(app) == ["sbx_a"]


def test_what_nobody_used_for_the_time_ends_and_what_somebody_used_does_not(make: Make, clock: Clock) -> None:
    app = make(workspace_ttl=timedelta(hours=1))
    assert use(app, "sbx_a") == use(app, "sbx_b") == 200
    passes(clock, timedelta(minutes=40))
    assert look(app, "sbx_b") == 200
    passes(clock, timedelta(minutes=40))
    assert there(app) == ["sbx_b"]
    assert (look(app, "sbx_a"), look(app, "sbx_b")) == (4017, 200)
    passes(clock, timedelta(hours=1))
    assert look(app, "sbx_b") == 4017  # the call that comes too late finds it fresh
    assert there(app) == []


def test_the_clock_of_a_workspace_does_not_end_it(make: Make, clock: Clock) -> None:
    app = make(workspace_ttl=timedelta(hours=1))
    assert use(app, "sbx_a") == 200
    app.test_client().post("/_sandbox/workspaces/sbx_a/clock/advance", json={"by": "30d"})
    passes(clock, timedelta(seconds=2))
    assert look(app, "sbx_a") == 200


def test_pages_and_journal_of_a_workspace_end_with_it(make: Make, clock: Clock) -> None:
    app = make(max_workspaces=1)
    tracker = {
        "trackerExternalId": "42-demo",
        "pickUpLocation": "Self Delivery Store",
        "deliveryProvider": "Self Delivery",
    }
    taken = app.test_client().get("/_sandbox/workspaces/sbx_a/snapshot").get_json()
    published = {"code": {"provider": "delivery_solutions", "kind": "tracker", **tracker}}
    app.test_client().put("/_sandbox/workspaces/sbx_a/snapshot", json=taken | {"published": published})
    assert use(app, "sbx_a") == 200
    assert "code" in app.test_client().get("/_sandbox/workspaces/sbx_a/snapshot").get_json()["published"]
    passes(clock, timedelta(seconds=2))
    assert use(app, "sbx_b") == 200
    assert there(app) == ["sbx_b"]
    assert app.test_client().get("/_sandbox/workspaces/sbx_a/snapshot").get_json()["published"] == {}
    found = app.test_client().get("/_sandbox/journal").get_json()["entries"]
    assert [entry["workspace"] for entry in found] == ["sbx_b"]


def test_workers_count_together(make: Make, clock: Clock) -> None:
    if not make.shares:  # type: ignore[attr-defined]
        return
    one, two = make(max_workspaces=3, workspace_ttl=timedelta(hours=1)), make(max_workspaces=3, workspace_ttl=timedelta(hours=1))
    for number in range(6):
        assert use((one, two)[number % 2], f"sbx_{number}") == 200
        passes(clock, timedelta(seconds=2))
    assert there(one) == there(two) == ["sbx_3", "sbx_4", "sbx_5"]
    passes(clock, timedelta(minutes=59))
    assert look(two, "sbx_4") == 200
    passes(clock, timedelta(minutes=2))
    assert there(one) == there(two) == ["sbx_4"]


def test_who_lists_workspaces_makes_none_last_longer(make: Make, clock: Clock) -> None:
    app = make(workspace_ttl=timedelta(hours=1))
    assert use(app, "sbx_a") == 200
    for _ in range(5):
        passes(clock, timedelta(minutes=11))
        assert there(app) == ["sbx_a"]
    passes(clock, timedelta(minutes=11))
    assert there(app) == []


def test_without_a_limit_nothing_ends(make: Make, clock: Clock) -> None:
    app = make()
    names = [f"sbx_{number}" for number in range(20)]
    for name in names:
        use(app, name)
    passes(clock, timedelta(days=1000))
    assert there(app) == names


def test_a_clock_that_goes_back_ends_nothing_and_breaks_nothing(make: Make, clock: Clock) -> None:
    app = make(workspace_ttl=timedelta(hours=1), max_workspaces=2)
    assert use(app, "sbx_a") == 200
    clock.fixed = NOW - timedelta(days=1)
    assert look(app, "sbx_a") == 200
    assert use(app, "sbx_b") == use(app, "sbx_c") == 200
    assert len(there(app)) == 2
