"""The rules over a finished compilation, one file each: a rule finds, it never changes anything."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from typing import TypeAlias

from omegac.diagnostics import Diagnostic
from omegac.template import Compilation

Rule: TypeAlias = Callable[[Compilation], Iterable[Diagnostic]]


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, in the order of their files' names."""
    names = sorted(name[:-3] for name in os.listdir(os.path.dirname(__file__)) if name.endswith(".py"))
    return tuple(import_module(f"{__name__}.{name}").check for name in names if not name.startswith("_"))
