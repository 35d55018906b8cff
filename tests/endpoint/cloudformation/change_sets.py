"""The operations that look at change sets, and how one is found."""

from __future__ import annotations

import json

from tests.endpoint.cloudformation.describing import parameters
from tests.endpoint.cloudformation.paging import page
from tests.endpoint.cloudformation.planning import Change
from tests.endpoint.cloudformation.state import ChangeSet, Stack
from tests.endpoint.cloudformation.world import World
from tests.endpoint.query import flag
from tests.endpoint.wire import Params, Refusal, invalid


def change_set_of(world: World, params: Params, region: str) -> tuple[Stack, ChangeSet]:
    """A change set by its id, or by its name and its stack's."""
    name, stack_name = params["ChangeSetName"], params.get("StackName")
    if not stack_name and not name.startswith("arn:"):
        raise invalid("StackName must be specified if ChangeSetName is not specified as an ARN.")
    stacks = list(world.stacks.values())
    if stack_name:
        stacks = [world.find(stack_name, region, "Stack [{}] does not exist")]
    for known in stacks:
        stack = world.look(known.id, region)
        found = [c for c in stack.change_sets.values() if name in {c.id, c.name}] if stack else []
        if stack and found:
            return stack, found[-1]
    raise Refusal("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", 404)


def describe_change_set(world: World, params: Params, region: str) -> Params:
    stack, change_set = change_set_of(world, params, region)
    full = flag(params, "IncludePropertyValues")
    known = change_set.changes if change_set.status != "CREATE_IN_PROGRESS" else []
    told, token = page([_change(change_set, change, full=full) for change in known], params, world.script.changes_page)
    return {
        **_change_set(stack, change_set),
        "Parameters": parameters(change_set.wanted.parameters),
        "NotificationARNs": [],
        "RollbackConfiguration": {},
        "Capabilities": change_set.options.get("Capabilities") or [],
        "Tags": [{"Key": key, "Value": value} for key, value in sorted(change_set.wanted.tags.items())],
        "Changes": told,
        "NextToken": token,
        "OnStackFailure": change_set.options.get("OnStackFailure"),
    }


def _change_set(stack: Stack, change_set: ChangeSet) -> Params:
    return {
        "StackId": stack.id,
        "StackName": stack.name,
        "ChangeSetId": change_set.id,
        "ChangeSetName": change_set.name,
        "Description": change_set.options.get("Description"),
        "CreationTime": change_set.created,
        "ExecutionStatus": change_set.execution,
        "Status": change_set.status,
        "StatusReason": change_set.reason or None,
        "IncludeNestedStacks": flag(change_set.options, "IncludeNestedStacks"),
        "ParentChangeSetId": change_set.parent or None,
        "RootChangeSetId": change_set.root or None,
    }


def _change(change_set: ChangeSet, change: Change, *, full: bool) -> Params:
    targets: list[Params] = []
    for detail in change.details:
        target = {k: v for k, v in detail["Target"].items() if full or k in {"Attribute", "Name", "RequiresRecreation"}}
        if (told := {**detail, "Target": target}) not in targets:
            targets.append(told)
    told = {
        "PolicyAction": _policy(change),
        "Action": change.action,
        "LogicalResourceId": change.logical_id,
        "PhysicalResourceId": change.resource.physical_id if change.resource else None,
        "ResourceType": change.kind,
        "Replacement": change.replacement or None,
        "Scope": sorted({detail["Target"]["Attribute"] for detail in change.details}),
        "Details": targets,
        "ChangeSetId": change_set.nested.get(change.logical_id),
    }
    if full:
        contexts = {"BeforeContext": change.before, "AfterContext": change.after}
        told |= {name: json.dumps(context) for name, context in contexts.items() if context is not None}
    return {"Type": "Resource", "ResourceChange": told}


def _policy(change: Change) -> str | None:
    """What becomes of the resource that is there now."""
    if change.resource is None:
        return None
    body = change.resource.applied.body(change.logical_id)
    if change.action == "Remove":
        return str(body.get("DeletionPolicy", "Delete"))
    if change.replacement == "True":
        return f"ReplaceAnd{body.get('UpdateReplacePolicy', 'Delete')}"
    return None


def list_change_sets(world: World, params: Params, region: str) -> Params:
    stack = world.find(params["StackName"], region, "Stack [{}] does not exist")
    found = [_change_set(stack, change_set) for change_set in stack.change_sets.values()]
    told, token = page(found, params, 100)
    return {"Summaries": told, "NextToken": token}
