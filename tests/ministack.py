"""A local cloud, `ministack`: a server for each process of tests, on a free port, with its state in a folder."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import Request, urlopen

import boto3
import pytest

REGION = "eu-west-1"
ACCOUNT = "111122223333"
"""Twelve digits for a key's id are the account, to ministack."""
_PATIENCE = 60
_STARTS = 3


class Ministack(NamedTuple):
    """A server that runs."""

    url: str

    def environment(self, region: str = REGION, account: str = ACCOUNT) -> dict[str, str]:
        """What leads boto3 to it, and to nowhere else."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": "of-no-account",
            "AWS_DEFAULT_REGION": region,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def reset(self) -> None:
        """Empties it."""
        with urlopen(Request(f"{self.url}/_ministack/reset", method="POST"), timeout=_PATIENCE):  # noqa: S310 (our own)
            pass


@pytest.fixture(scope="session")
def ministack_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministack]:
    """The server, for as long as the tests of this process run."""
    with running(tmp_path_factory.mktemp("ministack")) as server:
        yield server


@pytest.fixture
def ministack(ministack_server: Ministack, monkeypatch: pytest.MonkeyPatch) -> Ministack:
    """The server, empty, and boto3 led to it."""
    ministack_server.reset()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in ministack_server.environment().items():
        monkeypatch.setenv(name, value)
    # It keeps the credentials that it has found, which may be another cloud's.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    return ministack_server


@contextmanager
def running(folder: Path) -> Iterator[Ministack]:
    """A server that is ready, and is ended afterwards. Its log is in the folder."""
    process, server = _started(folder)
    try:
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _started(folder: Path) -> tuple[subprocess.Popen[bytes], Ministack]:
    # Between choosing a port and listening on it another process may take it: then the server ends at once.
    for _ in range(_STARTS):
        port = _free_port()
        process, server = _process(folder, port), Ministack(f"http://127.0.0.1:{port}")
        if _is_ready(process, server):
            return process, server
        process.kill()
        process.wait()
    raise RuntimeError((folder / "log").read_text("utf-8", "replace"))


def _process(folder: Path, port: int) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "S3_DATA_DIR": str(folder / "s3"),
        "STATE_DIR": str(folder / "state"),
        "TMPDIR": str(folder),
    }
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _is_ready(process: subprocess.Popen[bytes], server: Ministack) -> bool:
    """Waits for it; whether it came up."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"{server.url}/_ministack/health", timeout=5) as answer:  # noqa: S310 (our own)
                return bool(answer.status == 200)
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
