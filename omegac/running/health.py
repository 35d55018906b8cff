"""Whether a server is up, as the script of an instance asks it: `curl -f --max-time 5`, or else a connection."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from threading import Event, Timer

_SECONDS = 5
"""How long an instance waits for the whole of an answer (`templates/server.sh`)."""
_SHORTEST = 0.05
_CHUNK = 65536


def answers(port: int, health_check: str | None, deadline: float) -> bool:
    """Whether what listens on a port of this machine does, before a time on the monotonic clock."""
    seconds = max(min(_SECONDS, deadline - time.monotonic()), _SHORTEST)
    try:
        with closing(HTTPConnection("127.0.0.1", port, timeout=seconds)) as connection:
            connection.connect()
            return health_check is None or _is_healthy(connection, health_check, seconds)
    except (OSError, HTTPException):
        return False


def _is_healthy(connection: HTTPConnection, health_check: str, seconds: float) -> bool:
    with _cut_after(seconds, connection.sock) as late:
        connection.request("GET", health_check)
        response = connection.getresponse()
        while response.read(_CHUNK):
            pass
    return response.status < 400 and not late.is_set()


@contextmanager
def _cut_after(seconds: float, line: socket.socket) -> Iterator[Event]:
    """Cuts a connection when its time is up, and says so: what comes bit by bit has no longer than what does not."""
    late = Event()

    def cut() -> None:
        late.set()
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, cut)
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
