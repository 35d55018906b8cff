"""Converts a rendered script into the items of a `Fn::Join`: literal text, line by line, and expressions.

An expression is one JSON object whose only key is an intrinsic's name, written in the text in `{ … }` or
`< … >`. Rendering says which brackets open one (`alphabet`); nothing here imports Jinja2.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any, NamedTuple

from omegac.cloudformation import intrinsics, signatures
from omegac.diagnostics import Diagnostic, Rejected, fault, suggestion
from omegac.source import Origins, Source, Traced
from omegac.userdata.alphabet import (
    BRACE_OF_VALUE,
    HOLE,
    Place,
    Text,
    bound,
    is_marked,
    opener_mark,
    peel,
    plain,
    position_mark,
    readable,
)

MAX_FAULTS = 20
"""After so many, the rest of a script is left unread: each broken expression may cost a scan of the whole text."""

OPENING = re.compile(r'(\\*)([{<])(?=\s*"(?:Ref|Fn::[A-Za-z0-9]*)"\s*:)')
_HEAD = re.compile(r'[{<]\s*"([A-Za-z0-9:]+)"\s*:\s*')
_SPACE = re.compile(r"\s*")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_CLOSING = {"{": "}", "<": ">"}


class Piece(NamedTuple):
    """One item of the join, and the stretch of rendered text that it stands for."""

    value: Any
    """A string, or an intrinsic."""
    start: int
    end: int
    origins: Origins | None = None
    """Of an intrinsic that a variable brought."""


def literal(source: Source) -> Text:
    """A script that no template engine has touched, ready to be converted."""
    text = readable(source.text)
    marked: list[str] = []
    places: list[Place] = []
    last = 0
    for opening in OPENING.finditer(text):
        marked.append(text[last : opening.start()] + escaped(opening, places, source))
        last = opening.end()
    marked.append(text[last:])
    start = position_mark(len(places))
    places.append(Place(source, 0))
    return bound(peel(start + "".join(marked), places, [], []), Traced({}, Origins(None)))


def escaped(opening: re.Match[str], places: list[Place], source: Source, shift: int = 0) -> str:
    """A bracket with the backslashes before it: each pair is one backslash, and one more keeps the bracket as text."""
    backslashes, bracket = opening.groups()
    places.append(Place(source, shift + opening.start(2)))
    mark = position_mark(len(places) - 1)
    opener = "" if len(backslashes) % 2 else opener_mark()
    return "\\" * (len(backslashes) // 2) + mark + opener + bracket


def convert(text: Text) -> list[Piece]:
    """The items of the join, in order. Raises `Rejected` with the faults of all expressions, `MAX_FAULTS` at most."""
    pieces: list[Piece] = []
    faults: list[Diagnostic] = []
    marked = is_marked(text.text)
    holes = iter(text.intrinsics)
    at = 0
    for opener in text.openers:
        if text.text[opener] == HOLE:
            hole = next(holes)
            if opener < at:
                continue
            piece = Piece(hole.value, opener, opener + 1, hole.origins)
        elif opener < at:
            continue
        else:
            try:
                piece = _expression(text, opener, marked=marked)
            except Rejected as rejected:
                faults += rejected.diagnostics
                if len(faults) >= MAX_FAULTS:
                    break
                continue
        pieces += _lines(text.text, at, opener, marked=marked)
        pieces.append(piece)
        at = piece.end
    if faults:
        raise Rejected(faults)
    return pieces + _lines(text.text, at, len(text.text), marked=marked)


def _lines(text: str, start: int, end: int, *, marked: bool) -> list[Piece]:
    """Literal text, split after each LF."""
    if marked or "\x1f" in text:
        return [Piece(plain(m[0]), m.start(), m.end()) for m in _LINE.finditer(text, start, end)]
    return [Piece(m[0], m.start(), m.end()) for m in _LINE.finditer(text, start, end)]


def _expression(text: Text, start: int, *, marked: bool) -> Piece:
    head = _HEAD.match(text.text, start)
    if head is None:
        raise AssertionError("rendering marked an opener that is none")
    name = head[1]
    if name not in signatures.JOINABLE:
        _refuse_function(text, start, head.end(1), name)
    try:
        argument, end = _decoder().raw_decode(text.text, head.end())
    except RecursionError:
        _refuse(text, "OM2101", "nested too deeply", start, start + 1)
    except json.JSONDecodeError as error:
        message = f"not JSON from here on: {error.msg[0].lower()}{error.msg[1:]}"
        at = min(error.pos, len(text.text) - 1)
        if at < len(text.text) and text.text[at : at + 1] == HOLE:
            message = "a value known only at deployment cannot stand inside an expression; write its own intrinsic"
        hint = "to keep it as text, write a backslash before the opening bracket"
        _refuse(text, "OM2101", message, max(at, start), at + 1, hint=hint)
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
    return Piece({name: argument}, start, end + 1)


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
