"""Tests for what an import of omegac costs: the libraries it uses are imported where, and when, they are used."""

from __future__ import annotations

import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import omegac

ROOT = Path(omegac.__file__).parent.parent
LIBRARIES = {"boto3", "cfnlint", "jinja2", "jsonschema", "typer", "yaml"}
# These are imported for the library they wrap, or run the program.
LATE = {"omegac.__main__", "omegac.arguments", "omegac.arguments.running", "omegac.arguments.stacks"} | {
    f"omegac.userdata.{name}" for name in ("marking", "sandbox", "variables")
}

LIST_MODULES = "import json, sys; print(json.dumps(sorted(sys.modules)))"


def imported_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter has imported after a statement."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", f"{statement}\n{LIST_MODULES}"]
    output = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    return set(json.loads(output))


def test_package() -> None:
    """`import omegac` imports none of the libraries."""
    modules = imported_by("import omegac")
    assert "omegac" in modules
    assert modules & LIBRARIES == set()


def test_every_module() -> None:
    """No module imports a costly library before one of its functions needs it."""
    names = {module.name for module in pkgutil.walk_packages(omegac.__path__, "omegac.")}
    assert names > LATE
    modules = imported_by("import " + ", ".join(sorted(names - LATE)))
    assert modules & LIBRARIES == set()
