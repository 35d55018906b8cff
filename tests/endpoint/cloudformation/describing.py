"""The operations that look at stacks and their resources."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tests.endpoint.cloudformation.paging import page
from tests.endpoint.cloudformation.parameters import MASK, Value
from tests.endpoint.cloudformation.scopes import actual, outputs
from tests.endpoint.cloudformation.state import Resource, Stack
from tests.endpoint.cloudformation.world import World
from tests.endpoint.wire import Params, invalid


def describe_stacks(world: World, params: Params, region: str) -> Params:
    """One stack, or all that were not deleted."""
    if name := params.get("StackName"):
        return {"Stacks": [_stack(world, world.find(name, region))]}
    found = [world.look(stack.id, region, gone=False) for stack in world.stacks.values() if stack.region == region]
    return {"Stacks": [_stack(world, stack) for stack in found if stack]}


def _stack(world: World, stack: Stack) -> Params:
    return {
        "StackId": stack.id,
        "StackName": stack.name,
        "ChangeSetId": stack.change_set or None,
        "Description": stack.deployment.template.body.get("Description"),
        "Parameters": parameters(stack.deployment.parameters),
        "CreationTime": stack.created,
        "DeletionTime": stack.deleted,
        "LastUpdatedTime": stack.updated,
        "RollbackConfiguration": {},
        "StackStatus": stack.status,
        "StackStatusReason": stack.reason or None,
        "DisableRollback": bool(stack.options.get("DisableRollback")),
        "NotificationARNs": [],
        "Capabilities": stack.options.get("Capabilities") or [],
        "Outputs": _outputs(world, stack),
        "RoleARN": stack.options.get("RoleARN"),
        "Tags": [{"Key": key, "Value": value} for key, value in sorted(stack.deployment.tags.items())],
        "EnableTerminationProtection": stack.protected,
        "ParentId": stack.parent or None,
        "RootId": stack.root or None,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        "LastOperations": [{"OperationType": stack.operation[0], "OperationId": stack.operation[1]}]
        if stack.operation[0]
        else [],
    }


def parameters(values: Mapping[str, Value]) -> list[Params]:
    """Parameters as they are told: a secret is not."""
    return [
        {
            "ParameterKey": name,
            "ParameterValue": MASK if value.secret else value.text,
            "ResolvedValue": None if value.secret else value.stored,
        }
        for name, value in values.items()
    ]


def _outputs(world: World, stack: Stack) -> list[Params]:
    """The outputs as they were when the stack was last complete, with what the template says of them."""
    said = outputs(stack, actual(stack, world.exports()))
    return [
        {
            "OutputKey": name,
            "OutputValue": value,
            "Description": said.get(name, {}).get("Description"),
            "ExportName": said.get(name, {}).get("Export", {}).get("Name"),
        }
        for name, value in stack.outputs.items()
    ]


def list_stack_resources(world: World, params: Params, region: str) -> Params:
    stack = world.find(params["StackName"], region)
    found = [_summary(resource) for _, resource in sorted(stack.resources.items())]
    told, token = page(found, params, world.script.resources_page)
    return {"StackResourceSummaries": told, "NextToken": token}


def _summary(resource: Resource, moment: str = "LastUpdatedTimestamp") -> Params:
    return {
        "LogicalResourceId": resource.logical_id,
        "PhysicalResourceId": resource.physical_id or None,
        "ResourceType": resource.kind,
        moment: resource.updated,
        "ResourceStatus": resource.status,
        "ResourceStatusReason": resource.reason or None,
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
    }


def describe_stack_resources(world: World, params: Params, region: str) -> Params:
    stack = world.find(params["StackName"], region)
    own = {"StackName": stack.name, "StackId": stack.id}
    wanted = params.get("LogicalResourceId")
    found = [{**own, **_summary(r, "Timestamp")} for id_, r in sorted(stack.resources.items()) if wanted in {None, id_}]
    return {"StackResources": found}


def describe_stack_resource(world: World, params: Params, region: str) -> Params:
    stack, id_ = world.find(params["StackName"], region, "Stack '{}' does not exist"), params["LogicalResourceId"]
    if id_ not in stack.resources:
        raise invalid(f"Resource {id_} does not exist for stack {stack.name}")
    resource = stack.resources[id_]
    metadata = json.dumps(resource.applied.body(id_).get("Metadata", {}))
    return {
        "StackResourceDetail": {
            "StackName": stack.name,
            "StackId": stack.id,
            **_summary(resource),
            "Metadata": metadata,
        }
    }
