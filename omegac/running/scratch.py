"""A folder that is there for one run, and never outlives it, however omegac ends."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from sysconfig import get_path
from tempfile import gettempdir
from typing import NamedTuple

from omegac.running import sweeper

_PATIENCE, _IMPATIENCE = 15, 1
"""Seconds that are waited for it to be gone; what runs has less to end in, and who presses Ctrl-C again has no more."""


class Scratch(NamedTuple):
    """A folder, and what stands where in it."""

    root: Path
    hold: int
    """A file descriptor: the folder is there for as long as a process has it open."""

    @property
    def code(self) -> Path:
        """The artifact's files, not to be written to: neither Lambda nor an instance lets the code change itself."""
        return self.root / "code"

    @property
    def runtime(self) -> Path:
        """The environment of Python in which a function runs."""
        return self.root / "runtime"

    @property
    def packages(self) -> Path:
        """Where that has its packages."""
        return Path(get_path("purelib", "venv", vars={"base": str(self.runtime)}))

    @property
    def programs(self) -> Path:
        """The folder with that Python."""
        return self.runtime / "bin"

    @property
    def python(self) -> str:
        """That Python."""
        return str(self.programs / "python3")

    @property
    def own(self) -> Path:
        """Programs of omegac's own, for who works with a local cloud."""
        return self.root / "own"

    @property
    def home(self) -> Path:
        """What a server may write to."""
        return self.root / "home"


@contextmanager
def scratch() -> Iterator[Scratch]:
    """A new folder, removed once neither omegac nor a command holds it. Raises `OSError` where none can be made."""
    parent = gettempdir()
    program = [sys.executable, "-I", "-S", sweeper.__file__, parent]
    process = subprocess.Popen(  # noqa: S603 (a program of omegac's own)
        program,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # nobody who reads what omegac says waits for what outlives it
        start_new_session=True,
    )
    if process.stdin is None or process.stdout is None:
        raise AssertionError
    patience: float = _PATIENCE
    try:
        with process.stdin, process.stdout:
            told = os.fsdecode(process.stdout.readline()).rstrip("\n")
            if not os.path.isabs(told):
                number = int(told or errno.ECHILD)
                raise OSError(number, os.strerror(number), parent)
            yield Scratch(Path(told).resolve(), process.stdin.fileno())
    except KeyboardInterrupt:
        patience = _IMPATIENCE
        raise
    finally:
        with suppress(subprocess.TimeoutExpired):  # what has it still ends after omegac, and the folder then
            process.wait(patience)
