"""`omegac serve`: a server's command as a real process, from the built artifact."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.operations.shell import begun, ended
from tests.running.services import HELLO, alive, below, comes, free_port, line_with

SERVER = """\
import json, os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

asked = 0


class Up(BaseHTTPRequestHandler):
    def do_GET(self):
        global asked
        asked += 1
        # Not up at once.
        self.send_response(503 if asked < 3 else 200)
        self.end_headers()
        told = {"environment": dict(os.environ), "folder": os.getcwd(), "asked": asked, "parent": os.getppid()}
        self.wfile.write(json.dumps(told).encode())


HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Up).serve_forever()
"""


def start(folder: Path, script: str) -> None:
    (folder / "app" / "start").write_text(script, "utf-8")


def test_the_example_says_hello(example: Path) -> None:
    """The server of the repository's example answers with the hello of its function, until it is ended."""
    port = free_port()
    process = begun(example, "serve", "web", "--port", str(port))
    line_with(process, f"web answers on http://127.0.0.1:{port} after ")
    with urlopen(f"http://127.0.0.1:{port}", timeout=10) as answer:
        assert answer.read().decode() == HELLO
    process.send_signal(signal.SIGINT)
    assert ended(process).code == 130


def test_it_has_what_an_instance_gives_it(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command runs in the unpacked artifact with the variables of an instance, and is asked for its health."""
    monkeypatch.setenv("OWN", "of the caller")
    (shop / "app" / "up.py").write_text(SERVER, "utf-8")
    start(shop, "exec python3 up.py\n")
    port = free_port()
    process = begun(shop, "serve", "web", "--port", str(port), "--env", "QUEUE=here", "--region", "eu-west-3")
    line_with(process, f"web answers on http://127.0.0.1:{port}/up after ")
    with urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
        told = json.load(answer)
    process.terminate()
    ended(process)
    given = told["environment"]
    expected = {
        "PORT": str(port),
        "LEVEL": "3",
        "QUIET": "true",
        "QUEUE": "here",
        "USER": "omegac-web",
        "LOGNAME": "omegac-web",
        "AWS_REGION": "eu-west-3",
        "AWS_DEFAULT_REGION": "eu-west-3",
    }
    assert {name: given.get(name) for name in expected} == expected
    assert given["PATH"].startswith("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin:")
    assert "OWN" not in given
    assert told["folder"].endswith("/code")
    assert told["asked"] == 4, "twice it was not up, then it was"
    assert given["HOME"] not in {os.environ.get("HOME"), told["folder"]}
    assert not Path(given["HOME"]).exists(), "the scratch folder is gone"


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("kill $$", 143)])
def test_it_ends_as_its_command(shop: Path, script: str, code: int) -> None:
    """A command that ends by itself gives its exit code, or that of its signal."""
    start(shop, script)
    port = free_port()
    done = ended(begun(shop, "serve", "web", "--port", str(port)))
    assert done.code == code, done.err
    assert f"web has ended before it answered on port {port}" in done.err


def test_it_has_what_the_spec_tells(shop: Path) -> None:
    """A variable made of the stage's parameters and region is given, and a name that --env misspells is said."""
    spec = (shop / "omega.yaml").read_text("utf-8").replace("LEVEL: 3", 'LEVEL: !Sub "${Color} in ${AWS::Region}"')
    more = "parameters: {Color: {default: red}}\nstages: {prod: {region: eu-west-3, parameters: {Color: blue}}}\n"
    (shop / "omega.yaml").write_text(spec + more, "utf-8")
    start(shop, 'echo "LEVEL is $LEVEL"\n')
    port = str(free_port())
    done = ended(begun(shop, "serve", "web", "--port", port, "--stage", "prod", "--env", "QEUE=1"))
    assert "LEVEL is blue in eu-west-3\n" in done.out
    assert re.findall(r"OM6311\]: (\w+)", done.err) == ["QUEUE"]
    assert 'the spec has no variable QEUE: did you mean "QUEUE"?\n' in done.err


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_it(shop: Path, how: signal.Signals) -> None:
    """However omegac is ended, so are the command and all that it has started; by a signal that it hears, with 130."""
    start(shop, "sleep 600 & sleep 600 & wait\n")
    process = begun(shop, "serve", "web", "--port", str(free_port()))
    assert comes(lambda: len(below(process.pid)) == 5)
    started = below(process.pid)
    process.send_signal(how)
    done = ended(process)
    assert done.code == (-signal.SIGKILL if how == signal.SIGKILL else 130), done.err
    assert comes(lambda: not alive(started))


def test_it_may_end_in_its_own_way(shop: Path, tmp_path: Path) -> None:
    """A command hears that it is to end, and is given the time to."""
    start(shop, f"trap 'sleep 1; echo done > {tmp_path}/said; exit 0' TERM\nwhile :; do sleep 0.1; done\n")
    process = begun(shop, "serve", "web", "--port", str(free_port()))
    assert comes(lambda: len(below(process.pid)) >= 2)
    assert comes(lambda: "sleep" in _commands(below(process.pid)))
    process.send_signal(signal.SIGINT)
    assert ended(process).code == 130
    assert (tmp_path / "said").read_text("utf-8") == "done\n"


def test_ctrl_c_twice_leaves_nothing(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who does not wait for a command that is deaf to its end is not waited for, and it is ended all the same."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    start(shop, f"trap 'echo > {tmp_path}/heard' TERM\nwhile :; do sleep 0.1; done\n")
    process = begun(shop, "serve", "web", "--port", str(free_port()))
    assert comes(lambda: "sleep" in _commands(below(process.pid)))
    started = below(process.pid)
    process.send_signal(signal.SIGINT)
    assert comes((tmp_path / "heard").exists)
    process.send_signal(signal.SIGINT)
    assert process.wait(5) == 130
    assert alive(started)
    ended(process)
    assert comes(lambda: not alive(started))
    assert comes(lambda: not any((tmp_path / "temporary").iterdir()))


def test_one_that_is_silent_is_said(shop: Path) -> None:
    """A command that does not take the port that it is told is named before all patience is gone."""
    start(shop, "exec sleep 600")
    process = begun(shop, "serve", "web", "--port", str(port := free_port()))
    line = line_with(process, "does not answer yet")
    assert line == f"web does not answer yet on http://127.0.0.1:{port}/up; it is given its port as PORT\n"
    process.terminate()
    ended(process)


def test_a_port_that_is_taken_is_said(shop: Path) -> None:
    """Where another program listens, nothing is run, as it would be that one which answers."""
    start(shop, "echo run")
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        done = ended(begun(shop, "serve", "web", "--port", str(port)))
    assert done.code == 1
    assert f"error[OM6303]: port {port} cannot be listened on: address already in use" in done.err
    assert "run" not in done.out


def _commands(processes: set[int]) -> str:
    return " ".join(Path(f"/proc/{pid}/comm").read_text("utf-8") for pid in processes if Path(f"/proc/{pid}").exists())
