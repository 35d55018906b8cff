"""A server's command, run from the unpacked artifact as the unit of an instance runs it."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from signal import Signals
from typing import NamedTuple

from omegac.child import GRACE, Child, Command, NotRun
from omegac.command import words_of
from omegac.diagnostics import Diagnostic, Rejected, fault
from omegac.running.health import Ailment, ailment
from omegac.running.programs import PYTHON, Program, is_python, program
from omegac.running.scratch import Scratch
from omegac.source import Traced
from omegac.spec import Entry

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin"
"""An instance's. What is on the PATH of omegac's caller alone is found after it."""
_GLANCE, _LATER_GLANCE = 0.05, 0.5
"""Seconds between two looks at the port, at first, and once it takes long or something listens, which logs each."""
_SETTLES = 1
"""Seconds that a server has to stay once it answers; as long as an instance looks whether it was another program."""
_SOON = 5
"""Seconds after which it is said that a server does not answer yet."""
_SOON_ENDED = 2
"""Seconds after which it is said that a server has yet to end."""
_NEVER_UP = 1
"""The code where a command has ended well, but was not there to answer: an instance would signal a failure."""


class Served(NamedTuple):
    """A server's command, ready to be run."""

    entry: Entry
    command: Command
    port: int
    health_check: str | None
    port_place: Traced | None
    """Where its port is written; None where it was told another."""
    notes: tuple[str, ...] = ()
    """What differs from an instance."""

    @property
    def address(self) -> str:
        """The URL that is asked whether it is up."""
        return f"http://127.0.0.1:{self.port}{self.health_check or ''}"

    @property
    def told_port(self) -> str:
        """What it is told as PORT."""
        return self.command.environment["PORT"]


def served(entry: Entry, scratch: Scratch, own: Mapping[str, str], aws: Mapping[str, str], port: int | None) -> Served:
    """What a server runs; `own` are its own variables, `aws` those of who calls AWS.

    Raises `Rejected` where its program is not installed.
    """
    chosen = port or int(entry.value("port"))
    health_check = entry.value("health_check")
    user = f"omegac-{entry.name}".lower()[:32]
    scratch.home.mkdir()
    path = f"{_PATH}:{os.environ.get('PATH', '')}"
    words = words_of(entry.at("command"))
    found = program(words[0], scratch.code, path)
    if found is None:
        message = f"{words[0]} is not installed on this machine"
        hint = "install it as the server's `packages` do; a file of the artifact is written ./NAME"
        raise Rejected([fault("OM6308", message, entry.at("command"), hint=hint)])
    told = {"PORT": str(port)} if port else {}
    variables = {
        "PATH": path,
        "LANG": "C.UTF-8",
        "PORT": str(chosen),
        "HOME": str(scratch.home),
        "USER": user,
        "LOGNAME": user,
        **aws,
        **own,
        **told,
    }
    ready = Command([found.path, *words[1:]], scratch.code, variables, [scratch.hold])
    served = Served(entry, ready, chosen, health_check, None if port else entry.at("port"))
    return served._replace(notes=tuple(_differences(served, words[0], found)))


def _differences(what: Served, name: str, found: Program) -> Iterator[str]:
    """What is not as on an instance, that a server may depend on; it runs the program that was found for a name."""
    if found.stands_in:
        yield f"{name} is not installed here: Python {PYTHON} stands in for it"
    elif "/" not in name and not is_python(name) and os.path.dirname(found.path) not in _PATH.split(":"):
        yield f"{name} is {found.path} here, where no instance looks for it"
    if what.told_port != str(what.port):
        yield f"its variable PORT is {what.told_port}, and its port is {what.port}: that is where it has to answer"
    if what.entry.get("userdata"):
        yield "its userdata is not run here, nor is what that sets up there"


def serve(what: Served, say: Callable[[str], None], patience: float) -> int:
    """Runs a server's command until it ends, and gives its code; says when it answers on its port.

    Raises `Rejected` where the port is taken, or the command cannot be run or does not answer in time.
    """
    name = what.entry.name
    check_port(what.port, what.port_place)
    began = time.monotonic()
    try:
        child = Child(what.command)
    except NotRun as error:
        message = f"{words_of(what.entry.at('command'))[0]} cannot be run: {error}"
        raise Rejected([fault("OM6308", message, what.entry.at("command"), hint=_way_out(what.command))]) from None
    with child:
        try:
            return _watched(what, child, say, began, patience)
        except KeyboardInterrupt:
            _end(name, child, say)
            raise


