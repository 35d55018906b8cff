"""The build command of an artifact: run, heard, and ended with omegac."""

from __future__ import annotations

import os
from collections.abc import Iterator
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


def _run(words: list[str], build: Traced, folder: Path) -> tuple[int, str]:
    """Runs a build to its end: the code that it ended with, below zero for a signal, and the end of what it printed."""
    from omegac.child import Child, Command, NotRun

    reading, writing = os.pipe()
    try:
        try:
            # In the foreground, so that it may ask for a password, and ends with omegac's group.
            child = Child(Command(words, folder, os.environ, (), writing, foreground=True, reads=False))
        finally:
            os.close(writing)
        with child:
            try:
                return _heard(child, reading)
            except BaseException:  # it is interrupted, or nobody reads what it prints
                _end(child, reading, words[0])
                raise
    except (NotRun, ValueError) as error:
        message = f"the build command {quoted(words[0])} cannot be run: {error}"
        hint = "it is run without a shell, in the spec's folder: is it installed, and found there or on the PATH?"
        raise Rejected([fault("OM1306", message, build, hint=hint)]) from None
    finally:
        os.close(reading)


def _heard(child: Child, output: int) -> tuple[int, str]:
    import sys
    from codecs import getincrementaldecoder

    decoder = getincrementaldecoder("utf-8")("replace")
    last = ""
    for chunk in _printed(child, output):
        text = decoder.decode(chunk, final=not chunk)
        sys.stderr.write(text)
        sys.stderr.flush()  # a line that has no end yet may be a question, or tell what is waited for
        last = last + text
        last = last if len(last) <= _LAST_CHARACTERS else f"…{last[-_LAST_CHARACTERS:]}"
    code = child.wait()
    if code and last and not last.endswith("\n"):
        sys.stderr.write("\n")
    return code, last


def _printed(child: Child, output: int) -> Iterator[bytes]:
    """What a build prints, as it comes, until it has ended, and an empty one last.

    What it has left in the background may hold its output, and print to it for ever.
    """
    import time
    from select import select

    heard, ended = time.monotonic(), None
    while ended is None or (time.monotonic() < heard + _SILENCE and time.monotonic() < ended + _MOST_SAID_AFTER):
        if select([output], [], [], _GLANCE)[0]:
            chunk = os.read(output, _CHUNK)
            if not chunk:
                break
            heard = time.monotonic()
            yield chunk
        if ended is None and child.code is not None:
            heard = ended = time.monotonic()
    yield b""


def _end(child: Child, output: int, name: str) -> None:
    """Ends a build that nobody waits for any more, and passes on what it says to that."""
    import sys
    import time

    from omegac.child import GRACE

    began, is_told = time.monotonic(), False
    try:
        child.ends_within(0)
        while child.code is None:
            sys.stderr.write(_next(output).decode("utf-8", "replace"))
            sys.stderr.flush()
            if not is_told and time.monotonic() > began + _SOON:
                sys.stderr.write(f"\nthe build {quoted(name)} is asked to end, and killed after {GRACE} s\n")
                is_told = True
        sys.stderr.write(_next(output).decode("utf-8", "replace"))
    except KeyboardInterrupt:  # whoever presses Ctrl-C again does not wait for it
        child.leave()
        raise


def _next(output: int) -> bytes:
    """What comes next, or soon; nothing where nothing does."""
    import time
    from select import select

    chunk = os.read(output, _CHUNK) if select([output], [], [], _GLANCE)[0] else b""
    if not chunk:
        time.sleep(_GLANCE)  # at its end, there is always nothing to read
    return chunk
