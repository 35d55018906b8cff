"""The private alphabet in which rendering tells converting what a template wrote and what a value brought.

Lone surrogates: they cannot occur in UTF-8 input, and one that leaked could not be encoded. A value's special
characters wear stand-ins, one for one, so that a value can neither open an expression nor end the JSON string
it stands in. Marks say where a piece of text comes from; `Marks` makes them, and takes them off again.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple, TypeAlias

from omegac.source import Origin, Route, Source, Span, Traced

_SPECIAL = '{}<>[]":,\\\x1f'
_STAND_IN = {ord(c): 0xD800 + ord(c) for c in _SPECIAL} | {0x0D: 0x1F}
_BACK = {0xD800 + ord(c): ord(c) for c in _SPECIAL}
_BACK_WITHIN = _BACK | {0x1F: 0x0D}
"""The same while a template is rendered, when CR still has its stand-in."""
CARRIAGE_RETURN = "\x1f"
"""Stands for CR in template text: white space to Jinja, which would else turn each CR into LF."""
BRACE_OF_VALUE = chr(_STAND_IN[ord("{")])

_LEAD = "\udbff"
"""Begins every mark; its kind and two digits of an index follow."""
_OPENER, _POSITION, _VALUE, _INTRINSIC = "\udbfb", "\udbfc", "\udbfd", "\udbfe"
HOLE = _INTRINSIC
_QUIET_MARK = "\udbff[\udbfc\udbfd][\udc00-\udfff][\udc00-\udfff]"
_QUIET = re.compile(_QUIET_MARK)
"""Marks of positions and values, which stand for nothing by themselves."""
_HEAD = re.compile(rf"\A(?:{_QUIET_MARK}|\s)+")
_TAIL = re.compile(rf"(?:{_QUIET_MARK}|\s)+\Z")
_BARE_LINE = re.compile(rf"^(?:{_QUIET_MARK})+$", re.MULTILINE)
_FOREIGN = re.compile("[\ud800-\udfff]")
_INDEX_LIMIT = 1 << 20
_TOO_MANY = "more marks than the alphabet can count"
_ZERO = 0xDC00
_DIGITS = [chr(_ZERO + digit) for digit in range(1024)]


def stand_in(value: str) -> str:
    """A value's text with its special characters replaced."""
    return value if value.isalnum() else value.translate(_STAND_IN)


def plain(text: str) -> str:
    """The text itself, stand-ins put back."""
    return text.translate(_BACK)


def readable(source: str) -> str:
    """A template as Jinja2 is to read it: each CR as white space that stays one character."""
    control = CARRIAGE_RETURN
    return source.replace(control, chr(_STAND_IN[ord(control)])).replace("\r", control)


def is_marked(text: str) -> bool:
    """Whether a text holds any character of the private alphabet."""
    return not text.isascii() and _FOREIGN.search(text) is not None


def visible(marked: str) -> str:
    """What a captured text reads as. What opens an expression stays marked, so that no filter takes it for text."""
    return _QUIET.sub("", marked).translate(_BACK_WITHIN)


def stripped(marked: str) -> str:
    """A marked text without white space at its ends, before, between or behind the marks there."""
    return _TAIL.sub(_only_marks, _HEAD.sub(_only_marks, marked))


def with_blank_lines(marked: str) -> str:
    """A marked text whose lines are empty where nothing in them is visible."""
    return _BARE_LINE.sub("", marked)


def _only_marks(ends: re.Match[str]) -> str:
    return "".join(_QUIET.findall(ends[0]))


class Place(NamedTuple):
    """Where a stretch of literal text is written."""

    source: Source
    offset: int
    """Of its first character."""
    stop: int
    """Of what follows it: a tag, or the end."""


