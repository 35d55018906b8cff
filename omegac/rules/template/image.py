"""The id of an image in a template that could be deployed to any region: each region has images of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from omegac.cloudformation.places import LAUNCHERS, launched_with
from omegac.cloudformation.references import references
from omegac.diagnostics import Diagnostic, fault
from omegac.template import Body

_IMAGE = r"ami-[0-9a-f]{8}(?:[0-9a-f]{9})?"
# What else exists in one region alone: ids that EC2 gave, and names of regions and their zones.
_REGIONAL = (
    r"\b(?:eipalloc|eni|igw|lt|pl|rtb|sg|snap|subnet|vol|vpc|vpce)-[0-9a-f]{8}(?:[0-9a-f]{9})?\b"
    r"|\b(?:af|ap|ca|cn|eu|il|me|mx|sa|us)-(?:gov-|iso[a-z]?-)?(?:(?:north|south)?(?:east|west)?|central)-[1-9]"
)
_HINT = "take a parameter of the type AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>, or a map by regions"


def check(body: Body) -> Iterator[Diagnostic]:
    """Literal ids of images, where nothing else binds the template to a region."""
    found = [
        (name, image.value)
        for name, launcher in body.resources(*LAUNCHERS)
        if launcher.origin.via != "construct"  # whose image a spec pins on purpose
        for image in launched_with(body.root, launcher, "ImageId")
        if image.value and not image.parameter and image.text and re.fullmatch(_IMAGE, image.text)
    ]
    if found and not _is_bound(body):
        for name, image in found:
            message = f"{name} can be launched in the region of {image.value} alone: elsewhere there is no such image"
            yield fault("OM5104", message, image, hint=_HINT)


def _is_bound(body: Body) -> bool:
    """Whether the template asks for its region, or names something else that exists in one region alone."""
    if re.search(_REGIONAL, json.dumps(body.root.value.get("Resources"), default=str)):
        return True
    asking = (reference for reference in references(body.root.value) if reference.route[0] in ("Conditions", "Rules"))
    return any(reference.name == "AWS::Region" for reference in asking)
