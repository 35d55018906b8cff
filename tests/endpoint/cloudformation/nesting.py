"""Change sets of nested stacks: made with that of their root, executed with it, and gone with it.

A nested stack that is added, or taken away, has none here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.endpoint.cloudformation.planning import planned
from tests.endpoint.cloudformation.state import STACK, ChangeSet, Stack
from tests.endpoint.query import flag
from tests.endpoint.wire import Refusal

if TYPE_CHECKING:
    from .world import World


def nested(world: World, stack: Stack, change_set: ChangeSet) -> str:
    """Makes the change sets of the nested stacks that change, if that was asked for; says why one cannot be made."""
    if not flag(change_set.options, "IncludeNestedStacks") or not world.script.nests:
        return ""
    for change in change_set.changes:
        child = world.child(stack, change.logical_id)
        if child is None or change.kind != STACK or change.action != "Modify":
            continue
        before = child.deployment.parameters
        try:
            wanted = world.wanted_within(stack, change.logical_id, change_set.wanted, before)
        except Refusal as refusal:
            return f"Nested change set for {change.logical_id} was not successfully created: {refusal.message}"
        child.remember()
        name = f"{change_set.name}-{change.logical_id}"[:128]
        id_ = f"arn:aws:cloudformation:{stack.region}:{world.account()}:changeSet/{name}/{world.clock.identifier()}"
        own = ChangeSet(
            id_, name, "UPDATE", world.clock.now, wanted, change_set.options, "CREATE_COMPLETE", "AVAILABLE"
        )
        own.parent, own.root = change_set.id, change_set.root or change_set.id
        own.changes = planned(child, wanted)
        child.change_sets[id_] = own
        change_set.nested[change.logical_id] = id_
        if inner := nested(world, child, own):
            return inner
    return ""


def disbanded(world: World, stack: Stack, change_set: ChangeSet) -> None:
    """Takes away what is nested in a change set, however deep."""
    for logical_id, id_ in change_set.nested.items():
        child = world.child(stack, logical_id)
        own = child.change_sets.pop(id_, None) if child else None
        if child and own:
            disbanded(world, child, own)


def require_root(change_set: ChangeSet) -> None:
    """Refuses one that is nested: the root's alone is executed, or deleted."""
    if change_set.root:
        message = f"ChangeSet [{change_set.id}] is nested: execute or delete the root change set [{change_set.root}]"
        raise Refusal("InvalidChangeSetStatus", message)
