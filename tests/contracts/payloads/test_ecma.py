"""Patterns mean to Python what they mean to the validator, whatever words ECMA-262 has for it."""

from __future__ import annotations

import unicodedata

import jsonschema_rs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.payloads import ecma

PATTERNS = [
    r"^\p{L}+$", r"^\p{Lu}\p{Ll}*$", r"^[\p{L}\p{Nd} _-]*$", r"^\P{L}$", r"^[^\p{P}]$", r"^[\P{L}a]$", r"\p{Letter}",
    r"^\p{General_Category=Decimal_Number}$", r"^\p{gc=S}$", r"^\p{LC}$", r"\u{1F600}", r"^[\u{61}-\u{63}]+$", r"\cJ",
    r"^(?<year>\d+)-(?<day>\d+)$", r"^[^\D5]+$", r"^[\W]$", r"^\w\W$", r"^\d$", "^[[a]$", r"^[\[\]]$", r"^\/\$", r"\x41", "a$",
]  # fmt: skip
# What was assigned after Python's Unicode was made is a letter for one of the two only.
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cn")) | st.sampled_from("aZ5٣_-[]/\\ \n😀é"), max_size=3)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_finds_what_the_validator_finds(pattern: str) -> None:
    search = ecma.compiled(pattern).search  # reads all categories once, which takes longer than any text may
    is_valid = jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid

    @given(TEXTS)
    @example("\\")
    @example("[")
    @example("\n")
    def agree(text: str) -> None:
        assert (search(text) is not None) is is_valid(text)

    agree()


def test_the_code_points_of_a_category_are_all_of_them() -> None:
    for low, high in ecma.category("Nd"):
        assert all(unicodedata.category(chr(point)) == "Nd" for point in range(low, high + 1))
    assert sum(high - low + 1 for low, high in ecma.category("Letter")) == sum(
        unicodedata.category(chr(point)).startswith("L") for point in range(0x110000)
    )


@pytest.mark.parametrize("pattern", [r"^\p{Script=Latin}+$", r"^\p{Alphabetic}$"])
def test_what_python_cannot_compile_is_judged_by_the_validator(pattern: str) -> None:
    with pytest.raises(ecma.Unknown):
        ecma.compiled(pattern)
    found = ecma.finder(pattern)
    assert found("a")
    assert not found("1")


@pytest.mark.parametrize("pattern", ["(", "[a", r"\p{}", r"\p{Nothing}", "a**"])
def test_what_is_no_pattern_is_said_to_be_unknown(pattern: str) -> None:
    with pytest.raises(ecma.Unknown):
        ecma.compiled(pattern)
