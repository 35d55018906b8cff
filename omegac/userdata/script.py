"""A server's script: rendered, converted to one expression, and proved to be what was rendered."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from omegac.cloudformation.references import Unresolved, nearest, unresolved
from omegac.diagnostics import Rejected, fault
from omegac.source import Origin, Origins, Source, Traced
from omegac.userdata.alphabet import HOLE, Text, is_marked, plain
from omegac.userdata.convert import Pieces, convert
from omegac.userdata.library import SHIPPED, Library
from omegac.userdata.render import Find, render

_SIGNALLING = re.compile(r"\bcfn-signal\b|\bsignal-resource\b|\bSignalResource\b")


MAX_DEPTH = 100
"""As deep as a spec may be; a deeper variable comes from elsewhere, and could be too deep for Python."""


class Script(NamedTuple):
    """A script as a template holds it."""

    expression: Traced
    """`{"Fn::Join": ["", […]]}`."""
    signals: bool
    """Whether it tells CloudFormation how it went, as one that is built on a shipped template does."""


def compile_script(template: Source, variables: Traced, find: Find, parent: Origin) -> Script:
    """The script that a template gives with some variables; `parent` is the origin of its use.

    Raises `Rejected` where it does not render or convert.
    """
    if _is_deep(variables.value):
        raise Rejected([fault("OM1006", f"a variable is nested deeper than {MAX_DEPTH}", template.span(0, 0))])
    rendered = render(template, variables, find)
    text = rendered.text
    pieces = convert(text)
    prove(pieces, text)
    within: dict[str | int, Origins] = {
        index: _origins(text.origin(start, end, parent), pieces.brought.get(index))
        for index, (_, start, end) in enumerate(pieces.stretches())
    }
    items = Origins(parent, {1: Origins(parent, within)})
    expression = Traced({"Fn::Join": ["", pieces.values]}, Origins(parent, {"Fn::Join": items}))
    shipped = any(source.name.startswith(SHIPPED) for source in rendered.sources)
    return Script(expression, shipped or _SIGNALLING.search(plain(text.text)) is not None)


def _is_deep(variables: Any) -> bool:
    level = [variables]
    for _ in range(MAX_DEPTH):
        mappings = [child for each in level if isinstance(each, dict) for child in each.values()]
        level = mappings + [child for each in level if isinstance(each, list) for child in each]
    return bool(level)


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
        fault("OM2104", found.message, _place(expression, found), hint=nearest(found))
        for found in unresolved(asked)
        if found.reference.route[0] == "Outputs"
    ]
    if faults:
        raise Rejected(faults)


def _place(expression: Traced, found: Unresolved) -> Origin:
    return expression.at(*found.reference.route[3:]).origin.narrowed(found.written)


def _origins(own: Origin, brought: Origins | None) -> Origins:
    if brought is None:
        return Origins(own)
    parents = (brought.origin, *own.parents) if brought.origin else own.parents
    return Origins(own._replace(parents=parents), brought.within)


def prove(pieces: Pieces, text: Text) -> str:
    """The items as JSON, once that, decoded again, matches the rendered text.

    Literal pieces, put together with the written text of each expression, must be the text byte for byte, and each
    expression must be what its text says. A difference is a bug of omegac: it raises `AssertionError`, and nothing
    is emitted.
    """
    encoded = json.dumps(pieces.values)
    emitted = json.loads(encoded)
    written = list(emitted)
    marked = is_marked(text.text)
    for index, (start, end) in pieces.spans.items():
        stretch = text.text[start:end]
        written[index] = plain(stretch) if marked else stretch
        if emitted[index] != (pieces.values[index] if stretch == HOLE else _meaning(stretch, marked=marked)):
            raise AssertionError(f"userdata: {plain(stretch)!r} became {emitted[index]!r}")
    if "".join(written) != (plain(text.text) if marked else text.text):
        raise AssertionError("userdata: the pieces joined are not the text")
    return encoded


_DECODER = json.JSONDecoder(strict=False)


def _meaning(stretch: str, *, marked: bool) -> Any:
    """What the text of an expression says, read afresh: its outer brackets as braces, then as JSON."""
    as_object = "{" + stretch[1:-1] + "}"
    value, end = _DECODER.raw_decode(as_object)
    if end != len(as_object):
        raise AssertionError(f"userdata: {stretch!r} is more than one expression")
    return _put_back(value, "") if marked else value


def _put_back(value: Any, inside: str) -> Any:
    if isinstance(value, str):
        return plain(value.replace("$" + chr(0xD800 + ord("{")), "${!") if inside == "Fn::Sub" else value)
    if isinstance(value, list):
        return [_put_back(item, inside if index == 0 else "") for index, item in enumerate(value)]
    if isinstance(value, dict):
        return {plain(key): _put_back(item, key) for key, item in value.items()}
    return value
