"""Writes a compilation to its folder: every file whole, or none."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import BinaryIO

from omegac.diagnostics import Diagnostic, fault
from omegac.seal import blotted
from omegac.source import Source, Span
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


def stale(compilation: Compilation, folder: Path) -> list[Diagnostic]:
    """What in a folder differs from the compilation, and where that begins. Map and artifact need not be kept there."""
    template, map_, artifact = (folder / name for name in (TEMPLATE, MAP, ARTIFACT))
    differences = [_difference(template, compilation.template)]
    if map_.is_file():
        differences.append(_difference(map_, compilation.map))
    if artifact.is_file() and not _holds(artifact, compilation.artifact.content):
        differences.append(Source(ARTIFACT, "", artifact.as_posix()).span(0, 0))
    return [_fault(place) for place in differences if place]


def _difference(path: Path, text: str) -> Span | None:
    """The first place where a file does not have a text; None where it has all of it, and nothing else."""
    kept = path.read_bytes() if path.is_file() else b""
    if kept == text.encode():
        return None
    source = Source(path.name, kept.decode("utf-8", "replace"), path.as_posix())
    # The digests of versions follow from what differs elsewhere, and may stand before it.
    start = _parting(blotted(source.text), blotted(text))
    start = _parting(source.text, text) if start is None else start
    start = min(len(source.text), len(text)) if start is None else start
    return source.span(start, start + 1)


def _parting(one: str, other: str) -> int | None:
    """The offset from which on two texts differ, as far as both go."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((offset for offset, (mine, yours) in pairs if mine != yours), None)


def _holds(path: Path, content: BinaryIO) -> bool:
    content.seek(0)
    return path.read_bytes() == content.read()


def _fault(place: Span) -> Diagnostic:
    path = place.source.path
    message = f"{path} is stale" if os.path.isfile(path) else f"there is no {path}"
    return fault("OM5004", message, place, hint="run `omegac build` and commit what it writes")
