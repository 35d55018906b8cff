"""What once went wrong in running a function: its log, its time, the JSON of its record, and what is no event."""

from __future__ import annotations

import json
import os
import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NoReturn

import pytest

from omegac.running import function
from omegac.running.runtime_api import RuntimeApi, Word
from tests.endpoint import Endpoint
from tests.operations.shell import omegac
from tests.operations.staging import stage
from tests.running.services import comes, hasty, invoked

SLOW = """\
import os, sys, time
if not os.path.exists({marker!r}):
    open({marker!r}, "w").close()
    time.sleep(60)
time.sleep(1)


def handler(event, context):
    return context.get_remaining_time_in_millis()
"""
DURATION = re.compile(r"\tDuration: ([\d.]+) ms\tBilled Duration: (\d+) ms\t")


@pytest.mark.parametrize(
    "sent", [b"POST /2018-06-01/runtime/init/error HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", b"GET"]
)
def test_a_runtime_that_goes_away_is_not_logged(sent: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    """A connection that a runtime resets as it ends leaves nothing of omegac's own in the function's log."""
    others = _serving()
    with RuntimeApi() as api:
        host, _, port = api.address.partition(":")
        with closing(socket.create_connection((host, int(port)))) as runtime:
            runtime.sendall(sent)
            if b"init/error" in sent:
                assert api.hear() == Word("init error", b"{}")
            assert comes(lambda: _serving() - others)
            runtime.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert comes(lambda: not _serving() - others)
    assert capfd.readouterr().err == ""


def test_a_second_beginning_is_in_the_time_of_the_event(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What the second beginning takes is missing from the time that the handler has left, and counts as used."""
    told = _slow(shop, 3, monkeypatch, capfd)
    assert 1000 < json.loads(told.out) < 2000
    ((duration, billed),) = DURATION.findall(told.err)
    assert int(billed) >= float(duration) > 1000


def test_a_second_beginning_that_is_too_slow_has_used_the_time(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """An event whose time has passed before the handler was reached is reported to have taken all of it."""
    told = _slow(shop, 1, monkeypatch, capfd)
    assert "Task timed out after 1.00 seconds" in told.out
    ((duration, billed),) = DURATION.findall(told.err)
    assert int(billed) >= float(duration) >= 1000


@pytest.mark.parametrize(
    ("code", "payload"),
    [("float('nan')", "NaN"), ("[float('-inf')]", "[-Infinity]"), ("__import__('decimal').Decimal('1e999')", "1E+999")],
)
def test_a_record_is_json(shop: Path, code: str, payload: str) -> None:
    """An answer that is no JSON, or holds a number that no float is, stands in the record as its text."""
    (shop / "app" / "hello.py").write_text(f"def handler(event, context):\n    return {code}\n", "utf-8")
    done = invoked(shop, {}, more=("--format", "json"))
    assert _strict(done.out)["payload"] == payload


@pytest.mark.parametrize(
    ("event", "constant", "column"),
    [
        ("NaN", "NaN", 1),
        ('{"NaN\\"": "Infinity", "a": [-Infinity]}', "-Infinity", 29),
        ("[1,\nInfinity]", "Infinity", 1),
    ],
)
def test_an_event_has_json_numbers_alone(shop: Path, event: str, constant: str, column: int) -> None:
    """NaN and infinities, which Python takes for JSON and Lambda does not, are refused at their place."""
    (shop / "event.json").write_text(event, "utf-8")
    done = omegac(shop, "invoke", "hello", "--event", "event.json")
    assert (done.code, done.out) == (1, "")
    assert f"error[OM6306]: the event is not JSON: it has no {constant}\n" in done.err
    assert f"--> event.json:{event.count(chr(10)) + 1}:{column}\n" in done.err


def test_a_pipe_has_another_way_in(shop: Path) -> None:
    """An event that is named by a pipe is refused with the way that takes one."""
    os.mkfifo(shop / "pipe")
    done = omegac(shop, "invoke", "hello", "--event", "pipe")
    assert (done.code, done.out) == (1, "")
    assert "it is a pipe, not a file" in done.err
    assert '"-" in its place reads standard input' in done.err


def test_an_empty_log_is_not_a_line(shop: Path, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a deployed function that has logged nothing, nothing is written."""
    stage(endpoint, "# stack: UPDATE_COMPLETE\n", shop / "omega.yaml")
    with _silent() as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", url)
        done = omegac(shop, "invoke", "hello", "--stack", "shop")
    assert (done.code, done.out, done.err) == (0, "1\n", "")


def _serving() -> set[threading.Thread]:
    """The threads of this process that serve a connection, of whatever server."""
    return {thread for thread in threading.enumerate() if "process_request_thread" in thread.name}


def _slow(shop: Path, timeout: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Any:
    """What is told of a function whose first beginning hangs, and whose second takes more than a second."""
    from omegac import cli

    monkeypatch.setattr(function, "INIT_SECONDS", 0.5)
    monkeypatch.chdir(shop)
    hasty(shop, timeout)
    (shop / "app" / "hello.py").write_text(SLOW.format(marker=str(shop / "begun")), "utf-8")
    cli.run(["invoke", "hello"])
    return capfd.readouterr()


def _strict(text: str) -> Any:
    """What a JSON text says, read as its standard has it."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(constant)

    return json.loads(text, parse_constant=refuse)


class _Silent(BaseHTTPRequestHandler):
    """A Lambda whose function answers 1, and logs nothing."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "1")
        self.end_headers()
        self.wfile.write(b"1")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _silent() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Silent) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
