"""A command that runs in the background, and never outlives omegac, however that ends."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from socket import socket, socketpair
from types import TracebackType
from typing import IO, NamedTuple, Self

from omegac.running import keeper

_GRACE = 10
"""Seconds that a command has to end by itself once it is asked to."""


class NotRun(Exception):  # noqa: N818 (it says what became of the command)
    """A command that the system cannot run; why is its text."""


class Command(NamedTuple):
    """What to run, and where."""

    words: Sequence[str]
    """The program first, by its path."""
    folder: Path
    environment: Mapping[str, str]
    output: int | IO[bytes] | None = None
    """Where its standard output goes, and its standard error too; None for omegac's own, each to each."""


class Child:
    """A process with all that it starts in its group; ended at the end of `with`. Raises `NotRun`."""

    def __init__(self, command: Command) -> None:
        self._line, theirs = socketpair()
        with theirs:
            kept = [sys.executable, "-I", "-S", keeper.__file__, str(theirs.fileno()), str(_GRACE), *command.words]
            self._keeper = subprocess.Popen(  # noqa: S603 (to run what the spec names is its purpose)
                kept,
                cwd=command.folder,
                env=dict(command.environment),
                stdin=subprocess.DEVNULL,
                stdout=command.output,
                stderr=subprocess.STDOUT if command.output is not None else None,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        try:
            self.pid = self._told()
        except BaseException:
            self.end()
            raise

    def _told(self) -> int:
        """The id of the process, as its keeper tells it."""
        told = _line_from(self._line)
        if not told.isdecimal():
            raise NotRun(told.removeprefix("!") or "its keeper has ended")
        return int(told)

    @property
    def code(self) -> int | None:
        """The code that it ended with, below zero for a signal; None while it runs."""
        return self._keeper.poll()

    def wait(self) -> int:
        """Waits until it ends, and gives the code that it ended with."""
        return self._keeper.wait()

    def end(self) -> int:
        """Ends it, if it has not ended yet."""
        self._line.close()
        return self._keeper.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()


def _line_from(line: socket) -> str:
    with line.makefile("r", encoding="utf-8", errors="replace") as lines:
        return lines.readline().rstrip("\n")
