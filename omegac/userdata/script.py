"""A server's script: rendered, converted to one expression, and proved to be what was rendered."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from omegac.cloudformation.references import nearest, unresolved
from omegac.diagnostics import Rejected, fault
from omegac.source import Origin, Origins, Source, Traced
from omegac.userdata.alphabet import HOLE, Text, plain
from omegac.userdata.convert import Piece, convert
from omegac.userdata.library import SHIPPED, Library
from omegac.userdata.render import Find, render

_SIGNALLING = re.compile(r"\bcfn-signal\b|\bsignal-resource\b|\bSignalResource\b")


class Script(NamedTuple):
    """A script as a template holds it."""

    expression: Traced
    """`{"Fn::Join": ["", […]]}`."""
    signals: bool
    """Whether it tells CloudFormation how it went."""
    extends: bool
    """Whether it is built on a shipped template."""


def compile_script(template: Source, variables: Traced, find: Find, parent: Origin) -> Script:
    """The script that a template gives with some variables; `parent` is the origin of its use.

    Raises `Rejected` where it does not render or convert.
    """
    rendered = render(template, variables, find)
    text = rendered.text
    pieces = convert(text)
    prove(pieces, text)
    within: dict[str | int, Origins] = {index: _origins(piece, text, parent) for index, piece in enumerate(pieces)}
    items = Origins(parent, {1: Origins(parent, within)})
    expression = Traced({"Fn::Join": ["", [piece.value for piece in pieces]]}, Origins(parent, {"Fn::Join": items}))
    extends = any(source.name.startswith(SHIPPED) for source in rendered.sources)
    return Script(expression, extends or _SIGNALLING.search(plain(text.text)) is not None, extends)


def convert_userdata(
    text: str, variables: Mapping[str, Any] | None = None, *, template: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Converts a userdata script with inline intrinsics to `{"Fn::Join": ["", […]]}`, in plain JSON types.

    The text is rendered by Jinja2 with the variables first: text, numbers, booleans, lists and mappings of these,
    or intrinsics such as `{"Ref": "ArtifactBucket"}`, which may be printed and passed on, but not tested. With a
    template, a CloudFormation template as a mapping, every name in the script must stand for something in it.

    Raises `omegac.Rejected`, whose `diagnostics` have a code, a message, a place and, where one is known, a way out.
    """
    unknown = Origin(None)
    given = Traced(dict(variables or {}), Origins(unknown))
    library = Library(Path.cwd())
    expression = compile_script(Source("userdata", text), given, library.find, unknown).expression
    if template is not None:
        check_names(expression, dict(template))
    converted: dict[str, Any] = expression.value
    return converted


def check_names(expression: Traced, template: dict[str, Any]) -> None:
    """Holds the names of an expression against a template. Raises `Rejected` with those that stand for nothing."""
    output = {"Outputs": {"Userdata": {"Value": expression.value}}}
    asked = {key: value for key, value in template.items() if key != "Outputs"} | output
    faults = [
        fault("OM2104", found.message, expression.at(*found.reference.route[3:]).origin, hint=nearest(found))
        for found in unresolved(asked)
        if found.reference.route[0] == "Outputs"
    ]
    if faults:
        raise Rejected(faults)


def _origins(piece: Piece, text: Text, parent: Origin) -> Origins:
    own = text.origin(piece.start, piece.end, parent)
    if piece.origins is None:
        return Origins(own)
    brought = (piece.origins.origin,) if piece.origins.origin else ()
    return Origins(own._replace(parents=(*brought, *own.parents)), piece.origins.within)


def prove(pieces: list[Piece], text: Text) -> None:
    """Decodes the emitted JSON again and matches it against the rendered text, piece by piece.

    A difference is a bug of omegac: it raises `AssertionError`, and nothing is emitted.
    """
    emitted = json.loads(json.dumps([piece.value for piece in pieces]))
    at = 0
    for value, piece in zip(emitted, pieces, strict=True):
        if piece.start != at:
            raise AssertionError(f"userdata: text between {at} and {piece.start} is lost")
        stretch = text.text[piece.start : piece.end]
        if value != (plain(stretch) if isinstance(value, str) else _meaning(stretch, value)):
            raise AssertionError(f"userdata: {stretch!r} became {value!r}")
        at = piece.end
    if at != len(text.text):
        raise AssertionError(f"userdata: text from {at} on is lost")


def _meaning(stretch: str, value: Any) -> Any:
    """What the text of an expression says, read afresh: its outer brackets as braces, then as JSON."""
    if stretch == HOLE:
        return value
    as_object = "{" + stretch[1:-1] + "}"
    return _put_back(json.loads(as_object, strict=False), "")


def _put_back(value: Any, inside: str) -> Any:
    if isinstance(value, str):
        return plain(value.replace("$" + chr(0xD800 + ord("{")), "${!") if inside == "Fn::Sub" else value)
    if isinstance(value, list):
        return [_put_back(item, inside if index == 0 else "") for index, item in enumerate(value)]
    if isinstance(value, dict):
        return {plain(key): _put_back(item, key) for key, item in value.items()}
    return value
