"""What there is to report, apart from how it is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from omegac.codes import Severity
from omegac.diagnostics import Diagnostic


class Report(NamedTuple):
    """What a command has to say."""

    files: tuple[str, ...]
    """The paths of all files that it was asked about, those without a finding among them."""
    diagnostics: tuple[Diagnostic, ...]
    """Sorted by file and place."""
    notes: tuple[str, ...] = ()
    """What was left out, and why; one line each."""


def distinct(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Each finding once: a file that is read for several stages may say the same each time."""
    found: dict[tuple[Any, ...], Diagnostic] = {}
    for diagnostic in diagnostics:
        span = diagnostic.span
        place = (span.source.path, span.start, span.end) if span else ()
        found.setdefault((diagnostic.code, diagnostic.message, *place), diagnostic)
    return tuple(found.values())


def counts(diagnostics: Iterable[Diagnostic]) -> dict[Severity, int]:
    """How many there are of each severity, the gravest first."""
    found = Counter(diagnostic.severity for diagnostic in diagnostics)
    return {"error": found["error"], "warning": found["warning"]}
