"""The pass that gives each Lambda version, and its function, the digest of what it publishes.

A version is a copy of its function, and all properties of `AWS::Lambda::Version` are create-only: so its logical id
changes whenever the artifact, what is copied of the function's properties or what is said of the version does, and only
then. Lambda publishes no version of a function that has not changed since the last one, and what is written in other
words need not change it: so the function's description ends in the digest, too, and changes with each new version.
The pass comes after overrides and decorators, to see the properties as they end up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, NamedTuple

from omegac.cloudformation.references import renamed
from omegac.cloudformation.versions import copied, mark, marked
from omegac.construct import revision_of
from omegac.diagnostics import Rejected, fault
from omegac.source import Origins, Traced, because, settle
from omegac.template import Template

_DIGITS = 12
_WRITTEN = re.compile(rf"(?<=\(digest )[0-9a-f]{{{_DIGITS}}}\b|(?<=Version)[0-9a-f]{{{_DIGITS}}}\b")
_LONGEST = 200
"""Characters of a description, as the schema has it for the function's own."""


class _Seal(NamedTuple):
    """The digest of what a version publishes."""

    function: str
    version: str
    digest: str

    @property
    def mark(self) -> dict[str, str]:
        """What the descriptions of function and version end in."""
        return mark(self.digest, revision_of(self.function))


def seal(template: Template) -> Template:
    """The template with every version of a function named by its digest, and every reference with it.

    Raises `Rejected` for a description that leaves no room for the digest.
    """
    seals = _seals(template)
    if not seals:
        return template
    root, artifact = template.root, Traced(None, Origins(template.artifact.origin))
    resources = dict(root.at("Resources").items())
    for each in seals:
        function, version = resources[each.function], resources[each.version]
        text = function.find("Properties", "Description")
        resources[each.function] = _described(function, text, each.mark, artifact)
        text = version.find("Properties", "Description") or text
        resources[each.version] = because(_described(version, text, each.mark, artifact), artifact)
    names = {each.version: each.version + each.digest for each in seals}
    named = {names.get(name, name): resource for name, resource in resources.items()}
    sealed = settle({**dict(root.items()), "Resources": settle(named, root.at("Resources").origin)}, root.origin)
    return template._replace(root=sealed._replace(value=renamed(sealed.value, names)))


def blotted(text: str) -> str:
    """The text of a template, of equal length, with all digests of versions made alike."""
    return _WRITTEN.sub("-" * _DIGITS, text)


def _seals(template: Template) -> tuple[_Seal, ...]:
    """One for each version. A function may name that of another, and its digest is of that one's then, too.

    So they are made until they stay; CloudFormation refuses a circle, for which they never would.
    """
    found = tuple(_sealed(template))
    for _ in found:
        names = {each.version: each.version + each.digest for each in found}
        before, value = found, renamed(template.root.value, names)
        found = tuple(_sealed(template._replace(root=template.root._replace(value=value))))
        if found == before:
            break
    return found


def _sealed(template: Template) -> Iterator[_Seal]:
    for entry in template.spec.of("function"):
        function, version = entry.stem, f"{entry.stem}Version"
        of_function, of_version = _properties(template, function), _properties(template, version)
        if of_function is not None and of_version is not None:
            text = json.dumps([template.artifact.sha256, copied(of_function), of_version], sort_keys=True)
            yield _Seal(function, version, sha256(text.encode()).hexdigest()[:_DIGITS])


def _properties(template: Template, name: str) -> dict[str, Any] | None:
    """Those of a resource; None where it is not there, or a decorator has left something else."""
    resource = template.resources.get(name)
    found = resource.get("Properties", {}) if isinstance(resource, dict) else None
    return found if isinstance(found, dict) else None


def _described(resource: Traced, text: Traced | None, by: dict[str, str], artifact: Traced) -> Traced:
    """A function, or a version, described by a text with the mark behind it, which is made from the artifact too."""
    if text and isinstance(text.value, str) and len(text.value) > _LONGEST:
        hint = "a digest of the function and its revision follow it, and Lambda takes 256 in all"
        raise Rejected(
            [fault("OM1105", f"a function's description has {_LONGEST} characters at most", text, hint=hint)]
        )
    properties = resource.get("Properties") or Traced({}, resource.origins)
    whole = marked(text if text and text.value else None, by)
    description = because(settle(whole, (text or resource).origin), artifact)
    described = settle({**dict(properties.items()), "Description": description}, properties.origin)
    return settle({**dict(resource.items()), "Properties": described}, resource.origin)
