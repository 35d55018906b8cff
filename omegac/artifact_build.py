"""The build command of an artifact: run, heard, and ended with omegac."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from omegac.command import words_of
from omegac.diagnostics import Rejected, fault
from omegac.source import Traced
from omegac.zipping import quoted

if TYPE_CHECKING:
    from omegac.child import Child

_LAST_LINES = 5
"""How much of a failed build's output its diagnostic repeats."""
_LAST_CHARACTERS = 10_000
_CHUNK = 65_536
_GLANCE = 0.02
"""Seconds between two looks whether a build that prints nothing has ended."""
_SILENCE, _MOST_SAID_AFTER = 0.3, 2
"""Seconds of silence, and seconds at most, after which what a build has left is not listened to any more."""
_SOON = 2
"""Seconds after which it is said that a build has yet to end."""


def run_build(build: Traced, folder: Path) -> None:
    """Runs a build command in the spec's folder, and passes on to stderr what it prints.

    What it leaves in the background is not waited for, and not heard.
    Raises `Rejected` where it cannot be run, or fails.
    """
    from shlex import join

    command = words_of(build, "the build command")
    code, last = _run(command, build, folder)
    if code:
        end = f"exited with {code}" if code > 0 else f"was ended by signal {-code}"
        lines = [line.rstrip() for line in last.splitlines()[-_LAST_LINES:]]
        hint = "\n".join(["it printed last:", *lines]) if lines else "it printed nothing"
        raise Rejected([fault("OM1306", f"the build command {quoted(join(command))} {end}", build, hint=hint)])


class _Output:
    """What a build prints, passed on to stderr as it comes, and the end of it."""

    def __init__(self, pipe: int) -> None:
        from codecs import getincrementaldecoder

        self.last = ""
        self._pipe = pipe
        self._decoder = getincrementaldecoder("utf-8")("replace")

    def hear(self) -> bytes | None:
        """What comes next, or soon, which is passed on; empty at its end, and None where nothing comes."""
        from select import select

        if not select([self._pipe], [], [], _GLANCE)[0]:
            return None
        chunk = os.read(self._pipe, _CHUNK)
        self.say(self._decoder.decode(chunk, final=not chunk))
        return chunk

    def say(self, text: str) -> None:
        """Says something, and keeps the end. Raises `OSError` where nobody listens any more."""
        import sys

        if not text:
            return
        last = self.last + text
        self.last = last if len(last) <= _LAST_CHARACTERS else f"…{last[-_LAST_CHARACTERS:]}"
        sys.stderr.write(text)
        sys.stderr.flush()  # a line that has no end yet may be a question, or tell what is waited for


def _run(words: list[str], build: Traced, folder: Path) -> tuple[int, str]:
    """Runs a build to its end: the code that it ended with, below zero for a signal, and the end of what it printed."""
    from omegac.child import Child, Command, NotRun

    reading, writing = os.pipe()
    output = _Output(reading)
    try:
        try:
            # In the foreground, so that it may ask for a password, and ends with omegac's group.
            child = Child(Command(words, folder, os.environ, (), writing, foreground=True, reads=False))
        finally:
            os.close(writing)
        with child:
            try:
                _hear(child, output)
            except BaseException:  # it is interrupted, or nobody reads what it prints
                _end(child, output, words[0])
                raise
            code = child.wait()
    except (NotRun, ValueError) as error:
        message = f"the build command {quoted(words[0])} cannot be run: {error}"
        hint = "it is run without a shell, in the spec's folder: is it installed, and found there or on the PATH?"
        raise Rejected([fault("OM1306", message, build, hint=hint)]) from None
    finally:
        os.close(reading)
    printed = output.last
    if code and printed and not printed.endswith("\n"):
        output.say("\n")
    return code, printed


def _hear(child: Child, output: _Output) -> None:
    """Hears a build until it has ended: what it has left may hold its output, and print to it for ever."""
    import time

    heard, ended = time.monotonic(), None
    while ended is None or time.monotonic() < min(heard + _SILENCE, ended + _MOST_SAID_AFTER):
        chunk = output.hear()
        if chunk == b"":
            return
        if chunk:
            heard = time.monotonic()
        if ended is None and child.code is not None:
            heard = ended = time.monotonic()


def _end(child: Child, output: _Output, name: str) -> None:
    """Ends a build that nobody waits for any more, and passes on what it says to that, if somebody listens."""
    import time
    from contextlib import suppress

    from omegac.child import GRACE

    began, is_told = time.monotonic(), False
    try:
        child.ends_within(0)
        while child.code is None:
            with suppress(OSError):
                if not output.hear():
                    time.sleep(_GLANCE)  # at its end, there is always nothing to read
                if not is_told and time.monotonic() > began + _SOON:
                    is_told = True
                    output.say(f"\nthe build {quoted(name)} is asked to end, and killed after {GRACE} s\n")
        with suppress(OSError):
            output.hear()
    except KeyboardInterrupt:  # whoever presses Ctrl-C again does not wait for it
        child.leave()
        raise
