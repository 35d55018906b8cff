"""What a code of a diagnostic is."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Severity: TypeAlias = Literal["error", "warning"]

Form: TypeAlias = Literal["commands", "script", "spec", "template"]
"""What an example is."""


class Code(NamedTuple):
    """What a code stands for."""

    meaning: str
    """In one line."""
    severity: Severity = "error"
    explanation: str = ""
    """Why it is so, and what to do; paragraphs."""
    bad: str = ""
    """An example that gets it, and no other code of its severity or a graver one."""
    good: str = ""
    """The same, mended."""


def form_of(example: str) -> Form:
    """What an example is, by how it begins.

    Commands are run in a folder with a small spec and, where the first line has the status of one, with a stack. Of a
    spec it may be a part: `omega`, `service` and `artifact` are put before it where they are missing.
    """
    if example.startswith("#!"):
        return "script"
    if example.startswith(("$ ", "# stack: ")):
        return "commands"
    return "template" if "\nResources:" in f"\n{example}" else "spec"
