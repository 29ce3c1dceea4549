"""A path means one operation, whatever is written in it."""

from __future__ import annotations

import pytest
from toy import toy_spec


@pytest.mark.parametrize(
    ("path", "methods", "variables"),
    [
        ("/toys", {"POST"}, {}),
        ("/toys/bear", {"GET"}, {"name": "bear"}),
        ("/toys/a b", {"GET"}, {"name": "a b"}),
        ("/toys/a\nb", {"GET"}, {"name": "a\nb"}),
        ("/toys/toys", {"GET"}, {"name": "toys"}),
        ("/old/toys", {"POST"}, {}),
        ("/old/toys/é", {"GET"}, {"name": "é"}),
    ],
)
def test_a_path_is_found_with_its_variables(path: str, methods: set[str], variables: dict[str, str]) -> None:
    found = toy_spec().router.find(path)
    assert found is not None
    assert (set(found[0]), dict(found[1])) == (methods, variables)


@pytest.mark.parametrize("path", ["/", "", "/toy", "/toys/", "/toys/a/b", "/toysx", "//toys", "/old", "/old/old/toys", "toys", "/TOYS"])
def test_any_other_path_is_not(path: str) -> None:
    assert toy_spec().router.find(path) is None


def test_a_fixed_path_wins_over_a_template() -> None:
    def change(tree: dict[str, dict[str, dict[str, dict[str, object]]]]) -> None:
        tree["paths"]["/toys/best"] = {"get": {**tree["paths"]["/toys/{name}"]["get"], "operationId": "getBest"}}

    found = toy_spec(change).router.find("/toys/best")
    assert found is not None
    assert found[0]["GET"].id == "getBest"
