"""Reads a file of parameters, in the forms that other tools have: names and values, or a list of entries."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from omegac.deployment.constraints import text_of
from omegac.diagnostics import Diagnostic, Rejected, Related, fault, suggestion
from omegac.load import load
from omegac.source import Origin, Origins, Source, Traced

_TAKES = "a file of parameters is a mapping of names to values, or a list of ParameterKey and ParameterValue"
_SECTION = "Parameters"
_KEYS = ("ParameterKey", "ParameterValue", "UsePreviousValue", "ResolvedValue")
"""Those of an entry in the lists of AWS; the last is only in what DescribeStacks answers, and says nothing new."""


def parameters_in(source: Source, secret: Collection[str] = ()) -> Traced:
    """The values by their names, as text; None is what is to stay as it was. Raises `Rejected` with every fault.

    `secret` are the names of parameters whose values nothing may show: of a file that names one, no line is shown.
    """
    try:
        return _values(_root(source))
    except Rejected as refused:
        if not any(name in source.text for name in secret):
            raise
        raise Rejected(map(told_without_text, refused.diagnostics)) from None


def told_without_text(found: Diagnostic) -> Diagnostic:
    """The diagnostic at its place without what is written there, which a message of `load` may quote, too."""
    span = found.span
    if span is None:
        return Diagnostic(found.code, found.meaning)
    source = span.source
    blank = Source(source.name, re.sub(r"[^\s]", "*", source.text), source.path)
    return Diagnostic(found.code, found.meaning, Origin(span._replace(source=blank)))


def _root(source: Source) -> Traced:
    """What a file holds, a list included: as no spec is one, it is read as what stands under a key."""
    try:
        return load(source)
    except Rejected as refused:
        lists = [each.span for each in refused.diagnostics if _is_list(each) and each.span]
        if len(lists) < len(refused.diagnostics):
            raise Rejected(_reworded(each) for each in refused.diagnostics if not _is_list(each)) from None
    start = lists[0].start
    # JSON stays JSON, whose escapes `load` knows; a list of YAML begins on a line of its own.
    before, after = f'{{"{_SECTION}": ', "\n}"
    if source.text[start] == "-":
        start, before, after = source.line_starts[lists[0].line - 1], f"{_SECTION}:\n", ""
    longer = Source(source.name, source.text[:start] + before + source.text[start:] + after, source.path)
    values = load(longer).at(_SECTION)
    return Traced(values.value, _moved(values.origins, source, len(before)))


def _is_list(found: Diagnostic) -> bool:
    """Whether what `load` refuses is a list where it wants a mapping, and nothing else."""
    span = found.span
    if found.code != "OM1010" or span is None:
        return False
    before, after = span.source.line(span.line)[: span.column - 1], span.source.line(span.line)[span.column - 1 :]
    return not before.strip() and (after.rstrip() == "-" or after.startswith(("[", "- ")))


def _reworded(found: Diagnostic) -> Diagnostic:
    """What `load` says of a spec, said of a file of parameters."""
    return fault("OM6006", _TAKES, found.origin) if found.code == "OM1010" else found


def _moved(origins: Origins, source: Source, by: int) -> Origins:
    """The same origins in a source that lacks so many characters before them."""
    origin = origins.origin and _moved_origin(origins.origin, source, by)
    return Origins(origin, {step: _moved(inner, source, by) for step, inner in origins.within.items()})


def _moved_origin(origin: Origin, source: Source, by: int) -> Origin:
    span, key = (
        each and each._replace(source=source, start=each.start - by, end=each.end - by)
        for each in (origin.span, origin.key)
    )
    return origin._replace(
        span=span, key=key, parents=tuple(_moved_origin(each, source, by) for each in origin.parents)
    )


def _values(root: Traced) -> Traced:
    faults: list[Diagnostic] = []
    values = root
    section = root.find(_SECTION)
    # A template configuration of CodePipeline; a parameter of that name would have a plain value.
    if section and isinstance(section.value, dict | list):
        faults += _beside(root)
        values = section
    read = _of_list(values, faults) if isinstance(values.value, list) else _of_mapping(values, faults)
    if faults:
        raise Rejected(faults)
    plain = {name: at.value for name, at in read.items()}
    return Traced(plain, Origins(values.origin, {name: at.origins for name, at in read.items()}))


def _of_mapping(values: Traced, faults: list[Diagnostic]) -> dict[str, Traced]:
    return {name: _text(name, at, faults) for name, at in values.items()}


def _of_list(values: Traced, faults: list[Diagnostic]) -> dict[str, Traced]:
    """The values of a list's entries, each with its name as its key."""
    read: dict[str, Traced] = {}
    names: dict[str, Traced] = {}
    for entry in values.elements():
        found = list(_entry_faults(entry))
        faults += found
        if found:
            continue
        name = entry.at("ParameterKey")
        first = names.setdefault(name.value, name)
        if first is not name:
            related = [Related(first.origin.span, "first written here")] if first.origin.span else []
            faults.append(fault("OM6006", f'"{name.value}" is written twice', name, related=related))
            continue
        value = entry.get("ParameterValue")
        at = _text(name.value, value, faults) if value else Traced(None, Origins(entry.at("UsePreviousValue").origin))
        read[name.value] = Traced(at.value, Origins(at.origin._replace(key=name.origin.span)))
    return read


