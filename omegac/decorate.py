"""The pass that calls the spec's decorators with the finished template."""

from __future__ import annotations

import copy
import os
import re
from math import isfinite
from pathlib import Path
from typing import Any

from omegac.diagnostics import Rejected, fault
from omegac.source import Origin, Origins, Traced
from omegac.template import Template

MAX_DEPTH = 100
"""As deep as a spec may be."""
_MOST_BITS = 1_023
"""Of a whole number: as large as the largest float."""
_HALF = re.compile("[\ud800-\udfff]")


def decorate(template: Template) -> Template:
    """The template as the decorators leave it, each called with a copy of its own.

    A decorator changes the copy or returns another mapping. Raises `Rejected` where one cannot be loaded,
    fails, or leaves what is not JSON.
    """
    decorators = template.spec.document.get("decorators")
    for decorator in decorators.elements() if decorators else ():
        template = template._replace(root=_decorated(template, decorator))
    return template


def _decorated(template: Template, decorator: Traced) -> Traced:
    function = _load(decorator, template.spec.folder)
    mine = copy.deepcopy(template.root.value)
    try:
        returned = function(mine)
    except (Exception, SystemExit) as error:  # a decorator may not end the whole command
        place = _line_of(error, decorator)
        message = f"{decorator.value} failed{place}: {type(error).__name__}: {error}"
        raise Rejected([fault("OM1402", message, decorator)]) from error
    result = mine if returned is None else returned
    _check(result, decorator)
    origin = decorator.origin._replace(via="decorator")
    return Traced(result, _compared(template.root.value, template.root.origins, result, origin))


def _load(decorator: Traced, folder: Path) -> Any:
    from importlib.util import module_from_spec, spec_from_file_location

    file, name = decorator.value.rsplit(":", 1)
    path = folder / file
    found = spec_from_file_location(f"omegac_decorator_{path.stem}", path)
    if not os.path.isfile(path) or found is None or found.loader is None:
        raise Rejected([fault("OM1401", f"there is no file {file}", decorator)])
    module = module_from_spec(found)
    try:
        found.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # a decorator may not end the whole command
        message = f"{file} cannot be loaded: {type(error).__name__}: {error}"
        raise Rejected([fault("OM1401", message, decorator)]) from error
    function = getattr(module, name, None)
    if not callable(function):
        raise Rejected([fault("OM1401", f"{file} has no function {name}", decorator)])
    return function


def _line_of(error: BaseException, decorator: Traced) -> str:
    """The last line of the decorator's own file that an error went through."""
    file = Path(decorator.value.rsplit(":", 1)[0]).name
    line, trace = 0, error.__traceback__
    while trace:
        if Path(trace.tb_frame.f_code.co_filename).name == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return f" in line {line}" if line else ""


def _check(result: Any, decorator: Traced) -> None:
    """Refuses what is not JSON, at the decorator that left it."""
    if not isinstance(result, dict):
        message = f"{decorator.value} returned {type(result).__name__}, not a template"
        raise Rejected([fault("OM1403", message, decorator, hint="change the template in place, or return it")])
    stack: list[tuple[str, Any, tuple[int, ...]]] = [("the template", result, ())]
    while stack:
        route, value, around = stack.pop()
        if isinstance(value, (dict, list)):
            if id(value) in around:
                raise Rejected([fault("OM1403", f"{decorator.value} left {route} inside itself", decorator)])
            if len(around) >= MAX_DEPTH:
                message = f"{decorator.value} left values nested deeper than {MAX_DEPTH}"
                raise Rejected([fault("OM1403", message, decorator)])
            inner = (*around, id(value))
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            for key, child in pairs:
                if isinstance(value, dict) and (not isinstance(key, str) or _flaw(key)):
                    message = f"{decorator.value} left the key {key!r} in {route}, which is no string"
                    raise Rejected([fault("OM1403", message, decorator)])
                stack.append((f"{route}.{key}", child, inner))
        elif flaw := _flaw(value):
            message = f"{decorator.value} left {flaw} at {route}, which is no JSON"
            raise Rejected([fault("OM1403", message, decorator)])


def _flaw(value: Any) -> str | None:
    """What a scalar is that JSON in UTF-8 cannot hold."""
    if isinstance(value, str):
        return None if value.isascii() or not _HALF.search(value) else "half of a character"
    if isinstance(value, int):
        return None if value.bit_length() <= _MOST_BITS else "a number of too many digits"
    fits = value is None or (isinstance(value, float) and isfinite(value))
    return None if fits else f"a {type(value).__name__}"


def _compared(old: Any, origins: Origins, new: Any, changed: Origin) -> Origins:
    """Origins of what a decorator left: what is equal keeps its own, the rest comes by the decorator."""
    if isinstance(old, dict) and isinstance(new, dict):
        pairs: Any = ((key, key in old, child) for key, child in new.items())
        same = old.keys() == new.keys()
    elif isinstance(old, list) and isinstance(new, list):
        pairs = ((index, index < len(old), child) for index, child in enumerate(new))
        same = len(old) == len(new)
    elif type(old) is type(new) and old == new:
        return origins
    else:
        return Origins(changed._replace(parents=(origins.origin,) if origins.origin else ()))
    within: dict[str | int, Origins] = {}
    for step, known, child in pairs:
        within[step] = _compared(old[step], origins.at((step,)), child, changed) if known else Origins(changed)
    own = origins.origin
    return Origins(own if same or own is None else changed._replace(parents=(own,)), within)
