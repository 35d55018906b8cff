"""The keeper of commands, as the program that it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from socket import socketpair

import pytest

from omegac import keeper
from omegac.child import Child, Command, NotRun
from tests.running.services import alive, below, comes

_PATH = {"PATH": "/usr/bin:/bin"}
_UNENDING = "exec sleep 600"
_KEEPER = (sys.executable, "-I", "-S", keeper.__file__)
_ELSEWHERE = (
    "import os, runpy, sys; sys.platform = 'darwin'; del os.waitid; runpy.run_path(sys.argv.pop(1), None, '__main__')"
)
"""Runs the keeper as on a system that is not Linux."""


@pytest.mark.parametrize(
    ("script", "code"), [("exit 3", 3), ("kill -SEGV $$", -11), ("kill -KILL $$", -9), ("kill -INT $$", -2)]
)
def test_it_ends_as_its_command(tmp_path: Path, script: str, code: int) -> None:
    """The code of a command, or its signal, is that of its keeper."""
    with Child(Command(["/bin/sh", "-c", script], tmp_path, {}, [])) as child:
        assert child.wait() == code


def test_what_cannot_be_run_is_said(tmp_path: Path) -> None:
    """A program that the system does not run is told with the system's reason."""
    with pytest.raises(NotRun, match="Permission denied"):
        Child(Command([str(tmp_path)], tmp_path, {}, []))


def test_what_a_command_leaves_behind_is_ended(tmp_path: Path) -> None:
    """A command that ends while others of its group still run takes them with it."""
    with Child(Command(["/bin/sh", "-c", "sleep 600 & exec sleep 1"], tmp_path, _PATH, [])) as child:
        assert comes(lambda: len(below(child.pid)) == 1)
        left = below(child.pid)
        assert child.wait() == 0
    assert not alive(left)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, who has left the command's group is out of reach")
@pytest.mark.parametrize("then", ["exec sleep 1", _UNENDING])
def test_what_leaves_the_group_is_ended(tmp_path: Path, then: str) -> None:
    """What a command has put into sessions of their own ends with it, be it that its parents have ended before."""
    script = f"setsid sleep 600 & setsid sh -c 'setsid sleep 600 & exit' & {then}"
    with Child(Command(["/bin/sh", "-c", script], tmp_path, _PATH, [])) as child:
        assert comes(lambda: sum(command.startswith("sleep") for command in _commands(tmp_path)) == 3)
        left = set(_in(tmp_path))
        if then == "exec sleep 1":
            assert child.wait() == 0
    assert len(left) >= 4, "the keeper too"
    assert not alive(left)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, orphans are not the keeper's")
def test_orphans_are_collected(tmp_path: Path) -> None:
    """What a command leaves to its keeper, and ends by itself, stays no entry in the table of processes."""
    script = "for each in 1 2 3; do (sleep 0.1 &) ; done; exec sleep 600"
    with Child(Command(["/bin/sh", "-c", script], tmp_path, _PATH, [])) as child:
        keeper_id = int(Path(f"/proc/{child.pid}/stat").read_text("ascii").rpartition(")")[2].split()[1])
        assert comes(lambda: len(below(keeper_id)) == 4)
        assert comes(lambda: below(keeper_id) == {child.pid})


def test_what_does_not_end_by_itself_is_ended(tmp_path: Path) -> None:
    """A command that is deaf to SIGTERM is killed when its time is up."""
    ours, theirs = socketpair()
    script = "trap '' TERM; echo deaf; while :; do sleep 0.1; done"
    words = [*_KEEPER, str(theirs.fileno()), "0.5", "", "/bin/sh", "-c", script]
    with theirs:
        process = subprocess.Popen(words, cwd=tmp_path, pass_fds=[theirs.fileno()], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    with process.stdout:
        assert process.stdout.readline() == "deaf\n"
        ours.close()
        assert process.wait(30) == -signal.SIGKILL


def test_a_command_that_was_killed_is_not_its_keeper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where the keeper itself was killed is there a group left to kill; else its id may be another's by then."""
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "killpg", lambda *what: killed.append(what))
    with Child(Command(["/bin/sh", "-c", "kill -9 $$"], tmp_path, {}, [])) as child:
        assert child.wait() == -9
    assert killed == []
    with Child(Command(["/bin/sh", "-c", "kill -9 $PPID; exec sleep 600"], tmp_path, _PATH, [])) as child:
        assert child.wait() == -9
    assert killed == [(child.pid, 9)]
    assert comes(lambda: not alive({child.pid})) or sys.platform != "linux"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, nothing tells of a process what it has")
