"""A command that has the terminal, as if it had been called without omegac."""

from __future__ import annotations

import signal
from types import FrameType

from omegac.child import Child, Command, NotRun
from omegac.diagnostics import Rejected, fault
from omegac.keeper import PASSED_ON


def run(command: Command) -> int:
    """Runs a command to its end, and gives its code, below zero for a signal. Raises `Rejected` where it cannot be run.

    It is the command that ends at a signal, or does not: what omegac gets is passed on, unless the command has got it
    itself, as from a key of the terminal. What omegac ignores, the command ignores too, as `nohup` wants it to.
    """
    started: list[Child] = []
    early: list[int] = []

    def pass_on(number: int, _: FrameType | None) -> None:
        if started:
            started[0].pass_on(number)
        else:
            early.append(number)

    heeded = [number for number in PASSED_ON if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, pass_on) for number in heeded}
    try:
        with Child(command) as child:
            started.append(child)
            for number in early:
                child.pass_on(number)
            return child.wait()
    except NotRun as error:
        if early:  # it has ended before the command began, as that would have
            return -early[0]
        hint = "it is run without a shell: is it installed, and on the PATH?"
        raise Rejected([fault("OM6308", f"{command.words[0]} cannot be run: {error}", hint=hint)]) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
