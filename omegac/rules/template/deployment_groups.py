"""Deployment groups of CodeDeploy: what each compute platform takes, and safeguards that guard nothing.

What is refused here, CodeDeploy refuses when the stack is deployed (CreateDeploymentGroup).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from omegac.cloudformation.literals import ITEMS, Outcome, jointly, outcomes
from omegac.diagnostics import Diagnostic, fault, suggestion
from omegac.source import Traced
from omegac.template import Body

_SERVER = "Server"
_PREFIX = "CodeDeployDefault."
"""How no configuration of one's own may begin."""
# CodeDeploy User Guide, Working with deployment configurations.
_PREDEFINED = {
    "ECS": (
        "ECSAllAtOnce",
        "ECSCanary10Percent15Minutes",
        "ECSCanary10Percent5Minutes",
        "ECSLinear10PercentEvery1Minutes",
        "ECSLinear10PercentEvery3Minutes",
    ),
    "Lambda": (
        "LambdaAllAtOnce",
        "LambdaCanary10Percent10Minutes",
        "LambdaCanary10Percent15Minutes",
        "LambdaCanary10Percent30Minutes",
        "LambdaCanary10Percent5Minutes",
        "LambdaLinear10PercentEvery10Minutes",
        "LambdaLinear10PercentEvery1Minute",
        "LambdaLinear10PercentEvery2Minutes",
        "LambdaLinear10PercentEvery3Minutes",
    ),
    _SERVER: ("AllAtOnce", "HalfAtATime", "OneAtATime"),
}
_PLATFORMS = {f"{_PREFIX}{name}": platform for platform, names in _PREDEFINED.items() for name in names}
_CONTROLLED = "WITH_TRAFFIC_CONTROL"
_BLUE_GREEN = "BLUE_GREEN"
_OF_SERVERS = ("Ec2TagFilters", "Ec2TagSet", "OnPremisesInstanceTagFilters", "OnPremisesTagSet")
_NOT_TAKEN = {
    "ECS": _OF_SERVERS,
    "Lambda": (*_OF_SERVERS, "BlueGreenDeploymentConfiguration"),
    _SERVER: ("ECSServices",),
}
_EXCLUSIVE = (("Ec2TagFilters", "Ec2TagSet"), ("OnPremisesInstanceTagFilters", "OnPremisesTagSet"))


class _Group(NamedTuple):
    """A deployment group, and the platform of its application where the template tells it."""

    root: Traced
    properties: Traced
    platform: str | None

    def at(self, *route: str) -> list[Outcome]:
        """What there is at a route, or may be."""
        return [found for found in outcomes(self.root, self.properties, *route) if not found.absent]

    def surely(self, key: str) -> list[Outcome]:
        """What there is for a key, macros that may yet write it left out."""
        return [found for found in self.at(key) if found.present]


def check(body: Body) -> Iterator[Diagnostic]:
    """What CodeDeploy refuses."""
    for _, resource in body.resources("AWS::CodeDeploy::DeploymentGroup"):
        properties = resource.find("Properties")
        if properties and isinstance(properties.value, dict):
            group = _Group(body.root, properties, None)
            platforms = [_platform(body.root, name, "Application") for name in group.at("ApplicationName")]
            group = group._replace(platform=platforms[0] if len(platforms) == 1 else None)
            for look in (_configuration, _style, _keys, _safeguards, _target_groups):
                yield from look(group)


def _referred(root: Traced, outcome: Outcome, kind: str) -> Traced | None:
    """The resource of a type that a Ref stands for."""
    reference = outcome.reference
    resource = root.find("Resources", reference.name) if reference and reference.kind == "ref" else None
    found = resource.find("Type") if resource else None
    return resource if found and found.value == kind else None


def _platform(root: Traced, outcome: Outcome, kind: str) -> str | None:
    """The compute platform of an application or a configuration that the template has."""
    resource = _referred(root, outcome, f"AWS::CodeDeploy::{kind}")
    platforms = list(outcomes(root, resource, "Properties", "ComputePlatform")) if resource else []
    return (_SERVER if platforms[0].absent else platforms[0].text) if len(platforms) == 1 else None


