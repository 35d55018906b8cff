"""Keeps a command, and all it starts, from outliving who wants it: a program of its own, which imports no omegac.

It runs as `python -I -S keeper.py SOCKET SECONDS COMMAND…`, in a session of its own, where no key of a terminal reaches
it. The socket leads to omegac: on it the command's process id is told, or `!` and why there is no process. Once its
other end is closed, as it is however omegac ends, the command's group is asked to end, and made to after some seconds.
The keeper itself ends as its command has ended.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from resource import RLIMIT_CORE, setrlimit
from socket import socket
from threading import Thread

_ASKED_TO_END = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
_NOT_RUN = 127
"""As a shell ends that cannot run a command."""


def keep(line: socket, seconds: float, command: Sequence[str]) -> int:
    """Runs a command in a group of its own until it ends, or is wanted no more, and gives its return code."""
    for asked in _ASKED_TO_END:
        # A function, as what is ignored stays so in the command.
        signal.signal(asked, lambda *_: None)
    try:
        process = subprocess.Popen(command, process_group=0)  # noqa: S603 (to run it is its purpose)
    except (OSError, ValueError) as error:
        _tell(line, f"!{getattr(error, 'strerror', None) or error}")
        return _NOT_RUN
    _tell(line, str(process.pid))
    Thread(target=_end_once_unwanted, args=(line, seconds, process.pid), daemon=True).start()
    # Not collected yet: until then its id, which is that of its group, is nobody else's.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    _signal(process.pid, signal.SIGKILL)
    return process.wait()


def _end_once_unwanted(line: socket, seconds: float, group: int) -> None:
    with suppress(OSError):
        while line.recv(1):
            pass
    _signal(group, signal.SIGTERM)
    _signal(group, signal.SIGCONT)  # what is stopped would not hear of it
    time.sleep(seconds)
    _signal(group, signal.SIGKILL)


def _tell(line: socket, text: str) -> None:
    with suppress(OSError):  # there may be nobody any more
        line.sendall(f"{text}\n".encode())


def _signal(group: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS has the latter for a group that has ended
        os.killpg(group, number)


def _end_as(code: int) -> None:
    """Ends this process as one with a return code has ended, be it by a signal."""
    if code < 0:
        setrlimit(RLIMIT_CORE, (0, 0))  # a core would be that of the keeper
        with suppress(OSError):  # SIGKILL has no handler to reset
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)


if __name__ == "__main__":
    _end_as(keep(socket(fileno=int(sys.argv[1])), float(sys.argv[2]), sys.argv[3:]))
