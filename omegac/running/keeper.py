"""Keeps a command, and all it starts, from outliving who wants it: a program of its own, which imports no omegac.

It runs as `python -I -S keeper.py SOCKET SECONDS FOLDER COMMAND…`, in a session of its own, where no key of a terminal
reaches it. The socket leads to omegac: on it the command's process id is told, or `!` and why there is no process, and
after its end the most memory that it has had, in KiB. Once omegac closes its side, as it does however it ends, the
command and all below it are asked to end, and made to after some seconds; if it has not said before that it goes on
itself, what it leaves in the folder is removed. The keeper itself ends as its command has ended, and leaves nothing of
it, as systemd stops a unit of EC2, and Lambda an execution environment. Where the system is not Linux, that is the
command's group alone.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from resource import RLIMIT_CORE, RUSAGE_CHILDREN, getrusage, setrlimit
from socket import socket
from threading import Event, Thread
from typing import NamedTuple

GOES_ON = b"."
"""What omegac says before it closes its side, if it has not ended itself."""
_ASKED_TO_END = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
_NOT_RUN = 127
"""As a shell ends that cannot run a command."""
_PR_SET_CHILD_SUBREAPER = 36
"""Of <linux/prctl.h>."""
_KILL_SECONDS = 2
"""How long what is killed is waited for: it may not be ours to kill, or hang in the kernel."""


class _Process(NamedTuple):
    """What Linux tells of a process that has not ended."""

    id: int
    parent: int
    group: int


def keep(line: socket, seconds: float, folder: str, command: Sequence[str]) -> int:
    """Runs a command in a group of its own until it ends, or is wanted no more, and gives its return code."""
    for asked in _ASKED_TO_END:
        # A function, as what is ignored stays so in the command.
        signal.signal(asked, lambda *_: None)
    _adopt_orphans()
    try:
        process = subprocess.Popen(command, process_group=0)  # noqa: S603 (to run it is its purpose)
    except (OSError, ValueError) as error:
        _tell(line, f"!{getattr(error, 'strerror', None) or error}")
        return _NOT_RUN
    _tell(line, str(process.pid))
    orphaned = Event()
    Thread(target=_end_once_unwanted, args=(line, seconds, process.pid, orphaned), daemon=True).start()
    _await(process)
    _kill_all(process.pid)
    code = process.wait()
    if orphaned.is_set():
        _remove(folder)
    _tell(line, str(_peak()))
    return code


def _adopt_orphans() -> None:
    """Has Linux make this process the parent of what loses its own below it, and so keep it in sight.

    What has left the command's group, for a session of its own, is else nobody's once its parent has ended.
    """
    if sys.platform == "linux":
        from ctypes import CDLL  # the standard library has no other way to it

        CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _await(command: subprocess.Popen[bytes]) -> None:
    """Waits until the command has ended, and collects what else has.

    On Linux it is not collected itself yet: until then its id, which is that of its group, is nobody else's.
    """
    if sys.platform != "linux":  # nothing else is this process's, and macOS has no `waitid` before Python 3.13
        command.wait()
        return
    while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)) and ended.si_pid != command.pid:
        os.waitpid(ended.si_pid, 0)


def _end_once_unwanted(line: socket, seconds: float, group: int, orphaned: Event) -> None:
    said = b""
    with suppress(OSError):
        while more := line.recv(1):
            said += more
    if said != GOES_ON:
        orphaned.set()
    _signal_all(group, signal.SIGTERM)
    _signal_all(group, signal.SIGCONT)  # what is stopped would not hear of it
    time.sleep(seconds)
    _signal(group, signal.SIGKILL)


def _kill_all(group: int) -> None:
    """Kills all of the command, and what that has begun meanwhile."""
    _signal_all(group, signal.SIGKILL)
    deadline = time.monotonic() + _KILL_SECONDS
    while any(_below()) and time.monotonic() < deadline:
        time.sleep(0.01)
        _signal_all(group, signal.SIGKILL)


def _signal_all(group: int, number: int) -> None:
    """Signals to the command's group, and to each process below that has left it."""
    outside = [process.id for process in _below() if process.group != group]
    _signal(group, number)
    for process in outside:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process, number)


def _below() -> Iterator[_Process]:
    """The processes that have come from this one and have not ended; none where the system is not Linux."""
    listed = list(_processes())
    found = {os.getpid()}
    while more := [process for process in listed if process.parent in found and process.id not in found]:
        found.update(process.id for process in more)
        yield from more


def _processes() -> Iterator[_Process]:
    for name in os.listdir("/proc") if sys.platform == "linux" else ():
        if name.isdecimal():
            with suppress(OSError), open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                # The program's name stands before, and may have whatever in it.
                state, parent, group = file.read().rpartition(")")[2].split()[:3]
                if state not in "ZX":
                    yield _Process(int(name), int(parent), int(group))


def _peak() -> int:
    """The most memory that one of the processes below has had, in KiB; macOS counts in bytes."""
    most = getrusage(RUSAGE_CHILDREN).ru_maxrss
    return most // 1024 if sys.platform == "darwin" else most


def _remove(folder: str) -> None:
    """Removes a folder, with what nobody may write to in it."""
    for place, _, _ in os.walk(folder):
        with suppress(OSError):
            os.chmod(place, 0o700)
    shutil.rmtree(folder, ignore_errors=True)


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
    _end_as(keep(socket(fileno=int(sys.argv[1])), float(sys.argv[2]), sys.argv[3], sys.argv[4:]))
