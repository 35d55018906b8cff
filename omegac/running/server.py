"""A server's command, run from the unpacked artifact as the unit of an instance runs it."""

from __future__ import annotations

import os
import shlex
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import NamedTuple

from omegac.diagnostics import Rejected, fault
from omegac.running.child import Child, Command, NotRun
from omegac.running.health import answers
from omegac.running.programs import PYTHON, program
from omegac.running.scratch import Scratch
from omegac.source import Traced
from omegac.spec import Entry

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin"
"""An instance's. What is on the PATH of omegac's caller alone is found after it."""
_GLANCE = 0.05
"""Seconds between two looks at the port."""
_SOON = 5
"""Seconds after which it is said that a server does not answer yet."""
_NEVER_UP = 1
"""The code where a command has ended well, but was not there to answer: an instance would signal a failure."""


class Served(NamedTuple):
    """A server's command, ready to be run."""

    entry: Entry
    command: Command
    port: int
    health_check: str | None
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
    words = _words(entry)
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
    served = Served(entry, ready, chosen, health_check)
    return served._replace(notes=tuple(_differences(served, words[0] if found.stands_in else None)))


def _differences(what: Served, absent: str | None) -> Iterator[str]:
    """What is not as on an instance, that a server may depend on; `absent` is a program that another stands in for."""
    if absent:
        yield f"{absent} is not installed here: Python {PYTHON} stands in for it"
    if what.told_port != str(what.port):
        yield f"its variable PORT is {what.told_port}, and its port is {what.port}: that is where it has to answer"
    if what.entry.get("userdata"):
        yield "its userdata is not run here, nor is what that sets up there"


def serve(what: Served, say: Callable[[str], None], patience: float) -> int:
    """Runs a server's command until it ends, and gives its code; says when it answers on its port.

    Raises `Rejected` where the port is taken, or the command cannot be run or does not answer in time.
    """
    name = what.entry.name
    check_port(what.port, what.entry.at("port"))
    began = time.monotonic()
    try:
        child = Child(what.command)
    except NotRun as error:
        message = f"{_words(what.entry)[0]} cannot be run: {error}"
        raise Rejected([fault("OM6308", message, what.entry.at("command"), hint=_way_out(what.command))]) from None
    with child:
        waits = False
        while not answers(what.port, what.health_check, began + patience):
            waited = time.monotonic() - began
            if (code := child.code) is not None:
                say(f"{name} has ended before it answered on port {what.port}, with the code {code}")
                return code or _NEVER_UP
            if waited > patience:
                message = f"{name} does not answer on {what.address} after {patience:g} s"
                hint = f"it is told {what.told_port} as PORT; an instance that does not answer signals a failure"
                raise Rejected([fault("OM6309", message, what.entry.at("port"), hint=hint)])
            if waited > _SOON and not waits:
                say(f"{name} does not answer yet on {what.address}; it is told {what.told_port} as PORT")
                waits = True
            time.sleep(_GLANCE)
        say(f"{name} answers on {what.address} after {time.monotonic() - began:.1f} s; Ctrl-C ends it")
        return child.wait()


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
            hint = "end what listens there, or choose another with --port"
            raise Rejected([fault("OM6303", message, at, hint=hint)]) from None


def _words(entry: Entry) -> list[str]:
    command = entry.value("command")
    return shlex.split(command) if isinstance(command, str) else [str(word) for word in command]
