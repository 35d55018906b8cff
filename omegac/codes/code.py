"""What a code of a diagnostic is."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Severity: TypeAlias = Literal["error", "warning"]


class Code(NamedTuple):
    """What a code stands for."""

    meaning: str
    """In one line."""
    severity: Severity = "error"
    explanation: str = ""
    """Why it is so, and what to do; paragraphs."""
    bad: str = ""
    """An example that gets it: a spec, a template, a script, or a command after `$ `."""
    good: str = ""
    """The same, mended."""
