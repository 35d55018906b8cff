"""What `Fn::GetAtt` may ask of each resource type, from the table that `scripts/attributes.py` writes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from omegac import shipped

_OPEN = "*"
"""Marks a type of which any attribute may be asked."""

_LIST = "[]"
"""Ends the name of an attribute that is a list."""


def attributes(resource_type: str) -> Mapping[str, bool] | None:
    """The attributes of a resource type, each with whether it is a list.

    None where any may pass: a type that the table does not know (`Custom::…`, `…::MODULE`, private types), or one
    whose attributes only a deployment knows, such as a nested stack's.
    """
    return _parsed(_types().get(resource_type, _OPEN))


def known_types() -> tuple[str, ...]:
    """All resource types in the table, sorted."""
    return tuple(_types())


@cache
def _types() -> dict[str, str]:
    import json

    types: dict[str, str] = json.loads(shipped.text("schemas/attributes.json"))["types"]
    return types


@cache
def _parsed(names: str) -> Mapping[str, bool] | None:
    if names == _OPEN:
        return None
    return MappingProxyType({name.removesuffix(_LIST): name.endswith(_LIST) for name in names.split()})
