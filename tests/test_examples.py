"""The examples, as people copy them: their scripts are held to what the built-in one is held to."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from omegac.compiler import compile_spec
from tests.test_boot_script import SHELLCHECK

STAND_INS = {
    "apt-get": "kill -TERM $PPID",
    "aws": 'echo "$@" >> calls; [[ ! $REFUSAL ]] || { echo "$REFUSAL" >&2; exit 254; }',
    "curl": "echo i-0123456789abcdef0",
}
"""What the script of one's own meets before anything is changed; each runs in bash."""
ROOT = Path(__file__).parent.parent
EXAMPLES = [ROOT, *sorted(folder.parent for folder in ROOT.glob("examples/*/omega.yaml"))]


def scripts(folder: Path) -> list[str]:
    """The scripts of an example as instances get them, each value of the deployment a word."""
    compilation = compile_spec(folder / "omega.yaml").compilation
    compilation.artifact.content.close()
    resources = json.loads(compilation.template)["Resources"].values()
    templates = [each["Properties"] for each in resources if each["Type"] == "AWS::EC2::LaunchTemplate"]
    joined = [each["LaunchTemplateData"]["UserData"]["Fn::Base64"]["Fn::Join"] for each in templates]
    return [delimiter.join(map(word, pieces)) for delimiter, pieces in joined]


def word(piece: Any) -> str:
    """A piece of a script, deployed."""
    if isinstance(piece, str):
        return piece
    return base64.b64encode(b"word").decode() if "Fn::Base64" in piece else "word"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda folder: folder.name if folder != ROOT else "example")
def test_bash_and_shellcheck_find_nothing_in_a_script(example: Path) -> None:
    """Every script of an example is clean for bash and for shellcheck."""
    found = scripts(example)
    assert found
    for script in found:
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)
        checked = subprocess.run([SHELLCHECK, "-"], input=script, capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stdout) == (0, "")


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        ("", "signalled FAILURE"),
        ("An error occurred: Stack word cannot be signaled", "no stack waits for this instance"),
        ("An error occurred: AccessDenied", "could not signal FAILURE: An error occurred: AccessDenied"),
    ],
)
def test_a_script_that_is_terminated_is_no_success(tmp_path: Path, refusal: str, told: str) -> None:
    """The script of one's own signals a failure when the system ends it, and says what becomes of the signal."""
    for name, does in STAND_INS.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{does}\n", "utf-8")
        (tmp_path / name).chmod(0o755)
    (script,) = scripts(ROOT / "examples" / "supervisor")
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "REFUSAL": refusal}
    done = subprocess.run(
        ["bash"], input=script, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 143
    assert (tmp_path / "calls").read_text("utf-8").endswith("--unique-id i-0123456789abcdef0 --status FAILURE\n")
    assert f"\n{told}\n" in done.stderr
