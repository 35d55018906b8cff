"""The folder that what runs works in, which goes with the last that works in it."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from omegac.running.scratch import scratch
from tests.operations.shell import begun, ended
from tests.running.services import alive, below, comes, free_port

_HOLDER = """
import sys
from omegac.running.scratch import scratch
with scratch() as folder:
    (folder.root / "code").mkdir()
    (folder.root / "code" / "file").touch()
    (folder.root / "code").chmod(0o555)
    print(folder.root, flush=True)
    sys.stdin.read()
"""
_WORKER = """
from omegac.child import Child, Command
from omegac.running.scratch import scratch
script = "trap 'sleep 1; cat file; exit' TERM; echo ready; while :; do sleep 0.1; done"
with scratch() as folder:
    (folder.root / "file").write_text("still there\\n")
    with Child(Command(["/bin/sh", "-c", script], folder.root, {"PATH": "/usr/bin:/bin"}, [folder.hold])) as child:
        child.wait()
"""


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path / "temporary"


def test_it_is_its_owners_alone_and_goes(parent: Path) -> None:
    """Nobody else may look into it, and nothing of it is left."""
    with scratch() as folder:
        assert list(parent.iterdir()) == [folder.root]
        assert stat.S_IMODE(folder.root.stat().st_mode) == 0o700
        (folder.root / "within").mkdir()
    assert list(parent.iterdir()) == []


@pytest.mark.parametrize("how", ["ends", signal.SIGTERM, signal.SIGKILL])
def test_it_goes_however_who_works_in_it_ends(parent: Path, how: str | signal.Signals) -> None:
    """Whether it ends by itself or is killed, and whoever may write to what is in it."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin
    assert process.stdout
    with process.stdout, process.stdin:
        made = Path(process.stdout.readline().rstrip("\n"))
        assert made.parent == parent.resolve()
        assert (made / "code" / "file").exists()
        if isinstance(how, signal.Signals):
            process.send_signal(how)
    process.wait(30)
    assert comes(lambda: not made.exists())


def test_a_command_holds_it(parent: Path, tmp_path: Path) -> None:
    """What a command works with stays until it has ended in its own way, though omegac has been killed before."""
    process = subprocess.Popen([sys.executable, "-c", _WORKER], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    with process.stdout:
        assert process.stdout.readline() == "ready\n"
        process.kill()
        assert process.stdout.readline() == "still there\n"
    process.wait(30)
    assert comes(lambda: not any(parent.iterdir()))


def test_no_folder_is_made_where_none_can_be(parent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is that of the system, and names where."""
    monkeypatch.setattr(tempfile, "tempdir", str(parent / "absent"))
    with pytest.raises(FileNotFoundError, match="absent"), scratch():
        pass


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("command", ["invoke", "serve", "sandbox"])
def test_no_moment_is_the_wrong_one(shop: Path, parent: Path, command: str, how: signal.Signals) -> None:
    """Ended at whatever moment, omegac ends, and leaves no folder, and nothing that runs."""
    (shop / "app" / "start").write_text("exec sleep 600", "utf-8")
    (shop / "event.json").write_text('{"do": "sleep"}', "utf-8")
    words = {
        "invoke": ["hello", "--event", "event.json"],
        "serve": ["web", "--port", str(free_port())],
        "sandbox": ["--", "sleep", "600"],
    }
    for moment in range(8):
        process = begun(shop, command, *words[command])
        time.sleep(0.1 + moment * 0.09)
        started = below(process.pid)
        process.send_signal(how)
        ended(process)
        assert comes(lambda: not any(parent.iterdir())), moment
        assert comes(lambda started=started: not alive(started)), moment  # type: ignore[misc] # it is called at once
