"""The last pass: the template's bytes, and the map from each of its values to where it comes from."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

from omegac.diagnostics import Diagnostic, Rejected, fault
from omegac.source import Origin, Origins, Route, Source, Span, Traced
from omegac.template import SECTIONS, Compilation, Template

MAP_VERSION = 1
_RESOURCE_KEYS = (
    *("Type", "Condition", "DependsOn", "CreationPolicy", "UpdatePolicy"),
    *("DeletionPolicy", "UpdateReplacePolicy", "Metadata", "Properties"),
)
_NULLS = (": null", "  null")
"""How null is written as the value of a key, and as an item of a list."""


def emit(template: Template) -> Compilation:
    """The compilation. Raises `Rejected` where null stands in the template, which CloudFormation refuses."""
    root = _in_order(template.root)
    text = canonical(root.value) + "\n"
    faults = _nulls(root) if any(null in text for null in _NULLS) else ()
    if faults:
        raise Rejected(faults)
    places = _Map()
    places.add(root.value, root.origins, "", None)
    return Compilation(root, text, places.text(text), template.artifact, template.spec)


def _in_order(root: Traced) -> Traced:
    """Sections as CloudFormation's reference has them, all else by name, but a resource's properties last."""
    value = {section: root.value[section] for section in SECTIONS if section in root.value}
    value |= {section: root.value[section] for section in sorted(root.value.keys() - value.keys())}
    ordered = {section: _sorted(body) for section, body in value.items()}
    resources = ordered.get("Resources")
    if isinstance(resources, dict):
        ordered["Resources"] = {name: _resource_in_order(body) for name, body in resources.items()}
    return Traced(ordered, root.origins)


def _resource_in_order(body: Any) -> Any:
    if not isinstance(body, dict):
        return body
    known = {key: body[key] for key in _RESOURCE_KEYS if key in body}
    return {**{key: part for key, part in body.items() if key not in known}, **known}


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value


def _nulls(root: Traced) -> list[Diagnostic]:
    faults = []
    stack: list[tuple[Route, Any]] = [((), root.value)]
    while stack:
        route, value = stack.pop()
        if value is None:
            hint = "leave the key out, or write !Ref AWS::NoValue"
            message = f"{'.'.join(map(str, route))} is null, which no template may hold"
            faults.append(fault("OM5001", message, root.at(*route), hint=hint))
        elif isinstance(value, dict):
            stack += (((*route, key), child) for key, child in value.items())
        elif isinstance(value, list):
            stack += (((*route, index), child) for index, child in enumerate(value))
    return faults[::-1]


def canonical(value: Any) -> str:
    """A value as `json.dumps` writes it with an indent of two; that has no C for it, and takes three times as long."""
    parts: list[str] = []
    _write(value, "\n", parts.append)
    return "".join(parts)


def _write(value: Any, newline: str, write: Callable[[str], None]) -> None:
    if isinstance(value, str):
        write(encode_basestring(value))
    elif isinstance(value, dict) and value:
        inner = newline + "  "
        before = "{" + inner
        for key, item in value.items():
            write(f"{before}{encode_basestring(key)}: ")
            _write(item, inner, write)
            before = "," + inner
        write(newline + "}")
    elif isinstance(value, list) and value:
        inner = newline + "  "
        before = "[" + inner
        for item in value:
            write(before)
            _write(item, inner, write)
            before = "," + inner
        write(newline + "]")
    else:
        write(json.dumps(value))


class _Map:
    """Where each value comes from: an origin only where it differs from that of what is around; relative names only."""

    def __init__(self) -> None:
        self.sources: dict[int, tuple[int, Source]] = {}
        self.lines: list[str] = []
        self.shown: dict[int, tuple[str, Origin]] = {}
        """What an origin is written as; it is kept beside, so that its identity stays its own."""

    def text(self, template: str) -> str:
        """The map of a template, with a digest of it and of each source: one that has changed shows."""
        listed = [
            json.dumps({"name": source.name, "sha256": _digest(source.text)}, ensure_ascii=False)
            for _, source in self.sources.values()
        ]
        return (
            f'{{\n  "version": {MAP_VERSION},\n  "template": "{_digest(template)}",\n'
            f'  "sources": [\n    {_joined(listed)}\n  ],\n  "origins": {{\n    {_joined(self.lines)}\n  }}\n}}\n'
        )

    def add(self, value: Any, origins: Origins, pointer: str, around: Origin | None) -> None:
        """One line for each origin within a value: the JSON pointer of what it is the origin of, and the origin."""
        origin = origins.origin or around
        if origin is not None and origin is not around and origin != around:
            self.lines.append(f"{json.dumps(pointer)}: {self.written(origin)}")
        if not origins.within:
            return
        pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for step, child in pairs:
            inner = origins.within.get(step)
            if inner is not None:
                escaped = str(step).replace("~", "~0").replace("/", "~1")
                self.add(child, inner, f"{pointer}/{escaped}", origin)

    def written(self, origin: Origin) -> str:
        """An origin as JSON."""
        known = self.shown.get(id(origin))
        if known:
            return known[0]
        parts = [f'"via": "{origin.via}"']
        if origin.span:
            parts.append(f'"at": {self.span(origin.span)}')
        if origin.parents:
            parts.append(f'"from": [{", ".join(map(self.written, origin.parents))}]')
        text = "{" + ", ".join(parts) + "}"
        self.shown[id(origin)] = (text, origin)
        return text

    def span(self, span: Span) -> list[int]:
        """The source's number, then line and column of the start and of the end."""
        number, source = self.sources.setdefault(id(span.source), (len(self.sources), span.source))
        return [number, *source.position(span.start), *source.position(span.end)]


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _joined(lines: list[str]) -> str:
    return ",\n    ".join(lines)
