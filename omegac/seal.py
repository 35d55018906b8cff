"""The pass that gives each Lambda version the digest of what it publishes.

All properties of `AWS::Lambda::Version` are create-only, and a version is a copy of its function: so its
logical id must change whenever the artifact or what is copied of the function's properties does, and only then. It
comes after overrides and decorators, to see the properties as they end up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256

from omegac.cloudformation.references import renamed
from omegac.cloudformation.versions import copied
from omegac.source import Origins, Traced, because
from omegac.template import Template

_DIGITS = 12


def seal(template: Template) -> Template:
    """The template with every version of a function named by its digest, and every reference with it."""
    names = dict(_sealed(template))
    root = template.root
    if not names:
        return template
    value = renamed(root.value, names)
    resources = {names.get(name, name): body for name, body in value["Resources"].items()}
    return template._replace(root=Traced({**value, "Resources": resources}, _origins(template, names)))


def _sealed(template: Template) -> Iterator[tuple[str, str]]:
    """The logical id of each version, without its digest and with it."""
    for entry in template.spec.of("function"):
        version = f"{entry.stem}Version"
        function = template.resources.get(entry.stem)
        if function is not None and version in template.resources:
            properties = copied(function.get("Properties", {}))
            text = json.dumps([template.artifact.sha256, properties], sort_keys=True)
            yield version, version + sha256(text.encode()).hexdigest()[:_DIGITS]


def _origins(template: Template, names: dict[str, str]) -> Origins:
    """The template's origins with each version under its new name, made from the artifact too."""
    root = template.root
    resources = root.at("Resources")
    within = dict(resources.origins.within)
    for old, new in names.items():
        version = because(resources.at(old), Traced(None, Origins(template.artifact.origin)))
        within.pop(old, None)
        within[new] = version.origins
    sections = dict(root.origins.within) | {"Resources": Origins(resources.origins.origin, within)}
    return Origins(root.origins.origin, sections)
