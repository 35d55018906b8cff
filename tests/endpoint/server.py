"""The HTTP server: reads a request whole, has it answered, and writes the answer, or less than that."""

from __future__ import annotations

import socket
from collections.abc import Callable
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from threading import Thread
from urllib.parse import parse_qsl, unquote

from tests.endpoint.wire import Answer, Request


class Server(ThreadingHTTPServer):
    """A server on a free port of this machine, in threads of its own."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def stop(self) -> None:
        """Takes no more calls."""
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    """One connection, which is kept open for further requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def _serve(self) -> None:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = _body(headers, self.rfile)
        fields = dict(parse_qsl(query, keep_blank_values=True))
        self._write(self.server.answer(Request(self.command, unquote(path), fields, headers, body)))

    do_DELETE = do_GET = do_HEAD = do_POST = do_PUT = _serve  # noqa: N815 (the base looks for these names)

    def _write(self, answer: Answer) -> None:
        """Writes an answer at once, or as much of it as gets through."""
        if not answer.status:
            self._hang_up()
            return
        headers = {"Content-Length": str(len(answer.body)), **answer.headers}
        if answer.status == 204:
            del headers["Content-Length"]
        lines = [f"HTTP/1.1 {answer.status} {responses[answer.status]}", *(f"{k}: {v}" for k, v in headers.items())]
        body = b"" if self.command == "HEAD" else answer.body
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body[: answer.cut])
        if answer.cut is not None:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the base's)
        """Says nothing."""


def _body(headers: dict[str, str], stream: BufferedIOBase) -> bytes:
    """The body of a request, by its length or in chunks."""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return _chunks(stream)
    return stream.read(int(headers.get("content-length", "0")))


def _chunks(stream: BufferedIOBase) -> bytes:
    """The chunks of a body, up to the empty one and the line after it."""
    body = b""
    while size := int(stream.readline().split(b";")[0], 16):
        body += stream.read(size)
        stream.readline()
    stream.readline()
    return body
