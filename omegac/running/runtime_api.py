"""The Runtime API of Lambda, on loopback: hands a runtime its events, and hears what comes of them.

Its paths and headers are those of the version 2018-06-01 (AWS Lambda guide, Using the Lambda runtime API).
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self, TypeAlias, cast

if TYPE_CHECKING:
    from io import BufferedIOBase

PAYLOAD_LIMIT = 6_291_556
"""Bytes of an answer (AWS Lambda, Quotas, invocation payload; its own message has this number)."""
_EXCEEDED = json.dumps(
    {
        "errorMessage": f"Exceeded maximum allowed payload size ({PAYLOAD_LIMIT} bytes).",
        "errorType": "RequestEntityTooLarge",
    }
).encode()
"""What a runtime is told of an answer that is larger, and writes to its log."""
_ROOT = "/2018-06-01/runtime"
_TRACE = "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0"

Kind: TypeAlias = Literal["ready", "answer", "error", "init error"]


class Event(NamedTuple):
    """What a runtime is handed."""

    id: str
    payload: bytes
    arn: str
    seconds: float
    """How long it may take, once it is handed over."""


class Word(NamedTuple):
    """What a runtime has said: that it waits for an event, what one came to, or that it cannot begin."""

    kind: Kind
    payload: bytes = b""


class Ended(NamedTuple):
    """That a runtime has ended, instead of a word."""

    code: int
    of_memory: bool = False
    """Whether it was ended because it took more than it may."""


class RuntimeApi:
    """A server for one runtime. `bell` can be read from when there is a word to hear."""

    def __init__(self) -> None:
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._words: SimpleQueue[Word] = SimpleQueue()
        self.bell, self._rope = os.pipe()
        self._server = _Server(("127.0.0.1", 0), _Requests)
        self._server.api = self
        self.address = f"127.0.0.1:{self._server.server_port}"

    def hand(self, event: Event) -> None:
        """Gives an event to whoever asks for the next one."""
        self._events.put(event)

    def hear(self) -> Word:
        """The next word."""
        os.read(self.bell, 1)
        return self._words.get()

    def say(self, word: Word) -> None:
        """What a runtime says."""
        self._words.put(word)
        with suppress(OSError):  # nobody listens any more
            os.write(self._rope, b".")

    def next_event(self) -> Event:
        """What a runtime asks for; it waits."""
        self.say(Word("ready"))
        return self._events.get()

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        os.close(self._rope)
        os.close(self.bell)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # one of them waits for an event that never comes
    api: RuntimeApi

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A runtime that has ended, in whatever it was doing, is told by its process, and not here."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _ShortLines:
    """A stream of which no line is longer than it is asked to be: Python refuses a request for one such header.

    The runtime client tells X-Ray of every call that led to an error, in a header that nobody reads here.
    """

    def __init__(self, stream: BufferedIOBase) -> None:
        self._stream = stream
        self.read = stream.read
        self.close = stream.close

    def readline(self, size: int) -> bytes:
        """The next line, cut to less than a size."""
        line = rest = self._stream.readline(size)
        while rest and not rest.endswith(b"\n"):
            rest = self._stream.readline(size)
        return line if len(line) < size else line[: size - 3] + b"\r\n"


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # the body follows its headers at once
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.rfile = cast("BufferedIOBase", _ShortLines(self.rfile))  # it has all of one that is asked of it

    def do_GET(self) -> None:
        if self.path != f"{_ROOT}/invocation/next":
            self._reply(404)
            return
        event = self.server.api.next_event()
        self._reply(200, event.payload, _headers(event))

    def do_POST(self) -> None:
        payload = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        api, what = self.server.api, self.path.removeprefix(f"{_ROOT}/")
        if what == "init/error":
            api.say(Word("init error", payload))
        elif what.endswith("/error"):
            api.say(Word("error", payload))
        elif not what.endswith("/response"):
            self._reply(404)
            return
        elif len(payload) > PAYLOAD_LIMIT:
            api.say(Word("error", _too_large(len(payload))))
            self._reply(413, _EXCEEDED)
            return
        else:
            api.say(Word("answer", payload))
        self._reply(202, b'{"status": "OK"}')

    def _reply(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """The function's log is not the place for it."""


def _headers(event: Event) -> dict[str, str]:
    return {
        "Lambda-Runtime-Aws-Request-Id": event.id,
        "Lambda-Runtime-Deadline-Ms": str(int((time.time() + event.seconds) * 1000)),
        "Lambda-Runtime-Invoked-Function-Arn": event.arn,
        "Lambda-Runtime-Trace-Id": _TRACE,
    }


def _too_large(size: int) -> bytes:
    message = f"Response payload size ({size} bytes) exceeded maximum allowed payload size ({PAYLOAD_LIMIT} bytes)."
    return json.dumps({"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message}).encode()
