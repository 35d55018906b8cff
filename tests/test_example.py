"""The example's application: one artifact, the same hello from the function and from the server."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest

from omegac.compiler import compile_spec

ROOT = Path(__file__).resolve().parent.parent
HELLO = "Hello world from SpartaOmega!"


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """The built artifact, unpacked: what runs is what was built, not the source tree."""
    compilation = compile_spec(ROOT / "omega.yaml").compilation
    with compilation.artifact.content as content, zipfile.ZipFile(content) as archive:
        archive.extractall(tmp_path / "artifact")
    return tmp_path / "artifact"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def answer(port: int) -> tuple[int, str, str]:
    """Status, content type and body, once the server listens."""
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as reply:
                return reply.status, reply.headers["Content-Type"], reply.read().decode()
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


def test_the_same_hello_both_ways(unpacked: Path) -> None:
    """The handler that Lambda calls and the command `httpServer` say the same, from one artifact."""
    program = "import json, hello; print(json.dumps(hello.handler({}, None)))"
    handled = subprocess.run([sys.executable, "-c", program], cwd=unpacked, capture_output=True, text=True, check=True)
    response = json.loads(handled.stdout)
    port = free_port()
    environment = {**os.environ, "PORT": str(port)}
    command = [sys.executable, "-m", "hello", "httpServer"]
    with subprocess.Popen(command, cwd=unpacked, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            served = answer(port)
        finally:
            server.terminate()
    assert served == (response["statusCode"], response["headers"]["Content-Type"], response["body"])
    assert served[2] == HELLO


def test_the_port_without_being_told(unpacked: Path) -> None:
    """The command listens on port 9999 where the environment names none, as the spec says."""
    assert '"PORT", "9999"' in (unpacked / "hello.py").read_text("utf-8")
    assert compile_port() == 9999


def compile_port() -> int:
    """The port that the security group lets in."""
    compilation = compile_spec(ROOT / "omega.yaml").compilation
    compilation.artifact.content.close()
    rules = compilation.root.value["Resources"]["WebServerSecurityGroup"]["Properties"]["SecurityGroupIngress"]
    (port,) = {rule["ToPort"] for rule in rules}
    return int(port)


def test_the_wrong_command_says_the_right_one(unpacked: Path) -> None:
    """Any other command exits and says how it is called."""
    command = [sys.executable, "-m", "hello", "serve"]
    failed = subprocess.run(command, cwd=unpacked, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert "httpServer" in failed.stderr
