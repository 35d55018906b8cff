"""The pass that fills in every default and gives each entry its logical ids."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from omegac import schema
from omegac.cloudformation.intrinsics import is_intrinsic
from omegac.diagnostics import Diagnostic, Rejected, Related, fault
from omegac.merge import merge
from omegac.source import Origins, Traced, because
from omegac.spec import SECTIONS, Entry, Kind, Spec, Staged


def bind(staged: Staged, folder: Path) -> Spec:
    """The spec that the constructs compile. Raises `Rejected` where two entries claim one name."""
    document = _filled(_written_out(staged.document), schema.document())
    entries = tuple(
        _entry(kind, name, body) for kind, key in SECTIONS.items() for name, body in document.at(key).items()
    )
    faults = _clashes(entries)
    if faults:
        raise Rejected(faults)
    return Spec(document, entries, staged.stage, staged.deployment, folder)


def _written_out(document: Traced) -> Traced:
    """The spec without short forms: `artifact: app` as `{path: app}`, in each entry what the service says for all."""
    changed: dict[str, Traced] = {}
    artifact = document.at("artifact")
    if isinstance(artifact.value, str):
        changed["artifact"] = Traced({"path": artifact.value}, Origins(artifact.origin, {"path": artifact.origins}))
    for key in SECTIONS.values():
        section = document.get(key) or _default({}, document)
        inheriting = {name: _inheriting(body, document, schema.definition(key)) for name, body in section.items()}
        changed[key] = _with(section, inheriting)
    return _with(document, changed)


def _inheriting(body: Traced, document: Traced, definition: dict[str, Any]) -> Traced:
    """An entry with what the service says for all, and the defaults that depend on other values."""
    changed: dict[str, Traced] = {}
    for key in ("environment", "logs"):
        shared, own = document.get(key), body.get(key)
        if "not" in schema.resolved(definition["properties"][key]):
            continue
        if shared:
            changed[key] = merge(shared, own, "spec") if own else shared
        elif key == "logs" and not own:
            changed[key] = _default({}, body)
    if "instance_type" in definition["properties"] and "instance_type" not in body.value:
        arch = body.get("arch")
        default = _default("t4g.micro" if arch and arch.value == "arm64" else "t3.micro", body)
        changed["instance_type"] = because(default, arch) if arch else default
    return _with(body, changed)


def _filled(traced: Traced, definition: dict[str, Any]) -> Traced:
    """A mapping with the schema's defaults in place of what is absent, at every depth that is given."""
    definition = _mapping_form(schema.resolved(definition))
    known = definition.get("properties", {})
    others = definition.get("additionalProperties")
    changed: dict[str, Traced] = {}
    for key, given in traced.items():
        part = known.get(key, others)
        if isinstance(part, dict) and isinstance(given.value, dict) and not is_intrinsic(given.value):
            changed[key] = _filled(given, part)
    for key, part in known.items():
        if key not in traced.value and "default" in schema.resolved(part):
            changed[key] = _default(schema.resolved(part)["default"], traced)
    return _with(traced, changed) if changed else traced


def _mapping_form(definition: dict[str, Any]) -> dict[str, Any]:
    """Of a value that may be short or long, the schema of its long form."""
    for branch in definition.get("anyOf", ()):
        form = schema.resolved(branch)
        if "properties" in form:
            return form
    return definition


def _default(value: Any, of: Traced) -> Traced:
    return Traced(value, Origins(of.origin._replace(via="default", parents=(of.origin,))))


def _with(traced: Traced, items: dict[str, Traced]) -> Traced:
    """A mapping with some of its entries replaced or added."""
    value = traced.value | {key: item.value for key, item in items.items()}
    within = dict(traced.origins.within) | {key: item.origins for key, item in items.items()}
    return Traced(value, Origins(traced.origins.origin, within))


def _entry(kind: Kind, name: str, body: Traced) -> Entry:
    given = body.get("id")
    stem = given.value if given else "".join(part[:1].upper() + part[1:] for part in re.split("[-_]", name))
    return Entry(kind, name, stem + kind.capitalize(), body)


def _clashes(entries: tuple[Entry, ...]) -> list[Diagnostic]:
    """Entries that share a name, over both kinds, or a stem."""
    faults: list[Diagnostic] = []
    names: dict[str, Entry] = {}
    stems: dict[str, Entry] = {}
    for entry in entries:
        other = names.setdefault(entry.name, entry)
        if other is not entry:
            faults.append(_clash("OM1202", f'"{entry.name}" is a {other.kind} and a {entry.kind}', entry, other))
            continue
        other = stems.setdefault(entry.stem, entry)
        if other is not entry:
            message = f'"{entry.name}" and "{other.name}" both get logical ids of {entry.stem}…'
            faults.append(_clash("OM1203", message, entry, other))
    return faults


def _clash(code: str, message: str, entry: Entry, other: Entry) -> Diagnostic:
    span = other.origin.key or other.origin.span
    related = [Related(span, "the other one")] if span else []
    return fault(code, message, entry.origin, hint="rename one of them", related=related, at_key=True)
