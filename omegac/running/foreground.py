"""A command that has the terminal, as if it had been called without omegac."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from types import FrameType

from omegac.diagnostics import Rejected, fault


def run(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Runs a command to its end, and gives its code, below zero for a signal. Raises `Rejected` where it cannot be run.

    It is the command that ends at SIGTERM or Ctrl-C, or does not: the one is passed on, the other reaches it from the
    terminal, where there is one.
    """
    started: list[subprocess.Popen[bytes]] = []

    def pass_on(number: int, _: FrameType | None) -> None:
        for process in started:
            process.send_signal(number)

    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, (lambda *_: None) if _at_terminal() else pass_on),
        signal.SIGTERM: signal.signal(signal.SIGTERM, pass_on),
    }
    try:
        started.append(subprocess.Popen(words, env=dict(environment)))  # noqa: S603 (to run it is its purpose)
        return started[0].wait()
    except OSError as error:
        hint = "it is run without a shell: is it installed, and on the PATH?"
        raise Rejected([fault("OM6308", f"{words[0]} cannot be run: {error.strerror}", hint=hint)]) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _at_terminal() -> bool:
    """Whether a terminal signals to this process and all that are in the foreground with it."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True
