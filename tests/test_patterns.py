"""No pattern of a document can make any engine run away."""

from __future__ import annotations

import re

import pytest

from sandbox.patterns import fault, looks_around


@pytest.mark.parametrize(
    "pattern",
    [
        "^(a+)+$",
        "^(a*)*$",
        "(x+x+)+y",
        "(a|a)*",
        "(?:a|b|ab)*",
        "([a-z]+)*",
        "(a+){2}",
        "[0-9]*[0-9]*",
        "a*b*a*",
        "(.*)=(.*)",
        r"[+-]?0*\d*\.?\d*",
        r"\w+\d+",
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        "^(a{1,5000})+$",
        "(?:(?:a?)+)+",
        "(?=(a+)+$)b",
    ],
)
def test_overlapping_repeats_are_refused(pattern: str) -> None:
    assert fault(pattern) is not None


@pytest.mark.parametrize(
    "pattern",
    [
        "^[0-9A-Za-z_-]{5,}$",
        "^-?[0-9]{0,8}(?:\\.[0-9]{0,2})?$",
        "^[+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)$",
        "^(?!info)[^/.]+$",
        "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
        "^(?:[^,]+(?:,[^,]+){0,39})?$",
        "^(?:(?:a+)b)+$",
        "([a-z]+,)*",
        "^[^@]+@[^@]+$",
        "^(?:foo|bar)*$",
        "a*ba*",
        "",
    ],
)
def test_patterns_without_overlap_pass_and_a_backtracking_engine_gets_to_their_end(pattern: str) -> None:
    assert fault(pattern) is None
    for text in ("a" * 5000 + "!", "0" * 5000 + "x", "," * 5000, "ab" * 2500 + "\n"):
        re.search(pattern, text)


def test_what_is_no_pattern_is_refused() -> None:
    assert "not a regular expression" in str(fault("(a"))
    assert "not a regular expression" in str(fault(r"\p{L}"))


@pytest.mark.parametrize(("pattern", "expected"), [("(?!a)b", True), ("(?<=a)b", True), ("(?:a)b", False), ("a?!", False)])
def test_looking_around_is_noticed(pattern: str, expected: bool) -> None:
    assert looks_around(pattern) is expected
