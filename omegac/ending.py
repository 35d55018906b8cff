"""How a command ends: its exit code, whatever comes up, and what signals do to it."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable

from omegac.diagnostics import Rejected
from omegac.streams import lose_output, say, show

DONE, REFUSED, USAGE, BUG, INTERRUPTED = 0, 1, 2, 3, 130
_OF_THE_MACHINE = {errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOENT, errno.ENOSPC}
"""Errors that are not omegac's where they name no file: what is full, and no folder for temporary files."""


class Ended(Exception):  # noqa: N818 (it says what the command did, and has said why)
    """A command that has shown what there is to show, and ends with a code of its own."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(code)


def code_of(command: Callable[[], None]) -> int:
    """Runs a command, and gives its exit code; what it raises is shown."""
    try:
        code = _code_of(command)
        sys.stdout.flush()
    except Rejected as rejected:
        show(rejected.diagnostics)
        return REFUSED
    except KeyboardInterrupt as interrupt:
        return int(getattr(interrupt, "code", INTERRUPTED))
    except BrokenPipeError:
        lose_output()  # the reader has gone
        return DONE
    except Exception as error:  # noqa: BLE001 (what nobody expected is a bug, and is said to be one)
        return _failed(error)
    return code


def _code_of(command: Callable[[], None]) -> int:
    """Runs a command, and gives its exit code unless it raises why it has none."""
    try:
        command()
    except Ended as ended:
        return ended.code
    return DONE


def _failed(error: Exception) -> int:
    """A usage error shows itself; a file that cannot be written is said; all else is a bug of omegac."""
    show_itself = getattr(error, "show", None)
    if callable(show_itself):
        show_itself()
        return USAGE
    if type(error).__name__ == "Abort":
        return INTERRUPTED
    if isinstance(error, OSError) and (error.filename is not None or error.errno in _OF_THE_MACHINE):
        place = f"{error.filename}: " if error.filename is not None else ""
        say(f"omegac: {place}{error.strerror}")
        if not place:
            lose_output()  # it may be what is full
        return REFUSED
    import traceback

    traceback.print_exc()
    say("omegac: this is a bug of omegac; please report it with the lines above")
    return BUG


def heed_signals() -> None:
    """Has SIGTERM do what Ctrl-C does, but that nobody is asked: nothing is left half done, all that runs is ended.

    What was to be ignored is: SIGTERM, but not SIGCHLD, without which nobody learns how a process has ended.
    """
    import signal

    from omegac.deployment.talk import Terminated

    def end(*_: object) -> None:
        raise Terminated

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_IGN:
        signal.signal(signal.SIGTERM, end)
