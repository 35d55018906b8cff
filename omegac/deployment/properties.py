"""What differs between two JSON values, at the JSON pointer where it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from omegac.cloudformation.intrinsics import is_intrinsic

Recreation: TypeAlias = Literal["never", "conditionally", "always"]
"""Whether a resource is made anew for a change of one of its properties."""

ABSENT: Any = object()
"""Stands where there is no value."""


class PropertyChange(NamedTuple):
    """A value inside of a resource, before and after."""

    path: str
    """A JSON pointer from the resource: `/Properties/Code/S3Key`."""
    action: Literal["add", "change", "remove"]
    before: Any = None
    """A plain JSON value; None where it is not known, or not there."""
    after: Any = None
    recreates: Recreation = "never"
    causes: tuple[str, ...] = ()
    """Why: `parameter Level`, `Greetings.Arn, which changes`, `the template`."""


def differences(before: Any, after: Any, path: str = "") -> Iterator[PropertyChange]:
    """What must be done to one value to have the other, each as deep inside of it as it lies."""
    if _equal(before, after):
        return
    if before is ABSENT:
        yield PropertyChange(path, "add", None, after)
    elif after is ABSENT:
        yield PropertyChange(path, "remove", before, None)
    elif _is_mapping(before) and _is_mapping(after):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from differences(before.get(key, ABSENT), after.get(key, ABSENT), f"{path}/{escaped(key)}")
    elif isinstance(before, list) and isinstance(after, list) and _aligned(before, after):
        for index in range(max(len(before), len(after))):
            one, other = (items[index] if index < len(items) else ABSENT for items in (before, after))
            yield from differences(one, other, f"{path}/{index}")
    else:
        yield PropertyChange(path, "change", before, after)


def at(value: Any, path: str) -> Any:
    """The value at a JSON pointer (RFC 6901), or `ABSENT`."""
    for token in tokens(path):
        if isinstance(value, Mapping):
            value = value.get(token, ABSENT)
        elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
            value = value[int(token)]
        else:
            return ABSENT
    return value


def tokens(path: str) -> list[str]:
    """The keys and indices that a JSON pointer is made of."""
    return [token.replace("~1", "/").replace("~0", "~") for token in path.split("/")[1:]]


def escaped(key: str) -> str:
    """A key as it stands in a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def _is_mapping(value: Any) -> bool:
    """Whether a value is made of named parts; an intrinsic is one value, however it is written."""
    return isinstance(value, dict) and not is_intrinsic(value)


def _aligned(before: list[Any], after: list[Any]) -> bool:
    """Whether two lists can be told apart item by item: elsewhere, an item moved would look like many that changed."""
    shorter = min(len(before), len(after))
    return len(before) == len(after) or _equal(before[:shorter], after[:shorter])


def _equal(one: Any, other: Any) -> bool:
    """Equality of JSON values: `true` is not 1, as it is for Python."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
