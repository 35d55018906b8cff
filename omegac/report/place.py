"""Where a diagnostic points, as other programs count: lines and columns instead of offsets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from omegac.diagnostics import Diagnostic
from omegac.source import Span


class Place(NamedTuple):
    """A span, its lines and columns counted from 1, columns in characters; the end is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


def place_of(span: Span) -> Place:
    """The place of a span."""
    source = span.source
    return Place(source.path, *source.position(span.start), *source.position(span.end))


def file_of(diagnostic: Diagnostic, files: tuple[str, ...]) -> str | None:
    """The file that a diagnostic is about, if that is known: without a place, it can only be the one asked about."""
    span = diagnostic.span
    if span:
        return span.source.path
    return files[0] if len(files) == 1 else None


def sources_of(diagnostic: Diagnostic) -> Iterator[Place]:
    """Where what is wrong was made from: the nearest place in each further file."""
    shown = diagnostic.span
    seen = {shown.source.path} if shown else set()
    for origin in diagnostic.origin.chain() if diagnostic.origin else ():
        span = origin.key or origin.span
        if span and span.source.path not in seen:
            seen.add(span.source.path)
            yield place_of(span)
