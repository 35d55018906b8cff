"""The report as workflow commands of GitHub Actions, which annotate the lines that are wrong.

A command's file is looked for from the root of the repository, so omegac has to be run there. GitHub shows ten errors,
ten warnings and ten notices of a step as annotations; the log of the step has all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from omegac.diagnostics import Diagnostic
from omegac.report.columns import visible
from omegac.report.place import file_of, place_of, sources_of
from omegac.report.report import Report

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})
"""What the runner turns back in what stands after `::`, and in a property before it."""


def render(report: Report) -> str:
    """A command for each diagnostic, then for each note, one a line."""
    commands = [_annotation(diagnostic, file_of(diagnostic, report.files)) for diagnostic in report.diagnostics]
    commands += [f"::notice::{_data(note)}" for note in report.notes]
    return "".join(f"{command}\n" for command in commands)


def _annotation(diagnostic: Diagnostic, file: str | None) -> str:
    properties = {**({"file": file} if file else {}), **_lines(diagnostic), "title": diagnostic.code}
    written = ",".join(f"{name}={str(value).translate(_PROPERTY)}" for name, value in properties.items())
    said = "\n".join(_said(diagnostic))
    return f"::{diagnostic.severity} {written}::{_data(said)}"


def _lines(diagnostic: Diagnostic) -> dict[str, int]:
    """Lines, and columns where there is one line: a runner takes none where there are several."""
    if diagnostic.span is None:
        return {}
    _, line, column, end_line, end_column = place_of(diagnostic.span)
    if line != end_line:
        return {"line": line, "endLine": end_line - (end_column == 1)}
    return {"line": line, "col": column, "endLine": end_line, "endColumn": end_column}


def _said(diagnostic: Diagnostic) -> Iterator[str]:
    yield diagnostic.message
    if diagnostic.hint:
        yield diagnostic.hint
    for related in diagnostic.related:
        yield f"{place_of(related.span)}: {related.text}"
    for place in sources_of(diagnostic):
        yield f"from {place}"
    if diagnostic.foreign and diagnostic.foreign.url:
        yield f"see {diagnostic.foreign.url}"


def _data(text: str) -> str:
    """A text as the data of a command; a log is shown as by a terminal, so what a terminal would obey is replaced."""
    return "\n".join(visible(line.rstrip("\r")) for line in text.split("\n")).translate(_DATA)
