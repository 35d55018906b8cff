"""The rules over what is finished, one file each: a rule finds, it never changes anything.

Those in `template` hold for any CloudFormation template, those in `service` for what a spec compiles to. All are
imported by every build, so none compiles a pattern before there is a text to hold against it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from typing import Any

from omegac.diagnostics import Diagnostic
from omegac.template import Body, Compilation


def of_template(body: Body) -> Iterator[Diagnostic]:
    """What the rules for any template find, each thing once: one line of a spec may be in many resources."""
    found: set[tuple[str, str, str, int]] = set()
    for check in _checks("template"):
        for finding in check(body):
            place = finding.span
            known = (finding.code, finding.message, place.source.path, place.start) if place else None
            if known not in found:
                yield finding
            if known:
                found.add(known)


def of_service(compilation: Compilation) -> Iterator[Diagnostic]:
    """What all rules find in what a spec compiles to."""
    yield from of_template(compilation.body)
    for check in _checks("service"):
        yield from check(compilation)


@cache
def _checks(room: str) -> tuple[Callable[[Any], Iterable[Diagnostic]], ...]:
    """Every rule of a room, in the order of their files' names."""
    listed = os.listdir(os.path.join(os.path.dirname(__file__), room))
    names = sorted(name[:-3] for name in listed if name.endswith(".py") and not name.startswith("_"))
    return tuple(import_module(f"{__name__}.{room}.{name}").check for name in names)
