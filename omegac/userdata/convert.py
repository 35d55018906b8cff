"""Converts a rendered script into the items of a `Fn::Join`: literal text, line by line, and expressions.

An expression is one JSON object whose only key is an intrinsic's name, written in the text in `{ … }` or
`< … >`. Rendering says which brackets open one (`alphabet`); nothing here imports Jinja2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from omegac.cloudformation import intrinsics, signatures
from omegac.diagnostics import Diagnostic, Rejected, fault, suggestion
from omegac.source import Origins, Source, Traced
from omegac.userdata.alphabet import BRACE_OF_VALUE, HOLE, Place, Text, is_marked, plain

MAX_FAULTS = 20
"""After so many, the rest of a script is left unread: each broken expression may cost a scan of the whole text."""

_AFTER = r'(?=\s*"(?:Ref|Fn::[A-Za-z0-9]*)"\s*:)'
OPENING = re.compile(f"[{{<]{_AFTER}")
_BRACE, _ANGLE = re.compile(rf"\{{{_AFTER}"), re.compile(f"<{_AFTER}")
_HEAD = re.compile(r'[{<]\s*"([A-Za-z0-9:]+)"\s*:\s*')
_SPACE = re.compile(r"\s*")
# An escape in JSON: a pair of surrogates, one alone, which stands for no character and is captured, or any other.
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL
)
_CLOSING = {"{": "}", "<": ">"}


class Pieces(NamedTuple):
    """The items of a join, and where the expressions among them are written."""

    values: list[Any]
    """Strings and intrinsics."""
    spans: dict[int, tuple[int, int]]
    """By the index of each intrinsic, where in the rendered text it begins and ends."""
    brought: dict[int, Origins]
    """By their indices, the origins of intrinsics that variables brought."""

    def stretches(self) -> Iterator[tuple[Any, int, int]]:
        """Each value with its start and end in the rendered text; each begins where the one before ends."""
        start = 0
        for index, value in enumerate(self.values):
            end = self.spans[index][1] if index in self.spans else start + len(value)
            yield value, start, end
            start = end


def openings(text: str) -> list[int]:
    """The offsets of all brackets that may open an expression; a search for each: a fixed first character is fast."""
    braces = [opening.start() for opening in _BRACE.finditer(text)]
    angles = [opening.start() for opening in _ANGLE.finditer(text)]
    return sorted(braces + angles) if angles else braces


def backslashes(text: str, bracket: int, since: int) -> int:
    """How many backslashes stand right before a bracket, not counting what is before `since`."""
    at = bracket
    while at > since and text[at - 1] == "\\":
        at -= 1
    return bracket - at


def literal(source: Source) -> Text:
    """A script that no template engine has touched, ready to be converted.

    Of the backslashes before a bracket, each pair is one backslash, and one more keeps the bracket as text.
    """
    text = source.text
    parts: list[str] = []
    openers: list[int] = []
    places = [(0, Place(source, 0, len(text)))]
    last = dropped = 0
    for bracket in openings(text):
        escapes = backslashes(text, bracket, last) if text[bracket - 1 : bracket] == "\\" else 0
        if escapes:
            parts += text[last : bracket - escapes], "\\" * (escapes // 2)
            dropped += escapes - escapes // 2
            last = bracket
            places.append((bracket - dropped, Place(source, bracket, len(text))))
        if escapes % 2 == 0:
            openers.append(bracket - dropped)
    converted = "".join([*parts, text[last:]]) if parts else text
    return Text(converted, openers, places, [], [], Traced({}, Origins(None)))


def convert(text: Text) -> Pieces:
    """The items of the join, in order. Raises `Rejected` with the faults of all expressions, `MAX_FAULTS` at most."""
    pieces = Pieces([], {}, {})
    faults: list[Diagnostic] = []
    marked = is_marked(text.text)
    by_line_feed = text.text.isascii() and not any(end in text.text for end in _OTHER_ENDS)
    holes = iter(text.holes)
    at = 0
    for opener in text.openers:
        hole = text.variables.at(*next(holes)) if marked and text.text[opener] == HOLE else None
        if opener < at:
            continue
        try:
            if hole:
                value, end = hole.value, opener + 1
            else:
                value, end = (not marked and _plainly(text.text, opener)) or _expression(text, opener, marked=marked)
        except Rejected as rejected:
            faults += rejected.diagnostics
            if len(faults) >= MAX_FAULTS:
                break
            continue
        pieces.values.extend(_lines(text.text[at:opener], marked=marked, by_line_feed=by_line_feed))
        if hole:
            pieces.brought[len(pieces.values)] = hole.origins
        pieces.spans[len(pieces.values)] = (opener, end)
        pieces.values.append(value)
        at = end
    if faults:
        raise Rejected(faults)
    pieces.values.extend(_lines(text.text[at:], marked=marked, by_line_feed=by_line_feed))
    return pieces


_OTHER_ENDS = "\v\f\r\x1c\x1d\x1e"
"""The ASCII characters other than LF at which Python ends a line."""


def _lines(stretch: str, *, marked: bool, by_line_feed: bool) -> list[str]:
    """Literal text, split after each LF and nowhere else: the fast way where nothing else ends a line for Python."""
    if by_line_feed:
        return stretch.splitlines(keepends=True)
    *whole, rest = (plain(stretch) if marked else stretch).split("\n")
    lines = [line + "\n" for line in whole]
    return [*lines, rest] if rest else lines


def _plainly(text: str, start: int) -> tuple[dict[str, Any], int] | None:
    """The usual expression, a Ref or GetAtt of plain strings in braces, accepted fast; None for any other.

    The quotes are counted: where they are as many as the strings, no key was written twice.
    """
    if text[start] != "{":
        return None
    try:
        value, end = _PLAIN_DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    if len(value) != 1 or text.find("\\", start, end) >= 0:
        return None
    ((name, argument),) = value.items()
    quotes = text.count('"', start, end)
    if name == "Ref" and quotes == 4 and _is_name(argument) and argument not in _NOT_TEXT:
        return value, end
    if name == "Fn::GetAtt" and quotes == 6 and isinstance(argument, list) and len(argument) == 2:
        return (value, end) if _is_name(argument[0]) and _is_name(argument[1]) else None
    return None


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value != ""


_PLAIN_DECODER = json.JSONDecoder(strict=False)


def _expression(text: Text, start: int, *, marked: bool) -> tuple[dict[str, Any], int]:
    """The expression that begins at a bracket, and where it ends."""
    head = _HEAD.match(text.text, start)
    if head is None:
        raise AssertionError("rendering marked an opener that is none")
    name = head[1]
    if name not in signatures.JOINABLE:
        _refuse_function(text, start, head.end(1), name)
    argument, end = _decoded(text, start, head.end())
    end = _SPACE.match(text.text, end).end()  # type: ignore[union-attr]
    closing = text.text[end : end + 1]
    if closing == ",":
        _refuse(text, "OM2107", f"{name} must be the only key of its object", end, end + 1)
    if closing != _CLOSING[text.text[start]]:
        wanted = _CLOSING[text.text[start]]
        _refuse(text, "OM2101", f'the expression must close with "{wanted}" here', end, end + 1)
    if marked:
        argument = _put_back(argument, name, text, start, end)
    _check(text, name, argument, start, end + 1)
    return {name: argument}, end + 1


def _decoded(text: Text, start: int, at: int) -> tuple[Any, int]:
    """The argument that begins at an offset, and where it ends."""
    try:
        argument, end = _decoder().raw_decode(text.text, at)
    except RecursionError:
        _refuse(text, "OM2101", "nested too deeply", start, start + 1)
    except json.JSONDecodeError as error:
        message = f"not JSON from here on: {error.msg[0].lower()}{error.msg[1:]}"
        place = min(error.pos, len(text.text) - 1)
        if text.text[place : place + 1] == HOLE:
            message = "a value known only at deployment cannot stand inside an expression; write its own intrinsic"
        hint = "to keep it as text, write a backslash before the opening bracket"
        _refuse(text, "OM2101", message, max(place, start), place + 1, hint=hint)
    except ValueError:  # of a number that Python takes too long to read (its limit of digits)
        _refuse(text, "OM2101", "a number in it has too many digits", start, start + 1)
    half = next((escape for escape in _ESCAPE.finditer(text.text, at, end) if escape[1]), None)
    if half:
        message = f"{half[1]} is half of a character: it takes a pair of such escapes"
        _refuse(text, "OM2101", message, *half.span(1))
    return argument, end


_NOT_TEXT = ("AWS::NoValue", "AWS::NotificationARNs")


@cache
def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(strict=False, object_pairs_hook=_object, parse_constant=_no_constant)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise json.JSONDecodeError("a key is written twice in one object", "", 0)
    return value


def _no_constant(name: str) -> Any:
    raise json.JSONDecodeError(f"{name} is no JSON", "", 0)


def _check(text: Text, name: str, argument: Any, start: int, end: int) -> None:
    wrong = intrinsics.argument_fault(name, argument)
    if wrong:
        _refuse(text, "OM2103", wrong[1], start, end)
    if intrinsics.result(name, argument) == "list":
        hint = "Fn::Select takes one of its values, Fn::Join puts them together"
        _refuse(text, "OM2105", f"this {name} is a list, and userdata is text", start, end, hint=hint)


def _refuse_function(text: Text, start: int, end: int, name: str) -> None:
    if name in signatures.INTRINSICS:
        _refuse(text, "OM2102", f"CloudFormation takes no {name} inside userdata's Fn::Join", start, end)
    hint = suggestion(name, signatures.JOINABLE)
    backslash = "a backslash before the opening bracket keeps it as text"
    _refuse(text, "OM2102", f"there is no function {name}", start, end, hint=hint or backslash)


def _refuse(text: Text, code: str, message: str, start: int, end: int, hint: str | None = None) -> Any:
    raise Rejected([fault(code, message, text.origin(start, max(end, start + 1)), hint=hint)])


def _put_back(value: Any, inside: str, text: Text, start: int, end: int) -> Any:
    """A decoded argument with every stand-in its own character again.

    In a string of Fn::Sub, `${` whose brace came from a value is written `${!`: a value is no reference.
    """
    if isinstance(value, str):
        if HOLE in value:
            message = "a value known only at deployment cannot stand inside a JSON string"
            hint = "write its own intrinsic, such as Fn::Sub or Fn::Join"
            _refuse(text, "OM2006", message, start, end, hint=hint)
        if inside == "Fn::Sub":
            value = value.replace(f"${BRACE_OF_VALUE}", "${!")
        return plain(value)
    if isinstance(value, list):
        rest = inside if inside != "Fn::Sub" else ""
        return [_put_back(item, inside if index == 0 else rest, text, start, end) for index, item in enumerate(value)]
    if isinstance(value, dict):
        pairs = ((_put_back(key, "", text, start, end), key, item) for key, item in value.items())
        return {name: _put_back(item, key, text, start, end) for name, key, item in pairs}
    return value
