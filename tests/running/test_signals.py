"""A command in a sandbox, and the signals that it, omegac or the terminal is sent."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import run

import pytest

from tests.operations.shell import ROOT, Sitting, at_terminal, begun, ended
from tests.running.services import alive, below, comes, line_with

pytestmark = pytest.mark.usefixtures("python_on_path")

COUNTING = """\
import signal, sys, time
heard = []
for number in signal.SIGINT, signal.SIGQUIT, signal.SIGTERM:
    signal.signal(number, lambda number, _: heard.append(number.name if hasattr(number, "name") else number))
open("ready", "w").close()
time.sleep(1)
end = time.monotonic() + 20
while not heard and time.monotonic() < end:
    time.sleep(0.05)
time.sleep(1)
print("heard", heard)
sys.exit(5)
"""
"""Counts the signals that reach it, until a second after the first."""


def test_a_command_hears_that_it_is_to_end(shop: Path) -> None:
    """SIGTERM reaches the command, which ends in its own way; the local cloud ends after it."""
    script = "trap 'echo heard; exit 5' TERM; echo ready >&2; while :; do sleep 0.1; done"
    process = begun(shop, "sandbox", "--", "sh", "-c", script)
    line_with(process, "ready")
    started = below(process.pid)
    process.terminate()
    done = ended(process)
    assert (done.code, done.out) == (5, "heard\n")
    assert not alive(started)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM])
def test_a_command_does_not_outlive_it(shop: Path, how: signal.Signals) -> None:
    """However omegac is ended while a command runs, so are the command, what that has started, and the local cloud."""
    process = begun(shop, "sandbox", "--", "sh", "-c", "echo ready >&2; sleep 600; echo no")
    line_with(process, "ready")
    started = below(process.pid)
    process.send_signal(how)
    done = ended(process)
    assert (done.code, done.out) == (-how if how == signal.SIGKILL else 128 + how, "")
    assert comes(lambda: not alive(started))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_command_has_started_ends_in_its_own_way(shop: Path, how: signal.Signals) -> None:
    """A process that takes a while to end is waited for, though the shell that has started it ends at once."""
    inner = 'trap "sleep 1; touch ended; exit" TERM; echo ready >&2; while :; do sleep 0.1; done'
    process = begun(shop, "sandbox", "--", "sh", "-c", f"sh -c '{inner}'; echo no")
    line_with(process, "ready")
    process.send_signal(how)
    ended(process)
    assert comes((shop / "ended").exists)


def _killed(number: int) -> Callable[[Sitting], None]:
    return lambda sitting: sitting.process.send_signal(number)


def _pressed(key: str) -> Callable[[Sitting], None]:
    return lambda sitting: (os.write(sitting.keyboard, key.encode()), None)[1]


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        pytest.param(_pressed("\x03"), signal.SIGINT, id="Ctrl-C"),
        pytest.param(_pressed("\x1c"), signal.SIGQUIT, id="Ctrl-backslash"),
        pytest.param(_killed(signal.SIGINT), signal.SIGINT, id="kill -INT"),
        pytest.param(_killed(signal.SIGTERM), signal.SIGTERM, id="kill -TERM"),
    ],
)
def test_at_a_terminal_it_hears_each_once(shop: Path, sent: Callable[[Sitting], None], number: signal.Signals) -> None:
    """What a key sends reaches all at the terminal, and what is sent to omegac alone is passed on: each once."""
    (shop / "count.py").write_text(COUNTING, "utf-8")

    def once_ready(sitting: Sitting) -> None:
        assert comes((shop / "ready").exists)
        sent(sitting)

    done = at_terminal(shop, [], "sandbox", "--", "python3", "count.py", ready=once_ready)
    assert (done.code, f"heard [{int(number)}]" in done.out) == (5, True), done.out


def test_a_key_that_is_held_is_heard_as_often_as_it_repeats(shop: Path) -> None:
    """What the terminal sends again and again is not passed on besides, while it is sent or after."""
    count = COUNTING.replace("time.sleep(1)\nprint", "time.sleep(4)\nprint")
    (shop / "count.py").write_text(count, "utf-8")

    def once_ready(sitting: Sitting) -> None:
        assert comes((shop / "ready").exists)
        for _ in range(20):
            os.write(sitting.keyboard, b"\x03")
            time.sleep(0.03)

    done = at_terminal(shop, [], "sandbox", "--", "python3", "count.py", ready=once_ready)
    (heard,) = re.findall(r"heard \[(.*)\]", done.out)
    assert 15 <= heard.count("2") <= 20, "some come together"


@pytest.mark.parametrize("moment", range(6))
def test_what_comes_as_a_command_begins_is_no_fault(shop: Path, moment: int) -> None:
    """A signal to all at the terminal, while the command is started, ends it as it would have ended the command."""
    process = begun(shop, "sandbox", "--", "sleep", "600", start_new_session=True)
    line_with(process, "IAM")
    time.sleep(moment * 0.01)
    os.killpg(process.pid, signal.SIGINT)
    done = ended(process)
    assert (done.code, "Traceback" in done.err, "cannot be run" in done.err) == (130, False, False), done.err


@pytest.mark.parametrize("name", ["HUP", "INT", "QUIT", "TERM"])
def test_what_is_ignored_stays_so(shop: Path, name: str) -> None:
    """As with `nohup`: what omegac was told to ignore, the command in the sandbox ignores."""
    script = f"trap '' {name}; exec python -m omegac sandbox -- sh -c 'kill -{name} $PPID $$; sleep 0.5; echo on'"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = run(["sh", "-c", script], cwd=shop, env=environment, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (0, "on\n"), told.stderr


@pytest.mark.parametrize(
    ("command", "code"), [("sandbox -- sh -c 'exit 7'", 7), ("invoke hello --event event.json", 1)]
)
def test_children_that_nobody_waits_for_are_waited_for(shop: Path, command: str, code: int) -> None:
    """Begun with SIGCHLD ignored, as by some supervisors, omegac still learns how what it runs has ended."""
    (shop / "event.json").write_text('{"do": "exit", "code": 3}', "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    script = f"trap '' CHLD; exec python -m omegac {command}"
    told = run(["sh", "-c", script], cwd=shop, env=environment, capture_output=True, text=True, check=False)
    assert (told.returncode, "Traceback" in told.stderr) == (code, False), told.stderr
    if code == 1:
        assert "Runtime exited with error: exit status 3" in told.stdout
