"""Keys that have no place where they stand: which was meant, or where else it belongs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from omegac import habits, schema
from omegac.source import Route
from omegac.spelling import nearest, same

_ANY = "*"
"""In a route: the name of an entry, or the index of an element."""
_SECTIONS = ((), ("functions", _ANY), ("servers", _ANY))
"""Places that are well known, so that a key of theirs is told of anywhere; and so is what stands just below the top."""


def meant(key: str, known: Collection[str], route: Route) -> str | None:
    """The known key that an unknown one at a route was probably meant to be."""
    found = same(key, known) or habits.key(key)
    if found in known:
        return found
    return None if _homes(key, route) else nearest(key, known)


def way_out(key: str, known: Collection[str], route: Route, offered: Collection[str]) -> str:
    """A hint for a key that is not known at a route: the one that was meant, where it stands, or which are offered."""
    near = meant(key, known, route)
    if near:
        return f'did you mean "{near}"?'
    homes = _homes(key, route)
    if homes:
        return f'"{key}" stands {_listed(homes)}'
    return f"keys here: {', '.join(sorted(offered))}"


def _homes(key: str, route: Route) -> list[Route]:
    """Where a key stands: just below the route, or else in a place that is well known."""
    places = _places().get(key, ())
    below = [place for place in places if _is_just_below(place, route)]
    return below or [place for place in places if place in _SECTIONS or len(place) == 1]


def _is_just_below(place: Route, route: Route) -> bool:
    around, rest = place[: len(route)], place[len(route) :]
    if len(around) < len(route) or any(each not in (step, _ANY) for each, step in zip(around, route, strict=True)):
        return False
    return len(rest) == 1 or (len(rest) == 2 and rest[1] == _ANY)


def _listed(homes: list[Route]) -> str:
    """`at the top of the spec`, or `in an entry of functions or servers, or under "network"`."""
    top = ["at the top of the spec"] if () in homes else []
    entries = [str(home[-2]) for home in homes if home[-1:] == (_ANY,)]
    below = [f'"{home[-1]}"' for home in homes if home and home[-1] != _ANY]
    places = [
        *top,
        *([f"in an entry of {' or '.join(entries)}"] if entries else []),
        *([f"under {' or '.join(below)}"] if below else []),
    ]
    return ", or ".join(places)


@cache
def _places() -> dict[str, list[Route]]:
    """Every key of the language with the routes of the mappings that it may stand in."""
    places: dict[str, list[Route]] = {}
    for key, route in _keys(schema.inlined(), ()):
        places.setdefault(key, []).append(route)
    return places


def _keys(part: dict[str, Any], route: Route) -> Iterator[tuple[str, Route]]:
    for branch in part.get("anyOf", ()):
        yield from _keys(branch, route)
    for key, inner in part.get("properties", {}).items():
        if inner.get("not") != {}:
            yield key, route
            yield from _keys(inner, (*route, key))
    for several in ("additionalProperties", "items"):
        if isinstance(part.get(several), dict):
            yield from _keys(part[several], (*route, _ANY))
