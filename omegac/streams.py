"""The standard streams of a command: how they begin, and what goes through them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from omegac.diagnostics import Diagnostic

if TYPE_CHECKING:
    from omegac.source import Source


def prepare() -> None:
    """Has all three be there, and all that is printed be UTF-8."""
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _open_what_is_closed() -> None:
    """Opens to nowhere what was closed before omegac began, as by `>&-`; else the next file would take its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(nowhere, True)
            setattr(sys, name, os.fdopen(nowhere, mode, encoding="utf-8"))


def lose_output() -> None:
    """Has what standard output does not take go nowhere: closing it must not fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def given(file: str) -> Source:
    """A file that a command is given, or standard input for `-`. Raises `Rejected` where it cannot be read."""
    from omegac.reading import decode, read

    if file == "-":
        return decode(sys.stdin.buffer.read(), "standard input")
    return read(Path(file), file, way_in='"-" in its place reads standard input')


def show(diagnostics: Iterable[Diagnostic]) -> None:
    """Shows what was found, on standard error."""
    if diagnostics:
        from omegac.report.text import as_text, wants_colour

        say(as_text(diagnostics, colour=wants_colour(sys.stderr, os.environ)), end="")


def say(text: str, end: str = "\n") -> None:
    """Says something, on standard error. That nobody reads it any more ends nothing."""
    with suppress(BrokenPipeError):
        print(text, end=end, file=sys.stderr, flush=True)
