"""The built artifact unpacked into a folder of its own, as Lambda and the instance's script unpack it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from omegac.artifact import Artifact

if TYPE_CHECKING:
    from zipfile import ZipInfo

_EXECUTABLE = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH


class Scratch(NamedTuple):
    """A folder that is there for one run."""

    root: Path

    @property
    def code(self) -> Path:
        """The artifact's files, not to be written to: neither Lambda nor an instance lets the code change itself."""
        return self.root / "code"

    @property
    def runtime(self) -> Path:
        """What stands beside the code of a function."""
        return self.root / "runtime"

    @property
    def home(self) -> Path:
        """What a server may write to."""
        return self.root / "home"


@contextmanager
def unpacked(artifact: Artifact) -> Iterator[Scratch]:
    """Unpacks an artifact, and removes it afterwards."""
    from tempfile import TemporaryDirectory
    from zipfile import ZipFile

    with TemporaryDirectory(prefix="omegac-") as folder:
        scratch = Scratch(Path(folder).resolve())
        scratch.code.mkdir()
        with ZipFile(artifact.content) as archive:
            links = {info.filename: archive.read(info) for info in archive.infolist() if stat.S_ISLNK(_mode(info))}
            archive.extractall(scratch.code, [name for name in archive.namelist() if name not in links])
            runnable = {info.filename for info in archive.infolist() if _mode(info) & _EXECUTABLE}
        for name, target in links.items():
            _link(scratch.code / name, target)
        _protect(scratch.code, runnable)
        yield scratch


def _mode(info: ZipInfo) -> int:
    """The type and the rights that an entry has on Unix."""
    return info.external_attr >> 16


def _link(path: Path, target: bytes) -> None:
    """Makes a link of what a finished zip has as one, after all files: nothing is unpacked through it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.symlink(target, os.fsencode(path))


def _protect(code: Path, runnable: set[str]) -> None:
    """Leaves the right to read, and to run what the zip lets run."""
    for folder, _, files in os.walk(code, topdown=False):
        for name in files:
            path = Path(folder, name)
            if path.is_symlink():
                continue
            path.chmod(0o555 if path.relative_to(code).as_posix() in runnable else 0o444)
        os.chmod(folder, 0o555)  # noqa: S103 (it takes a right away)
