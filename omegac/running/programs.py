"""Which program of this machine a command means."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
"""The version that omegac runs by, and that runs Python here."""
_PYTHON = re.compile(r"python3(\.\d+)?")


class Program(NamedTuple):
    """A program that can be run."""

    path: str
    stands_in: bool = False
    """Whether it is omegac's own Python, as the one that is meant is not installed."""


def is_python(name: str) -> bool:
    """Whether a name is one that Python has on an instance."""
    return bool(_PYTHON.fullmatch(name))


def program(name: str, folder: Path, path: str) -> Program | None:
    """The program that a name means in a folder, as an instance finds it; None where there is none."""
    if "/" in name:
        return Program(os.path.join(folder, name))
    found = shutil.which(name, path=path)
    if not is_python(name):
        return Program(found) if found else None
    # Programs that choose among versions are there for each, but fail for those that are not.
    if found and subprocess.run([found, "-c", ""], capture_output=True, check=False, cwd=folder).returncode == 0:  # noqa: S603 (it is what will be run)
        return Program(found)
    # Beyond links: the Python that an environment was made from has none of its packages.
    return Program(os.path.realpath(sys.executable), stands_in=True)
