"""Where things are written: sources, spans, and the origin of every value on its way through the passes.

Data stays plain. Its origins stand beside it as a tree of the same shape, so that a subtree moves from one
place to another without a walk, and a look-up costs the depth of a route.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

Route: TypeAlias = tuple[str | int, ...]
"""Keys and indices from the root of a document to a value in it."""

Via: TypeAlias = Literal["spec", "alias", "default", "stage", "construct", "override", "decorator", "template"]


class Source:
    """A text that values come from; two sources are the same only if they are one object."""

    __slots__ = ("_line_starts", "name", "path", "text")

    def __init__(self, name: str, text: str, path: str | None = None) -> None:
        self.name = name
        """Path relative to the spec's folder, with `/`; a shipped template's name begins with `omegac/`."""
        self.text = text
        self.path = name if path is None else path
        """How the file is reached from where the command runs; what people and their tools are shown."""
        self._line_starts: list[int] | None = None

    @property
    def line_starts(self) -> list[int]:
        """Offset of the first character of each line; lines end at LF alone."""
        if self._line_starts is None:
            starts = [0]
            while (end := self.text.find("\n", starts[-1])) >= 0:
                starts.append(end + 1)
            self._line_starts = starts
        return self._line_starts

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its end."""
        starts = self.line_starts
        start = starts[number - 1]
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        return self.text[start:end]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1, columns in characters."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """The span between two offsets into the text."""
        limit = len(self.text)
        return Span(self, min(start, limit), min(end, limit))


class Excerpt(Source):
    """A text that stands in another source: its spans are spans of that one."""

    __slots__ = ("_around", "_lines")

    def __init__(self, text: str, around: Span) -> None:
        super().__init__(around.source.name, text, around.source.path)
        self._around = around
        self._lines = _block_lines(text, around)

    def span(self, start: int, end: int) -> Span:
        """The span in the source around; of the whole excerpt where the text is not written line by line there."""
        first, last = self._outer(start), self._outer(max(end - 1, start))
        if first is None or last is None:
            return self._around
        return self._around._replace(start=first, end=max(last + 1, first) if end > start else first)

    def _outer(self, offset: int) -> int | None:
        line, column = self.position(min(offset, len(self.text)))
        return self._lines[line - 1] + column - 1 if line <= len(self._lines) else None


def _block_lines(text: str, around: Span) -> list[int]:
    """For each line of a literal block scalar, the offset of its first character in the source around."""
    outer = around.source
    if outer.text[around.start : around.start + 1] != "|":
        return []
    first = outer.position(around.start)[0]
    starts = outer.line_starts[first : first + text.count("\n") + 1]
    for start, inner in zip(starts, text.split("\n"), strict=False):
        if inner.strip():
            indent = outer.text.find(inner, start) - start
            return [start + indent for start in starts]
    return []


class Span(NamedTuple):
    """A stretch of a source, as offsets into its text; the end is exclusive."""

    source: Source
    start: int
    end: int

    @property
    def line(self) -> int:
        """The line it begins in, counted from 1."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """The column it begins at, counted from 1, in characters."""
        return self.source.position(self.start)[1]


class Origin(NamedTuple):
    """Why a value is what it is: where it is written, how it came to be there, and what it was made from."""

    span: Span | None
    via: Via = "spec"
    parents: tuple[Origin, ...] = ()
    key: Span | None = None
    """Where the value's key is written, if it has one."""

    def narrowed(self, word: str) -> Origin:
        """The same origin, its span drawn in to the first place in it where a word is written."""
        span = self.span
        start = span.source.text.find(word, span.start, span.end) if span else -1
        return self._replace(span=span._replace(start=start, end=start + len(word))) if span and start >= 0 else self

    def chain(self) -> Iterator[Origin]:
        """This origin and all that it was made from, nearest first."""
        yield self
        for parent in self.parents:
            yield from parent.chain()


class Origins(NamedTuple):
    """The origin of a value, and those of the values within it that have one of their own."""

    origin: Origin | None
    """None where the value only has the origin of what it stands in."""
    within: Mapping[str | int, Origins] = {}

    def at(self, route: Route) -> Origins:
        """The origins at a route; where it has none of its own, the origin is that of the nearest value around it."""
        origin, node = self.origin, self
        for step in route:
            inner = node.within.get(step)
            if inner is None:
                return Origins(origin)
            node = inner
            origin = node.origin or origin
        return node if node.origin else Origins(origin, node.within)


class Traced(NamedTuple):
    """A plain value and its origins."""

    value: Any
    origins: Origins

    @property
    def origin(self) -> Origin:
        """The origin of the value itself."""
        return self.origins.origin or Origin(None)

    def at(self, *route: str | int) -> Traced:
        """The value at a route. Raises `KeyError` or `IndexError` where there is none."""
        value = self.value
        for step in route:
            value = value[step]
        return Traced(value, self.origins.at(route))

    def get(self, key: str) -> Traced | None:
        """The value of a key of this mapping, or None where the key is absent."""
        return self.at(key) if key in self.value else None

    def find(self, *route: str) -> Traced | None:
        """The value at a route of keys, or None where something on the way is no mapping, or has no such key."""
        traced = self
        for key in route:
            if not isinstance(traced.value, dict) or key not in traced.value:
                return None
            traced = traced.at(key)
        return traced

    def items(self) -> Iterator[tuple[str, Traced]]:
        """The entries of this mapping, in order."""
        for key in self.value:
            yield key, self.at(key)

    def elements(self) -> Iterator[Traced]:
        """The elements of this list, in order."""
        for index in range(len(self.value)):
            yield self.at(index)


def derived(value: Any, *sources: Traced | Origin) -> Traced:
    """A plain value computed from others: it stands where the first of them stands, and is made from them all."""
    first, *rest = (source if isinstance(source, Origin) else source.origin for source in sources)
    return Traced(value, Origins(first._replace(parents=(*first.parents, *rest))))


def because(traced: Traced, *causes: Traced) -> Traced:
    """The same value, made from others too."""
    origin = traced.origin
    parents = (*origin.parents, *(cause.origin for cause in causes))
    return Traced(traced.value, Origins(origin._replace(parents=parents), traced.origins.within))


def settle(value: Any, origin: Origin) -> Traced:
    """Takes a structure with traced values planted in it apart into plain data and its origins.

    What is not traced has `origin`. A mapping's entry that is None is left out: it means absent, as no
    template has a use for null. A null inside a traced value stays, for `emit` to refuse at its place.
    """
    plain, origins = _settle(value)
    return Traced(plain, origins if origins.origin else Origins(origin, origins.within))


_UNTRACED = Origins(None)


def _settle(value: Any) -> tuple[Any, Origins]:
    if isinstance(value, Traced):
        return value
    plain: Any
    within: dict[str | int, Origins] = {}
    if isinstance(value, dict):
        plain = {}
        for key, child in value.items():
            if child is not None:
                plain[key], origins = _settle(child)
                if origins is not _UNTRACED:
                    within[key] = origins
    elif isinstance(value, list):
        plain = []
        for index, child in enumerate(value):
            item, origins = _settle(child)
            plain.append(item)
            if origins is not _UNTRACED:
                within[index] = origins
    else:
        return value, _UNTRACED
    return plain, Origins(None, within) if within else _UNTRACED
