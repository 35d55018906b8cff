"""Every name in the template stands for something: a resource, an attribute of its type, a parameter, a condition."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.references import nearest, unresolved
from omegac.diagnostics import Diagnostic, fault
from omegac.source import Route
from omegac.template import Body

_USERDATA = ("Properties", "LaunchTemplateData", "UserData")


def check(body: Body) -> Iterator[Diagnostic]:
    """Names that stand for nothing; what omegac cannot know, such as outputs of nested stacks, passes."""
    for found in unresolved(body.root.value):
        route = found.reference.route
        code = "OM2104" if _in_userdata(route) else "OM1205"
        origin = body.root.at(*route).origin.narrowed(found.written)
        yield fault(code, found.message, origin, hint=nearest(found))


def _in_userdata(route: Route) -> bool:
    return route[2:5] == _USERDATA
