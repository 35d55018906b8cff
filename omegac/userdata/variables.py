"""What a userdata template works with: variables that know their routes, and text that keeps its marks."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from jinja2.exceptions import TemplateRuntimeError

from omegac.cloudformation.intrinsics import is_intrinsic
from omegac.source import Route
from omegac.userdata import alphabet


class NotKnown(TemplateRuntimeError):  # noqa: N818
    """An intrinsic, or text that holds expressions, where rendering needs a value."""


class Captured(str):
    """Text that a template made (a block, a macro's result): reads as plain text, prints with its marks."""

    __slots__ = ("marked",)
    marked: str


class Known(str):
    """A variable's text, and its route among the variables."""

    __slots__ = ("route",)
    route: Route


class KnownInteger(int):
    """A variable's whole number, and its route among the variables."""

    route: Route


class Intrinsic:
    """A variable whose value is only known at deployment: it can be printed and passed on, nothing else."""

    def __init__(self, route: Route) -> None:
        self.route = route

    def _unknown(self, *_: object) -> Any:
        raise NotKnown("a value known only at deployment can be printed, but not tested, compared or filtered")

    __str__ = __bool__ = __iter__ = __len__ = __hash__ = __contains__ = __lt__ = __gt__ = _unknown
    __eq__ = __ne__ = _unknown


def variable(value: Any, route: Route) -> Any:
    """A variable as templates see it; `route` leads to it among all variables."""
    if is_intrinsic(value):
        return Intrinsic(route)
    if isinstance(value, dict):
        return {key: variable(item, (*route, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [variable(item, (*route, index)) for index, item in enumerate(value)]
    known: Any
    if isinstance(value, str):
        known = Known(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        known = KnownInteger(value)
    else:
        return value
    known.route = route
    return known


def capture(parts: Iterable[str]) -> Captured:
    """How Jinja2 puts the parts of a block or macro together."""
    marked = "".join(parts)
    captured = Captured(alphabet.without_marks(marked))
    captured.marked = marked
    return captured


def keeping_marks(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that only adds or drops white space, working on marked text as on any other."""

    @functools.wraps(filter_)
    def lifted(*args: Any, **kwargs: Any) -> Any:
        at = next((index for index, value in enumerate(args) if type(value) is Captured), None)
        if at is None:
            return filter_(*args, **kwargs)
        return capture([filter_(*args[:at], args[at].marked, *args[at + 1 :], **kwargs)])

    return lifted
