"""How a text is shown on a terminal: what each character takes, and that none of them moves or hides another."""

from __future__ import annotations

import re
from typing import NamedTuple
from unicodedata import category, east_asian_width

_TAB = "    "
_REPLACEMENT = "�"
_ELLIPSIS = "…"
# Python calls these printable, but they are blank or change what is before them; how wide that is then, terminals do
# not agree on: joiners, fillers of Hangul, variation selectors, modifiers of emoji. (Unicode: Default_Ignorable.)
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]"
)
_WITHIN_HANGUL = re.compile("[\u1161-\u11ff\ud7b0-\ud7ff]")
"""Vowels and final consonants, which are drawn into the syllable before them."""


class Excerpt(NamedTuple):
    """The part of a line that is shown, as it is shown."""

    before: str
    marked: str
    after: str


def visible(text: str) -> str:
    """A line as it is shown: tabs as spaces, and a sign in the place of what would not be seen, or would do harm."""
    return text if text.isascii() and text.isprintable() else "".join(map(_shown, text))


def width(shown: str) -> int:
    """The columns that a text takes, once it is visible."""
    return len(shown) if shown.isascii() else sum(map(_columns, shown))


def excerpt(line: str, column: int, length: int, most: int) -> Excerpt:
    """The part of a line around a mark that takes the given columns at most."""
    line = line.rstrip("\r")
    while 0 < column < len(line) and not width(_shown(line[column])):
        column, length = column - 1, length + 1  # an accent is marked with its letter
    start, end = _window(line, column, most)
    last = min(column + length, end)
    return Excerpt(
        _ELLIPSIS * (start > 0) + visible(line[start:column]),
        visible(line[column:last]),
        visible(line[last:end]) + _ELLIPSIS * (end < len(line)),
    )


def _window(line: str, column: int, most: int) -> tuple[int, int]:
    """Where the part begins and ends: all of it, or what is around the mark."""
    if len(line) <= most and _fitting(line, most) == len(line):
        return 0, len(line)
    lead = most // 3
    start = column - _fitting(line[max(column - lead, 0) : column][::-1], lead)
    return start, start + _fitting(line[start : start + most], most)


def _fitting(text: str, room: int) -> int:
    """How many characters of a text there is room for."""
    for count, character in enumerate(text):
        room -= width(_shown(character))
        if room < 0:
            return count
    return len(text)


def _shown(character: str) -> str:
    if character == "\t":
        return _TAB
    return character if character.isprintable() and not _UNSEEN.match(character) else _REPLACEMENT


def _columns(character: str) -> int:
    if category(character) in ("Mn", "Me") or _WITHIN_HANGUL.match(character):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
