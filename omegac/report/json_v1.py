"""The report as JSON, version 1: keys may be added to it, but none is taken away or changes its meaning."""

from __future__ import annotations

import json
from typing import Any

from omegac.diagnostics import Diagnostic
from omegac.report.place import Place, file_of, place_of, sources_of
from omegac.report.report import Report, counts


def render(report: Report) -> str:
    """The whole report, however long it is."""
    tally = counts(report.diagnostics)
    document = {
        "version": 1,
        "files": report.files,
        "diagnostics": [record(diagnostic, report.files) for diagnostic in report.diagnostics],
        "notes": report.notes,
        "summary": {"errors": tally["error"], "warnings": tally["warning"]},
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def record(diagnostic: Diagnostic, files: tuple[str, ...] = ()) -> dict[str, Any]:
    """A diagnostic; one without a place has that of the first file of a report."""
    span, fix = diagnostic.span, diagnostic.fix
    unplaced = {**dict.fromkeys(Place._fields), "file": file_of(diagnostic, files)}
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "meaning": diagnostic.meaning,
        "hint": diagnostic.hint,
        "url": diagnostic.foreign.url or None if diagnostic.foreign else None,
        **(place_of(span)._asdict() if span else unplaced),
        "related": [{**place_of(related.span)._asdict(), "text": related.text} for related in diagnostic.related],
        "from": [place._asdict() for place in sources_of(diagnostic)],
        "fix": {**place_of(fix.span)._asdict(), "text": fix.text} if fix else None,
    }
