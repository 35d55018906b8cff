"""How many bytes a text of intrinsics has when it is deployed: at least, and at most."""

from __future__ import annotations

from typing import Any, NamedTuple

USERDATA_LIMIT = 16_384
"""Bytes of userdata before base64 (Amazon EC2, RunInstances)."""
_PARAMETER_LIMIT = 4_096
_ATTRIBUTE_LIMIT = 2_048
"""No attribute has a documented limit; ARNs, the longest that are usual, have one of 2,048."""

_PSEUDO = {
    "AWS::AccountId": (12, 12),
    "AWS::Partition": (3, 10),
    "AWS::Region": (9, 16),
    "AWS::StackId": (90, 260),
    "AWS::StackName": (1, 128),
    "AWS::URLSuffix": (13, 17),
}


class Bounds(NamedTuple):
    """Bytes in UTF-8."""

    low: int
    high: int

    def __add__(self, other: object) -> Bounds:
        if not isinstance(other, Bounds):
            return NotImplemented
        return Bounds(self.low + other.low, self.high + other.high)


_UNKNOWN = Bounds(0, _ATTRIBUTE_LIMIT)


def bounds(value: Any, template: dict[str, Any]) -> Bounds:
    """The bounds of a string, a number or an intrinsic that gives text, in the light of the template's parameters."""
    if isinstance(value, str):
        size = len(value.encode())
        return Bounds(size, size)
    if isinstance(value, (bool, int, float)):
        size = len(str(value))
        return Bounds(size, size)
    if not isinstance(value, dict) or len(value) != 1:
        return _UNKNOWN
    ((name, argument),) = value.items()
    measure = _MEASURES.get(name)
    return measure(argument, template) if measure else _UNKNOWN


def _ref(name: Any, template: dict[str, Any]) -> Bounds:
    if not isinstance(name, str):
        return _UNKNOWN
    if name in _PSEUDO:
        return Bounds(*_PSEUDO[name])
    parameters = template.get("Parameters")
    parameter = parameters.get(name) if isinstance(parameters, dict) else None
    if not isinstance(parameter, dict):
        return _UNKNOWN
    allowed = parameter.get("AllowedValues")
    if isinstance(allowed, list) and allowed:
        sizes = [len(str(item).encode()) for item in allowed]
        return Bounds(min(sizes), max(sizes))
    if name == "ArtifactBucket":
        return Bounds(3, 63)
    shortest, longest = _count(parameter.get("MinLength"), 0), _count(parameter.get("MaxLength"), _PARAMETER_LIMIT)
    return Bounds(min(shortest, _PARAMETER_LIMIT), min(longest * 4, _PARAMETER_LIMIT))


def _count(given: Any, otherwise: int) -> int:
    """A whole number, which a template may also write as text; `otherwise` where it is none of a sensible size."""
    written = str(given)
    return int(written) if written.isascii() and written.isdigit() and len(written) <= 9 else otherwise


def _join(argument: Any, template: dict[str, Any]) -> Bounds:
    if not (isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], list)):
        return _UNKNOWN
    delimiter, items = argument
    total = bounds(delimiter, template)
    total = Bounds(total.low * max(len(items) - 1, 0), total.high * max(len(items) - 1, 0))
    for item in items:
        total += bounds(item, template)
    return total


def _if(argument: Any, template: dict[str, Any]) -> Bounds:
    if not (isinstance(argument, list) and len(argument) == 3):
        return _UNKNOWN
    branches = [bounds(branch, template) for branch in argument[1:]]
    return Bounds(min(branch.low for branch in branches), max(branch.high for branch in branches))


def _base64(argument: Any, template: dict[str, Any]) -> Bounds:
    inner = bounds(argument, template)
    return Bounds((inner.low + 2) // 3 * 4, (inner.high + 2) // 3 * 4)


def _sub(argument: Any, template: dict[str, Any]) -> Bounds:
    from omegac.cloudformation.intrinsics import sub_names

    text, own = (argument[0], argument[1]) if isinstance(argument, list) and len(argument) == 2 else (argument, {})
    if not isinstance(text, str) or not isinstance(own, dict):
        return _UNKNOWN
    total = bounds(text, template)
    for start, end, name in sub_names(text):
        written = len(text[start:end].encode()) + len("${}")
        value = own.get(name, {"Ref": name})
        part = bounds(value, template) if "." not in name or name in own else _UNKNOWN
        total += Bounds(part.low - written, part.high - written)
    return total


_MEASURES = {"Ref": _ref, "Fn::Join": _join, "Fn::If": _if, "Fn::Base64": _base64, "Fn::Sub": _sub}
