"""The build command of an artifact: run, heard, and ended with omegac."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from omegac.diagnostics import Rejected, fault
from omegac.source import Traced
from omegac.zipping import quoted

if TYPE_CHECKING:
    from subprocess import Popen

_LAST_LINES = 5
"""How much of a failed build's output its diagnostic repeats."""
_LAST_CHARACTERS = 4_000
_CHUNK = 65_536
_GLANCE = 0.05
"""Seconds between two looks whether a build that prints nothing has ended."""
_DRAIN = 1
"""Seconds that what it has left in the background is listened to after its end."""
_SOON = 2
"""Seconds after which it is said that a build has yet to end."""
_GRACE = 10
"""Seconds that a build has to end in by itself."""


def run_build(build: Traced, folder: Path) -> None:
    """Runs a build command in the spec's folder, and passes on to stderr what it prints.

    Raises `Rejected` where it cannot be run, or fails.
    """
    import sys
    from shlex import join

    command = _command(build)
    # At a terminal, a group of its own could ask for no password there; and Ctrl-C reaches all of omegac's.
    has_group = not _has_terminal()
    process = _begun(command, build, folder, has_group=has_group)
    last = ""
    with process:
        try:
            for text in _printed(process):
                sys.stderr.write(text)
                sys.stderr.flush()  # a line that has no end yet may be a question, or tell what is waited for
                last = (last + text)[-_LAST_CHARACTERS:]
        except BaseException:  # it is interrupted, or nobody reads what it prints
            _end(process, command[0], has_group=has_group)
            raise
    if code := process.returncode:
        end = f"exited with {code}" if code > 0 else f"was ended by signal {-code}"
        lines = last.splitlines()[-_LAST_LINES:]
        hint = "\n".join(["it printed last:", *map(str.rstrip, lines)]) if lines else "it printed nothing"
        raise Rejected([fault("OM1306", f"the build command {quoted(join(command))} {end}", build, hint=hint)])


def _command(build: Traced) -> list[str]:
    from shlex import split

    try:
        command = split(build.value) if isinstance(build.value, str) else list(build.value)
    except ValueError as error:
        message = f"the build command cannot be split into words: {error}"
        raise Rejected([fault("OM1106", message, build, hint="or write it as a list of words")]) from None
    if not command:
        raise Rejected([fault("OM1106", "the build command is empty", build, hint="leave `build` out")])
    return command


def _begun(command: list[str], build: Traced, folder: Path, *, has_group: bool) -> Popen[bytes]:
    from subprocess import DEVNULL, PIPE, STDOUT, Popen

    try:
        return Popen(  # noqa: S603 (to run what the spec names is its purpose)
            command, cwd=folder, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, process_group=0 if has_group else None
        )
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        message = f"the build command {quoted(command[0])} cannot be run: {why}"
        hint = "it is run without a shell, in the spec's folder: is it installed, and found there or on the PATH?"
        raise Rejected([fault("OM1306", message, build, hint=hint)]) from None


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        return False
    return True


def _printed(process: Popen[bytes]) -> Iterator[str]:
    """What a build prints, as it comes, until it has ended: what it leaves in the background may print for ever."""
    from codecs import getincrementaldecoder

    decoder = getincrementaldecoder("utf-8")("replace")
    for chunk in _chunks(process):
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def _chunks(process: Popen[bytes]) -> Iterator[bytes]:
    import time
    from select import select

    output = process.stdout.fileno() if process.stdout else -1
    ended = None
    while ended is None or time.monotonic() < ended + _DRAIN:
        if process.poll() is not None and ended is None:
            ended = time.monotonic()
        if select([output], [], [], _GLANCE if ended is None else 0)[0]:
            chunk = os.read(output, _CHUNK)
            if not chunk:
                return
            yield chunk
        elif ended is not None:
            return


def _end(process: Popen[bytes], name: str, *, has_group: bool) -> None:
    """Ends a build that nobody waits for any more, with all of its group if it has one."""
    import sys
    from signal import SIGKILL, SIGTERM

    try:
        _signal(process, SIGTERM, has_group=has_group)
        if not _has_ended_after(process, _SOON):
            sys.stderr.write(f"\nthe build {quoted(name)} is asked to end, and killed after {_GRACE} s\n")
            _has_ended_after(process, _GRACE)
    finally:  # whoever presses Ctrl-C again does not wait for it
        _signal(process, SIGKILL, has_group=has_group)


def _has_ended_after(process: Popen[bytes], seconds: float) -> bool:
    from contextlib import suppress
    from subprocess import TimeoutExpired

    with suppress(TimeoutExpired):
        process.wait(seconds)
    return process.returncode is not None


def _signal(process: Popen[bytes], number: int, *, has_group: bool) -> None:
    from contextlib import suppress

    with suppress(ProcessLookupError, PermissionError):  # macOS has the latter for a group that has ended
        if has_group:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
