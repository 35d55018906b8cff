"""The Python of a function: an environment of its own with AWS's runtime client and its SDK, and no other package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from omegac.running.scratch import Scratch

CLIENT = "awslambdaric"
_PACKAGES = (CLIENT, "boto3")
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def lay_out(scratch: Scratch) -> None:
    """Makes the environment in its folder, with links to the packages: what else is installed cannot be imported.

    That holds too of the Python that a function starts, by whichever name.
    """
    from venv import EnvBuilder

    EnvBuilder(symlinks=True).create(scratch.runtime)
    for package in _with_requirements():
        for name in sorted({file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}):
            target = Path(str(package.locate_file(name)))
            if target.exists() and not (scratch.packages / name).exists():
                (scratch.packages / name).symlink_to(target.resolve())


def _with_requirements() -> Iterator[Distribution]:
    """The packages, and those that they need."""
    pending, seen = list(_PACKAGES), set[str]()
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            with suppress(PackageNotFoundError):  # one for another system, or another Python
                package = distribution(name)
                yield package
                pending += _required(package)


def _required(package: Distribution) -> Iterator[str]:
    """The names of the packages that one needs, whatever is asked of it."""
    for requirement in package.requires or ():
        name = _NAME.match(requirement)
        if name and "extra ==" not in requirement:
            yield name[0]
