"""A server's command, run from the unpacked artifact as the unit of an instance runs it."""

from __future__ import annotations

import os
import shlex
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple

from omegac.diagnostics import Rejected, fault
from omegac.running.child import Child, Command, NotRun
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
_TOLD_ITS_PORT = "it is given its port as PORT"


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
        return f"http://127.0.0.1:{self.port}{self.health_check or ''}"


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
    variables = {
        "PATH": path,
        "LANG": "C.UTF-8",
        "PORT": str(chosen),
        "HOME": str(scratch.home),
        "USER": user,
        "LOGNAME": user,
        **aws,
        **own,
    }
    notes = (f"{words[0]} is not installed here: Python {PYTHON} stands in for it",) if found.stands_in else ()
    ready = Command([found.path, *words[1:]], scratch.code, variables, scratch.hold)
    return Served(entry, ready, chosen, health_check, notes)


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
        hint = "is it in the artifact, may it be run, and is it for this machine?"
        raise Rejected([fault("OM6308", message, what.entry.at("command"), hint=hint)]) from None
    with child:
        waits = False
        while not _answers(what):
            if (code := child.code) is not None:
                say(f"{name} has ended before it answered on port {what.port}")
                return code
            if time.monotonic() - began > patience:
                message = f"{name} does not answer on {what.address} after {patience:g} s"
                hint = f"{_TOLD_ITS_PORT}; an instance that does not answer signals a failure"
                raise Rejected([fault("OM6309", message, what.entry.at("port"), hint=hint)])
            if not waits and time.monotonic() - began > _SOON:
                say(f"{name} does not answer yet on {what.address}; {_TOLD_ITS_PORT}")
                waits = True
            time.sleep(_GLANCE)
        say(f"{name} answers on {what.address} after {time.monotonic() - began:.1f} s; Ctrl-C ends it")
        return child.wait()


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


def _answers(what: Served) -> bool:
    """Whether it does by what an instance asks: its health check, or else a connection."""
    try:
        if what.health_check is None:
            socket.create_connection(("127.0.0.1", what.port), 5).close()
            return True
        with closing(HTTPConnection("127.0.0.1", what.port, timeout=5)) as connection:
            connection.request("GET", what.health_check)
            return connection.getresponse().status < 400
    except (OSError, HTTPException):
        return False