class Text(NamedTuple):
    """A rendered script without its marks, and where each stretch of it comes from."""

    text: str
    """With stand-ins; an intrinsic stands in it as one character, `HOLE`."""
    openers: list[int]
    """Offsets of the brackets that open expressions, and of the holes."""
    places: list[tuple[int, Place]]
    """From an offset on, the text is what is written at a place."""
    values: list[tuple[int, Route]]
    """At an offset, the value at a route among the variables was printed."""
    holes: list[Route]
    """The intrinsics that stand in the holes, in order, by their routes."""
    variables: Traced

    def origin(self, start: int, end: int, parent: Origin | None = None) -> Origin:
        """The origin of a stretch: its place in the template, the values printed in it, and the parent."""
        first, last = (bisect_left(self.values, at, key=_offset) for at in (start, end))
        parents = [self.variables.at(*route).origin for _, route in self.values[first:last]]
        return Origin(self.span(start, end), "template", (*parents, *([parent] if parent else [])))

    def span(self, start: int, end: int) -> Span | None:
        """Where the first literal text of a stretch is written; where it has none, the point that it follows."""
        span = None
        index = max(bisect_right(self.places, start, key=_offset) - 1, 0)
        for number in range(index, len(self.places)):
            offset, place = self.places[number]
            if span and offset >= end:
                break
            begin = place.offset + max(start - offset, 0)
            finish = max(place.offset + end - offset, begin)  # a stretch may end before any literal text
            span = place.source.span(min(begin, place.stop), min(finish, place.stop))
            if begin < place.stop:
                break
        return span


def _offset(item: tuple[int, Any]) -> int:
    return item[0]


class Marks:
    """The marks of one rendering, and what each stands for."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._values: list[Route] = []
        self._holes: list[Route] = []
        self._peeled: dict[str, _Peeled] = {}
        """What is printed again and again is taken apart once, and what was put together here never."""

    def position(self, place: Place) -> str:
        """Goes before literal text."""
        self._places.append(place)
        return _mark(_POSITION, len(self._places) - 1)

    def value(self, text: str, route: Route) -> str:
        """The text of a variable's value, marked."""
        index = len(self._values)
        text = text if text.isalnum() else text.translate(_STAND_IN)
        # As `_mark` does it, without the call: a loop prints a value each round.
        if index >= _INDEX_LIMIT:
            raise OverflowError(_TOO_MANY)
        marked = f"{_LEAD}{_VALUE}{_DIGITS[index >> 10]}{_DIGITS[index & 1023]}{text}"
        self._values.append(route)
        self._peeled[marked] = (text, ((0, _VALUE, index),))
        return marked

    def hole(self, route: Route) -> str:
        """Stands for a printed intrinsic."""
        self._holes.append(route)
        return _mark(_INTRINSIC, len(self._holes) - 1) + HOLE

    def peel(self, parts: Iterable[str], variables: Traced) -> Text:
        """Takes the marks off the parts of a rendered text."""
        text: list[str] = []
        openers: list[int] = []
        places: list[tuple[int, Place]] = []
        values: list[tuple[int, Route]] = []
        holes: list[Route] = []
        peeled, all_places, all_values = self._peeled, self._places, self._values
        offset = 0
        for part in parts:
            stretch, marks = peeled.get(part) or peeled.setdefault(part, _peel(part))
            for at, kind, index in marks:
                if kind == _VALUE:
                    values.append((offset + at, all_values[index]))
                elif kind == _POSITION:
                    places.append((offset + at, all_places[index]))
                else:
                    openers.append(offset + at)
                    if kind == _INTRINSIC:
                        holes.append(self._holes[index])
            text.append(stretch)
            offset += len(stretch)
        # What Jinja2 would have normalised has come through it: JSON takes CR for white space, and its stand-in not.
        return Text("".join(text).replace(CARRIAGE_RETURN, "\r"), openers, places, values, holes, variables)


_Peeled: TypeAlias = tuple[str, Sequence[tuple[int, str, int]]]
"""A text without its marks; of each mark its offset there, its kind and its index."""


def _mark(kind: str, index: int) -> str:
    if index >= _INDEX_LIMIT:
        raise OverflowError(_TOO_MANY)
    return f"{_LEAD}{kind}{_DIGITS[index >> 10]}{_DIGITS[index & 1023]}"


OPENER_MARK = _mark(_OPENER, 0)
"""Goes before a bracket, written in a template, that opens an expression."""


def _peel(marked: str) -> _Peeled:
    first, *parts = marked.split(_LEAD)
    stretches = [first, *[part[3:] for part in parts]]
    offsets = accumulate(map(len, stretches))
    marks = [
        (offset, part[0], ((ord(part[1]) - _ZERO) << 10) + ord(part[2]) - _ZERO)
        for part, offset in zip(parts, offsets, strict=False)
    ]
    return "".join(stretches), marks
