"""`omegac serve`: a server's command as a real process, from the built artifact."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import time
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.operations.local import edit
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
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    assert {name: given.get(name) for name in expected} == expected
    assert given["PATH"].startswith("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin:")
    assert "OWN" not in given
    assert told["folder"].endswith("/code")
    assert told["asked"] == 4, "twice it was not up, then it was"
    assert given["HOME"] not in {os.environ.get("HOME"), told["folder"]}
    assert not Path(given["HOME"]).exists(), "the scratch folder is gone"


@pytest.mark.parametrize(("script", "code"), [("exit 0", 1), ("exit 7", 7), ("kill -9 $$", 137), ("kill $$", 143)])
def test_it_ends_as_its_command(shop: Path, script: str, code: int) -> None:
    """A command that ends by itself gives its exit code, or that of its signal; never was it up, and so not 0."""
    start(shop, script)
    port = free_port()
    done = ended(begun(shop, "serve", "web", "--port", str(port)))
    assert done.code == code, done.err
    assert f"web has ended before it answered on port {port}" in done.err


def test_another_program_is_not_taken_for_it(shop: Path) -> None:
    """What answers while the server ends is not the server."""
    edit(shop / "omega.yaml", ", health_check: /up", "")
    start(shop, f"echo begun >&2; until [ -e {shop}/asked ]; do sleep 0.05; done; exit 3\n")
    process = begun(shop, "serve", "web", "--port", str(port := free_port()))
    line_with(process, "begun")
    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.accept()[0].close()
        (shop / "asked").touch()
        done = ended(process)
    assert (done.code, "web answers on" in done.err) == (3, False)
    assert f"has ended before it answered on port {port}, with the code 3; another program answers there\n" in done.err


def test_a_server_that_falls_at_once_is_not_taken_for_another(shop: Path) -> None:
    """What answers once and ends was the server itself: an instance would signal a failure."""
    edit(shop / "omega.yaml", ", health_check: /up", "")
    listens = "import os, socket; s = socket.create_server(('', int(os.environ['PORT']))); s.accept()"
    start(shop, f'exec python3 -c "{listens}"\n')
    done = ended(begun(shop, "serve", "web", "--port", str(port := free_port())))
    assert done.code == 1
    why = "a server stays in the foreground until it is ended"
    assert f"web has ended as soon as it had answered on port {port}, with the code 0; {why}\n" in done.err


def test_how_it_ends_is_said(shop: Path) -> None:
    """A server that has answered, and ends by itself, is not gone without a word."""
    edit(shop / "omega.yaml", ", health_check: /up", "")
    start(shop, "python3 -m http.server $PORT & sleep 5; kill $!; kill -SEGV $$\n")
    done = ended(begun(shop, "serve", "web", "--port", str(free_port())))
    assert done.code == 128 + signal.SIGSEGV
    assert done.err.endswith("; Ctrl-C ends it\nweb has ended, by SIGSEGV\n"), done.err


def test_a_program_that_no_instance_finds_is_said(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is found on the caller's PATH, and with a word."""
    (shop / "own").mkdir()
    (shop / "own" / "tool").write_text("#!/bin/sh\nexit 0\n", "utf-8")
    (shop / "own" / "tool").chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([os.environ["PATH"], str(shop / "own")]))
    edit(shop / "omega.yaml", "command: sh start", "command: tool")
    done = ended(begun(shop, "serve", "web", "--port", str(free_port())))
    assert f"tool is {shop / 'own' / 'tool'} here, where no instance looks for it\n" in done.err


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
    """However omegac is ended, so are the command and all that it has started; by a signal with its code."""
    start(shop, "sleep 600 & sleep 600 & wait\n")
    process = begun(shop, "serve", "web", "--port", str(free_port()))
    assert comes(lambda: len(below(process.pid)) == 5)
    started = below(process.pid)
    process.send_signal(how)
    done = ended(process)
    assert done.code == (-how if how == signal.SIGKILL else 128 + how), done.err
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
    assert "web still ends; it is killed within 10 s\n" in ended(process).err
    assert comes(lambda: not alive(started))
    assert comes(lambda: not any((tmp_path / "temporary").iterdir()))


def test_one_that_is_silent_is_said(shop: Path) -> None:
    """A command that does not take the port that it is told is named before all patience is gone."""
    start(shop, "exec sleep 600")
    process = begun(shop, "serve", "web", "--port", str(port := free_port()))
    line = line_with(process, "is not up yet")
    why = "nothing listens there on 127.0.0.1; it is told"
    assert line == f"web is not up yet: http://127.0.0.1:{port}/up: {why} {port} as PORT\n"
    process.terminate()
    ended(process)


