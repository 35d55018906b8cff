"""Policies on resources whose type has none of their kind.

AWS CloudFormation Template Reference, CreationPolicy and UpdatePolicy. cfn-lint looks at no CreationPolicy, nor at
the UpdatePolicy of an alias.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from omegac.diagnostics import Diagnostic, fault, suggestion
from omegac.source import Traced
from omegac.template import Body

_GROUP = "AWS::AutoScaling::AutoScalingGroup"
_CREATION: Mapping[str, tuple[str, ...]] = {
    "AWS::AppStream::Fleet": ("StartFleet",),
    _GROUP: ("AutoScalingCreationPolicy", "ResourceSignal"),
    "AWS::CloudFormation::WaitCondition": ("ResourceSignal",),
    "AWS::EC2::Instance": ("ResourceSignal",),
}
_UPDATE: Mapping[str, tuple[str, ...]] = {"AWS::Lambda::Alias": ("CodeDeployLambdaAliasUpdate",)}


def check(body: Body) -> Iterator[Diagnostic]:
    """Creation policies, and update policies of aliases, that CloudFormation ignores."""
    for name, resource in body.resources():
        kind = str(resource.value.get("Type"))
        if kind.startswith("AWS::"):
            creation, update = resource.get("CreationPolicy"), resource.get("UpdatePolicy")
            if creation and kind not in _CREATION:
                message = f"{name} ({kind}) has no creation policy: CloudFormation ignores it, and waits for nothing"
                hint = "only instances, Auto Scaling groups, wait conditions and AppStream fleets have one"
                yield fault("OM5207", message, creation, hint=hint, at_key=True)
            elif creation:
                yield from _unknown(name, creation, "CreationPolicy", _CREATION[kind])
            if update and kind in _UPDATE:
                yield from _unknown(name, update, "UpdatePolicy", _UPDATE[kind])


def _unknown(name: str, policy: Traced, what: str, known: tuple[str, ...]) -> Iterator[Diagnostic]:
    for key, part in policy.items() if isinstance(policy.value, dict) else ():
        if key not in known and not str(key).startswith("Fn::"):
            message = f"{what} of {name} has no {key}: CloudFormation ignores it"
            hint = suggestion(str(key), known) or f"it has {' and '.join(known)}"
            yield fault("OM5207", message, part, hint=hint, at_key=True)
