"""What a server's script says, and how large it is: EC2 takes 16,384 bytes of userdata, counted before base64."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.bounds import USERDATA_LIMIT, bounds
from omegac.cloudformation.places import LAUNCHERS
from omegac.diagnostics import Diagnostic, fault
from omegac.source import Traced
from omegac.template import Body
from omegac.userdata.guards import guards

_DEAREST = 5
"""How many of the most expensive pieces are named."""


def check(body: Body) -> Iterator[Diagnostic]:
    """Scripts that will not work or should not be, and those that are, or may turn out, larger than EC2 takes."""
    template = body.root.value
    for name, script in scripts(body):
        yield from _size(name, script, template)
        items = script.find("Fn::Join")
        if items and isinstance(items.value, list) and items.value[:1] == [""] and isinstance(items.value[-1], list):
            yield from guards(script, template)


def scripts(body: Body) -> Iterator[tuple[str, Traced]]:
    """The userdata of whatever launches instances, before base64, by the logical id of that."""
    for name, launcher in body.resources(*LAUNCHERS):
        script = launcher.find(*LAUNCHERS[launcher.value["Type"]], "UserData", "Fn::Base64")
        if script is not None:
            yield name, script


def _size(name: str, script: Traced, template: dict[str, object]) -> Iterator[Diagnostic]:
    size = bounds(script.value, template)
    if size.high <= USERDATA_LIMIT:
        return
    dearest = f"most is taken by {_dearest(script, template)}"
    keep = "put what is long into the artifact, which the script fetches anyway"
    if size.low > USERDATA_LIMIT:
        message = f"the userdata of {name} has at least {size.low:,} bytes: EC2 takes {USERDATA_LIMIT:,}"
        yield fault("OM3001", message, script, hint=f"{dearest}; {keep}")
    else:
        message = f"the userdata of {name} may have up to {size.high:,} bytes: EC2 takes {USERDATA_LIMIT:,}"
        bound = "give the parameters in it a max_length or allowed_values"
        yield fault("OM3002", message, script, hint=f"{dearest}; {bound}, or {keep}")


def _dearest(script: Traced, template: dict[str, object]) -> str:
    """The most expensive pieces, each with its line and the bytes that it may have."""
    items = script.find("Fn::Join")
    pieces = items.at(1) if items and isinstance(items.value, list) and len(items.value) > 1 else None
    if pieces is None or not isinstance(pieces.value, list):
        return "one expression"
    sizes = [(bounds(piece.value, template).high, index) for index, piece in enumerate(pieces.elements())]
    largest = sorted(sizes, key=lambda size: (-size[0], size[1]))[:_DEAREST]
    return ", ".join(f"{_line(pieces.at(index))} ({size:,})" for size, index in largest)


def _line(piece: Traced) -> str:
    span = piece.origin.span
    return f"{span.source.name}:{span.line}" if span else "a line without a place"
