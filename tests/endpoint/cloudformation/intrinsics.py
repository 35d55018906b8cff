"""What the intrinsic functions of a template give, as far as it is known."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

NO_VALUE = object()
"""What AWS::NoValue gives: whatever holds it is left out."""

_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")


@dataclass(frozen=True)
class Scope:
    """What the names in a template stand for; `resource` gives the value of a Ref ("") or an attribute."""

    values: Mapping[str, Any]
    resource: Callable[[str, str], Any]
    mappings: Mapping[str, Any] = field(default_factory=dict)
    conditions: Mapping[str, Any] = field(default_factory=dict)
    exports: Mapping[str, str] = field(default_factory=dict)

    def holds(self, condition: str) -> bool:
        """Whether a condition of the template is true."""
        return bool(resolved(self.conditions.get(condition), self))

    def ref(self, name: str) -> Any:
        return self.values[name] if name in self.values else self.resource(name, "")


def resolved(node: Any, scope: Scope) -> Any:
    """A node of a template with every function in it evaluated."""
    if isinstance(node, list):
        members = (resolved(member, scope) for member in node)
        return [member for member in members if member is not NO_VALUE]
    if not isinstance(node, dict):
        return node
    if len(node) == 1:
        name, argument = next(iter(node.items()))
        if name == "Fn::If":
            return resolved(argument[1 if scope.holds(argument[0]) else 2], scope)
        if name in _FUNCTIONS:
            return _FUNCTIONS[name](argument if name in _UNRESOLVED else resolved(argument, scope), scope)
    entries = ((key, resolved(value, scope)) for key, value in node.items())
    return {key: value for key, value in entries if value is not NO_VALUE}


def _get_att(argument: Any, scope: Scope) -> Any:
    name, _, attribute = argument.partition(".") if isinstance(argument, str) else (argument[0], "", argument[1])
    return scope.resource(name, resolved(attribute, scope))


def _sub(argument: Any, scope: Scope) -> str:
    text, extra = (argument, {}) if isinstance(argument, str) else argument

    def value(found: re.Match[str]) -> str:
        name = found[1].strip()
        if name in extra:
            return _text(resolved(extra[name], scope))
        return _text(_get_att(name, scope) if "." in name else scope.ref(name))

    return _VARIABLE.sub(value, text).replace("${!", "${")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, list) else str(value)


def _find_in_map(argument: Any, scope: Scope) -> Any:
    name, first, second, *default = argument
    fallback = default[0]["DefaultValue"] if default else f"{name}.{first}.{second}"
    return scope.mappings.get(name, {}).get(first, {}).get(second, fallback)


def _select(argument: Any, _: Scope) -> Any:
    index, members = argument
    members = members if isinstance(members, list) else str(members).split(",")
    return members[int(index)] if int(index) < len(members) else ""


def _zones(argument: Any, scope: Scope) -> list[str]:
    region = argument or scope.ref("AWS::Region")
    return [f"{region}{letter}" for letter in "abc"]


_FUNCTIONS: dict[str, Callable[[Any, Scope], Any]] = {
    "Ref": lambda argument, scope: scope.ref(argument),
    "Condition": lambda argument, scope: (
        scope.holds(argument) if isinstance(argument, str) else {"Condition": argument}
    ),
    "Fn::And": lambda argument, _: all(argument),
    "Fn::Base64": lambda argument, _: base64.b64encode(_text(argument).encode()).decode(),
    "Fn::Equals": lambda argument, _: _text(argument[0]) == _text(argument[1]),
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _zones,
    "Fn::GetAtt": _get_att,
    "Fn::ImportValue": lambda argument, scope: scope.exports.get(argument, argument),
    "Fn::Join": lambda argument, _: argument[0].join(map(_text, argument[1])),
    "Fn::Not": lambda argument, _: not argument[0],
    "Fn::Or": lambda argument, _: any(argument),
    "Fn::Select": _select,
    "Fn::Split": lambda argument, _: _text(argument[1]).split(argument[0]),
    "Fn::Sub": _sub,
}

_UNRESOLVED = {"Ref", "Condition", "Fn::GetAtt", "Fn::Sub"}


def references(node: Any) -> Iterator[tuple[str, str]]:
    """What a node refers to: each name, with an attribute or "" for the thing itself."""
    if isinstance(node, list):
        for member in node:
            yield from references(member)
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _reference(key, value)


def _reference(key: str, value: Any) -> Iterator[tuple[str, str]]:
    if key == "Ref" and isinstance(value, str):
        yield value, ""
    elif key == "Fn::GetAtt" and value:
        name, _, attribute = value.partition(".") if isinstance(value, str) else (value[0], "", value[1])
        yield name, attribute if isinstance(attribute, str) else "*"
    elif key == "Fn::Sub":
        text, extra = (value, {}) if isinstance(value, str) else value
        names = (found[1].strip() for found in _VARIABLE.finditer(text))
        yield from ((name.partition(".")[0], name.partition(".")[2]) for name in names if name not in extra)
        yield from references(extra)
    else:
        yield from references(value)
