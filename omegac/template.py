"""A CloudFormation template on its way through the last passes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from omegac.artifact import Artifact
from omegac.source import Traced
from omegac.spec import Spec

Resource: TypeAlias = dict[str, Any]

SECTIONS = (
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Transform",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Resources",
    "Outputs",
)
"""The sections of a template, in the order that CloudFormation's reference gives them."""


class Template(NamedTuple):
    """A template as plain data with origins, and what it was made from."""

    root: Traced
    spec: Spec
    artifact: Artifact

    @property
    def resources(self) -> dict[str, Resource]:
        """Every resource by its logical id."""
        found: dict[str, Resource] = self.root.value.get("Resources", {})
        return found


class Body(NamedTuple):
    """What CloudFormation is given: a finished template, of omegac or of anyone."""

    root: Traced
    text: str

    def entries(self, section: str) -> Iterator[tuple[str, Traced]]:
        """The entries of a section by their names, those that are no mapping left out."""
        found = self.root.get(section)
        for name, entry in found.items() if found and isinstance(found.value, dict) else ():
            if isinstance(entry.value, dict):
                yield name, entry

    def resources(self, *types: str) -> Iterator[tuple[str, Traced]]:
        """The resources of some types by their logical ids; where none is named, of all."""
        for name, resource in self.entries("Resources"):
            if not types or resource.value.get("Type") in types:
                yield name, resource


class Compilation(NamedTuple):
    """A compiled spec: what is written to the build folder, and what rules and deployments look into."""

    root: Traced
    """The template."""
    template: str
    """Its bytes, as text: canonical JSON."""
    map: str
    """Where each value comes from, as JSON."""
    artifact: Artifact
    spec: Spec

    @property
    def body(self) -> Body:
        """What CloudFormation is given."""
        return Body(self.root, self.template)
