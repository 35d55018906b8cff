"""A CloudFormation template on its way through the last passes."""

from __future__ import annotations

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
