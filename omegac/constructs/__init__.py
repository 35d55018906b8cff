"""The constructs, one file each: adding one means adding a file here, its schema and its cases."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module

from omegac.construct import Construct


@cache
def constructs() -> dict[str, Construct]:
    """Every construct by the name of its file, in the order of their names."""
    names = sorted(name[:-3] for name in os.listdir(os.path.dirname(__file__)) if name.endswith(".py"))
    return {name: _construct(name) for name in names if not name.startswith("_")}


def _construct(name: str) -> Construct:
    construct: Construct = import_module(f"{__name__}.{name}").CONSTRUCT
    return construct
