"""Keeps a command, and all it starts, from outliving who wants it: a program of its own, which imports no omegac.

It runs as `python -I -S keeper.py SOCKET SECONDS PLACE COMMAND…`. The socket leads to omegac: on it the command's
process id is told, or `!` and why there is no process, and in the end that all has ended. Once omegac closes its side,
as it does however it ends, the command and all below it are asked to end, and made to after some seconds. The keeper
itself ends as its command has ended, and the command with its keeper. Where the system is not Linux, what a process has
started is not told by it, and "all below" is less.

Without a PLACE, the keeper begins in a session of its own, where no key of a terminal reaches it; the command has a
group of its own, and leaves nothing of it, as systemd stops a unit of EC2, and Lambda an execution environment. In the
foreground, keeper and command stay in omegac's group, to which the terminal belongs; all below is ended with omegac
alone, or once it was told to end and the command has. There omegac tells each signal that it gets, as a byte; all below
gets it, unless it has reached the keeper too: then it was for the whole group, as is what a key of a terminal sends.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from resource import RLIMIT_CORE, setrlimit
from socket import MSG_DONTWAIT, socket
from threading import Event, Thread
from typing import Any, NamedTuple

FOREGROUND = "foreground"
ENDED = "ended"
"""What is told when all has ended."""
PASSED_ON = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
_TO_END = (signal.SIGHUP, signal.SIGTERM)
_MOST = 4096
_TOGETHER = 0.2
"""Seconds within which a signal to a group reaches all of it."""
_NOT_RUN = 127
"""As a shell ends that cannot run a command."""
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
"""Of <linux/prctl.h>."""
_KILL_SECONDS = 2
"""How long what is killed is waited for: it may not be ours to kill, or hang in the kernel."""


class _Process(NamedTuple):
    """What Linux tells of a process that has not ended."""

    id: int
    parent: int
    group: int


class _Kept(NamedTuple):
    """The command."""

    process: subprocess.Popen[bytes]
    foreground: bool
    seconds: float
    """How long it has to end once it is asked to."""
    reached: Mapping[int, float]
    """The signals that have reached the keeper, each with when it did last, on the monotonic clock."""
    unwanted: Event
    """That it was asked to end."""

    @property
    def group(self) -> int | None:
        """The id of its group, if that has no process that is not below it."""
        return None if self.foreground else self.process.pid


def keep(line: socket, seconds: float, command: Sequence[str], *, foreground: bool) -> int:
    """Runs a command until it ends, or is wanted no more, and gives its return code."""
    reached: dict[int, float] = {}
    for number in PASSED_ON:
        # What is ignored stays so in the command. In the foreground it does, as `nohup` wants it to.
        if not (foreground and signal.getsignal(number) is signal.SIG_IGN):
            signal.signal(number, lambda number, _: reached.update({number: time.monotonic()}))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)  # omegac has blocked them for as long
    _control(_PR_SET_CHILD_SUBREAPER, 1)
    try:
        kept = _Kept(_run(command, None if foreground else 0), foreground, seconds, reached, Event())
    except (OSError, ValueError) as error:
        _tell(line, f"!{getattr(error, 'strerror', None) or error}")
        return _NOT_RUN
    reached.clear()  # the command, which was not there yet, has not got it
    _tell(line, str(kept.process.pid))
    Thread(target=_obey, args=(line, kept), daemon=True).start()
    _await(kept.process)
    if foreground and kept.unwanted.is_set():
        _await_below(kept)  # it was asked to end, too
    if kept.unwanted.is_set() or not foreground:
        _kill_all(kept)
    _tell(line, ENDED)
    return kept.process.wait()


def _run(command: Sequence[str], group: int | None) -> subprocess.Popen[bytes]:
    """Begins a command. A file of a format that the system does not know is a script of `sh`, as it is to `env`."""
    how: dict[str, Any] = {
        "process_group": group,
        "preexec_fn": lambda: _control(_PR_SET_PDEATHSIG, signal.SIGKILL),  # there is no other thread yet
    }
    try:
        return subprocess.Popen(command, **how)  # noqa: S603 (to run it is its purpose)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        return subprocess.Popen(["/bin/sh", *command], **how)  # noqa: S603 (as above)


def _control(what: int, value: int) -> None:
    """Has Linux do something for this process: end it with its parent, or make it the parent of orphans below it.

    What has left the command's group, for a session of its own, is else nobody's once its parent has ended.
    """
    if sys.platform == "linux":
        from ctypes import CDLL  # the standard library has no other way to it

        CDLL(None).prctl(what, value, 0, 0, 0)


def _await(command: subprocess.Popen[bytes]) -> None:
    """Waits until the command has ended, and collects what else has.

    On Linux it is not collected itself yet: until then its id, which is that of its group, is nobody else's.
    """
    if sys.platform != "linux":  # nothing else is this process's, and macOS has no `waitid` before Python 3.13
        command.wait()
        return
    while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)) and ended.si_pid != command.pid:
        os.waitpid(ended.si_pid, 0)


def _obey(line: socket, kept: _Kept) -> None:
    """Passes on what omegac tells, and ends all once omegac is gone."""
    with suppress(OSError):
        while told := line.recv(_MOST):
            _pass_on(told, line, kept)
    kept.unwanted.set()
    _signal_all(kept, signal.SIGTERM)
    _signal_all(kept, signal.SIGCONT)  # what is stopped would not hear of it
    time.sleep(kept.seconds)
    _signal_all(kept, signal.SIGKILL)


def _pass_on(told: bytes, line: socket, kept: _Kept) -> None:
    """Passes on what was told, each signal once, and what is told while it is seen whether that reaches the keeper."""
    began = time.monotonic()
    time.sleep(_TOGETHER)
    with suppress(BlockingIOError):
        told += line.recv(_MOST, MSG_DONTWAIT)
    if set(told) & set(_TO_END):
        kept.unwanted.set()
    for number in sorted(set(told)):
        if kept.reached.get(number, 0) < began - _TOGETHER:
            _signal_all(kept, number)


def _await_below(kept: _Kept) -> None:
    deadline = time.monotonic() + kept.seconds
    while any(_below()) and time.monotonic() < deadline:
        time.sleep(0.01)


def _kill_all(kept: _Kept) -> None:
    """Kills all of the command, and what that has begun meanwhile."""
    _signal_all(kept, signal.SIGKILL)
    deadline = time.monotonic() + _KILL_SECONDS
    while any(_below()) and time.monotonic() < deadline:
        time.sleep(0.01)
        _signal_all(kept, signal.SIGKILL)


def _signal_all(kept: _Kept, number: int) -> None:
    """Signals to the command, its group, and each process below that is not of it."""
    others = [process.id for process in _below() if process.group != kept.group]
    if kept.group:
        with suppress(ProcessLookupError, PermissionError):  # macOS has the latter for a group that has ended
            os.killpg(kept.group, number)
    elif not others and kept.process.returncode is None:
        others = [kept.process.pid]
    for process in others:
        _signal(process, number)


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


def _tell(line: socket, text: str) -> None:
    with suppress(OSError):  # there may be nobody any more
        line.sendall(f"{text}\n".encode())


def _signal(process: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(process, number)


def _end_as(code: int) -> None:
    """Ends this process as one with a return code has ended, be it by a signal."""
    if code < 0:
        setrlimit(RLIMIT_CORE, (0, 0))  # a core would be that of the keeper
        with suppress(OSError):  # SIGKILL has no handler to reset
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)


if __name__ == "__main__":
    _, _line, _seconds, _place, *_command = sys.argv
    _end_as(keep(socket(fileno=int(_line)), float(_seconds), _command, foreground=_place == FOREGROUND))
