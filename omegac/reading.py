"""Reads files of text, refusing what is none."""

from __future__ import annotations

from pathlib import Path

from omegac.diagnostics import Rejected, fault
from omegac.source import Source, Span

MAX_BYTES = 10_000_000


def read(path: Path, name: str) -> Source:
    """The source at a path. Raises `Rejected` where it is no file of UTF-8 text within `MAX_BYTES`."""
    try:
        if not path.is_file():
            reason = "it is a folder" if path.is_dir() else "there is no such file" if not path.exists() else "no file"
            raise Rejected([fault("OM1001", f"{name} cannot be read: {reason}")])
        if path.stat().st_size > MAX_BYTES:
            raise Rejected([fault("OM1011", f"{name} is larger than {MAX_BYTES // 1_000_000} MB")])
        raw = path.read_bytes()
    except OSError as error:
        raise Rejected([fault("OM1001", f"{name} cannot be read: {error.strerror}")]) from error
    return decode(raw, name, path.as_posix())


def decode(raw: bytes, name: str, path: str | None = None) -> Source:
    """The source of some bytes, a byte order mark left out. Raises `Rejected` where they are not UTF-8."""
    try:
        return Source(name, raw.decode("utf-8-sig"), path)
    except UnicodeDecodeError as error:
        readable = Source(name, raw[: error.start].decode("utf-8-sig"), path)
        place = Span(readable, len(readable.text), len(readable.text))
        message = f"{name} is not UTF-8: byte {raw[error.start]:#04x} at offset {error.start}"
        raise Rejected([fault("OM1002", message, place, hint="save the file as UTF-8")]) from error
