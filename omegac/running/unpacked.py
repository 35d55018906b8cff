"""The built artifact unpacked into a folder, as Lambda and the instance's script unpack it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from omegac.artifact import Artifact

if TYPE_CHECKING:
    from zipfile import ZipInfo

_EXECUTABLE = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH


def unpack(artifact: Artifact, code: Path) -> None:
    """Unpacks an artifact into a folder that is not there yet."""
    from zipfile import ZipFile

    code.mkdir()
    with ZipFile(artifact.content) as archive:
        links = {info.filename: archive.read(info) for info in archive.infolist() if stat.S_ISLNK(_mode(info))}
        archive.extractall(code, [name for name in archive.namelist() if name not in links])
        runnable = {info.filename for info in archive.infolist() if _mode(info) & _EXECUTABLE}
    for name, target in links.items():
        _link(code / name, target)
    _protect(code, runnable)


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
