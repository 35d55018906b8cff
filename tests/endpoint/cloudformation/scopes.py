"""What the names in a stack's template stand for: as values, as far as they are shown, or only to be compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.endpoint.cloudformation.intrinsics import NO_VALUE, Scope, resolved
from tests.endpoint.cloudformation.naming import attribute
from tests.endpoint.cloudformation.state import Deployment, Stack

KNOWN_AFTER_APPLY = "{{changeSet:KNOWN_AFTER_APPLY}}"


def symbolic(stack: Stack, deployment: Deployment) -> Scope:
    """A scope in which resources stand for themselves, to compare what two deployments ask for."""
    return _scope(stack, deployment, lambda name, attribute: f"${{{name}.{attribute}}}", shown=False)


def shown(stack: Stack, deployment: Deployment, unknown: set[str]) -> Scope:
    """A scope for everybody's eyes, in which some resources are not known yet."""

    def resource(name: str, attribute_: str) -> str:
        return KNOWN_AFTER_APPLY if name in unknown else _actual(stack, name, attribute_)

    return _scope(stack, deployment, resource, shown=True)


def actual(stack: Stack, exports: Mapping[str, str], deployment: Deployment | None = None) -> Scope:
    """A scope of what is deployed, or of another deployment over the same resources."""
    return _scope(
        stack, deployment or stack.deployment, lambda name, of: _actual(stack, name, of), shown=False, exports=exports
    )


def present(scope: Scope, deployment: Deployment) -> list[str]:
    """The resources of a template whose conditions are true, in its order."""
    bodies = deployment.template.resources.items()
    return [id_ for id_, body in bodies if "Condition" not in body or scope.holds(body["Condition"])]


def outputs(stack: Stack, scope: Scope) -> dict[str, dict[str, Any]]:
    """The outputs of a stack whose conditions are true."""
    declared = stack.deployment.template.section("Outputs").items()
    return {
        name: resolved({key: value for key, value in body.items() if key != "Condition"}, scope)
        for name, body in declared
        if "Condition" not in body or scope.holds(body["Condition"])
    }


def _actual(stack: Stack, name: str, of: str) -> str:
    resource = stack.resources.get(name)
    if resource is None or not resource.exists:
        return KNOWN_AFTER_APPLY
    return attribute(stack, resource, of) if of else resource.physical_id


def _scope(
    stack: Stack,
    deployment: Deployment,
    resource: Callable[[str, str], Any],
    *,
    shown: bool,
    exports: Mapping[str, str] | None = None,
) -> Scope:
    values: dict[str, Any] = {
        "AWS::AccountId": stack.id.split(":")[4],
        "AWS::NoValue": NO_VALUE,
        "AWS::NotificationARNs": [],
        "AWS::Partition": "aws",
        "AWS::Region": stack.region,
        "AWS::StackId": stack.id,
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": "amazonaws.com",
    }
    values |= {name: value.shown if shown else value.meaning for name, value in deployment.parameters.items()}
    sections = deployment.template.section
    return Scope(values, resource, sections("Mappings"), sections("Conditions"), exports or {})
