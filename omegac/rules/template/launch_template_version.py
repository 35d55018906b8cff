"""An Auto Scaling group whose text does not change when its launch template does.

A group's instances are replaced where its property LaunchTemplate changes (AWS CloudFormation Template Reference,
UpdatePolicy); only the attribute LatestVersionNumber changes with each version. The default version is the first,
which CloudFormation never moves.
"""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.literals import ITEMS, Outcome, jointly, outcomes
from omegac.diagnostics import Diagnostic, fault
from omegac.template import Body

_SPECIFICATIONS = (
    ("LaunchTemplate",),
    ("MixedInstancesPolicy", "LaunchTemplate", "LaunchTemplateSpecification"),
    ("MixedInstancesPolicy", "LaunchTemplate", "Overrides", ITEMS, "LaunchTemplateSpecification"),
)


def check(body: Body) -> Iterator[Diagnostic]:
    """Versions of launch templates of this template that do not follow it."""
    for name, group in body.resources("AWS::AutoScaling::AutoScalingGroup"):
        for route in _SPECIFICATIONS:
            for specification in outcomes(body.root, group, "Properties", *route):
                yield from _standing(body, name, specification)


def _standing(body: Body, name: str, specification: Outcome) -> Iterator[Diagnostic]:
    own = [
        (reference.name, launch)
        for launch in outcomes(body.root, specification, "LaunchTemplateId")
        if (reference := launch.reference) and body.root.find("Resources", reference.name)
    ]
    for version in outcomes(body.root, specification, "Version"):
        effect = _effect(version)
        launch = next((name for name, launch in own if jointly([version], [launch])), None)
        if effect and launch:
            message = f"a change of {launch} replaces no instance of {name}, which {effect}"
            yield fault("OM5202", message, version.value, hint=f"make the version !GetAtt {launch}.LatestVersionNumber")


def _effect(version: Outcome) -> str | None:
    """What a version does instead of following; None if it may follow."""
    if version.text == "$Latest":
        return "has the same version $Latest before and after: only instances launched later are different"
    asked = version.reference.attribute if version.reference else None
    if version.text == "$Default" or asked == "DefaultVersionNumber":
        return "stays with the default version, the first"
    return f"stays with version {version.known}" if version.number is not None else None
