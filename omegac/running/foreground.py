"""A command that has the terminal, as if it had been called without omegac."""

from __future__ import annotations

import os
import signal
from types import FrameType

from omegac.diagnostics import Rejected, fault
from omegac.running.child import Child, Command, NotRun


def run(command: Command) -> int:
    """Runs a command to its end, and gives its code, below zero for a signal. Raises `Rejected` where it cannot be run.

    It is the command that ends at a signal, or does not: SIGTERM and SIGHUP are passed on, and Ctrl-C reaches it from
    the terminal, where there is one.
    """
    started: list[Child] = []
    early: list[int] = []

    def pass_on(number: int, _: FrameType | None) -> None:
        if started:
            started[0].signal(number)
        else:
            early.append(number)

    asked = {signal.SIGINT: (lambda *_: None) if _at_terminal() else pass_on, signal.SIGTERM: pass_on}
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as `nohup` has it
        asked[signal.SIGHUP] = pass_on
    before = {number: signal.signal(number, handler) for number, handler in asked.items()}
    try:
        with Child(command) as child:
            started.append(child)
            for number in early:
                child.signal(number)
            return child.wait()
    except NotRun as error:
        hint = "it is run without a shell: is it installed, and on the PATH?"
        raise Rejected([fault("OM6308", f"{command.words[0]} cannot be run: {error}", hint=hint)]) from None
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
