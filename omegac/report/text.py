"""Diagnostics for people: the place, its line with a caret, and the way out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal, TextIO, TypeAlias

from omegac.codes import Severity
from omegac.diagnostics import Diagnostic
from omegac.report.columns import excerpt, visible, width
from omegac.report.place import place_of, sources_of
from omegac.report.report import Report, counts, distinct
from omegac.source import Span

MOST = 100
"""Diagnostics that are shown; of more than that, only their number is."""
_WIDTH = 100
"""Columns of a source line that are shown, at most."""

_Part: TypeAlias = Severity | Literal["frame"]
_Paint: TypeAlias = Callable[[str, _Part], str]
_SGR: dict[_Part, str] = {"error": "1;31", "warning": "1;33", "frame": "1;34"}
"""Select Graphic Rendition (ECMA-48): bold, and red, yellow or blue."""


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether to colour what goes to a stream: on a terminal that can, unless the user wants it otherwise."""
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return stream.isatty() and environ.get("TERM") != "dumb"


def render(report: Report, *, colour: bool = False) -> str:
    """The whole report: its diagnostics, a line that sums them up, and its notes."""
    ends = [_summary(report), *("\n      ".join(_split(f"note: {note}")) for note in report.notes)]
    return as_text(report.diagnostics, colour=colour) + "".join(f"{line}\n" for line in ends)


def as_text(diagnostics: Iterable[Diagnostic], *, colour: bool = False) -> str:
    """Every diagnostic once, a blank line after each; where there are too many, errors go before warnings."""
    found = distinct(diagnostics)
    gravest = sorted(range(len(found)), key=lambda index: found[index].severity == "warning")
    shown = [found[index] for index in sorted(gravest[:MOST])]
    rest = [found[index] for index in gravest[MOST:]]
    paint = _painted if colour else _plain
    text = "".join("\n".join(_lines(diagnostic, paint)) + "\n\n" for diagnostic in shown)
    return text + (f"… and {len(rest):,} more: {_tally(rest)}\n\n" if rest else "")


def _summary(report: Report) -> str:
    files = _counted(len(report.files), "file")
    return f"{_tally(report.diagnostics)} in {files}" if report.diagnostics else f"{files}: nothing found"


def _tally(diagnostics: Sequence[Diagnostic]) -> str:
    return ", ".join(_counted(count, severity) for severity, count in counts(diagnostics).items() if count)


def _counted(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def _plain(text: str, _: _Part) -> str:
    return text


def _painted(text: str, part: _Part) -> str:
    return f"\x1b[{_SGR[part]}m{text}\x1b[0m"


def _lines(diagnostic: Diagnostic, paint: _Paint) -> Iterator[str]:
    severity = diagnostic.severity
    message, *more = _split(diagnostic.message)
    yield f"{paint(f'{severity}[{visible(diagnostic.code)}]', severity)}: {message}"
    yield from (f"  {line}" for line in more)
    span = diagnostic.span
    spans = [*([span] if span else []), *(related.span for related in diagnostic.related)]
    margin = " " * max((len(str(each.line)) for each in spans), default=1)
    if span:
        yield from _snippet(span, diagnostic.hint, margin, severity, paint)
    for related in diagnostic.related:
        yield from _snippet(related.span, related.text, margin, "frame", paint)
    if not span and diagnostic.hint:
        yield from _trailer(diagnostic.hint, margin, paint)
    for place in sources_of(diagnostic):
        yield from _trailer(f"from {place}", margin, paint)
    if diagnostic.foreign and diagnostic.foreign.url:
        yield from _trailer(f"see {diagnostic.foreign.url}", margin, paint)


def _snippet(span: Span, note: str | None, margin: str, part: _Part, paint: _Paint) -> Iterator[str]:
    """The line of a span, marked from its beginning to its end, or to that of the line; no line of an empty source."""
    arrow = ":::" if part == "frame" else "-->"
    yield f"{margin}{paint(arrow, 'frame')} {visible(str(place_of(span)))}"
    if not span.source.text:
        if note:
            yield from _trailer(note, margin, paint)
        return
    line = span.source.line(span.line)
    column = span.column - 1
    before, marked, after = excerpt(line, column, max(min(span.end - span.start, len(line) - column), 1), _WIDTH)
    bar = paint("|", "frame")
    yield f"{margin} {bar}"
    yield f"{paint(f'{span.line:>{len(margin)}}', 'frame')} {bar} {before}{marked}{after}"
    indent, carets = " " * width(before), "^" * max(width(marked), 1)
    words = _split(note or "")
    beside = f" {words[0]}" if words[0] else ""
    if len(words) == 1 and len(indent) + len(carets) + width(beside) <= _WIDTH:
        yield f"{margin} {bar} {indent}{paint(carets, part)}{beside}"
    else:
        yield f"{margin} {bar} {indent}{paint(carets, part)}"
        yield from _trailer(note or "", margin, paint)


def _trailer(text: str, margin: str, paint: _Paint) -> Iterator[str]:
    first, *more = _split(text)
    yield f"{margin} {paint('=', 'frame')} {first}"
    yield from (f"{margin}   {line}" for line in more)


def _split(text: str) -> list[str]:
    """The lines of a text, as they are shown."""
    return [visible(line.rstrip("\r")) for line in text.split("\n")]
