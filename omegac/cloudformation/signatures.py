"""The table of CloudFormation's intrinsics: what each one gives, and what may stand where in its argument.

From the template reference; where that is silent, what cfn-lint accepts. Names that the transform
AWS::LanguageExtensions would compute are not allowed for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

Result: TypeAlias = Literal["string", "list", "unknown"]
"""What an intrinsic gives. A number or a boolean counts as a string: CloudFormation makes text of it."""


class Part(NamedTuple):
    """A place in an argument."""

    what: str
    expected: str
    plain: Callable[[Any], bool]
    """Whether a value that is no intrinsic may stand here."""
    gives: Result | Literal["condition", "nothing"]
    """What an intrinsic must be able to give to stand here: `unknown` for anything, `nothing` where none may stand."""
    among: frozenset[str] | None = None
    """The intrinsics that may stand here, if not all that give the right thing."""
    items: Part | None = None
    """What the items of a list, or the values of a mapping, must be; by itself what stands where anything may."""


class Intrinsic(NamedTuple):
    """One of CloudFormation's functions."""

    result: Result
    takes: str
    argument: Part | Mapping[Any, Part]
    """The whole argument, or its items by index, or its values by key."""
    optional: int = 0
    """How many of the last items or keys may be absent."""
    short: Part | None = None
    """The argument where it is a string, if it may be that too."""
    conditional: bool = False
    """Gives a condition, and is legal in the sections Conditions and Rules alone."""


LOOP = "Fn::ForEach::"
"""How the key of a loop begins; the loop's name follows."""

JOINABLE = frozenset(
    [
        "Ref",
        "Fn::Base64",
        "Fn::Cidr",
        "Fn::FindInMap",
        "Fn::GetAtt",
        "Fn::GetAZs",
        "Fn::GetStackOutput",
        "Fn::If",
        "Fn::ImportValue",
        "Fn::Join",
        "Fn::Select",
        "Fn::Split",
        "Fn::Sub",
    ]
)
"""What may stand in `Fn::Join`: those that give text among its items, those that give a list instead of them."""

# With AWS::LanguageExtensions; without it, only the first two.
_FINDABLE = frozenset(["Ref", "Fn::FindInMap", "Fn::If", "Fn::Join", "Fn::Length", "Fn::Select", "Fn::Sub"])

# The name of an export may depend neither on a resource nor on another stack.
_IMPORTABLE = JOINABLE - {"Fn::GetAtt", "Fn::GetStackOutput", "Fn::ImportValue"} | {"Fn::Transform"}


def _row(*parts: Part) -> Mapping[Any, Part]:
    return dict(enumerate(parts))


def _text(what: str, least: int = 1) -> Part:
    return Part(what, "text as it stands", lambda value: isinstance(value, str) and len(value) >= least, "nothing")


def _scalar(what: str, among: frozenset[str] | None = None) -> Part:
    # Booleans pass, as they do in cfn-lint: CloudFormation makes "true" or "false" of them.
    return Part(what, "text or an intrinsic", lambda value: isinstance(value, str | int | float), "string", among)


def _number(what: str, least: int, most: int | None = None) -> Part:
    def plain(value: Any) -> bool:
        if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value):
            value = int(value)
        return isinstance(value, int) and not isinstance(value, bool) and least <= value <= (most or value)

    bounds = f"from {least} to {most}" if most else f"from {least}"
    return Part(what, f"a whole number {bounds}, or an intrinsic", plain, "string")


def _listing(what: str, items: Part, among: frozenset[str] | None = None) -> Part:
    return Part(what, "a list or an intrinsic", lambda value: isinstance(value, list), "list", among, items)


def _mapping(what: str, items: Part) -> Part:
    return Part(what, "a mapping", lambda value: isinstance(value, dict), "nothing", None, items)


_ANYTHING = Part("a value", "a value", lambda value: value is not None, "unknown")
_STRUCTURE = Part(
    "the value", "a mapping or a list", lambda value: isinstance(value, dict | list), "unknown", items=_ANYTHING
)
_CONDITION = Part("a part", "a condition", lambda _: False, "condition")
_DEFAULT = Part(
    "the fourth item",
    '{"DefaultValue": …}',
    lambda value: isinstance(value, dict) and value.keys() == {"DefaultValue"},
    "nothing",
    items=_ANYTHING,
)
_DOTTED = Part(
    "the name",
    "a logical id, a dot and an attribute's name",
    lambda value: re.fullmatch(r"[^.]+\..+", value) is not None,
    "nothing",
)
_KEY = _scalar("a key", _FINDABLE)

