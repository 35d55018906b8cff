"""The keeper of commands, as the program that it is."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from socket import socketpair

import pytest

from omegac.running import keeper
from omegac.running.child import Child, Command, NotRun
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
    with Child(Command(["/bin/sh", "-c", script], tmp_path, {}, tmp_path)) as child:
        assert child.wait() == code


def test_what_cannot_be_run_is_said(tmp_path: Path) -> None:
    """A program that the system does not run is told with the system's reason."""
    with pytest.raises(NotRun, match="Permission denied"):
        Child(Command([str(tmp_path)], tmp_path, {}, tmp_path))


def test_what_a_command_leaves_behind_is_ended(tmp_path: Path) -> None:
    """A command that ends while others of its group still run takes them with it."""
    with Child(Command(["/bin/sh", "-c", "sleep 600 & exec sleep 1"], tmp_path, _PATH, tmp_path)) as child:
        assert comes(lambda: len(below(child.pid)) == 1)
        left = below(child.pid)
        assert child.wait() == 0
    assert not alive(left)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, who has left the command's group is out of reach")
@pytest.mark.parametrize("then", ["exec sleep 1", _UNENDING])
def test_what_leaves_the_group_is_ended(tmp_path: Path, then: str) -> None:
    """What a command has put into sessions of their own ends with it, be it that its parents have ended before."""
    script = f"setsid sleep 600 & setsid sh -c 'setsid sleep 600 & exit' & {then}"
    with Child(Command(["/bin/sh", "-c", script], tmp_path, _PATH, tmp_path)) as child:
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
    with Child(Command(["/bin/sh", "-c", script], tmp_path, _PATH, tmp_path)) as child:
        keeper_id = int(Path(f"/proc/{child.pid}/stat").read_text("ascii").rpartition(")")[2].split()[1])
        assert comes(lambda: len(below(keeper_id)) == 4)
        assert comes(lambda: below(keeper_id) == {child.pid})


def test_what_does_not_end_by_itself_is_ended(tmp_path: Path) -> None:
    """A command that is deaf to SIGTERM is killed when its time is up."""
    ours, theirs = socketpair()
    script = "trap '' TERM; echo deaf; while :; do sleep 0.1; done"
    words = [*_KEEPER, str(theirs.fileno()), "0.5", str(tmp_path / "scratch"), "/bin/sh", "-c", script]
    with theirs:
        process = subprocess.Popen(words, cwd=tmp_path, pass_fds=[theirs.fileno()], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    with process.stdout:
        assert process.stdout.readline() == "deaf\n"
        ours.close()
        assert process.wait(30) == -signal.SIGKILL


@pytest.mark.parametrize("says", [b"", keeper.GOES_ON])
def test_what_omegac_cannot_remove_is_removed(tmp_path: Path, says: bytes) -> None:
    """Where omegac has ended without a word, its folder goes with the command, whoever may write to what is in it."""
    scratch = tmp_path / "scratch"
    (scratch / "code").mkdir(parents=True)
    (scratch / "code" / "file").touch()
    (scratch / "code").chmod(0o555)
    ours, theirs = socketpair()
    words = [*_KEEPER, str(theirs.fileno()), "5", str(scratch), "/bin/sleep", "600"]
    with theirs:
        process = subprocess.Popen(words, cwd=scratch, pass_fds=[theirs.fileno()])
    with ours:
        assert ours.recv(20).strip().isdigit()
        ours.sendall(says)
    assert process.wait(30) == -signal.SIGTERM
    assert scratch.exists() == bool(says)


def test_the_most_memory_is_told(tmp_path: Path) -> None:
    """What a command has held at most is known while it runs, where Linux tells, and after its end."""
    program = "held = b'x' * 200_000_000; del held; print(flush=True); input()"
    with Child(Command([sys.executable, "-I", "-S", "-c", program], tmp_path, {}, tmp_path)) as child:
        assert sys.platform != "linux" or comes(lambda: (child.peak or 0) > 190_000)
        assert child.wait() == 1, "standard input is at its end"
        assert 190_000 < (child.peak or 0) < 400_000


@pytest.mark.parametrize(("then", "code"), [("exit 3", 3), ("kill -KILL $$", -9), (_UNENDING, -15)])
def test_it_keeps_elsewhere_than_on_linux(tmp_path: Path, then: str, code: int) -> None:
    """On a system that tells nothing of processes, the command's group ends with it, and its code is told."""
    ours, theirs = socketpair()
    script = f"sleep 600 & echo begun; {then}"
    words = [sys.executable, "-I", "-S", "-c", _ELSEWHERE, keeper.__file__, str(theirs.fileno()), "5", "none"]
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