def _beside(root: Traced) -> Iterator[Diagnostic]:
    """What a template configuration has beside the parameters: not read, and so not passed over."""
    for key, at in root.items():
        if key != _SECTION:
            hint = "give them by --tag, or under tags in omega.yaml" if key == "Tags" else None
            yield fault("OM6006", f'"{key}" is not read here: only {_SECTION} is', at, hint=hint, at_key=True)


def _entry_faults(entry: Traced) -> Iterator[Diagnostic]:
    if not isinstance(entry.value, dict):
        yield fault("OM6006", "an entry of the list is a mapping of ParameterKey and ParameterValue", entry)
        return
    unknown = [(key, at) for key, at in entry.items() if key not in _KEYS]
    for key, at in unknown:
        hint = suggestion(key, _KEYS) or f"keys here: {', '.join(sorted(_KEYS))}"
        yield fault("OM6006", f'an entry has no key "{key}"', at, hint=hint, at_key=True)
    if unknown:
        return
    if not isinstance(entry.value.get("ParameterKey"), str):
        yield fault("OM6006", "an entry needs a ParameterKey, the name of the parameter", entry)
        return
    keeps = entry.value.get("UsePreviousValue", False)
    if not isinstance(keeps, bool):
        yield fault("OM6006", "UsePreviousValue takes true or false", entry.at("UsePreviousValue"))
    elif keeps and "ParameterValue" in entry.value:
        hint = "leave one of the two out"
        yield fault("OM6006", "a new value, and the previous one as well", entry.at("UsePreviousValue"), hint=hint)
    elif not keeps and "ParameterValue" not in entry.value:
        hint = "UsePreviousValue: true keeps the value that the stack has"
        yield fault("OM6006", "an entry needs a ParameterValue", entry, hint=hint)


def _text(name: str, at: Traced, faults: list[Diagnostic]) -> Traced:
    """A value as text; a list is its items with commas between them."""
    found = list(_value_faults(name, at))
    faults += found
    if found:
        return at
    text = ",".join(map(text_of, at.value)) if isinstance(at.value, list) else text_of(at.value)
    return Traced(text, Origins(at.origin))


def _value_faults(name: str, at: Traced) -> Iterator[Diagnostic]:
    items: Iterable[Traced] = at.elements() if isinstance(at.value, list) else [at]
    for item in items:
        if item.value is None:
            yield fault("OM6006", f"{name} has no value", item, hint='"" is an empty text', at_key=item is at)
        elif not _is_plain(item.value):
            yield fault("OM6006", f"{name} takes text, a number, true or false, or a list of these", item)
        elif item is not at and "," in text_of(item.value):
            yield fault("OM6006", f"an item of {name} has a comma in it, which parts the items of a list", item)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float)
