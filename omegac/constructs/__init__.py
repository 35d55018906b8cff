"""The constructs, one file each: adding one means adding a file here, its schema and its cases."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from typing import TypeVar

from omegac.construct import Construct
from omegac.diagnostics import Diagnostic, Rejected
from omegac.spec import Kind

_T = TypeVar("_T")


@cache
def constructs() -> dict[str, Construct]:
    """Every construct by the name of its file, in the order of their names."""
    names = sorted(name[:-3] for name in os.listdir(os.path.dirname(__file__)) if name.endswith(".py"))
    return {name: _construct(name) for name in names if not name.startswith("_")}


def gathered(kind: Kind, ask: Callable[[Construct], Iterable[_T]], faults: list[Diagnostic]) -> Iterator[_T]:
    """What the constructs of a kind answer, one after the other; the faults of those that refuse are put together."""
    for construct in constructs().values():
        if kind in construct.kinds:
            try:
                yield from ask(construct)
            except Rejected as rejected:
                faults += rejected.diagnostics


def _construct(name: str) -> Construct:
    construct: Construct = import_module(f"{__name__}.{name}").CONSTRUCT
    return construct
