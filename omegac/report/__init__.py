"""Shows diagnostics: to people (`text`), and to programs in each of their own formats."""

from __future__ import annotations

from typing import NamedTuple

from omegac.diagnostics import Diagnostic


class Report(NamedTuple):
    """What a command has to say."""

    files: tuple[str, ...]
    """The paths of all files that it was asked about, those without a finding among them."""
    diagnostics: tuple[Diagnostic, ...]
    """Sorted by file and place."""
    notes: tuple[str, ...] = ()
    """What was left out, and why; one line each."""
