"""The language of a pattern is the one that its texts are found by, and an edit is told from it by a text or by proof."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.payloads import automaton, ecma, languages, patterns
from contracts.payloads.languages import both, non

PATTERNS = [
    "^[A-Za-z0-9_-]*$",
    "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
    r"\.(?:[Pp][Nn][Gg]|[Pp][Dd][Ff])$",
    "^(?:[A-Za-z]{2})?$",
    r"^-?[0-9]{0,8}(?:\.[0-9]{0,2})?$",
    "^(?!info)[^/.]+$",
    "^(?=.*[0-9])[a-z0-9]{2,4}$",
    "[0-9]",
    "^a|b$",
    "(?:^x|y)z",
    r"^\d+\w\s?$",
    "^[^a-c]{1,2}$",
    r"^\p{L}{2}$",
    r"^[^\p{Lu}\D]$",
    "^(?<year>[0-9]{4})$",
    "",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_texts_of_a_language_are_found_and_those_outside_are_not(pattern: str) -> None:
    term = patterns.language(pattern)
    for word in itertools.islice(automaton.machine(term).words(0, None), 60):
        assert ecma.compiled(pattern).search(word), word
    for word in itertools.islice(automaton.machine(non(term)).words(0, None), 60):
        assert not ecma.compiled(pattern).search(word), word


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_machine_accepts_what_the_pattern_finds(pattern: str) -> None:
    machine, search = automaton.machine(patterns.language(pattern)), ecma.compiled(pattern).search

    @given(st.text("abcxyz019-./=A_ \n", max_size=6))
    def agree(text: str) -> None:
        assert machine.accepts(text) is (search(text) is not None)

    agree()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_an_edit_is_told_apart_by_a_text_or_is_the_same_language(pattern: str) -> None:
    for edit in patterns.edits(pattern):
        one, other = patterns.language(pattern), patterns.language(edit.pattern)
        for yes, no in ((one, other), (other, one)):
            machine = automaton.machine(both((yes, non(no))))
            length = machine.length(0, None)
            if length is not None:
                word = machine.word(length)
                assert (re.search(ecma.compiled(pattern), word) is None) is not (re.search(ecma.compiled(edit.pattern), word) is None), (
                    edit,
                    word,
                )
                assert all(len(shorter) >= length for shorter in itertools.islice(machine.words(0, None), 3))


def test_inclusion_is_shown_both_ways() -> None:
    assert patterns.included("^[a-f]{2}$", "^[a-z]+$")
    assert not patterns.included("^[a-z]+$", "^[a-f]{2}$")
    assert patterns.included("^ab", "^a")


def test_a_text_of_fourteen_million_characters_takes_no_time() -> None:
    machine = automaton.machine(patterns.language("^(?:[a-z]{4})*$"))
    assert machine.length(13_981_017, None) == 13_981_020
    assert machine.length_down(0, 13_981_019) == 13_981_016
    assert machine.length(13_981_017, 13_981_019) is None
    assert len(machine.word(13_981_016)) == 13_981_016


@pytest.mark.parametrize("pattern", [r"(a)\1", r"\bword\b", "(?<=a)b", r"\p{Script=Latin}", "("])
def test_what_has_no_language_here_says_so(pattern: str) -> None:
    with pytest.raises(ecma.Unknown):
        patterns.language(pattern)


@pytest.mark.parametrize("pattern", [r"^(a|b)\1$", r"\bword\b", "(?<=a)b", "^.*(?<!x)$", "(?i:ab)c", r"x(?:\b|y)z?"])
def test_some_texts_of_a_lax_language_are_found_where_there_is_no_other(pattern: str) -> None:
    words = itertools.islice(automaton.machine(patterns.language(pattern, lax=True)).words(0, None), 400)
    assert any(ecma.compiled(pattern).search(word) for word in words)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_language_that_is_worked_out_is_not_lax(pattern: str) -> None:
    assert patterns.language(pattern, lax=True) is patterns.language(pattern)


def test_there_are_never_two_terms_of_one_language_that_was_made_in_the_same_way() -> None:
    one, other = (languages.chars(((0x61, high),)) for high in (0x61, 0x7A))
    assert languages.chars(((0x61, 0x61),)) is one
    assert languages.alt((languages.cat(one, other), one)) is languages.alt((one, languages.cat(one, other)))
    assert non(non(one)) is one
