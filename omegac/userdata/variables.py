"""What a userdata template works with: variables that know their routes, and text that keeps its marks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jinja2.exceptions import TemplateRuntimeError
from jinja2.filters import do_indent, do_trim

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
    known: Any
    if isinstance(value, str):
        known = Known(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        known = KnownInteger(value)
    elif isinstance(value, list):
        return [variable(item, (*route, index)) for index, item in enumerate(value)]
    elif is_intrinsic(value):
        return Intrinsic(route)
    elif isinstance(value, dict):
        return {key: variable(item, (*route, key)) for key, item in value.items()}
    else:
        return value
    known.route = route
    return known


def capture(parts: Iterable[str]) -> Captured:
    """How Jinja2 puts the parts of a block or macro together."""
    marked = "".join(parts)
    captured = Captured(alphabet.visible(marked))
    captured.marked = marked
    return captured


def indent(value: Any, *args: Any, **kwargs: Any) -> Any:
    """Jinja2's filter, on marked text as on any other."""
    if type(value) is not Captured:
        return do_indent(value, *args, **kwargs)
    return capture([do_indent(alphabet.with_blank_lines(value.marked), *args, **kwargs)])


def trim(value: Any, chars: str | None = None) -> Any:
    """Jinja2's filter, on marked text as on any other where it takes white space off."""
    if type(value) is not Captured or chars is not None:
        return do_trim(value, chars)
    return capture([alphabet.stripped(value.marked)])
