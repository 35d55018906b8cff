"""CloudFormation's intrinsics: telling them from other values, and whether they are rightly written.

What each takes and gives stands in `signatures`. Whether a name stands for anything is asked by `references`,
over the finished template.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from omegac.cloudformation import signatures
from omegac.cloudformation.signatures import Intrinsic, Part
from omegac.source import Route

Result: TypeAlias = signatures.Result

Fault: TypeAlias = tuple[Route, str]
"""Where within an argument something is wrong, and what."""


class Reference(NamedTuple):
    """A name that stands for another part of the template."""

    route: Route
    """To the string that holds the name; where that is an item of a list, as in `("Fn::GetAtt", 0)`, to the item."""
    kind: Literal["ref", "attribute", "mapping", "condition", "depends"]
    name: str
    attribute: str | None = None
    """Of the kind `attribute`, what is asked for; None where that is computed."""
    column: int | None = None
    """Where the name begins in a string that holds more: a text of `Fn::Sub`, or `Id.Attribute`."""


MAX_DEPTH = 50
"""Levels of nesting in an argument; far beyond any that is written by hand."""

INTRINSICS = signatures.INTRINSICS
JOINABLE = signatures.JOINABLE
LOOP = signatures.LOOP

PSEUDO_PARAMETERS: Mapping[str, Result] = {
    "AWS::AccountId": "string",
    "AWS::NoValue": "unknown",
    "AWS::NotificationARNs": "list",
    "AWS::Partition": "string",
    "AWS::Region": "string",
    "AWS::StackId": "string",
    "AWS::StackName": "string",
    "AWS::URLSuffix": "string",
}


def is_intrinsic(value: object) -> bool:
    """Whether a value is a mapping whose only key is `Ref` or begins with `Fn::`."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    (name,) = value
    return isinstance(name, str) and (name == "Ref" or name.startswith("Fn::"))


def is_condition(value: object) -> bool:
    """Whether a value is `{"Condition": NAME}`. Ask it only where a condition is meant: policies have one too."""
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("Condition"), str)


def of_tag(tag: str) -> str | None:
    """The name of the intrinsic that a YAML tag such as `!GetAtt` stands for."""
    return _TAGS.get(tag)


def result(name: str, argument: object, depth: int = MAX_DEPTH) -> Result:
    """What an intrinsic gives, as far as it tells by itself: that of `Ref` and `Fn::GetAtt` depends on the template."""
    match name, argument:
        case "Ref", str():
            return PSEUDO_PARAMETERS.get(argument, "unknown")
        case ("Fn::If", [_, *values]) | ("Fn::Select", [_, [*values]]):
            # What AWS::NoValue takes away does not count.
            kinds = {_kind(value, depth - 1) for value in values if value != {"Ref": "AWS::NoValue"}}
            return kinds.pop() if len(kinds) == 1 else "unknown"
    function = _function(name)
    return function.result if function else "unknown"


def argument_fault(name: str, argument: object, depth: int = MAX_DEPTH) -> Fault | None:
    """What is wrong with the form of an intrinsic's argument, nested intrinsics included; None if nothing is.

    `depth` is how many levels of nesting are still allowed.
    """
    function = _function(name)
    if function is None:
        return (), f"{name} is no intrinsic of CloudFormation"
    parts = function.short if function.short and isinstance(argument, str) else function.argument
    if isinstance(parts, Part):
        return _part_fault(parts, argument, name, depth - 1)
    steps = list(parts)
    given = argument if isinstance(argument, dict) else dict(enumerate(argument if isinstance(argument, list) else ()))
    if not set(steps[: len(steps) - function.optional]) <= given.keys() <= parts.keys():
        return (), f"{name} takes {function.takes}"
    fault = _first((step, _part_fault(parts[step], value, name, depth - 1)) for step, value in given.items())
    return _beyond(*given.values()) if name == "Fn::Select" and not fault else fault


def sub_names(text: str) -> Iterator[tuple[int, int, str]]:
    """The names in a text of `Fn::Sub`, in order: start, end (exclusive) and the name itself.

    Read as cfn-lint does: space around a name does not count, the name ends at the next brace whatever it holds
    and stays on one line, and `${!Literal}` is text.
    """
    position = close = newline = end = 0
    while opening := _OPENING.search(text, position):
        start = opening.end()
        if close <= start:
            close = text.find("}", start)
            if close < 0:
                return
            end = start + len(text[start:close].rstrip())
        if newline < start:
            newline = text.find("\n", start) % (len(text) + 1)  # the end of the text where there is none
        position = start
        if end <= newline:
            yield start, end, text[start:end]
            position = close + 1


