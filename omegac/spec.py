"""A bound spec: valid, every default in place, every entry with its logical ids."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

from omegac.source import Origin, Traced

Kind: TypeAlias = Literal["function", "server"]

SECTIONS: dict[Kind, str] = {"function": "functions", "server": "servers"}
"""The key of the spec that holds the entries of a kind."""


class Staged(NamedTuple):
    """A spec with one stage laid over it, or with none."""

    document: Traced
    stage: str | None
    deployment: Traced | None
    """The stage's `DEPLOYMENT_KEYS`."""


class Entry(NamedTuple):
    """One function or server."""

    kind: Kind
    name: str
    stem: str
    """What its logical ids begin with, such as `HelloFunction`."""
    body: Traced

    @property
    def origin(self) -> Origin:
        return self.body.origin

    def at(self, *route: str | int) -> Traced:
        """A value that is there, given or by default."""
        return self.body.at(*route)

    def get(self, key: str) -> Traced | None:
        """A value, or None where the key has no default and is not given."""
        return self.body.get(key)

    def value(self, key: str, otherwise: Any = None) -> Any:
        """The plain value of a key, or another one where it is absent."""
        return self.body.value.get(key, otherwise)


class Spec(NamedTuple):
    """What the constructs compile."""

    document: Traced
    """The whole spec with its defaults; what `omegac build --resolved` prints."""
    entries: tuple[Entry, ...]
    stage: str | None
    deployment: Traced | None
    """Where and how the stage is deployed."""
    folder: Path
    """The spec's folder: paths in the spec are relative to it."""

    @property
    def service(self) -> Traced:
        return self.document.at("service")

    @property
    def network(self) -> Traced | None:
        return self.document.get("network")

    @property
    def tags(self) -> Traced | None:
        return self.document.get("tags")

    def of(self, kind: Kind) -> tuple[Entry, ...]:
        """The entries of a kind."""
        return tuple(entry for entry in self.entries if entry.kind == kind)
