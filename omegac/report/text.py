"""Diagnostics for people: the place, its line with a caret, and the way out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from unicodedata import combining, east_asian_width

from omegac.diagnostics import Diagnostic
from omegac.source import Origin, Span

_WIDTH = 100
"""Columns of a source line that are shown, at most."""
_TAB = "    "


def as_text(diagnostics: Iterable[Diagnostic]) -> str:
    """Every diagnostic, a blank line after each."""
    return "".join("\n".join(_lines(diagnostic)) + "\n\n" for diagnostic in diagnostics)


def _lines(diagnostic: Diagnostic) -> Iterator[str]:
    yield f"{diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}"
    span = diagnostic.span
    places = [(span, diagnostic.hint or "")] if span else []
    gutter = max((len(str(place.line)) for place, _ in _with_related(places, diagnostic)), default=1)
    for place, note in places:
        yield from _snippet(place, note, gutter, "-->")
    for related in diagnostic.related:
        yield from _snippet(related.span, related.text, gutter, ":::")
    if not span and diagnostic.hint:
        yield f" = {diagnostic.hint}"
    for trailer in _trail(diagnostic.origin, span):
        yield f"{' ' * gutter} = from {trailer}"


def _with_related(places: list[tuple[Span, str]], diagnostic: Diagnostic) -> list[tuple[Span, str]]:
    return [*places, *((related.span, related.text) for related in diagnostic.related)]


def _snippet(span: Span, note: str, gutter: int, arrow: str) -> Iterator[str]:
    margin = " " * gutter
    yield f"{margin}{arrow} {span.source.path}:{span.line}:{span.column}"
    line = span.source.line(span.line)
    column = span.column - 1
    length = max(min(span.end - span.start, len(line) - column), 1)
    before, marked, after = _window(line, column, length)
    yield f"{margin} |"
    yield f"{span.line:>{gutter}} | {_shown(before + marked + after)}"
    indent = " " * _width(before)
    carets = "^" * max(_width(marked), 1)
    words = f"{margin} | {indent}{carets}"
    if note and len(words) + len(note) + 1 <= _WIDTH + gutter + 3:
        yield f"{words} {note}"
    else:
        yield words
        if note:
            yield f"{margin} = {note}"


def _window(line: str, column: int, length: int) -> tuple[str, str, str]:
    """The part of a line that is shown: all of it, or what is around the mark."""
    line = line.rstrip("\r")
    if len(line) <= _WIDTH:
        return line[:column], line[column : column + length], line[column + length :]
    start = max(column - _WIDTH // 3, 0)
    end = start + _WIDTH
    before, marked, after = line[start:column], line[column : min(column + length, end)], line[column + length : end]
    return ("…" if start else "") + before, marked, after + ("…" if end < len(line) else "")


def _shown(text: str) -> str:
    """A line without what would move or hide the caret."""
    return "".join(_TAB if c == "\t" else c if c.isprintable() else "�" for c in text)


def _width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(len(_TAB) if c == "\t" else 0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def _trail(origin: Origin | None, shown: Span | None) -> Iterator[str]:
    """Where the shown place comes from, one line for each further source file."""
    seen = {shown.source.path} if shown else set()
    for link in origin.chain() if origin else ():
        span = link.key or link.span
        if span and span.source.path not in seen:
            seen.add(span.source.path)
            yield f"{span.source.path}:{span.line}:{span.column}"
