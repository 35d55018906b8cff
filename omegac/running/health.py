"""Whether a server is up, as the script of an instance asks it: `curl -f --max-time 5`, or else a connection."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, IncompleteRead
from threading import Event, Timer
from typing import NamedTuple

_SECONDS = 5
"""How long an instance waits for the whole of an answer (`templates/server.sh`)."""
_SHORTEST = 0.05
_CHUNK = 65536


class Ailment(NamedTuple):
    """Why a server is not up."""

    says: str
    """The end of a sentence about it."""
    listens: bool = True
    """Whether something listens on its port."""
    was_late: bool = False
    """Whether all that is wrong is that its answer was not there in time."""


def ailment(port: int, health_check: str | None, deadline: float) -> Ailment | None:
    """What a port of this machine lacks to be that of a server that is up; None where it is.

    What takes longer than until a time on the monotonic clock is not there.
    """
    seconds = max(min(_SECONDS, deadline - time.monotonic()), _SHORTEST)
    with closing(HTTPConnection("127.0.0.1", port, timeout=seconds)) as connection:
        try:
            connection.connect()
        except OSError:
            return Ailment("nothing listens there on 127.0.0.1", listens=False)
        if health_check is None:
            return None
        try:
            return _of_the_answer(connection, health_check, seconds)
        except TimeoutError:
            return Ailment(f"it has not answered within {seconds:.1f} s", was_late=True)
        except (ConnectionError, IncompleteRead):
            return Ailment("it closes the connection before it has answered")
        except (OSError, HTTPException):
            return Ailment("what it answers is not HTTP")


def _of_the_answer(connection: HTTPConnection, health_check: str, seconds: float) -> Ailment | None:
    with _cut_after(seconds, connection.sock):
        connection.request("GET", health_check)
        response = connection.getresponse()
        while response.read(_CHUNK):
            pass
    if response.status >= 400:
        return Ailment(f"it answers {response.status} {response.reason}".rstrip())
    if response.length:  # what it has announced, and not sent
        raise ConnectionError
    return None


@contextmanager
def _cut_after(seconds: float, line: socket.socket) -> Iterator[None]:
    """Cuts a connection when its time is up: what comes bit by bit has no longer than what does not.

    Raises `TimeoutError`, whatever comes of it.
    """
    late = Event()

    def cut() -> None:
        late.set()
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, cut)
    timer.start()
    try:
        yield
    except (OSError, HTTPException):
        if not late.is_set():
            raise
    finally:
        timer.cancel()
    if late.is_set():
        raise TimeoutError
