"""Runs omegac as its users do: in this process, in one of its own, or at a terminal where answers are typed."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from omegac import cli

ROOT = Path(__file__).resolve().parent.parent.parent
CTRL_C, CTRL_D = "\x03", "\x04"
OMEGAC = ("-m", "omegac")
_PROMPT = re.compile(r"(\]|:) \Z")


class Done(NamedTuple):
    """A command that has ended: its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """What it wrote as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    def of_type(self, name: str) -> list[dict[str, Any]]:
        """The records of a type."""
        return [record for record in self.records if record["type"] == name]

    @property
    def actions(self) -> dict[str, str]:
        """What becomes of each resource, by its logical id, as the planned change tells."""
        (planned,) = self.of_type("planned")
        return {each["logical_id"]: each["action"] for each in planned["changes"]["resources"]}


def omegac(folder: Path, *arguments: str) -> Done:
    """Runs a command within this process, in a folder; nobody is there to be asked."""
    out, err = io.StringIO(), io.StringIO()
    with chdir(folder), redirect_stdout(out), redirect_stderr(err), mock.patch("sys.stdin", io.StringIO()):
        code = cli.run(list(arguments))
    return Done(code, out.getvalue(), err.getvalue())


def begun(folder: Path, *arguments: str, program: Sequence[str] = OMEGAC, **streams: Any) -> subprocess.Popen[str]:
    """A command that runs as a process of its own; nobody is there to be asked, unless `streams` say otherwise."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "TERM": "dumb"}
    environment.pop("CI", None)  # where it is set, nobody is taken to sit at a terminal
    piped = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    command = [sys.executable, *program, *arguments]
    return subprocess.Popen(command, cwd=folder, env=environment, text=True, **{**piped, **streams})


def ended(process: subprocess.Popen[str], seconds: float = 60) -> Done:
    """A process when it has ended by itself."""
    out, err = process.communicate(timeout=seconds)
    return Done(process.returncode, out, err)


class Sitting(NamedTuple):
    """Whoever sits at the terminal of a command that runs."""

    process: subprocess.Popen[str]
    keyboard: int

    def interrupt(self) -> None:
        """Presses Ctrl-C."""
        os.write(self.keyboard, CTRL_C.encode())

    def terminate(self) -> None:
        """Ends the process from elsewhere, as whoever shuts the machine down does."""
        self.process.terminate()


def at_terminal(
    folder: Path,
    answers: Sequence[str],
    *arguments: str,
    program: Sequence[str] = OMEGAC,
    ready: Callable[[Sitting], None] | None = None,
) -> Done:
    """Runs a command at a terminal, where each question is answered in turn; all that is shown there is in `out`.

    `ready` is given who sits there before the command has done anything. Ctrl-C and Ctrl-D are answers as well.
    """
    left = iter(answers)
    process, keyboard = seated(folder, *arguments, program=program)
    with process:
        if ready:
            ready(Sitting(process, keyboard))
        shown = ""
        for text in read(keyboard):
            shown += text
            if _PROMPT.search(shown):
                answer = next(left)
                os.write(keyboard, (answer if answer in {CTRL_C, CTRL_D} else f"{answer}\n").encode())
    os.close(keyboard)
    assert not list(left), "more answers than questions"
    return Done(process.returncode, shown, "")


def seated(folder: Path, *arguments: str, program: Sequence[str] = OMEGAC) -> tuple[subprocess.Popen[str], int]:
    """A command that runs at a terminal, and the other side of that, to be closed by whoever asks for it."""
    keyboard, line = pty.openpty()
    streams = {"stdin": line, "stdout": line, "stderr": line}
    process = begun(folder, *arguments, program=program, **streams, start_new_session=True, preexec_fn=_take_control)
    os.close(line)
    return process, keyboard


def _take_control() -> None:
    """Makes the terminal that a process reads from its own, so that Ctrl-C at it reaches the process."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def read(terminal: int) -> Iterator[str]:
    """What is shown, as it comes, until nobody writes any more."""
    while True:
        try:
            text = os.read(terminal, 65536)
        except OSError:  # how Linux says that the other side of a terminal is closed
            return
        yield text.decode().replace("\r\n", "\n")
