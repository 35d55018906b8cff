"""Keys that were meant to stand below another and stand beside it: YAML then reads that one as without a value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from omegac import schema
from omegac.diagnostics import Diagnostic
from omegac.keys import meant
from omegac.kinds import kind_of, kinds_of
from omegac.location import Location
from omegac.source import Route, Span

_MOST_LISTED = 8


class Slipped(NamedTuple):
    """A key without a value, and the keys below it that are indented too little."""

    route: Route
    keys: tuple[str, ...]

    def fault(self, spec: Location) -> Diagnostic:
        """The one fault that there is, instead of one for each key."""
        at = spec.at(*self.route)
        more = ", …" if len(self.keys) > _MOST_LISTED else ""
        hint = f"indent what belongs to it: {', '.join(self.keys[:_MOST_LISTED])}{more}"
        return at.fault("OM1103", f"{at.name} has no value; it takes a mapping", hint=hint, at_key=True)

    def explains(self, spec: Location) -> Iterator[Span]:
        """The places of the faults that there are only because of it."""
        for key in (self.route[-1], *self.keys):
            origin = spec.at(*self.route[:-1], key).origin
            yield from (span for span in (origin.key, origin.span) if span)


def slipped(document: Any) -> Iterator[Slipped]:
    """Every key of a spec that is empty while what would fit into it, and fits nowhere else, follows beside it."""
    yield from _slipped(document, schema.inlined(), ())


def _slipped(value: Any, part: dict[str, Any], route: Route) -> Iterator[Slipped]:
    if not isinstance(value, dict):
        return
    part = _mapping(part)
    names = list(value)
    for index, key in enumerate(names):
        inner = _within(part, key)
        if inner is None:
            continue
        if value[key] is None and "object" in kinds_of(inner):
            beside = tuple(_fitting(value, names[index + 1 :], part, _mapping(inner), route))
            if beside:
                yield Slipped((*route, key), beside)
        yield from _slipped(value[key], inner, (*route, key))


def _fitting(
    value: dict[str, Any], names: list[str], around: dict[str, Any], below: dict[str, Any], route: Route
) -> Iterator[str]:
    """The first of the names that have no place around, but one below."""
    for name in names:
        if _fits(value[name], _within(around, name)) or not _fits(value[name], _within(below, name)):
            return
        # Below, any name may be allowed, so that a misspelt one would fit, too.
        if name not in below.get("properties", {}) and meant(name, around.get("properties", {}), route):
            return
        yield name


def _fits(value: Any, part: dict[str, Any] | None) -> bool:
    return part is not None and kind_of(value) in kinds_of(part)


def _within(part: dict[str, Any], key: str) -> dict[str, Any] | None:
    """What a mapping's schema says of a key; None if it has no place for it."""
    own: dict[str, dict[str, Any]] = part.get("properties", {})
    others = part.get("additionalProperties")
    if key in own or not isinstance(others, dict):
        return own.get(key)
    return others if re.search(part.get("propertyNames", {}).get("pattern", ""), key) else None


def _mapping(part: dict[str, Any]) -> dict[str, Any]:
    """Of a schema with alternatives, that of a mapping with keys of its own."""
    return next((branch for branch in part.get("anyOf", ()) if "properties" in branch), part)