def named(name: str, argument: object) -> Iterator[Reference]:
    """The references that an intrinsic makes by itself, routes beginning at its name; not those of nested intrinsics.

    Computed names are left out, and the variables that `Fn::Sub` is given.
    """
    match name, argument:
        case "Ref", str(target):
            yield Reference((name,), "ref", target)
        case "Condition", str(condition):
            yield Reference((name,), "condition", condition)
        case "Fn::If", [str(condition), *_]:
            yield Reference((name, 0), "condition", condition)
        case "Fn::FindInMap", [str(mapping), *_]:
            yield Reference((name, 0), "mapping", mapping)
        case "Fn::GetAtt", [str(target), attribute]:
            yield Reference((name, 0), "attribute", target, attribute if isinstance(attribute, str) else None)
        case "Fn::GetAtt", str(text) if "." in text:
            yield _dotted((name,), text, 0)
        case "Fn::Sub", str(text):
            yield from (_dotted((name,), target, start) for start, _, target in sub_names(text))
        case "Fn::Sub", [str(text), dict(variables)]:
            yield from (_dotted((name, 0), each, start) for start, _, each in sub_names(text) if each not in variables)


def _dotted(route: Route, text: str, column: int) -> Reference:
    target, dot, attribute = text.partition(".")
    return Reference(route, "attribute" if dot else "ref", target, attribute if dot else None, column)


_OPENING = re.compile(r"\$\{\s*(?=[^!\s}])")

_TAGS = {f"!{name.removeprefix('Fn::')}": name for name in INTRINSICS if name != LOOP}


def _function(name: str) -> Intrinsic | None:
    return INTRINSICS.get(LOOP if name.startswith(LOOP) else name)


def _kind(value: object, depth: int) -> Result:
    if isinstance(value, dict):
        return result(*next(iter(value.items())), depth) if depth and is_intrinsic(value) else "unknown"
    return "list" if isinstance(value, list) else "unknown" if value is None else "string"


def _part_fault(part: Part, value: Any, within: str, depth: int) -> Fault | None:
    if depth < 0:
        return (), f"nested more than {MAX_DEPTH} deep"
    if is_intrinsic(value) or (part.gives == "condition" and is_condition(value)):
        ((name, argument),) = value.items()
        misplaced = _misplaced(part, name, argument, within)
        if misplaced:
            return (), misplaced
        fault = argument_fault(name, argument, depth)
        if name == "Fn::If" and not fault:
            # Either value takes the place of the whole.
            fault = _first((index, _part_fault(part, argument[index], within, depth - 1)) for index in (1, 2))
        return _first([(name, fault)])
    if not part.plain(value):
        return (), f"{part.what} of {within} must be {part.expected}, not {_shown(value)}"
    inner = part.items or (part if part.gives == "unknown" else None)
    if inner is None or not isinstance(value, list | dict):
        return None
    for key in value if isinstance(value, dict) else ():
        # A macro's call and a loop stand beside what they change; any other function is the whole of its value.
        if key in INTRINSICS and key.startswith("Fn::") and key != "Fn::Transform":
            return (key,), f"{key} must be the only key of its mapping"
    children = value.items() if isinstance(value, dict) else enumerate(value)
    return _first((step, _part_fault(inner, child, within, depth - 1)) for step, child in children)


def _beyond(index: Any, items: Any) -> Fault | None:
    if isinstance(items, list) and not is_intrinsic(index) and int(index) >= len(items):
        return (0,), f"a list of {len(items)} has no item {index}, the first being item 0"
    return None


def _misplaced(part: Part, name: str, argument: object, within: str) -> str | None:
    """Why an intrinsic may not stand in a place; None if it may, or if it is none that is known."""
    function, given = _function(name), result(name, argument)
    if part.gives == "nothing":
        return f"{part.what} of {within} must be {part.expected}, not {name}"
    if function and function.conditional and part.gives != "condition":
        return f"{name} gives a condition: its place is in Conditions"
    if function and not function.conditional and part.gives == "condition":
        return f"{name} gives no condition"
    if function and part.among is not None and name not in part.among:
        return f"{part.what} of {within} may not be {name}"
    if part.gives == "string" and given == "list":
        way_out = "take one with Fn::Select, or use Fn::Join"
        return f"{part.what} of {within} must be text, but {name} gives a list: {way_out}"
    if part.gives == "list" and given == "string":
        return f"{part.what} of {within} must be a list, but {name} gives text"
    return None


_LONGEST_SHOWN = 40


def _shown(value: object) -> str:
    kinds = {dict: "a mapping", list: "a list", bool: "a boolean", type(None): "null"}
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return kinds.get(type(value)) or (text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…")


def _first(faults: Iterable[tuple[str | int, Fault | None]]) -> Fault | None:
    return next((((step, *fault[0]), fault[1]) for step, fault in faults if fault), None)
