"""The build command of an artifact: run, heard, and ended with omegac."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from omegac.diagnostics import Rejected, fault
from omegac.source import Traced
from omegac.zipping import quoted

if TYPE_CHECKING:
    from subprocess import Popen

_LAST_LINES = 5
"""How much of a failed build's output its diagnostic repeats."""
_GRACE = 10
"""Seconds that a build has to end in by itself."""


def run_build(build: Traced, folder: Path) -> None:
    """Runs a build command in the spec's folder, and passes on to stderr what it prints.

    Raises `Rejected` where it cannot be run, or fails.
    """
    import sys
    from collections import deque
    from shlex import join

    command = _command(build)
    # At a terminal, a group of its own could ask for no password there; and Ctrl-C reaches all of omegac's.
    has_group = not _has_terminal()
    process = _begun(command, build, folder, has_group=has_group)
    last: deque[str] = deque(maxlen=_LAST_LINES)
    with process:
        try:
            for line in process.stdout or ():
                sys.stderr.write(line)
                last.append(line.rstrip())
        except BaseException:  # it is interrupted, or nobody reads what it prints
            _end(process, has_group=has_group)
            raise
    if code := process.returncode:
        end = f"exited with {code}" if code > 0 else f"was ended by signal {-code}"
        hint = "\n".join(["it printed last:", *last]) if last else "it printed nothing"
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


def _begun(command: list[str], build: Traced, folder: Path, *, has_group: bool) -> Popen[str]:
    from subprocess import DEVNULL, PIPE, STDOUT, Popen

    try:
        return Popen(  # noqa: S603 (to run what the spec names is its purpose)
            command,
            cwd=folder,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            encoding="utf-8",
            errors="replace",
            process_group=0 if has_group else None,
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


def _end(process: Popen[str], *, has_group: bool) -> None:
    """Ends a build that nobody waits for any more, with all of its group if it has one."""
    from signal import SIGKILL, SIGTERM
    from subprocess import TimeoutExpired

    try:
        _signal(process, SIGTERM, has_group=has_group)
        process.wait(_GRACE)
    except TimeoutExpired:
        pass
    finally:  # whoever presses Ctrl-C again does not wait for it
        _signal(process, SIGKILL, has_group=has_group)


def _signal(process: Popen[str], number: int, *, has_group: bool) -> None:
    from contextlib import suppress

    with suppress(ProcessLookupError, PermissionError):  # macOS has the latter for a group that has ended
        if has_group:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
