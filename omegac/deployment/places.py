"""From a value of a deployed template back to where it is written, by the map that was kept with it."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from omegac import shipped
from omegac.diagnostics import Rejected
from omegac.reading import read
from omegac.source import Origin, Source, Span

_SHIPPED = "omegac/"
"""What the names of shipped templates begin with."""
_CHANGED = "(this file has changed since it was deployed)"


class Places:
    """The places of a template's values, as its map has them.

    Lines of a file are shown only where it is still what the template was compiled from. Of another file its name, line
    and column are known, and a word stands in the place of what was written there.
    """

    def __init__(self, map_text: str, folder: Path) -> None:
        document = json.loads(map_text)
        self.template: str = document["template"]
        """The digest of the template that it is the map of."""
        self._origins: dict[str, Any] = document["origins"]
        self._sources = [_unchanged(each["name"], each["sha256"], folder) for each in document["sources"]]
        self._names = [(each["name"], _path(each["name"], folder)) for each in document["sources"]]

    @property
    def pointers(self) -> tuple[str, ...]:
        """Those of all values that have an origin of their own."""
        return tuple(self._origins)

    def of(self, pointer: str) -> Origin | None:
        """The origin of a value, or of the nearest one around it that has one; None where there is nothing to show."""
        while pointer not in self._origins:
            if not pointer:
                return None
            pointer = pointer.rpartition("/")[0]
        return self._origin(self._origins[pointer])

    def _origin(self, written: dict[str, Any]) -> Origin:
        parents = tuple(self._origin(parent) for parent in written.get("from", ()))
        return Origin(self._span(*written["at"]) if "at" in written else None, written["via"], parents)

    def _span(self, number: int, line: int, column: int, end_line: int, end_column: int) -> Span:
        source = self._sources[number]
        if source is None:
            name, path = self._names[number]
            return _blank(name, path, line, column)
        starts = source.line_starts
        return source.span(starts[line - 1] + column - 1, starts[end_line - 1] + end_column - 1)


NOWHERE = Places('{"template": "", "origins": {}, "sources": []}', Path())
"""Where the map of what is deployed is not to be had."""


def _unchanged(name: str, digest: str, folder: Path) -> Source | None:
    """The source of a name, if it is what it was."""
    try:
        if name.startswith(_SHIPPED):
            source = Source(name, shipped.text(f"templates/{name.removeprefix(_SHIPPED)}"))
        else:
            source = read(folder / name, name)
    except (Rejected, OSError, ValueError):
        return None
    return source if sha256(source.text.encode()).hexdigest() == digest else None


def _path(name: str, folder: Path) -> str:
    return name if name.startswith(_SHIPPED) else (folder / name).as_posix()


def _blank(name: str, path: str, line: int, column: int) -> Span:
    """A place in a text that is not known: a word stands there."""
    text = "\n" * (line - 1) + " " * (column - 1)
    return Span(Source(name, f"{text}{_CHANGED}", path), len(text), len(text) + len(_CHANGED))


def pointer(*route: str | int) -> str:
    """A route as a JSON pointer (RFC 6901)."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in route)