def test_the_most_memory_is_told(tmp_path: Path) -> None:
    """What a command has held at most is known after its end too, and none of what its children have held."""
    child_of_its_own = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'b\"x\" * 400_000_000'])"
    program = f"{child_of_its_own}; held = b'x' * 200_000_000; del held; print(flush=True); import time; time.sleep(1)"
    with Child(Command([sys.executable, "-I", "-S", "-c", program], tmp_path, {}, [])) as child:
        assert comes(lambda: (child.peak or 0) > 190_000)
        assert child.wait() == 0
        assert 190_000 < (child.peak or 0) < 300_000


def _foreground(folder: Path, script: str, line: int, program: tuple[str, ...] = _KEEPER) -> subprocess.Popen[str]:
    words = [*program, str(line), "5", keeper.FOREGROUND, "/bin/sh", "-c", script]
    return subprocess.Popen(words, cwd=folder, pass_fds=[line], stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    "program", [_KEEPER, (sys.executable, "-I", "-S", "-c", _ELSEWHERE, keeper.__file__)], ids=["here", "elsewhere"]
)
def test_in_the_foreground_it_ends_with_omegac(tmp_path: Path, program: tuple[str, ...]) -> None:
    """A command that has the terminal stays in omegac's group, and is ended once omegac has ended."""
    ours, theirs = socketpair()
    with theirs:
        process = _foreground(tmp_path, "ps -o pgid= -p $$; exec sleep 600", theirs.fileno(), program)
    assert process.stdout
    with process.stdout:
        assert int(process.stdout.readline()) == os.getpgrp()
        assert process.poll() is None
        ours.close()
        assert process.wait(30) == -signal.SIGTERM


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, what a command has started is out of reach")
def test_in_the_foreground_all_below_ends_with_omegac(tmp_path: Path) -> None:
    """What a command has started in whatever group is ended with it, if omegac has ended, and nobody else."""
    ours, theirs = socketpair()
    with theirs:
        process = _foreground(tmp_path, "setsid sleep 600 & sleep 600; echo on", theirs.fileno())
    assert process.stdout
    with process.stdout:
        assert comes(lambda: len(below(process.pid)) == 3)
        started = below(process.pid)
        ours.close()
        process.wait(30)
    assert not alive(started)


def test_in_the_foreground_what_is_left_behind_stays(tmp_path: Path) -> None:
    """A command that starts another in the background and ends has done what it would have done without omegac."""
    ours, theirs = socketpair()
    with theirs:
        process = _foreground(tmp_path, "sleep 600 >&2 & echo $!", theirs.fileno())
    assert process.stdout
    with ours, process.stdout:
        left = int(process.stdout.readline())
        assert process.wait(30) == 0
    assert alive({left})
    os.kill(left, signal.SIGKILL)


@pytest.mark.parametrize(("ignored", "code"), [("", -signal.SIGHUP), ("trap '' HUP; ", 0)])
def test_in_the_foreground_what_is_ignored_stays_so(tmp_path: Path, ignored: str, code: int) -> None:
    """As `nohup` has it, a command whose caller ignores that the terminal is gone does so itself."""
    ours, theirs = socketpair()
    words = [*_KEEPER, str(theirs.fileno()), "5", keeper.FOREGROUND, "/bin/sh", "-c", "'kill -HUP $$'"]
    with ours, theirs:
        done = subprocess.run(
            ["/bin/sh", "-c", f"{ignored}exec {' '.join(words)}"], cwd=tmp_path, pass_fds=[theirs.fileno()], check=False
        )
    assert done.returncode == code


@pytest.mark.parametrize(("then", "code"), [("exit 3", 3), ("kill -KILL $$", -9), (_UNENDING, -15)])
def test_it_keeps_elsewhere_than_on_linux(tmp_path: Path, then: str, code: int) -> None:
    """On a system that tells nothing of processes, the command's group ends with it, and its code is told."""
    ours, theirs = socketpair()
    script = f"sleep 600 & echo begun; {then}"
    words = [sys.executable, "-I", "-S", "-c", _ELSEWHERE, keeper.__file__, str(theirs.fileno()), "5", ""]
    with theirs:
        process = subprocess.Popen(
            [*words, "/bin/sh", "-c", script], cwd=tmp_path, pass_fds=[theirs.fileno()], stdout=subprocess.PIPE
        )
    assert process.stdout
    with process.stdout:
        with ours:
            assert process.stdout.readline() == b"begun\n"
            assert then == _UNENDING or process.wait(30) == code
        assert process.wait(30) == code
        assert process.stdout.read() == b"", "the last that could write has ended"


def _in(folder: Path) -> Iterator[int]:
    """The processes that run in a folder."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (entry / "cwd").readlink() == folder:
                yield int(entry.name)


def _commands(folder: Path) -> Iterator[str]:
    for process in _in(folder):
        with suppress(OSError):
            yield Path(f"/proc/{process}/comm").read_text("utf-8")
