"""The build of an artifact, as a process: it is heard, may clean up, and never outlives omegac."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.operations.local import edit
from tests.operations.shell import begun, ended
from tests.running.services import alive, below, comes, line_with


def builds(shop: Path, script: str) -> None:
    """Gives the service a build, a script of `sh`."""
    (shop / "build.sh").write_text(script, "utf-8")
    edit(shop / "omega.yaml", "artifact: app", "artifact: {build: [sh, build.sh], path: app}")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, what a build has started is not told by the system")
@pytest.mark.parametrize("command", [("build",), ("serve", "web"), ("deploy", "--stack", "x", "--yes")])
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
def test_it_ends_with_omegac(shop: Path, command: tuple[str, ...], how: signal.Signals) -> None:
    """However omegac is ended, so are the build and all that it has started."""
    builds(shop, "echo builds; sleep 600 & sleep 600\n")
    process = begun(shop, *command)
    line_with(process, "builds")
    assert comes(lambda: len(below(process.pid)) == 4)
    started = below(process.pid)
    process.send_signal(how)
    ended(process)
    assert comes(lambda: not alive(started))


@pytest.mark.parametrize("group", [False, True])
def test_what_it_has_started_may_clean_up(shop: Path, group: bool) -> None:  # noqa: FBT001 (a case)
    """It is asked to end, and waited for, be it told with omegac's group or by omegac."""
    trap = "trap 'sleep 0.3; echo done > cleaned; exit' INT TERM"
    (shop / "inner.sh").write_text(f"{trap}\necho builds\nwhile :; do sleep 0.1; done\n", "utf-8")
    builds(shop, "sh inner.sh; :\n")
    process = begun(shop, "build", start_new_session=True)
    line_with(process, "builds")
    (os.killpg if group else os.kill)(process.pid, signal.SIGINT)
    ended(process)
    assert comes((shop / "cleaned").exists)


def test_what_it_says_to_its_end_is_shown(shop: Path) -> None:
    """A build that cleans up may say a lot, and is read until it has ended."""
    builds(shop, "trap 'seq 1 40000; echo done; exit 4' INT TERM; echo builds; while :; do sleep 0.1; done\n")
    process = begun(shop, "build")
    line_with(process, "builds")
    process.send_signal(signal.SIGINT)
    done = ended(process)
    assert (done.code, "40000\ndone\n" in done.err) == (130, True), done.err[-200:]


def test_that_nobody_reads_it_changes_no_code(shop: Path) -> None:
    """Who has read what it prints may have been interrupted, too: the build ends, and omegac as interrupted."""
    builds(shop, "trap 'seq 1 40000; exit 4' INT TERM; echo builds; while :; do sleep 0.1; done\n")
    with begun(shop, "build") as process:
        line_with(process, "builds")
        assert process.stderr
        process.stderr.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130


def test_it_is_heard_and_may_be_left(shop: Path) -> None:
    """What it prints is shown before its line has an end; who waits for it is told, and may press Ctrl-C again."""
    builds(shop, "trap : TERM INT; printf waits; while :; do sleep 0.1; done\n")
    process = begun(shop, "build")
    assert process.stderr
    assert process.stderr.read(5) == "waits"
    process.send_signal(signal.SIGINT)
    line_with(process, 'the build "sh" is asked to end, and killed after 10 s')
    started = below(process.pid)
    process.send_signal(signal.SIGINT)
    assert ended(process).code == 130
    assert comes(lambda: not alive(started))