def _watched(what: Served, child: Child, say: Callable[[str], None], began: float, patience: float) -> int:
    """Says how a server gets on until it ends, and gives its code."""
    name = what.entry.name
    answers = _answers(what, child, say, began, patience)
    waited = time.monotonic() - began
    if answers and not child.has_ended_after(_SETTLES):
        say(f"{name} answers on {what.address} after {waited:.1f} s; Ctrl-C ends it")
        code = child.wait()
        say(f"{name} has ended, {_how(code)}")
        return code
    code = child.wait()
    say(f"{name} has ended {_too_soon(what, code, answered=answers)}")
    return code or _NEVER_UP


def _answers(what: Served, child: Child, say: Callable[[str], None], began: float, patience: float) -> bool:
    """Waits for a server to answer, and says where that takes long; whether it did before it ended.

    Raises `Rejected` where it does not in time.
    """
    waits = False
    told = None
    while wrong := ailment(what.port, what.health_check, began + patience):
        waited = time.monotonic() - began
        if not (wrong.was_late and told and told.listens):  # the last look may have no time for the answer
            told = wrong
        if child.code is not None:
            return False
        if waited > patience:
            raise Rejected([_not_up(what, told or wrong, patience)])
        if waited > _SOON and not waits:
            say(f"{what.entry.name} is not up yet: {what.address}: {wrong.says}; it is told {what.told_port} as PORT")
            waits = True
        time.sleep(_LATER_GLANCE if waits or wrong.listens else _GLANCE)
    return True


def _too_soon(what: Served, code: int, *, answered: bool) -> str:
    """How a server ended that was not to stay up: something may have answered for it."""
    others = ailment(what.port, None, time.monotonic()) is None
    when = "as soon as it had answered" if answered and not others else "before it answered"
    why = "; a server stays in the foreground until it is ended" if code == 0 else ""
    why = "; another program answers there" if others else why
    return f"{when} on port {what.port}, {_how(code)}{why}"


def _not_up(what: Served, wrong: Ailment, patience: float) -> Diagnostic:
    message = f"{what.entry.name} is not up after {patience:g} s: {what.address}: {wrong.says}"
    if wrong.listens and what.health_check:
        hint = "an instance whose health check fails signals a failure; what the server prints may tell why"
        return fault("OM6309", message, what.entry.at("health_check"), hint=hint)
    hint = (
        f"it is told {what.told_port} as PORT, and has to listen on 127.0.0.1 or on all addresses;\n"
        "an instance that does not answer signals a failure"
    )
    return fault("OM6309", message, what.port_place or what.entry.at("command"), hint=hint)


def _end(name: str, child: Child, say: Callable[[str], None]) -> None:
    """Ends a server, with a word where that takes its time."""
    try:
        if not child.ends_within(_SOON_ENDED):
            say(f"{name} is asked to end, and killed after {GRACE} s")
            child.has_ended_after(GRACE)
    except KeyboardInterrupt:  # whoever presses Ctrl-C again does not wait for it
        child.leave()
        say(f"{name} still ends; it is killed within {GRACE} s")
        raise


def _how(code: int) -> str:
    """How a command ended."""
    if code >= 0:
        return f"with the code {code}"
    try:
        return f"by {Signals(-code).name}"
    except ValueError:  # those of real time have no names
        return f"by signal {-code}"


def _way_out(command: Command) -> str:
    """What helps where a program cannot be run."""
    if os.path.isfile(command.words[0]) and os.access(command.words[0], os.X_OK):
        return "is what its first line names installed, does that line end without CR, or is it for another machine?"
    return "is it in the artifact, and may it be run?"


def check_port(port: int, at: Traced | None = None) -> None:
    """Raises `Rejected` where nothing more can listen on a port."""
    with closing(socket.socket()) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("", port))
        except OSError as error:
            message = f"port {port} cannot be listened on: {(error.strerror or str(error)).lower()}"
            others = "ports below 1024 are root's" if isinstance(error, PermissionError) else "end what listens there"
            hint = f"{others}, or choose another with --port"
            raise Rejected([fault("OM6303", message, at, hint=hint)]) from None
