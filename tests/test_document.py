"""A document is read so that everybody reads the same, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import document
from sandbox.errors import SpecError


def read(folder: Path, text: str | bytes, **options: Any) -> Any:
    path = folder / "doc.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return document.read(path, **options)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("2024-01-01", "2024-01-01"),
        ("12:30:00", "12:30:00"),
        ("1_000", "1_000"),
        ("0777", 777),
        ("0o17", 15),
        ("0x1F", 31),
        ("-12", -12),
        ("1.5e3", 1500.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("'true'", "true"),
        ('"12"', "12"),
        ("1.2.3", "1.2.3"),
        ("-", None),
        (".nan", ".nan"),
    ],
)
def test_a_plain_scalar_means_what_yaml_1_2_says(tmp_path: Path, text: str, value: object) -> None:
    found = read(tmp_path, f"a: [{text}]" if text not in ("", "-") else f"a: [ {'null' if text == '-' else '~'} ]")["a"][0]
    assert found == value
    assert type(found) is type(value)


def test_every_key_is_a_string(tmp_path: Path) -> None:
    assert read(tmp_path, "200: a\ntrue: b\n1.0: c\n~: d\n'x': e") == {"200": "a", "true": "b", "1.0": "c", "~": "d", "x": "e"}


@pytest.mark.parametrize(
    ("text", "pointer", "reason"),
    [
        ("a: 1\na: 2", "", "key 'a' twice"),
        ("a:\n  b: {c: 1, c: 2}", "/a/b", "key 'c' twice"),
        ("a: [1, {b: 1, b: 2}]", "/a/1", "key 'b' twice"),
        ("a: &x 1\nb: *x", "/b", "alias *x"),
        ("a: {<<: {b: 1}}", "/a", "merge key"),
        ("a: !!python/object/apply:os.system [ls]", "/a", "tag"),
        ("a: !mine b", "/a", "tag"),
        ("a: !!int '1'", "/a", "tag"),
        ("? [a]\n: 1", "", "collection as a key"),
        ("a: 1\n---\nb: 2", "", "more than one document"),
        ("[1, 2]", "", "is not a mapping"),
        ("", "", "is not a mapping"),
        ("a: [", "/a/0", "is not YAML"),
        ("a: \x01", "", "is not YAML"),
        ("a: " + "[" * 300 + "]" * 300, "/a" + "/0" * 199, "deeper than 200"),
        (b"a: \xff", "", "is not UTF-8 (byte 3)"),
    ],
)
def test_what_two_readers_would_read_differently_is_refused_with_its_place(
    tmp_path: Path, text: str | bytes, pointer: str, reason: str
) -> None:
    with pytest.raises(SpecError) as caught:
        read(tmp_path, text)
    assert (caught.value.file, caught.value.pointer) == ("doc.yaml", pointer)
    assert reason in str(caught.value)


def test_brackets_without_end_are_refused_by_us_or_by_the_parser(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="nest") as caught:  # libyaml has a limit of its own since PyYAML 6.0.4
        read(tmp_path, "a: " + "[" * 100_000)
    assert caught.value.pointer.startswith("/a/0")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"nothing\.yaml#: cannot be read: No such file"):
        document.read(tmp_path / "nothing.yaml")


def test_the_line_of_a_fault_is_told(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"\(line 3\)"):
        read(tmp_path, "a: 1\nb: 2\na: 3")


def test_a_user_may_use_aliases_up_to_a_million_characters(tmp_path: Path) -> None:
    assert read(tmp_path, "a: &x {b: [1, 2]}\nc: *x\nd: [*x, *x]", aliases=True)["d"][1] == {"b": [1, 2]}
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))
    with pytest.raises(SpecError, match="grows by more than 1000000 characters"):
        read(tmp_path, bomb, aliases=True)
    with pytest.raises(SpecError, match="inside its own anchor"):
        read(tmp_path, "a: &x [*x]", aliases=True)


def test_json_is_read_with_the_same_strictness(tmp_path: Path) -> None:
    path = tmp_path / "doc.json"
    path.write_text('{"a": {"b": 1, "b": 2}}')
    with pytest.raises(SpecError, match="Detected duplicate key"):
        document.read(path)
    path.write_text('{"200": [1, 2.5, "on"]}')
    assert document.read(path) == {"200": [1, 2.5, "on"]}


@given(st.lists(st.text()))
def test_a_pointer_leads_back_to_its_steps(steps: list[str]) -> None:
    assert document.steps_of(document.pointer(*steps)) == steps


def walk(node: object, where: str = "") -> Iterator[tuple[str, object]]:
    yield where, node
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, value in items:
        yield from walk(value, where + document.pointer(step))


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_every_value_is_found_by_its_pointer(tree: object) -> None:
    found = list(walk(tree))
    assert found[0] == ("", tree)
    for where, value in found:
        assert document.at(tree, where) is value


def test_a_pointer_to_nothing_is_a_key_error() -> None:
    for where in ("/b", "/a/5", "/a/x", "/a/0/z"):
        with pytest.raises(KeyError):
            document.at({"a": [1]}, where)
