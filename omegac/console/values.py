"""How a value is shown before and after its change: on a line where there is room, by its lines where there is not.

What is long is cut, but never so that two values that differ look the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import unified_diff
from typing import Any, Literal, NamedTuple, TypeAlias

from omegac.report.columns import visible, width

Sign: TypeAlias = Literal["+", "-", " ", "@"]

ARROW = "→"
_ELLIPSIS = "…"
_CONTEXT = 3
"""Lines around a change that are shown with it."""
_LEAD = 8
"""Characters before a difference that are shown with it."""
_LATER = "known once deployed"
_NOT_TOLD = "not told"
_MARK = "{{changeSet:KNOWN_AFTER_APPLY}}"


class Line(NamedTuple):
    """A line of a difference: what is taken away, put in, or stays around it."""

    sign: Sign
    text: str


def inline(before: Any, after: Any, room: int) -> str | None:
    """Both values on one line, or None if they are no single lines, or wider than that."""
    one, other = (_shown(before) or f"({_NOT_TOLD})"), (_shown(after) or f"({_LATER})")
    text = f"{one} {ARROW} {other}"
    return text if "\n" not in text and width(text) <= room else None


def alone(value: Any, room: int) -> list[str]:
    """A value by itself: on one line if there is room, and cut in its middle if it is but one; else on several."""
    text = _shown(value) or f"({_NOT_TOLD})"
    if "\n" not in text and width(text) <= room:
        return [text]
    if isinstance(value, dict | list):
        return [shortened(visible(line), room) for line in _pretty(value)]
    return [shortened(visible(line), room) for line in _lines(value)]


def by_lines(before: Any, after: Any, room: int) -> list[Line]:
    """Both values by their lines, without those that stay, but for some around each change."""
    one = [f"({_NOT_TOLD})"] if before is None else _lines(before)
    other = [f"({_LATER})"] if after is None else _lines(after)
    if len(one) == len(other) == 1:
        first, second = _windows(one[0], other[0], room)
        return [Line("-", first), Line("+", second)]
    return told_apart(list(unified_diff(one, other, n=_CONTEXT, lineterm=""))[2:], room)


def told_apart(difference: list[str], room: int) -> list[Line]:
    """The lines of a unified difference, each cut to the room there is unless it would look like another."""
    lines = [Line(_sign(line), visible(line if line.startswith("@") else line[1:])) for line in difference]
    cut = [shortened(line.text, room) for line in lines]
    whole: dict[str, set[str]] = {}
    for line, short in zip(lines, cut, strict=True):
        whole.setdefault(short, set()).add(line.text)
    return [
        line if len(whole[short]) > 1 else line._replace(text=short) for line, short in zip(lines, cut, strict=True)
    ]


def shortened(text: str, room: int) -> str:
    """A visible text in the room there is, its middle left out if it needs more."""
    if width(text) <= room:
        return text
    half = max((room - 1) // 2, 1)
    return _start(text, half) + _ELLIPSIS + _start(text[::-1], half)[::-1]


def _start(text: str, room: int) -> str:
    end = room
    while width(text[:end]) > room:
        end -= 1
    return text[:end]


def _windows(one: str, other: str, room: int) -> Iterator[str]:
    """Two texts from where they begin to differ, or a little before that."""
    one, other = visible(one), visible(other)
    if max(width(one), width(other)) > room:
        same = next((at for at, pair in enumerate(zip(one, other, strict=False)) if len(set(pair)) > 1), None)
        differ = min(len(one), len(other)) if same is None else same
        # What is the same fills the room that is left.
        start = max(min(differ - _LEAD, max(len(one), len(other)) - room + 1), 0)
        lead = _ELLIPSIS if start else ""
        one, other = lead + one[start:], lead + other[start:]
    first, second = shortened(one, room), shortened(other, room)
    yield from (one, other) if first == second else (first, second)


def _sign(line: str) -> Sign:
    match line[:1]:
        case "+":
            return "+"
        case "-":
            return "-"
        case "@":
            return "@"
        case _:
            return " "


def _lines(value: Any) -> list[str]:
    """A value by its lines: those of a text of several as they are, else of its JSON."""
    if isinstance(value, str) and "\n" in value:
        return value.splitlines()
    return _pretty(value)


def _pretty(value: Any) -> list[str]:
    return [_unmarked(line) for line in json.dumps(value, ensure_ascii=False, indent=2).splitlines()]


def _shown(value: Any) -> str:
    """A value on a line, as JSON; a text of several lines keeps them, so that it is seen to have no room on one."""
    if value is None:
        return ""
    if isinstance(value, str) and "\n" in value:
        return value
    return visible(_unmarked(json.dumps(value, ensure_ascii=False)))


def _unmarked(text: str) -> str:
    return text.replace(_MARK, f"({_LATER})")
