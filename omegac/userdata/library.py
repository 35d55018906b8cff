"""Finds userdata templates: the project's own, inside its folder, and those that ship with omegac."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from omegac import shipped
from omegac.diagnostics import Rejected, fault, suggestion
from omegac.reading import read
from omegac.source import Source

SHIPPED = "omegac/"
"""Prefix of the names of shipped templates, as in `{% extends "omegac/server.sh" %}`."""
_SHIPPED_NAMES = ("server.sh",)


class Library:
    """The templates that a spec can name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, name: str) -> Source:
        """The template of a name. Raises `Rejected` where it is missing, unreadable or outside of the folder."""
        if name.startswith(SHIPPED):
            return self._shipped(name)
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
            hint = "a template stands in the spec's folder or below, and is named from there"
            raise Rejected([fault("OM2001", f"{name} leads out of the spec's folder", hint=hint)])
        found = self.folder / path
        root = os.path.realpath(self.folder)
        if os.path.commonpath([root, os.path.realpath(found)]) != root:
            raise Rejected([fault("OM2001", f"{name} is a link that leads out of the spec's folder")])
        if os.path.exists(found) and not os.path.isfile(found):
            raise Rejected([fault("OM2001", f"{name} is no file")])
        if not os.path.exists(found):
            raise Rejected([fault("OM2001", f"there is no template {name}", hint=self._near(path))])
        return read(found, str(path))

    def _shipped(self, name: str) -> Source:
        short = name.removeprefix(SHIPPED)
        if short not in _SHIPPED_NAMES:
            listed = ", ".join(SHIPPED + known for known in _SHIPPED_NAMES)
            raise Rejected([fault("OM2001", f"omegac ships no template {name}", hint=f"it ships {listed}")])
        return Source(name, shipped.text(f"templates/{short}"))

    def _near(self, path: PurePosixPath) -> str | None:
        try:
            with os.scandir(self.folder / path.parent) as listing:
                names = [entry.name for entry in listing if entry.is_file()]
        except OSError:
            return None
        return suggestion(path.name, names)
