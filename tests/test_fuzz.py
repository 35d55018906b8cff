"""`make fuzz`: what was changed at random brings out no bug, and one that is there is found."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 600


def fuzz(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program, run as `make fuzz` does."""
    command = [sys.executable, str(ROOT / "scripts" / "fuzz.py"), *arguments]
    given = {**os.environ, **environment}
    return subprocess.run(command, env=given, timeout=SECONDS, check=False, capture_output=True, text=True)


def test_no_bug_comes_out(tmp_path: Path) -> None:
    """Of some hundred specs, templates and scripts changed at random each compiles or is refused, at a place."""
    done = fuzz("400", "--seed", "1", "--out", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\d+ compiled, \d+ refused, 0 failed$", done.stdout, re.MULTILINE)


def test_a_seed_gives_the_same_inputs(tmp_path: Path) -> None:
    """The same seed has the same outcome, and another seed another one."""
    outcomes = [fuzz("40", "--seed", seed, "--out", str(tmp_path)).stdout.split("\n", 1)[1] for seed in ("2", "2", "3")]
    assert outcomes[0] == outcomes[1] != outcomes[2]


PLANTED = {
    "raise ZeroDivisionError('planted')": "ZeroDivisionError in omegac/emit.py:emit",
    "__import__('os').abort()": "the process ended with -6",
    "exec('while True: pass')": "longer than 2 seconds",
}


@pytest.mark.parametrize("bug", PLANTED)
def test_a_bug_is_found(bug: str, tmp_path: Path) -> None:
    """An exception, a crash or a hang of the compiler is reported, and kept with little around it to be tried again."""
    (tmp_path / "sitecustomize.py").write_text(
        "import omegac.emit as emit\nreal = emit.canonical\n"
        f"def canonical(value):\n    if 'Resources' in value:\n        {bug}\n    return real(value)\n"
        "emit.canonical = canonical\n",
        "utf-8",
    )
    done = fuzz("100", "--seconds", "2", "--out", str(tmp_path / "kept"), PYTHONPATH=str(tmp_path))
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"\n{PLANTED[bug]}: " in done.stdout
    (kept,) = (path for path in (tmp_path / "kept").glob("*/failure.txt") if PLANTED[bug] in path.read_text("utf-8"))
    spec = kept.with_name("omega.yaml")
    assert "service:" in spec.read_text("utf-8")
    if "raise" in bug:
        assert len(spec.read_text("utf-8").splitlines()) < 12
        again = fuzz("--again", str(spec), PYTHONPATH=str(tmp_path))
        assert (again.returncode, again.stdout.splitlines()[0]) == (1, PLANTED[bug])
