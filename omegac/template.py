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
        """Every resource by its logical id; none where a decorator has left something else."""
        found = self.root.value.get("Resources")
        return found if isinstance(found, dict) else {}


class Body(NamedTuple):
    """What CloudFormation is given: a finished template, of omegac or of anyone."""

    root: Traced
    text: str

    def entries(self, section: str) -> Iterator[tuple[str, Traced]]:
        """The entries of a section by their names, those that are no mapping left out."""
        found = self.root.get(section)
        for name, entry in found.value.items() if found and isinstance(found.value, dict) else ():
            if isinstance(entry, dict) and found:
                yield name, found.at(name)

    def resources(self, *types: str) -> Iterator[tuple[str, Traced]]:
        """The resources of some types by their logical ids; where none is named, of all."""
        found = self.root.get("Resources")
        for name, resource in found.value.items() if found and isinstance(found.value, dict) else ():
            # Asked of the plain value first: each rule looks through all resources for the few that it is about.
            if isinstance(resource, dict) and found and (not types or resource.get("Type") in types):
                yield name, found.at(name)


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
    def artifact_key(self) -> str:
        """The artifact's key in its bucket."""
        return self.artifact.key(str(self.spec.service.value))

    @property
    def body(self) -> Body:
        """What CloudFormation is given."""
        return Body(self.root, self.template)
