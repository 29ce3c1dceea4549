"""The table of causes: the first row that fits decides."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.causes import find, read_causes
from sandbox.errors import SpecError
from sandbox.exchange import Problem

ROW = {"status": 400, "example": "x", "severity": "hard", "x-source": "a page"}


def table(**rows: dict[str, Any]) -> Any:
    return read_causes("t.yaml", {name: ROW | row for name, row in rows.items()}, "/x-causes")


CAUSES = table(
    nameless={"when": {"problem": "invalid", "keyword": ["required"], "place": "/name"}},
    weight={"when": {"problem": "invalid", "place": ["/packages/*/weight", "query:weight"]}},
    missing={"when": {"problem": "invalid", "keyword": ["required", "dependentRequired"]}},
    invalid={"when": {"problem": ["invalid", "malformed"]}},
    revoked={"when": {"problem": "unauthenticated", "reason": ["revoked"]}},
    expired={"when": {"problem": "unauthenticated", "reason": ["expired", "absent"]}},
    stranger={"when": {"problem": "unauthenticated"}},
    too_many={"when": {"problem": "rate-limited"}, "severity": "transient"},
    by_name={},
)


@pytest.mark.parametrize(
    ("kind", "reason", "problems", "name"),
    [
        ("invalid", None, [Problem("/name", "required")], "nameless"),
        ("invalid", None, [Problem("/price", "type"), Problem("/name", "required")], "nameless"),
        ("invalid", None, [Problem("/name", "type")], "invalid"),
        ("invalid", None, [Problem("/names", "required")], "missing"),
        ("invalid", None, [Problem("/packages/0/weight", "type")], "weight"),
        ("invalid", None, [Problem("/packages/17/weight", "type")], "weight"),
        ("invalid", None, [Problem("/packages/0/x/weight", "type")], "invalid"),
        ("invalid", None, [Problem("/packages/0/weight/unit", "type")], "invalid"),
        ("invalid", None, [Problem("query:weight", "type")], "weight"),
        ("invalid", None, [Problem("/a", "dependentRequired")], "missing"),
        ("malformed", None, [], "invalid"),
        ("unauthenticated", "revoked", [], "revoked"),
        ("unauthenticated", "expired", [], "expired"),
        ("unauthenticated", "absent", [], "expired"),
        ("unauthenticated", "unknown", [], "stranger"),
        ("rate-limited", None, [], "too_many"),
        ("forbidden", None, [], None),
    ],
)
def test_the_first_row_that_fits_decides(kind: str, reason: str | None, problems: list[Problem], name: str | None) -> None:
    cause = find((CAUSES,), kind, reason, tuple(problems))
    assert (cause and cause.name) == name


def test_the_operations_own_table_comes_first() -> None:
    own = table(mine={"when": {"problem": "malformed"}, "status": 418})
    cause = find((own, CAUSES), "malformed", None, ())
    assert cause is not None
    assert (cause.name, cause.status, cause.means, cause.where) == ("mine", 418, 418, "/x-causes/mine")


@pytest.mark.parametrize(
    ("row", "where", "reason"),
    [
        ({"when": {"problem": "unlucky"}}, "/x-causes/a/when/problem", "is not one of"),
        ({"when": {}}, "/x-causes/a/when/problem", "is not one of"),
        ({"when": {"problem": "invalid", "code": 1}}, "/x-causes/a/when", "'code'"),
        ({"when": {"problem": "forbidden", "reason": "sulking"}}, "/x-causes/a/when/reason", "is not one of"),
        ({"severity": "mild"}, "/x-causes/a/severity", "neither hard nor transient"),
        ({"x-source": None}, "/x-causes/a", "x-source"),
        ({"status": None}, "/x-causes/a", "without status"),
        ({"example": None}, "/x-causes/a", "without example"),
    ],
)
def test_a_row_that_could_never_serve_is_refused(row: dict[str, Any], where: str, reason: str) -> None:
    merged = {key: value for key, value in (ROW | row).items() if value is not None}
    with pytest.raises(SpecError) as caught:
        read_causes("t.yaml", {"a": merged}, "/x-causes")
    assert caught.value.pointer == where
    assert reason in caught.value.reason


def test_a_row_says_how_valid_data_keeps_clear_of_it() -> None:
    row = table(taken={"unique": "/number", "avoid": ["/a", "/b"]})["taken"]
    assert (row.unique, row.avoid) == (("/number",), ("/a", "/b"))
    assert (CAUSES["by_name"].unique, CAUSES["by_name"].avoid) == ((), ())