INTRINSICS: Mapping[str, Intrinsic] = {
    "Condition": Intrinsic("unknown", "the name of a condition", _text("the name"), conditional=True),
    "Ref": Intrinsic("unknown", "a name", _text("the name")),
    "Fn::And": Intrinsic("unknown", "a list of 2 to 10 conditions", _row(*[_CONDITION] * 10), 8, conditional=True),
    "Fn::Base64": Intrinsic("string", "a text", _scalar("the text")),
    "Fn::Cidr": Intrinsic(
        "list",
        "a list of two or three: an address block, a count, and the bits of each part",
        _row(_scalar("the address block"), _number("the count", 1, 256), _number("the bits", 1, 128)),
        optional=1,
    ),
    "Fn::Contains": Intrinsic(
        "unknown",
        "a list of two: a list of texts, and a text",
        _row(_listing("the list", _scalar("an item")), _scalar("the text")),
        conditional=True,
    ),
    "Fn::EachMemberEquals": Intrinsic(
        "unknown",
        "a list of two: a list of texts, and a text",
        _row(_listing("the list", _scalar("an item")), _scalar("the text")),
        conditional=True,
    ),
    "Fn::EachMemberIn": Intrinsic(
        "unknown",
        "a list of two lists of texts",
        _row(_listing("the first list", _scalar("an item")), _listing("the second list", _scalar("an item"))),
        conditional=True,
    ),
    "Fn::Equals": Intrinsic("unknown", "a list of two values", _row(_ANYTHING, _ANYTHING), conditional=True),
    "Fn::FindInMap": Intrinsic(
        "unknown",
        'a list of the map\'s name, a key, a second key and, if need be, {"DefaultValue": …}',
        _row(_scalar("the map's name", _FINDABLE), _KEY, _KEY, _DEFAULT),
        optional=1,
    ),
    LOOP: Intrinsic(
        "unknown",
        "a list of three: an identifier, a list of values, and a mapping",
        _row(_text("the identifier"), _listing("the values", _ANYTHING), _STRUCTURE),
    ),
    "Fn::GetAtt": Intrinsic(
        "unknown",
        "a list of two, a logical id and an attribute's name, or both in one text with a dot between them",
        _row(_text("the logical id"), _scalar("the attribute's name", frozenset(["Ref"]))),
        short=_DOTTED,
    ),
    "Fn::GetAZs": Intrinsic(
        "list", "the name of a region, or an empty text for the stack's own", _scalar("the region")
    ),
    "Fn::GetStackOutput": Intrinsic(
        "string",
        "a mapping of StackName, OutputName and, if need be, Region and RoleArn",
        {key: _scalar(key) for key in ("StackName", "OutputName", "Region", "RoleArn")},
        optional=2,
    ),
    "Fn::If": Intrinsic(
        "unknown",
        "a list of three: the name of a condition, the value if it holds, and the value if not",
        _row(_text("the condition"), _ANYTHING, _ANYTHING),
    ),
    "Fn::ImportValue": Intrinsic("string", "the name of an export", _scalar("the name", _IMPORTABLE)),
    "Fn::Join": Intrinsic(
        "string",
        "a list of two: a delimiter, and the list of what to join",
        _row(_text("the delimiter", 0), _listing("the list", _scalar("an item", JOINABLE), JOINABLE)),
    ),
    "Fn::Length": Intrinsic("string", "a list", _listing("the list", _ANYTHING)),
    "Fn::Not": Intrinsic("unknown", "a list of one condition", _row(_CONDITION), conditional=True),
    "Fn::Or": Intrinsic("unknown", "a list of 2 to 10 conditions", _row(*[_CONDITION] * 10), 8, conditional=True),
    "Fn::RefAll": Intrinsic("list", "a parameter's type", _text("the type")),
    "Fn::Select": Intrinsic(
        "string",
        "a list of two: an index, and the list to take from",
        _row(_number("the index", 0), _listing("the list", _ANYTHING)),
    ),
    "Fn::Split": Intrinsic(
        "list",
        "a list of two: a delimiter, and the text to split",
        _row(_text("the delimiter"), _scalar("the text")),
    ),
    "Fn::Sub": Intrinsic(
        "string",
        "a text, or a list of two: a text, and a mapping of its variables",
        _row(_text("the text", 0), _mapping("the variables", _scalar("a variable"))),
        short=_text("the text", 0),
    ),
    "Fn::ToJsonString": Intrinsic("string", "a mapping or a list", _STRUCTURE),
    "Fn::Transform": Intrinsic(
        "unknown",
        "a mapping of Name and, if need be, Parameters",
        {"Name": _text("the name"), "Parameters": _mapping("the parameters", _ANYTHING)},
        optional=1,
    ),
    "Fn::ValueOf": Intrinsic(
        "unknown",
        "a list of two: a parameter's name, and an attribute",
        _row(_text("the name"), _text("the attribute")),
    ),
    "Fn::ValueOfAll": Intrinsic(
        "list", "a list of two: a parameter's type, and an attribute", _row(_text("the type"), _text("the attribute"))
    ),
}
