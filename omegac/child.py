"""A command that never outlives omegac, however that ends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from signal import SIG_BLOCK, SIG_SETMASK, SIGKILL, pthread_sigmask
from socket import SHUT_WR, socketpair
from types import TracebackType
from typing import IO, NamedTuple, Self

from omegac import keeper

_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


class NotRun(Exception):  # noqa: N818 (it says what became of the command)
    """A command that the system cannot run; why is its text."""


GRACE = 10
"""Seconds that a command has to end in, unless it is given others."""


class Command(NamedTuple):
    """What to run, and where."""

    words: Sequence[str]
    """The program first, by its path."""
    folder: Path
    environment: Mapping[str, str]
    holds: Sequence[int]
    """File descriptors that hold the folders that it works in, for as long as it runs or its keeper does."""
    output: int | IO[bytes] | None = None
    """Where its standard output goes, and its standard error too; None for omegac's own, each to each."""
    foreground: bool = False
    """Whether it has the terminal: the keys that end a command, and standard input too."""
    reads: bool = True
    """Whether standard input is given to it, if it has the terminal."""
    grace: float = GRACE
    """Seconds that it has to end by itself once it is asked to."""


class Child:
    """A process with all that it starts, as far as its keeper reaches; ended at the end of `with`. Raises `NotRun`."""

    def __init__(self, command: Command) -> None:
        self._line, theirs = socketpair()
        self._told = self._line.makefile("r", encoding="utf-8", errors="replace")
        self._peak: int | None = None
        self._foreground = command.foreground
        self._is_left = False
        self.pid = 0
        with ExitStack() as undone:
            # Whatever comes between, and be it a signal while it is being started: without it, a keeper ends.
            undone.enter_context(self._line)
            undone.enter_context(self._told)
            with theirs, _undisturbed():
                self._keeper = subprocess.Popen(  # noqa: S603 (to run what the spec names is its purpose)
                    _kept(command, theirs.fileno()),
                    cwd=command.folder,
                    env=dict(command.environment),
                    stdin=None if command.foreground and command.reads else subprocess.DEVNULL,
                    stdout=command.output,
                    stderr=subprocess.STDOUT if command.output is not None else None,
                    pass_fds=[theirs.fileno(), *command.holds],
                    start_new_session=not command.foreground,
                )
            undone.callback(self.end)
            self.pid = self._begun()
            undone.pop_all()

    def _begun(self) -> int:
        """The id of the process, as its keeper tells it."""
        told = self._told.readline().rstrip("\n")
        if not told.isdecimal():
            raise NotRun(told.removeprefix("!") or "its keeper has ended")
        return int(told)

    @property
    def code(self) -> int | None:
        """The code that it ended with, below zero for a signal; None while it runs."""
        return self._keeper.poll()

    @property
    def peak(self) -> int | None:
        """The most memory that it was seen to have, in KiB; None where the system does not tell, as Linux does.

        What it takes after the last look and before its end is not known: then the system tells of it only together
        with what the processes had that it has waited for.
        """
        seen = _peak_of(self.pid) if self.code is None else None
        self._peak = seen or self._peak
        return self._peak

    def pass_on(self, number: int) -> None:
        """Has what runs in the foreground, with all below, get a signal that omegac got, if it did not get it too."""
        with suppress(OSError):  # its keeper may have ended
            self._line.send(bytes([number]))

    def kill(self) -> int:
        """Ends it at once, as the system does that has no more memory for it."""
        if self.code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, SIGKILL)
        return self.wait()

    def wait(self) -> int:
        """Waits until it ends, and gives the code that it ended with."""
        return self._keeper.wait()

    def has_ended_after(self, seconds: float) -> bool:
        """Waits some seconds, or less if it ends; whether it has."""
        with suppress(subprocess.TimeoutExpired):
            self._keeper.wait(seconds)
        return self.code is not None

    def ends_within(self, seconds: float) -> bool:
        """Asks it to end, and waits for that; whether it has."""
        self._ask_to_end()
        return self.has_ended_after(seconds)

    def leave(self) -> None:
        """Leaves it to its keeper to end it, with nobody to wait for that."""
        self._ask_to_end()
        self._is_left = True
        self._told.close()
        self._line.close()

    def end(self) -> int:
        """Ends it, if it has not ended yet."""
        self._ask_to_end()
        code = self._keeper.wait()
        with self._line, self._told, suppress(OSError):
            if self.pid and not self._foreground and self._told.readline().rstrip("\n") != keeper.ENDED:
                os.killpg(self.pid, SIGKILL)  # its keeper was killed, and has left the group to nobody
        return code

    def _ask_to_end(self) -> None:
        with suppress(OSError):  # its keeper may have ended
            self._line.shutdown(SHUT_WR)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if not self._is_left:
            self.end()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Has a signal that comes while a keeper is started wait until that heeds it, which then lets it come."""
    before = pthread_sigmask(SIG_BLOCK, keeper.PASSED_ON)
    try:
        yield
    finally:
        pthread_sigmask(SIG_SETMASK, before)


def _kept(command: Command, line: int) -> list[str]:
    """The command of its keeper."""
    program = [sys.executable, "-I", "-S", keeper.__file__]
    return [*program, str(line), str(command.grace), keeper.FOREGROUND if command.foreground else "", *command.words]


def _peak_of(process: int) -> int | None:
    try:
        status = Path(f"/proc/{process}/status").read_text("ascii", "replace")
    except OSError:
        return None
    found = _PEAK.search(status)
    return int(found[1]) if found else None
