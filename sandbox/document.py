"""Reads a YAML or JSON document strictly: the same bytes mean the same thing to everyone, or they are refused.

YAML is read as YAML 1.2 says (core schema): `no`, `on` and `2024-01-01` are strings, mapping keys are strings. Duplicate
keys, merge keys, foreign tags and (in documents of our own) aliases are refused, with file, pointer and line. What the
document *means* is not decided here; see `spec`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jiter
import yaml

from sandbox.errors import DataError, SpecError

MAX_DEPTH = 200
MAX_ALIASED = 1_000_000  # characters that aliases may add to a document

_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    word: value for text, value in (("true", True), ("false", False)) for word in (text, text.title(), text.upper())
}
_CORE_TAGS: dict[str, Callable[[str], Any]] = {"tag:yaml.org,2002:str": str}


def read(path: Path, *, aliases: bool = False) -> dict[str, Any]:
    """Read the document at `path` as a tree of dicts, lists and scalars.

    `aliases` admits YAML aliases, for documents of users; what they add is limited to a million characters.
    Raises SpecError for everything that is not exactly one well-formed mapping.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise SpecError(path.name, "", f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SpecError(path.name, "", f"is not UTF-8 (byte {error.start})") from None
    tree = _read_json(path.name, text) if path.suffix == ".json" else _Builder(path.name, aliases=aliases).build(text)
    if not isinstance(tree, dict):
        raise SpecError(path.name, "", "is not a mapping; a document starts with a key such as `openapi: 3.1.0`")
    return tree


def read_data(path: Path) -> dict[str, Any]:
    """Read a data file of a user as `read` does. Raises DataError."""
    try:
        return read(path)
    except SpecError as error:
        raise DataError(error.file, error.pointer, error.reason) from None


def _read_json(file: str, text: str) -> Any:
    try:
        return jiter.from_json(text.encode(), catch_duplicate_keys=True, allow_inf_nan=False)
    except ValueError as error:
        raise SpecError(file, "", f"is not JSON: {error}") from None


@dataclass
class _Open:
    """A collection that is being read: its value, the key that waits for a value, and its anchor."""

    value: dict[str, Any] | list[Any]
    anchor: str | None
    start: int
    key: str | None = None


@dataclass
class _Builder:
    """Builds the tree from the parser's events, without recursion, so that depth is ours to limit."""

    file: str
    aliases: bool
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    size: int = 0
    aliased: int = 0
    result: Any = None
    documents: int = 0

    def build(self, text: str) -> Any:
        try:
            for event in yaml.parse(text, Loader=yaml.CSafeLoader):
                self._take(event)
        except yaml.YAMLError as error:
            raise SpecError(self.file, self._pointer(), f"is not YAML: {_sentence(error)}") from None
        return self.result

    def _take(self, event: Any) -> None:
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._open(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._close()
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self._fail(event, "has more than one document; keep the first and remove the rest")

    def _scalar(self, event: Any) -> None:
        self.size += len(event.value) + 1
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._key(top, event)
            return
        value = self._resolve(event)
        if event.anchor:
            self.anchors[event.anchor] = (value, len(event.value) + 1)
        self._put(value)

    def _key(self, top: _Open, event: Any) -> None:
        key = event.value
        if key == "<<" and event.implicit[0]:
            self._fail(event, "has a merge key (<<), which YAML 1.2 does not know; write the members out")
        if key in top.value:
            self._fail(event, f"has the key {key!r} twice; keep one")
        top.key = key

    def _resolve(self, event: Any) -> Any:
        plain, text = event.implicit[0], event.value
        if event.tag is not None and event.tag not in _CORE_TAGS:
            self._fail(event, f"has the tag {event.tag!r}; only plain YAML is read, remove the tag")
        if not plain:
            return text
        if text in _WORDS:
            return _WORDS[text]
        return _number(text) if text[0] in "+-.0123456789" else text

    def _open(self, event: Any) -> None:
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._fail(event, "has a collection as a key; keys are strings")
        if event.tag is not None and not event.implicit:
            self._fail(event, f"has the tag {event.tag!r}; only plain YAML is read, remove the tag")
        if len(self.stack) >= MAX_DEPTH:
            self._fail(event, f"is nested deeper than {MAX_DEPTH} levels")
        value: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.stack.append(_Open(value, event.anchor, self.size))

    def _close(self) -> None:
        done = self.stack.pop()
        if done.anchor:
            self.anchors[done.anchor] = (done.value, self.size - done.start)
        self._put(done.value)

    def _alias(self, event: Any) -> None:
        if not self.aliases:
            self._fail(event, f"has the alias *{event.anchor}; write the value out or use a $ref")
        if event.anchor not in self.anchors:
            self._fail(event, f"has the alias *{event.anchor} inside its own anchor, or without one")
        value, size = self.anchors[event.anchor]
        self.size += size
        self.aliased += size
        if self.aliased > MAX_ALIASED:
            self._fail(event, f"grows by more than {MAX_ALIASED} characters through its aliases")
        self._put(value)

    def _put(self, value: Any) -> None:
        if not self.stack:
            self.result = value
            return
        top = self.stack[-1]
        if isinstance(top.value, list):
            top.value.append(value)
        elif top.key is None:
            top.key = str(value)
        else:
            top.value[top.key] = value
            top.key = None

    def _pointer(self) -> str:
        steps = (str(len(level.value)) if isinstance(level.value, list) else level.key for level in self.stack)
        return "".join("/" + escape(step) for step in steps if step is not None)

    def _fail(self, event: Any, reason: str) -> None:
        raise SpecError(self.file, self._pointer(), f"{reason} (line {event.start_mark.line + 1})")


def _number(text: str) -> Any:
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) < 4000 else text
    if _OCTAL.fullmatch(text) or _HEX.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _sentence(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    return f"{problem} (line {mark.line + 1})" if mark else str(problem)


# --- JSON pointers (RFC 6901) ---------------------------------------------------------------------------------------


def escape(step: str | int) -> str:
    """Write one step of a JSON pointer."""
    return str(step).replace("~", "~0").replace("/", "~1")


def pointer(*steps: str | int) -> str:
    """Write a JSON pointer from its steps; no steps is the whole document."""
    return "".join("/" + escape(step) for step in steps)


def steps_of(text: str) -> list[str]:
    """Split a JSON pointer into its steps, unescaped."""
    return [step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:]]


def at(tree: Any, text: str) -> Any:
    """Find the value at a JSON pointer. Raises KeyError where there is none."""
    for step in steps_of(text):
        try:
            tree = tree[int(step)] if isinstance(tree, list) else tree[step]
        except (KeyError, IndexError, ValueError, TypeError):
            raise KeyError(text) from None
    return tree


def looks_like_local(reference: str) -> bool:
    """Tell whether a `$ref` stays inside its own document."""
    return reference == "#" or reference.startswith("#/")
