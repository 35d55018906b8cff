"""What a value can turn out to be when it is deployed, as far as the template alone tells: a look through intrinsics.

A rule that asks here sees both sides of `Fn::If`, what AWS::NoValue takes away, and the default of a parameter; what
only a deployment knows it gets as the intrinsic that it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias

from omegac.cloudformation.intrinsics import Reference, is_intrinsic, named
from omegac.source import Traced

Given: TypeAlias = frozenset[tuple[str, bool]]
"""Conditions, and whether each holds."""

ITEMS = "[]"
"""A step of a route: to each item of a list."""

_MACRO = "Fn::Transform"
_NO_VALUE = {"Ref": "AWS::NoValue"}
_NUMBER = r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?"


class Outcome(NamedTuple):
    """One of the values that a place can have."""

    value: Traced | None
    """None where there is none; an intrinsic where only a deployment knows it."""
    given: Given = frozenset()
    """When it is this one."""
    parameter: str | None = None
    """The parameter whose default it is."""

    @property
    def absent(self) -> bool:
        """Whether there surely is no value."""
        return self.value is None

    @property
    def present(self) -> bool:
        """Whether there surely is one: a macro may make nothing as well."""
        return self.value is not None and not (isinstance(self.value.value, dict) and _MACRO in self.value.value)

    @property
    def known(self) -> Any:
        """The plain value; None where there is none, or none that the template tells."""
        return None if self.value is None or is_intrinsic(self.value.value) else self.value.value

    @property
    def text(self) -> str | None:
        """The text that it is, if it is one."""
        return self.known if isinstance(self.known, str) else None

    @property
    def number(self) -> float | None:
        """The number that it is, written as one or as text."""
        value = self.known
        if isinstance(value, str) and re.fullmatch(_NUMBER, value.strip()):
            return float(value)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    @property
    def truth(self) -> bool | None:
        """The boolean that it is, written as one or as text."""
        value = self.known
        return {"true": True, "false": False}.get(str(value).lower()) if isinstance(value, bool | str) else None

    @property
    def reference(self) -> Reference | None:
        """The resource, or the attribute of one, that it stands for."""
        if self.value is None or not is_intrinsic(self.value.value):
            return None
        ((name, argument),) = self.value.value.items()
        return next(named(name, argument), None) if name in ("Ref", "Fn::GetAtt") else None


def outcomes(root: Traced, start: Traced | Outcome, *route: str) -> Iterator[Outcome]:
    """Whatever can stand at a route of keys from a resource, or from an outcome, of the template at the root.

    A parameter's default counts only where no condition is asked on the way: conditions are how templates tell a
    default that means "none" from a value.
    """
    if isinstance(start, Traced):
        start = Outcome(start, _existence(start.value))
    found = _sides(root, start)
    for step in route:
        found = _further(root, found, step)
    return found


def jointly(*groups: Iterable[Outcome]) -> bool:
    """Whether some deployment surely has an outcome of each group: the conditions for one are those of all.

    Where two depend on a condition each, the conditions may exclude each other.
    """
    listed = [list(group) for group in groups]
    return any(
        all(any(outcome.given <= narrowest.given for outcome in group) for group in listed)
        for candidates in listed
        for narrowest in candidates
    )


def least(root: Traced, listing: Outcome) -> int:
    """How many items a list has at least: those that no condition takes away."""
    if listing.value is None or not isinstance(listing.known, list):
        return 0
    items = (outcomes(root, Outcome(item, listing.given)) for item in listing.value.elements())
    return sum(all(outcome.value is not None for outcome in item) for item in items)


def _existence(resource: Any) -> Given:
    """When a resource is there at all."""
    condition = resource.get("Condition") if isinstance(resource, dict) else None
    return frozenset([(condition, True)]) if isinstance(condition, str) else frozenset()


def _sides(root: Traced, outcome: Outcome) -> Iterator[Outcome]:
    """The values that an outcome stands for: of an `Fn::If` its sides, of a parameter its default."""
    value, given, _ = outcome
    if value is None:
        yield outcome
        return
    match value.value:
        case {"Fn::If": [str(condition), _, _]} if len(value.value) == 1:
            for index, holds in ((1, True), (2, False)):
                if (condition, not holds) not in given:
                    side = Outcome(value.at("Fn::If", index), given | {(condition, holds)})
                    yield from _sides(root, side)
        case {"Ref": str(name)} if len(value.value) == 1:
            default = None if given else _default(root, name)
            if default:
                yield Outcome(default, given, name)
            else:
                yield Outcome(None, given) if value.value == _NO_VALUE else outcome
        case _:
            yield outcome


def _default(root: Traced, name: str) -> Traced | None:
    """The default of a parameter; None where that is the name of a value that is kept elsewhere."""
    parameter = root.find("Parameters", name)
    default = parameter.find("Default") if parameter else None
    if parameter is None or default is None or str(parameter.value.get("Type")).startswith("AWS::SSM::"):
        return None
    return default


def _further(root: Traced, found: Iterator[Outcome], step: str) -> Iterator[Outcome]:
    for outcome in found:
        for inner in _step(root, outcome, step):
            yield from _sides(root, inner)


def _step(root: Traced, outcome: Outcome, step: str) -> Iterator[Outcome]:
    """What stands one step further; nothing where the value is of a form that has no such step."""
    value, given, _ = outcome
    if value is None:
        yield outcome
    elif is_intrinsic(value.value):
        yield Outcome(_unwritten(value, value.value), given)
    elif step == ITEMS:
        for item in value.elements() if isinstance(value.value, list) else ():
            yield Outcome(item, given)
    elif isinstance(value.value, dict):
        yield Outcome(value.get(step) or _pending(root, value), given)


def _pending(root: Traced, mapping: Traced) -> Traced | None:
    """What may yet write further keys into a mapping: a macro or a loop in it, or a macro over the whole template."""
    for key in mapping.value:
        if isinstance(key, str) and key.startswith("Fn::"):
            return _unwritten(mapping, mapping.value[key])
    macros = root.value.get("Transform", [])
    listed = macros if isinstance(macros, list) else [macros]
    # Amazon's own write resources of types of their own, and leave the keys of others alone.
    own = all(isinstance(name, str) and name.startswith("AWS::") for name in listed)
    return None if own else _unwritten(mapping, macros)


def _unwritten(place: Traced, source: Any) -> Traced:
    """A value at a place that something has yet to write: as if a macro did."""
    return Traced({_MACRO: source}, place.origins)
