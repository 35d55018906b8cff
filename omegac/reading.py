"""Reads files of text, refusing what is none. Nothing is waited for, and nothing is read without an end."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from omegac.diagnostics import Diagnostic, Rejected, fault
from omegac.source import Source, Span

MAX_BYTES = 10_000_000

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_NOT_FILES = {
    stat.S_IFDIR: "it is a folder",
    stat.S_IFIFO: "it is a pipe, not a file",
    stat.S_IFSOCK: "it is a socket, not a file",
    stat.S_IFCHR: "it is a device, not a file",
    stat.S_IFBLK: "it is a device, not a file",
}


def read(path: Path, name: str, way_in: str | None = None) -> Source:
    """The source at a path. Raises `Rejected` where it is no file of UTF-8 text within `MAX_BYTES`.

    `way_in` is the hint where it is a pipe or a device.
    """
    nothing = Source(name, "", path.as_posix())
    try:
        status = os.stat(path)
        # Opening a pipe would wait for who writes to it, and a device may do anything.
        if reason := _NOT_FILES.get(stat.S_IFMT(status.st_mode)):
            hint = _file_in(path) if stat.S_ISDIR(status.st_mode) else way_in
            raise Rejected([_unread(nothing, reason, hint)])
        # The size is asked twice: files of the kernel tell none, and others may grow.
        raw = b"" if status.st_size > MAX_BYTES else _content(path)
    except FileNotFoundError as error:
        raise Rejected([_unread(nothing, "there is no such file", _file_like(path))]) from error
    except (OSError, ValueError) as error:
        raise Rejected([_unread(nothing, getattr(error, "strerror", None) or "no file has such a name")]) from error
    if max(status.st_size, len(raw)) > MAX_BYTES:
        message = f"{name} is larger than {MAX_BYTES // 1_000_000} MB"
        raise Rejected([fault("OM1011", message, Span(nothing, 0, 0))])
    return decode(raw, name, path.as_posix())


def decode(raw: bytes, name: str, path: str | None = None) -> Source:
    """The source of some bytes, a byte order mark left out. Raises `Rejected` where they are not UTF-8."""
    mark = len(_BYTE_ORDER_MARK) if raw.startswith(_BYTE_ORDER_MARK) else 0
    try:
        return Source(name, raw[mark:].decode("utf-8"), path)
    except UnicodeDecodeError as error:
        offset = mark + error.start
        readable = Source(name, raw[mark:offset].decode("utf-8"), path)
        place = Span(readable, len(readable.text), len(readable.text))
        message = f"{name} is not UTF-8: byte {raw[offset]:#04x} at offset {offset}"
        if raw.startswith(_UTF_16):
            message = f"{name} is UTF-16, not UTF-8"
        elif b"\0" in raw:
            raise Rejected([fault("OM1002", f"{name} is not text, but binary", place)]) from error
        raise Rejected([fault("OM1002", message, place, hint="save the file as UTF-8")]) from error


def _unread(source: Source, reason: str, hint: str | None = None) -> Diagnostic:
    return fault("OM1001", f"{source.name} cannot be read: {reason}", Span(source, 0, 0), hint=hint)


def _content(path: Path) -> bytes:
    """What a file holds, or one byte more than may be."""
    # At once, even if it has become a pipe since it was looked at.
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        return file.read(MAX_BYTES + 1)


def _file_in(folder: Path) -> str | None:
    """A hint with the spec in a folder that was named instead of it."""
    spec = folder / "omega.yaml"
    return f'did you mean "{spec.as_posix()}"?' if os.path.isfile(spec) else None


def _file_like(path: Path) -> str | None:
    """A hint with the file beside it that was probably meant."""
    from omegac.spelling import nearest

    try:
        name = nearest(path.name, os.listdir(path.parent))
    except OSError:
        return None
    return f'did you mean "{path.with_name(name).as_posix()}"?' if name else None
