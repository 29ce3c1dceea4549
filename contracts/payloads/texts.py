"""Texts that must come through unharmed: one for each way in which software loses them.

Each class has a text that shows it and a pattern that finds it, so that a schema which refuses the class is one edit away.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextClass:
    """A class of texts: its name in ids, what it is for a person, a pattern that finds it, and an example."""

    name: str
    title: str
    pattern: str
    example: str


CLASSES: tuple[TextClass, ...] = (
    TextClass("combining", "letters with combining marks, not composed", "[\u0300-\u036f]", "Zoe\u0308 A\u030angstro\u0308m"),
    TextClass("right-to-left", "right-to-left letters", "[\u0590-\u05ff\u0600-\u06ff]", "שלום مرحبا"),
    TextClass("emoji-joined", "an emoji of several joined ones", "\u200d", "👩🏽\u200d🚀👨\u200d👩\u200d👧"),
    TextClass("cjk", "Chinese, Japanese and Korean letters", "[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]", "東京タワー서울"),
    TextClass("four-byte", "letters beyond the first 65,536", "[\U0001d400-\U0001d7ff\U00020000-\U0002ffff]", "𝒜𠜎"),
    TextClass("zero-width", "zero-width characters", "[\u200b\u2060]", "a\u200bb\u2060c"),
    TextClass("null-word", "the word Null, a name", "^Null$", "Null"),
    TextClass("apostrophe", "an apostrophe, as in O'Brien", "'", "O'Brien"),
    TextClass("accented", "letters with accents", "[\u00c0-\u024f]", "Łódź, Crème brûlée"),
    TextClass("markup", "characters that mean something in markup", '[<>&"]', '<b>"a" & b</b>'),
    TextClass("blank-around", "blanks before and after", "^ .* $", " a b "),
    TextClass("line-break", "a line break", "\n", "a\nb"),
)
ASTRAL = "🛵"
COMBINED = "e\u0301"
