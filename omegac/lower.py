"""The pass that writes the template: what the constructs declare, and what the spec has in CloudFormation's terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from omegac.artifact import Artifact
from omegac.construct import ARTIFACT_BUCKET, Contributed, Declaration, Plan
from omegac.constructs import gathered
from omegac.diagnostics import Diagnostic, Rejected, Related, fault
from omegac.source import Origin, Traced, derived, settle
from omegac.spec import Entry, Spec
from omegac.template import SECTIONS, Template

_RAW_SECTIONS = {
    "metadata": "Metadata",
    "rules": "Rules",
    "mappings": "Mappings",
    "conditions": "Conditions",
    "resources": "Resources",
    "outputs": "Outputs",
}
_PARAMETER_KEYS = {
    "type": "Type",
    "default": "Default",
    "description": "Description",
    "allowed_values": "AllowedValues",
    "pattern": "AllowedPattern",
    "constraint_description": "ConstraintDescription",
    "min_length": "MinLength",
    "max_length": "MaxLength",
    "min_value": "MinValue",
    "max_value": "MaxValue",
    "no_echo": "NoEcho",
}
_TOGETHER = {"Parameters": "Resources", "Resources": "Parameters"}


def lower(contributed: Contributed, artifact: Artifact) -> Template:
    """The template. Raises `Rejected` with all faults, two things with one logical id among them."""
    spec = contributed.spec
    faults: list[Diagnostic] = []
    declared: dict[tuple[str, str], Traced] = {}
    for declaration in [*_reserved(spec, artifact), *_raw(spec), *_constructed(contributed, artifact, faults)]:
        _declare(declaration, declared, faults)
    if faults:
        raise Rejected(faults)
    sections: dict[str, dict[str, Traced]] = {}
    for (section, name), body in sorted(declared.items()):
        sections.setdefault(section, {})[name] = body
    root = settle(_whole(spec, sections), spec.document.origin)
    return Template(root, spec, artifact)


def _whole(spec: Spec, sections: dict[str, dict[str, Traced]]) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "AWSTemplateFormatVersion": derived("2010-09-09", spec.document.at("omega")),
        "Description": spec.document.get("description"),
        "Transform": spec.document.get("transform"),
        **sections,
    }
    return {section: whole[section] for section in SECTIONS if section in whole}


def _declare(declaration: Declaration, declared: dict[tuple[str, str], Traced], faults: list[Diagnostic]) -> None:
    body = settle(declaration.body, declaration.origin)
    section, name = declaration.section, declaration.name
    other = declared.setdefault((section, name), body)
    if other is body:
        # CloudFormation has one namespace for both, as `Ref` is to either.
        other = declared.get((_TOGETHER.get(section, ""), name), body)
        if other is not body:
            faults.append(_clash(f'there are a parameter and a resource "{name}"', section, other, body))
    elif not declaration.shared or other.value != body.value:
        what = section.removesuffix("s").lower()
        faults.append(_clash(f'there are two declarations of the {what} "{name}"', section, other, body))


def _clash(message: str, section: str, one: Traced, other: Traced) -> Diagnostic:
    first, second = _places(one, other)
    related = [Related(first, "the other one")] if first else []
    hint = "rename yours, or give the entry another id" if section == "Resources" else "rename yours"
    return fault("OM1203", message, second, hint=hint, related=related, at_key=True)


def _places(one: Traced, other: Traced) -> tuple[Any, Origin]:
    """Of two declarations, the place of omegac's own, and the user's to report at."""
    if one.origin.via == "spec" and other.origin.via != "spec":
        one, other = other, one
    chain = [origin.key or origin.span for origin in one.origin.chain()]
    return next((span for span in chain if span), None), other.origin


def _reserved(spec: Spec, artifact: Artifact) -> Iterator[Declaration]:
    """The one parameter of omegac's own, and the artifact's digest as an output."""
    place = spec.document.at("artifact").origin
    origin = place._replace(via="construct", parents=(place,))
    if not spec.entries:
        return
    bucket = {
        "Type": "String",
        "Description": "Bucket that holds the artifact",
        "AllowedPattern": "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
    }
    yield Declaration("Parameters", ARTIFACT_BUCKET, bucket, origin)
    digest = {"Description": "SHA-256 of the artifact", "Value": derived(artifact.sha256, artifact.origin)}
    yield Declaration("Outputs", "ArtifactSha256", digest, origin)


def _raw(spec: Spec) -> Iterator[Declaration]:
    for key, section in _RAW_SECTIONS.items():
        for name, body in _entries(spec, key):
            yield Declaration(section, name, body, body.origin)
    for name, parameter in _entries(spec, "parameters"):
        renamed = {_PARAMETER_KEYS[key]: value for key, value in parameter.items()}
        yield Declaration("Parameters", name, renamed, parameter.origin)


def _entries(spec: Spec, key: str) -> Iterable[tuple[str, Traced]]:
    section = spec.document.get(key)
    return section.items() if section else ()


def _constructed(contributed: Contributed, artifact: Artifact, faults: list[Diagnostic]) -> Iterator[Declaration]:
    for entry in contributed.spec.entries:
        plan = Plan(contributed.spec, artifact, contributed.facts[entry.name])
        yield from _of_entry(entry, plan, faults)


def _of_entry(entry: Entry, plan: Plan, faults: list[Diagnostic]) -> Iterator[Declaration]:
    return gathered(entry.kind, lambda construct: construct.lower(entry, plan), faults)
