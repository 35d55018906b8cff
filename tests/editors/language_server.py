"""A client of a language server: what an editor says to it, over its standard streams."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from queue import Queue
from threading import Thread
from types import TracebackType
from typing import IO, Any, Self, TypeAlias

PATIENCE = 60
"""Seconds to wait for the server's next words; far more than it needs on a busy machine."""

Message: TypeAlias = dict[str, Any]

CAPABILITIES = {
    "workspace": {"configuration": True, "workspaceFolders": True},
    "textDocument": {
        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
        "hover": {"contentFormat": ["markdown"]},
    },
}


class LanguageServer:
    """A server that runs for one folder, with the settings that it asks its editor for."""

    def __init__(self, command: Sequence[str], folder: Path, settings: Message) -> None:
        self._process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._settings = settings
        self._inbox: Queue[Message | None] = Queue()
        self._requests = 0
        self._configured = False
        self._faults: dict[str, list[Message]] = {}
        Thread(target=self._read, daemon=True).start()
        workspace = {"uri": folder.as_uri(), "name": folder.name}
        beginning = {"processId": None, "rootUri": folder.as_uri(), "workspaceFolders": [workspace]}
        self._request("initialize", {**beginning, "capabilities": CAPABILITIES})
        self._notify("initialized", {})
        while not self._configured:
            self._take(self._next())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    def show(self, path: Path, text: str) -> None:
        """Opens a file, once, with a text that need not be the one on disk."""
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self._notify("textDocument/didOpen", {"textDocument": document})

    def faults(self, path: Path) -> list[Message]:
        """What the server finds wrong in a file that is open."""
        while path.as_uri() not in self._faults:
            self._take(self._next())
        return self._faults[path.as_uri()]

    def ask(self, what: str, path: Path, line: int, character: int) -> Any:
        """The server's answer for a place in a file that is open: `hover`, `completion`."""
        position = {"line": line, "character": character}
        return self._request(f"textDocument/{what}", {"textDocument": {"uri": path.as_uri()}, "position": position})

    def _request(self, method: str, params: Message) -> Any:
        self._requests += 1
        self._send({"id": self._requests, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == self._requests and "method" not in message:
                assert "error" not in message, message
                return message["result"]
            self._take(message)

    def _notify(self, method: str, params: Message) -> None:
        self._send({"method": method, "params": params})

    def _take(self, message: Message) -> None:
        """Takes in what the server says by itself; of all that it may ask, an editor's settings get an answer."""
        params: Message = message.get("params") or {}
        if message["method"] == "textDocument/publishDiagnostics":
            self._faults[params["uri"]] = params["diagnostics"]
        elif message["method"] == "workspace/configuration":
            answers = [self._settings.get(item["section"]) for item in params["items"]]
            self._send({"id": message["id"], "result": answers})
            self._configured = True
        elif "id" in message:
            self._send({"id": message["id"], "result": None})

    def _next(self) -> Message:
        message = self._inbox.get(timeout=PATIENCE)
        assert message is not None, "the server has ended"
        return message

    def _send(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stream = self._process.stdin
        assert stream
        stream.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        stream.flush()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream
        while (message := _message(stream)) is not None:
            self._inbox.put(message)
        self._inbox.put(None)


def _message(stream: IO[bytes]) -> Message | None:
    """The next message of a stream: headers, an empty line, and as many bytes of JSON as the headers say."""
    length = 0
    while (line := stream.readline()).strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    if not line:
        return None
    message: Message = json.loads(stream.read(length))
    return message
