"""Writes a compilation to its folder: every file whole, or none."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from omegac.template import Compilation

TEMPLATE, MAP, ARTIFACT = "template.json", "template.map.json", "artifact.zip"


def write(compilation: Compilation, folder: Path) -> None:
    """Puts template, map and artifact into a folder; each file appears complete, under its name, or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    scratch = {name: folder / f".{name}.{os.getpid()}" for name in (ARTIFACT, MAP, TEMPLATE)}
    try:
        with scratch[ARTIFACT].open("wb") as file:
            compilation.artifact.content.seek(0)
            shutil.copyfileobj(compilation.artifact.content, file)
        scratch[MAP].write_bytes(compilation.map.encode())
        scratch[TEMPLATE].write_bytes(compilation.template.encode())
        for name, path in scratch.items():
            path.replace(folder / name)
    finally:
        for path in scratch.values():
            path.unlink(missing_ok=True)


def stale(compilation: Compilation, folder: Path) -> list[str]:
    """The names of files in a folder that differ from the compilation; an artifact need not be kept there."""
    texts = {TEMPLATE: compilation.template, MAP: compilation.map}
    different = [name for name, text in texts.items() if _bytes(folder / name) != text.encode()]
    artifact = _bytes(folder / ARTIFACT)
    if artifact is not None:
        compilation.artifact.content.seek(0)
        if artifact != compilation.artifact.content.read():
            different.append(ARTIFACT)
    return different


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
