"""Every name in the template stands for something: a resource, an attribute of its type, a parameter, a condition."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.references import Reference, nearest, unresolved
from omegac.diagnostics import Diagnostic, fault
from omegac.source import Origin, Route
from omegac.template import Body

_USERDATA = ("Properties", "LaunchTemplateData", "UserData")


def check(body: Body) -> Iterator[Diagnostic]:
    """Names that stand for nothing; what omegac cannot know, such as outputs of nested stacks, passes."""
    for found in unresolved(body.root.value):
        route = found.reference.route
        code = "OM2104" if _in_userdata(route) else "OM1205"
        origin = _narrowed(body.root.at(*route).origin, _written(found.reference, body))
        yield fault(code, found.message, origin, hint=nearest(found))


def _written(reference: Reference, body: Body) -> list[str]:
    """What is wrong of a reference, as it is written: its attribute where its name stands for something."""
    attribute = reference.attribute if body.root.find("Resources", reference.name) else None
    return [name for name in (attribute, reference.name) if name]


def _narrowed(origin: Origin, names: list[str]) -> Origin:
    """The origin, its span drawn in to the first of the names that is written there."""
    span = origin.span
    if span:
        for name in names:
            start = span.source.text.find(name, span.start, span.end)
            if start >= 0:
                return origin._replace(span=span._replace(start=start, end=start + len(name)))
    return origin


def _in_userdata(route: Route) -> bool:
    return route[2:5] == _USERDATA