ANSWERING = """\
import os, socket, sys, time

listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
while True:
    connection, _ = listener.accept()
    connection.recv(65536)
    for piece in ANSWER:
        connection.sendall(piece)
        time.sleep(0.2)
    if ANSWER[-1:] == [b""]:
        connection.close()
    else:
        time.sleep(60)
"""


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ([], "it has not answered within "),
        ([b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 100, b"Content-Length: 0\r\n\r\n"], "it has not answered within "),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"], "it has not answered within "),
        ([b"HTTP/1.1 200 OK\r\n\r\nwithout an end"], "it has not answered within "),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello", b""], "it closes the connection before it has"),
        ([b""], "it closes the connection before it has answered"),
        ([b"hello\r\n\r\n", b""], "what it answers is not HTTP"),
        ([b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", b""], "it answers 404 Not Found"),
    ],
    ids=["silent", "in drops", "cut off", "endless", "short", "closed", "no HTTP", "bad"],
)
def test_an_answer_is_whole_and_in_time(shop: Path, answer: list[bytes], why: str) -> None:
    """What an instance would not take for an answer within its time is none, and takes no more than that."""
    (shop / "app" / "up.py").write_text(f"ANSWER = {answer!r}\n{ANSWERING}", "utf-8")
    start(shop, "exec python3 up.py\n")
    begin = time.monotonic()
    done = ended(begun(shop, "serve", "web", "--port", str(free_port()), "--wait", "2"))
    assert (done.code, "error[OM6309]" in done.err, "after 2 s" in done.err) == (1, True, True), done.err
    assert f"/up: {why}" in done.err
    assert "health_check: /up" in done.err
    assert time.monotonic() - begin < 12


def test_a_script_without_a_first_line_is_one_of_sh(shop: Path) -> None:
    """As `env` runs it on an instance."""
    start(shop, 'echo "run with $1"\n')
    (shop / "app" / "start").chmod(0o755)
    edit(shop / "omega.yaml", "command: sh start", "command: ./start this")
    done = ended(begun(shop, "serve", "web", "--port", str(free_port())))
    assert done.out == "run with this\n", done.err


@pytest.mark.parametrize("first", ["#!/bin/sh\r", "#!/absent"])
def test_an_interpreter_that_is_not_there_is_said(shop: Path, first: str) -> None:
    """It is not the script that is missing."""
    start(shop, f"{first}\necho run\n")
    (shop / "app" / "start").chmod(0o755)
    edit(shop / "omega.yaml", "command: sh start", "command: ./start")
    done = ended(begun(shop, "serve", "web", "--port", str(free_port())))
    assert (done.code, done.out) == (1, "")
    assert "error[OM6308]: ./start cannot be run: No such file or directory" in done.err
    assert "is what its first line names installed" in done.err


@pytest.mark.parametrize(
    ("written", "words", "told", "asked"),
    [
        ("9110", [], "9110", "8080"),
        ("9110", ["--port", "PORT"], "PORT", "PORT"),
        (None, ["--env", "PORT=9110"], "9110", "8080"),
        (None, ["--env", "PORT=8080"], "8080", "8080"),
    ],
)
def test_a_port_that_is_told_otherwise_is_said(
    shop: Path, written: str | None, words: list[str], told: str, asked: str
) -> None:
    """PORT is what the spec says, as on an instance, or the port that is asked for; if it is another, that is told."""
    port = str(free_port())
    if written:
        edit(shop / "omega.yaml", "{LEVEL: 3", f"{{PORT: '{written}', LEVEL: 3")
    start(shop, 'echo "PORT is $PORT"')
    done = ended(
        begun(shop, "serve", "web", *(word.replace("PORT", port) if word == "PORT" else word for word in words))
    )
    told, asked = told.replace("PORT", port), asked.replace("PORT", port)
    assert done.out == f"PORT is {told}\n", done.err
    differs = f"its variable PORT is {told}, and its port is {asked}"
    assert (differs in done.err) == (told != asked)


def test_a_userdata_that_is_not_run_is_said(example: Path) -> None:
    """What the spec's own part of the userdata sets up is not there."""
    process = begun(example, "serve", "web", "--port", str(free_port()))
    line_with(process, "its userdata is not run here, nor is what that sets up there\n")
    process.terminate()
    ended(process)


def test_a_wait_is_a_number(shop: Path) -> None:
    """Nothing is awaited for NaN seconds."""
    done = ended(begun(shop, "serve", "web", "--wait", "nan"))
    assert (done.code, "it is no number" in done.err) == (2, True)


@pytest.mark.parametrize(("port", "column"), [([], 34), (["--port", "8090"], 18)])
def test_where_nothing_listens_is_said(shop: Path, port: list[str], column: int) -> None:
    """At the port of the spec, or at the command that was told another."""
    start(shop, "sleep 60")
    done = ended(begun(shop, "serve", "web", *port, "--wait", "1"))
    assert (done.code, "nothing listens there" in done.err) == (1, True), done.err
    assert f" --> omega.yaml:8:{column}\n" in done.err


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
    assert "omega.yaml:8:" not in done.err, "the port of the spec is another"
    assert "run" not in done.out


def _commands(processes: set[int]) -> str:
    return " ".join(Path(f"/proc/{pid}/comm").read_text("utf-8") for pid in processes if Path(f"/proc/{pid}").exists())
