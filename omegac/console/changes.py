"""Shows what a deployment would do: to people as text, to programs as a record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeAlias

from omegac.console.values import Line, alone, by_lines, inline, told_apart
from omegac.deployment.changes import Action, Change, Changes, PropertyChange
from omegac.deployment.holdings import held_by
from omegac.deployment.properties import tokens
from omegac.deployment.scripts import userdata_path
from omegac.report.columns import visible, width

_Part: TypeAlias = Literal["good", "bad", "change", "loss", "quiet"]
_Paint: TypeAlias = Callable[[str, _Part], str]
_SGR: dict[_Part, str] = {"good": "32", "bad": "31", "change": "33", "loss": "1;31", "quiet": "2"}
"""Select Graphic Rendition (ECMA-48): green, red, yellow, bold red, faint."""

_SIGNS: dict[Action, tuple[str, _Part]] = {
    "remove": ("-", "bad"),
    "replace": ("±", "bad"),
    "undetermined": ("?", "bad"),
    "perhaps replace": ("?", "change"),
    "change": ("~", "change"),
    "import": (">", "good"),
    "synchronise": ("=", "quiet"),
    "add": ("+", "good"),
}
_TO_DO: dict[Action, str] = {
    "remove": "to remove",
    "replace": "to replace",
    "undetermined": "that only the deployment can tell",
    "perhaps replace": "perhaps to replace",
    "change": "to change",
    "import": "to import",
    "synchronise": "to take as it is",
    "add": "to add",
}
_PROPERTY_SIGNS: dict[str, tuple[str, _Part]] = {
    "add": ("+", "good"),
    "change": ("~", "change"),
    "remove": ("-", "bad"),
}
_LINE_PARTS: dict[str, _Part] = {"+": "good", "-": "bad", "@": "quiet", " ": "quiet"}
_POLICIES = ("CreationPolicy", "DeletionPolicy", "UpdatePolicy", "UpdateReplacePolicy")
_ATTRIBUTES = frozenset(["Condition", "DependsOn", "Metadata", "Type", *_POLICIES])
"""What stands beside `Properties`; a property of such a name is shown with that before it."""
_VERSION = "AWS::Lambda::Version"
_INDENT = " " * 4
_DEEPER = " " * 8
_LEAST = 20
"""Columns that a value has on the narrowest of terminals."""


def as_text(changes: Changes, *, colour: bool = False, width: int = 100) -> str:
    """All changes, a block for each resource, then a line that sums them up, and the remarks."""
    paint = _painted if colour else _plain
    blocks = [list(_block(change, paint, width)) for change in changes.resources]
    text = "".join(_spaced(blocks))
    ends = [_summary(changes), *_losses(changes, paint), *(f"note: {visible(remark)}" for remark in changes.remarks)]
    return text + ("\n" if blocks else "") + "".join(f"{line}\n" for line in ends)


def as_record(changes: Changes) -> dict[str, Any]:
    """All changes as plain JSON; keys may be added to it, but none is taken away or changes its meaning."""
    return {
        "resources": [
            {
                **change._asdict(),
                "properties": [{**each._asdict(), "causes": list(each.causes)} for each in change.properties],
                "script": list(change.script),
                "stack": list(change.stack),
                "loses_data": change.loses_data,
            }
            for change in changes.resources
        ],
        "remarks": list(changes.remarks),
        "summary": _counts(changes),
    }


def _spaced(blocks: list[list[str]]) -> Iterator[str]:
    """The blocks, with a blank line around those that have more than a line."""
    for index, block in enumerate(blocks):
        if index and (len(block) > 1 or len(blocks[index - 1]) > 1):
            yield "\n"
        yield from (f"{line}\n" for line in block)


def _counts(changes: Changes) -> dict[Action, int]:
    found = Counter(change.action for change in changes.resources)
    return {action: found[action] for action in _TO_DO if found[action]}


def _summary(changes: Changes) -> str:
    told = ", ".join(f"{count:,} {_TO_DO[action]}" for action, count in _counts(changes).items())
    return told or "no resource changes"


def _losses(changes: Changes, paint: _Paint) -> Iterator[str]:
    names = ", ".join(visible(change.name) for change in changes.at_risk)
    if names:
        yield paint(f"data is lost, or may be, with {names}", "loss")


def _block(change: Change, paint: _Paint, room: int) -> Iterator[str]:
    sign, part = _SIGNS[change.action]
    there = f" ({change.physical_id})" if change.physical_id and change.vanishes else ""
    yield f"{paint(f'{sign} {change.action}', part)} {visible(f'{change.type} {change.name}{there}')}"
    yield from (f"{_INDENT}{line}" for line in _fate(change, paint))
    userdata = userdata_path(change.type) if change.script else None
    for each in change.properties:
        if each.path != userdata:
            yield from _property(each, paint, room)
    if change.script:
        yield from _script(change, paint, room)


def _fate(change: Change, paint: _Paint) -> Iterator[str]:
    """What becomes of the resource that is there, and of its data."""
    if not change.vanishes:
        return
    condition = "" if change.action in {"remove", "replace"} else " if it goes"
    if change.loses_data:
        yield paint(f"holds data, which is lost{condition}: {', '.join(change.within) or held_by(change.type)}", "loss")
    elif change.keeps == "retain":
        # DeleteFunction takes all versions with it.
        where = "as long as its function is" if change.type == _VERSION else "outside of the stack"
        yield f"the one that is there is retained{condition}, {where}"
    elif change.keeps == "snapshot":
        yield f"a snapshot of the one that is there is kept{condition}"


def _property(each: PropertyChange, paint: _Paint, room: int) -> Iterator[str]:
    sign, part = _PROPERTY_SIGNS[each.action]
    head = f"{paint(sign, part)} {visible(_dotted(each.path))}"
    taken = len(_INDENT) + 2 + width(visible(_dotted(each.path))) + 2
    tail = _consequence(each)
    free = max(room - taken - width(tail), _LEAST)
    below = max(room - len(_DEEPER) - 2, _LEAST)
    if each.before is None and each.after is None:
        yield f"{_INDENT}{head}{tail}"
    elif each.action == "change":
        yield from _values(each, head, tail, free, below, paint)
    else:
        shown = alone(each.after if each.action == "add" else each.before, free)
        if len(shown) == 1:
            yield f"{_INDENT}{head}: {shown[0]}{tail}"
        else:
            yield f"{_INDENT}{head}{tail}:"
            yield from (f"{_DEEPER}{paint(line, part)}" for line in shown)
    yield from _causes(each)


def _values(each: PropertyChange, head: str, tail: str, free: int, below: int, paint: _Paint) -> Iterator[str]:
    line = inline(each.before, each.after, free)
    if line is not None:
        yield f"{_INDENT}{head}: {line}{tail}"
        return
    yield f"{_INDENT}{head}{tail}:"
    yield from _difference(by_lines(each.before, each.after, below), paint)


def _difference(lines: list[Line], paint: _Paint) -> Iterator[str]:
    for line in lines:
        text = line.text if line.sign == "@" else f"{line.sign}{line.text}"
        yield f"{_DEEPER}{paint(text, _LINE_PARTS[line.sign])}".rstrip()


def _script(change: Change, paint: _Paint, room: int) -> Iterator[str]:
    path = userdata_path(change.type) or ""
    tail = "".join(_consequence(each) for each in change.properties if each.path == path)
    yield f"{_INDENT}{paint('~', 'change')} {_dotted(path)}{tail}, by its lines:"
    yield from _difference(told_apart(list(change.script), max(room - len(_DEEPER) - 2, _LEAST)), paint)
    for each in change.properties:
        if each.path == path:
            yield from _causes(each)


def _consequence(each: PropertyChange) -> str:
    return {"never": "", "conditionally": ", which may replace it", "always": ", which replaces it"}[each.recreates]


def _causes(each: PropertyChange) -> Iterator[str]:
    """Why a property changes, unless that is seen in the template."""
    if each.causes and each.causes != ("the template",):
        yield f"{_DEEPER}because of {visible('; '.join(each.causes))}"


def _dotted(path: str) -> str:
    section, *steps = tokens(path)
    inside = section == "Properties" and steps and steps[0] not in _ATTRIBUTES
    return ".".join(steps if inside else [section, *steps])


def _plain(text: str, _: _Part) -> str:
    return text


def _painted(text: str, part: _Part) -> str:
    return f"\x1b[{_SGR[part]}m{text}\x1b[0m"
