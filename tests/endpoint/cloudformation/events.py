"""The operations that tell events: of a stack, and the newer one, which tells them by operation."""

from __future__ import annotations

from tests.endpoint.cloudformation.change_sets import change_set_of
from tests.endpoint.cloudformation.paging import backward
from tests.endpoint.cloudformation.state import Event
from tests.endpoint.cloudformation.world import World
from tests.endpoint.query import flag
from tests.endpoint.wire import Params, invalid

_STACK_EVENT = (
    "StackId",
    "EventId",
    "StackName",
    "OperationId",
    "LogicalResourceId",
    "PhysicalResourceId",
    "ResourceType",
    "Timestamp",
    "ResourceStatus",
    "ResourceStatusReason",
    "ResourceProperties",
    "ClientRequestToken",
)

_FAULTS = {"VALIDATION_ERROR", "PROVISIONING_ERROR", "HOOK_INVOCATION_ERROR"}


def describe_stack_events(world: World, params: Params, region: str) -> Params:
    """The events of a stack, the newest first; those that come while a client turns pages are not told."""
    stack = world.find(params["StackName"], region, "Stack [{}] does not exist")
    told, token = backward(world, [event for event in stack.events if event["ResourceStatus"]], params)
    return {"StackEvents": [{name: event[name] for name in _STACK_EVENT} for event in told], "NextToken": token}


def describe_events(world: World, params: Params, region: str) -> Params:
    """The events of a stack, an operation or a change set, the newest first."""
    wanted = _operation(world, params, region)
    found = [event for event in wanted if not flag(params.get("Filters") or {}, "FailedEvents") or _faulty(event)]
    told, token = backward(world, found, params)
    return {
        "OperationEvents": [{k: v for k, v in event.items() if k != "StackName"} for event in told],
        "NextToken": token,
    }


def _operation(world: World, params: Params, region: str) -> list[Event]:
    """The events that are asked for. A change set's name will not do without its stack's."""
    name, change_set, operation = (params.get(key) for key in ("StackName", "ChangeSetName", "OperationId"))
    if change_set and (name or change_set.startswith("arn:")):
        _, found = change_set_of(world, params, region)
        operation = found.operation
    elif not name and not operation:
        raise invalid("One of ChangeSetName, OperationId or StackName must be specified")
    stacks = [world.find(name, region, "Stack [{}] does not exist")] if name else list(world.stacks.values())
    events = [event for stack in stacks for event in stack.events]
    return [event for event in events if event["OperationId"] == operation] if operation else events


def _faulty(event: Event) -> bool:
    return event["EventType"] in _FAULTS
