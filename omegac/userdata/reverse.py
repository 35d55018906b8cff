"""Turns userdata of a template back into a script with inline intrinsics.

The script, converted again, has the value of the expression it was made from: literal text is one, however it
was cut, and `Fn::Sub` and joins with a delimiter become their parts. What has no such script is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from omegac.cloudformation.intrinsics import argument_fault, is_intrinsic, result, sub_names
from omegac.cloudformation.signatures import JOINABLE
from omegac.diagnostics import Rejected, fault
from omegac.source import Origin, Traced
from omegac.userdata.convert import OPENING

_ESCAPED = re.compile(rf"(\\*)({OPENING.pattern})")
_TAG = re.compile(r"\{\{|\{%")
"""What Jinja2 would take for its own."""


def reverse(expression: Traced) -> str:
    """The script of a `Fn::Base64`, `Fn::Join`, `Fn::Sub` or a plain string.

    Raises `Rejected` where the expression is none of these, or has an item that is not text.
    """
    value, origin = expression.value, expression.origin
    while is_intrinsic(value) and "Fn::Base64" in value:
        value = value["Fn::Base64"]
    parts = _merged(_parts(value, origin))
    script: list[str] = []
    for index, part in enumerate(parts):
        if isinstance(part, str):
            before_expression = index + 1 < len(parts)
            script.append(_literal(part, before_expression=before_expression))
        else:
            adjacent = bool(script) and script[-1].endswith("{")
            script.append(_inline(part, angled=adjacent))
    return "".join(script)


def _parts(value: Any, origin: Origin) -> Iterator[Any]:
    """The text and the expressions that a value is made of, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, bool):
        yield str(value).lower()
    elif isinstance(value, (int, float)):
        yield str(value)
    elif is_intrinsic(value) and "Fn::Join" in value:
        yield from _joined(value["Fn::Join"], origin)
    elif is_intrinsic(value) and "Fn::Sub" in value:
        yield from _substituted(value["Fn::Sub"], origin)
    elif is_intrinsic(value):
        raise _refusal("the value is one expression and no script", origin)
    else:
        raise _refusal("this is no Fn::Base64, Fn::Join or Fn::Sub, and no text", origin)


def _joined(argument: Any, origin: Origin) -> Iterator[Any]:
    wrong = argument_fault("Fn::Join", argument)
    if wrong:
        raise _refusal(wrong[1], origin)
    delimiter, items = argument
    if not isinstance(items, list):
        raise _refusal("the items of Fn::Join are only known at deployment", origin)
    for index, item in enumerate(items):
        if index and delimiter:
            yield delimiter
        if is_intrinsic(item):
            yield _expression(item, origin)
        else:
            yield from _parts(item, origin)


def _expression(item: dict[str, Any], origin: Origin) -> dict[str, Any]:
    ((name, argument),) = item.items()
    if name not in JOINABLE or argument_fault(name, argument):
        raise _refusal(f"{name} cannot be written inline", origin)
    if result(name, argument) == "list":
        raise _refusal(f"a {name} that gives a list has no place in a script", origin)
    if name == "Ref" and argument == "AWS::NoValue":
        raise _refusal("AWS::NoValue takes an item away, which no script can say", origin)
    return item


def _substituted(argument: Any, origin: Origin) -> Iterator[Any]:
    wrong = argument_fault("Fn::Sub", argument)
    if wrong:
        raise _refusal(wrong[1], origin)
    text, variables = argument if isinstance(argument, list) else (argument, {})
    at = 0
    for start, end, name in sub_names(text):
        opening, closing = text.rindex("${", 0, start), text.index("}", end) + 1
        yield _unescaped(text[at:opening])
        at = closing
        if name in variables:
            value = variables[name]
            yield _expression(value, origin) if is_intrinsic(value) else str(value)
        elif "." in name:
            yield {"Fn::GetAtt": name.split(".", 1)}
        else:
            yield {"Ref": name}
    yield _unescaped(text[at:])


def _unescaped(text: str) -> str:
    """`${!Name}` is how Fn::Sub writes the text `${Name}`."""
    return text.replace("${!", "${")


def _merged(parts: Iterator[Any]) -> list[Any]:
    """The parts with adjacent text put together."""
    merged: list[Any] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    return merged


def _literal(text: str, *, before_expression: bool) -> str:
    """Text that is read as itself: nothing in it opens an expression, or is a tag of Jinja2."""
    if not text.isprintable() and any("\ud800" <= character <= "\udfff" for character in text):
        raise _refusal("the text has a lone surrogate, which is no character", Origin(None))
    escaped = _ESCAPED.sub(lambda opening: "\\" * (2 * len(opening[1]) + 1) + opening[2], text)
    if before_expression:
        bare = escaped.rstrip("\\")
        escaped = bare + "\\" * 2 * (len(escaped) - len(bare))
    return _TAG.sub(lambda tag: f'{{{{ "{tag[0]}" }}}}', escaped)


def _inline(expression: dict[str, Any], *, angled: bool) -> str:
    ((name, argument),) = expression.items()
    inner = f'"{name}" : {_TAG.sub(_as_escape, json.dumps(argument, ensure_ascii=False))}'
    return f"< {inner} >" if angled else f"{{ {inner} }}"


def _as_escape(tag: re.Match[str]) -> str:
    return "\\u007b" + tag[0][1]


def _refusal(message: str, origin: Origin) -> Rejected:
    hint = "what cannot be said in a script stays in the template"
    return Rejected([fault("OM2301", message, origin, hint=hint)])
