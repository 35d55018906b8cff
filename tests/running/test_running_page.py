"""What docs/running.md shows is what omegac does."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operations.shell import ROOT, begun, ended
from tests.running.services import line_with

PAGE = (ROOT / "docs" / "running.md").read_text("utf-8")


def block(language: str) -> str:
    """The first fenced block in a language."""
    return str(re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)[0])


def sessions() -> Iterator[tuple[str, str]]:
    """Each command of the page, and what is shown after it."""
    for text in re.findall(r"^```console\n\$ (.*?)^```$", PAGE, re.DOTALL | re.MULTILINE):
        command, _, shown = text.partition("\n")
        yield command, shown


def pattern_of(shown: str) -> str:
    """What an output has to match: an ellipsis stands for anything."""
    return "".join("(?s:.*)" if part == "…" else re.escape(part) for part in re.split("(…)\n?", shown))


@pytest.fixture
def greeter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project of the page."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "greet.py").write_text(block("python"), "utf-8")
    (tmp_path / "omega.yaml").write_text(block("yaml"), "utf-8")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


@pytest.mark.parametrize(("command", "shown"), [each for each in sessions() if "serve" not in each[0]])
def test_a_command_shows_what_the_page_says(command: str, shown: str, greeter: Path) -> None:
    """Both streams, as a terminal shows them."""
    done = subprocess.run(
        ["bash", "-c", f"{{ {command}; }} 2>&1"], cwd=greeter, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout
    assert re.fullmatch(pattern_of(shown), done.stdout), done.stdout


def test_the_server_answers_as_the_page_says(greeter: Path) -> None:
    """It says so, and ends at Ctrl-C."""
    ((command, shown),) = [each for each in sessions() if "serve" in each[0]]
    process = begun(greeter, *command.split()[1:])
    line = line_with(process, "answers on")
    process.send_signal(signal.SIGINT)
    assert ended(process).code == 130
    assert re.fullmatch(pattern_of(shown), line), line