def _configuration(group: _Group) -> Iterator[Diagnostic]:
    for outcome in group.at("DeploymentConfigName"):
        name = outcome.text or ""
        platform = _PLATFORMS.get(name) or _platform(group.root, outcome, "DeploymentConfig")
        if name.startswith(_PREFIX) and platform is None:
            hint = suggestion(name, _PLATFORMS) or "a configuration of your own cannot have a name that begins so"
            yield fault("OM5601", f"CodeDeploy has no configuration {name}", outcome.value, hint=hint)
        elif platform and group.platform in _PREDEFINED and platform != group.platform:
            message = f"this configuration is for {platform}, but the application for {group.platform}"
            hint = f"take one of {group.platform}, such as {_PREFIX}{_PREDEFINED[group.platform][0]}"
            yield fault("OM5602", message, outcome.value, hint=hint)


def _style(group: _Group) -> Iterator[Diagnostic]:
    kinds, options = (group.at("DeploymentStyle", key) for key in ("DeploymentType", "DeploymentOption"))
    if group.platform == "Lambda":
        wrong = [each for each in (*kinds, *options) if each.text not in (None, _BLUE_GREEN, _CONTROLLED)]
        if wrong:
            message = "of functions CodeDeploy can do nothing but move the calls from one version to the next"
            hint = f"write {{DeploymentType: {_BLUE_GREEN}, DeploymentOption: {_CONTROLLED}}}"
            yield fault("OM5603", message, wrong[0].value, hint=hint)
        return
    blue_green = [kind for kind in kinds if kind.text == _BLUE_GREEN]
    for option in options:
        if option.text == _CONTROLLED and group.platform == _SERVER and not group.at("LoadBalancerInfo"):
            message = "there is no load balancer whose traffic CodeDeploy could control"
            yield fault("OM5603", message, option.value, hint="name its target group in LoadBalancerInfo")
        elif option.text not in (None, _CONTROLLED) and jointly([option], blue_green):
            message = f"{_BLUE_GREEN} moves traffic from one fleet to another, which this option rules out"
            yield fault("OM5603", message, option.value, hint=f"write {_CONTROLLED}, or IN_PLACE")


def _keys(group: _Group) -> Iterator[Diagnostic]:
    for key in _NOT_TAKEN.get(group.platform or "", ()):
        if group.surely(key):
            message = f"CodeDeploy takes no {key} for {group.platform}"
            yield fault("OM5604", message, group.properties.at(key), hint="leave it out", at_key=True)
    for one, other in _EXCLUSIVE:
        if jointly(group.surely(one), group.surely(other)):
            message = f"CodeDeploy takes {one} or {other}, not both"
            yield fault("OM5604", message, group.properties.at(other), hint="leave one of them out", at_key=True)


def _safeguards(group: _Group) -> Iterator[Diagnostic]:
    for key, listed in (("AlarmConfiguration", "Alarms"), ("AutoRollbackConfiguration", "Events")):
        enabled = any(each.truth for each in group.at(key, "Enabled"))
        if enabled and all(each.known == [] for each in group.at(key, listed)):
            message = f"CodeDeploy takes no {key} that is enabled without {listed}, as nothing would set it off"
            yield fault("OM5605", message, group.properties.at(key), hint=f"list {listed}", at_key=True)
    if jointly(group.surely("Deployment"), group.surely("AutoRollbackConfiguration")):
        # CloudFormation's reference of the type: neither is to be given with the other.
        message = "a group that deploys as soon as it is there is not to have an AutoRollbackConfiguration"
        hint = "leave Deployment out, and deploy the revision once the stack is there"
        yield fault("OM5606", message, group.properties.at("Deployment"), hint=hint, at_key=True)


def _target_groups(group: _Group) -> Iterator[Diagnostic]:
    for found in group.at("LoadBalancerInfo", "TargetGroupInfoList", ITEMS, "Name"):
        if found.reference and _referred(group.root, found, "AWS::ElasticLoadBalancingV2::TargetGroup"):
            name = found.reference.name
            message = f"Ref gives the ARN of {name}, where CodeDeploy takes a name of 32 characters at most"
            yield fault("OM5607", message, found.value, hint=f"write !GetAtt {name}.TargetGroupName")
