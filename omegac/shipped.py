"""The schemas and templates that come with omegac, wherever it is installed."""

from __future__ import annotations

import os
from pathlib import Path

FOLDERS = ("schemas", "templates")

_PACKAGE = os.path.dirname(os.path.abspath(__file__))
# A wheel has the folders inside the package, a checkout beside it.
_HOME = _PACKAGE if os.path.isdir(os.path.join(_PACKAGE, FOLDERS[0])) else os.path.dirname(_PACKAGE)


def path(name: str) -> Path:
    """The path of a shipped file or folder, named as from the top of a checkout: `schemas/omega.schema.json`.

    Names are written in the program, never taken from a user; `ValueError` for one that leads elsewhere.
    """
    if ".." in name or name.split("/", 1)[0] not in FOLDERS:
        raise ValueError(f"not the name of a shipped file: {name!r}")
    return Path(_HOME, name)


def text(name: str) -> str:
    """The text of a shipped file, with LF line ends however the checkout was made. Raises `FileNotFoundError`."""
    return path(name).read_text(encoding="utf-8")
