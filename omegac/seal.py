"""The pass that gives each Lambda version the digest of what it publishes.

All properties of `AWS::Lambda::Version` are create-only, and a version is a copy of its function: so its
logical id must change whenever the artifact or the function's properties do, and only then. It comes after
overrides and decorators, to see the properties as they end up.
"""

from __future__ import annotations

import json
from hashlib import sha256

from omegac.references import renamed
from omegac.source import Origins, Traced, derived
from omegac.template import Template

_DIGITS = 12


def seal(template: Template) -> Template:
    """The template with every version of a function named by its digest, and every reference with it."""
    for entry in template.spec.of("function"):
        version = f"{entry.stem}Version"
        function = template.resources.get(entry.stem)
        if function is not None and version in template.resources:
            text = json.dumps([template.artifact.sha256, function.get("Properties")], sort_keys=True)
            template = _renamed(template, version, version + sha256(text.encode()).hexdigest()[:_DIGITS])
    return template


def _renamed(template: Template, old: str, new: str) -> Template:
    root = template.root
    value = renamed(root.value, old, new)
    resources = {new if name == old else name: body for name, body in value["Resources"].items()}
    origins = root.origins.within["Resources"]
    version = root.at("Resources", old)
    artifact = template.artifact.origin
    sealed = Origins(derived(None, version, artifact).origin, version.origins.within)
    within = {name: part for name, part in origins.within.items() if name != old} | {new: sealed}
    sections = {**root.origins.within, "Resources": Origins(origins.origin, within)}
    return template._replace(root=Traced({**value, "Resources": resources}, Origins(root.origins.origin, sections)))
