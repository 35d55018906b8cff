"""Remembers what was computed before, by content: one folder of small files, shared by parallel runs.

A memo only saves time. An entry that is missing, broken or unreadable is computed again, and a folder that
cannot be written to is left alone. `OMEGAC_MEMO` names the folder, or is `off`.
"""

from __future__ import annotations

import os
from functools import cache
from hashlib import sha256

from omegac import __version__

_SEAL_LENGTH = 32
_MOST = 1_000
"""Entries that are kept; beyond that, the older half goes."""


def key(*parts: str) -> str:
    """The key of a result: a digest of all that it depends on, and of the program itself."""
    digest = sha256(_program().encode("utf-8", "surrogateescape"))
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(encoded))
        digest.update(encoded)
    return digest.hexdigest()


def library(name: str) -> str:
    """What tells two versions of a library apart, without importing it."""
    from importlib.util import find_spec

    found = find_spec(name)
    if found is None or found.origin is None:
        return name
    status = os.stat(found.origin)
    return f"{found.origin} {status.st_mtime_ns} {status.st_size}"


def recall(kind: str, key: str) -> bytes | None:
    """What was remembered under a key, or None."""
    path = _path(kind, key)
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            stored = file.read()
    except OSError:
        return None
    seal, value = stored[:_SEAL_LENGTH], stored[_SEAL_LENGTH:]
    return value if seal == _seal(key, value) else None


def remember(kind: str, key: str, value: bytes) -> None:
    """Keeps a result; a reader sees the whole file or none."""
    path = _path(kind, key)
    if path is None:
        return
    temporary = f"{path}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(_seal(key, value) + value)
        os.replace(temporary, path)
        _thin_out(os.path.dirname(path))
    except OSError:
        return


def folder() -> str | None:
    """The folder of the memo, or None where it is off."""
    named = os.environ.get("OMEGAC_MEMO")
    if named:
        return None if named == "off" else named
    cache_home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(cache_home, "omegac")


def _path(kind: str, key: str) -> str | None:
    home = folder()
    return os.path.join(home, f"{kind}-{key}") if home else None


def _thin_out(folder: str) -> None:
    """Keeps the folder from growing for ever."""
    with os.scandir(folder) as listing:
        entries = [(entry.stat().st_mtime_ns, entry.path) for entry in listing]
    if len(entries) > _MOST:
        for _, path in sorted(entries)[: len(entries) // 2]:
            os.unlink(path)


def _seal(key: str, value: bytes) -> bytes:
    return sha256(key.encode() + value).digest()


@cache
def _program() -> str:
    """The version, and what tells two states of one checkout apart."""
    states = [
        f"{os.path.join(folder, name)} {status.st_mtime_ns} {status.st_size}"
        for folder, _, names in os.walk(os.path.dirname(__file__))
        for name in names
        if name.endswith(".py") and (status := os.stat(os.path.join(folder, name)))
    ]
    return "\n".join([__version__, *sorted(states)])
