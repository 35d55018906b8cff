"""The last pass: the template's bytes, and the map from each of its values to where it comes from."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from omegac.diagnostics import Diagnostic, Rejected, fault
from omegac.source import Origin, Origins, Route, Source, Span, Traced
from omegac.template import SECTIONS, Compilation, Template

MAP_VERSION = 1
_RESOURCE_KEYS = (
    *("Type", "Condition", "DependsOn", "CreationPolicy", "UpdatePolicy"),
    *("DeletionPolicy", "UpdateReplacePolicy", "Metadata", "Properties"),
)


def emit(template: Template) -> Compilation:
    """The compilation. Raises `Rejected` where null stands in the template, which CloudFormation refuses."""
    root = _in_order(template.root)
    faults = _nulls(root)
    if faults:
        raise Rejected(faults)
    text = json.dumps(root.value, indent=2, ensure_ascii=False) + "\n"
    return Compilation(root, text, _map(root, text), template.artifact, template.spec)


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
    return faults


# The map: relative names, a digest per source, an origin only where it differs from that of what is around


def _map(root: Traced, template: str) -> str:
    sources: dict[int, tuple[int, Source]] = {}
    lines: list[str] = []
    _map_origins(root.value, root.origins, (), None, sources, lines)
    listed = [
        json.dumps({"name": source.name, "sha256": sha256(source.text.encode()).hexdigest()}, ensure_ascii=False)
        for _, source in sources.values()
    ]
    digest = sha256(template.encode()).hexdigest()
    return (
        f'{{\n  "version": {MAP_VERSION},\n  "template": "{digest}",\n'
        f'  "sources": [\n    {_joined(listed)}\n  ],\n  "origins": {{\n    {_joined(lines)}\n  }}\n}}\n'
    )


def _joined(lines: list[str]) -> str:
    return ",\n    ".join(lines)


def _map_origins(
    value: Any,
    origins: Origins,
    route: Route,
    around: Origin | None,
    sources: dict[int, tuple[int, Source]],
    lines: list[str],
) -> None:
    """One line for each origin, a JSON pointer and what it points from."""
    origin = origins.origin or around
    if origin is not None and origin is not around and origin != around:
        pointer = json.dumps("".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in route))
        lines.append(f"{pointer}: {json.dumps(_origin(origin, sources))}")
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, child in pairs:
        inner = origins.within.get(step)
        if inner is not None:
            _map_origins(child, inner, (*route, step), origin, sources, lines)


def _origin(origin: Origin, sources: dict[int, tuple[int, Source]]) -> dict[str, Any]:
    shown: dict[str, Any] = {"via": origin.via}
    if origin.span:
        shown["at"] = _span(origin.span, sources)
    parents = [_origin(parent, sources) for parent in origin.parents]
    if parents:
        shown["from"] = parents
    return shown


def _span(span: Span, sources: dict[int, tuple[int, Source]]) -> list[int]:
    """The source's number, then line and column of the start and of the end."""
    index, _ = sources.setdefault(id(span.source), (len(sources), span.source))
    return [index, *span.source.position(span.start), *span.source.position(span.end)]
