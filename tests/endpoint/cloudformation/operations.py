"""What CloudFormation does with a stack: it creates, updates, rolls back and deletes, each as steps between ticks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.endpoint.cloudformation.nesting import nested
from tests.endpoint.cloudformation.planning import planned
from tests.endpoint.cloudformation.scopes import actual, outputs, present, symbolic
from tests.endpoint.cloudformation.state import GONE, ChangeSet, Deployment, Resource, Stack, Steps
from tests.endpoint.cloudformation.templates import layers
from tests.endpoint.cloudformation.waves import Outcome, Work, in_layers, wave

if TYPE_CHECKING:
    from .world import World

USER = "User Initiated"


def creation(world: World, stack: Stack, wanted: Deployment, on_failure: str) -> Steps:
    """Creates the resources of a stack; `on_failure` is ROLLBACK, DELETE or DO_NOTHING."""
    stack.deployment = wanted
    stack.enter("CREATE_IN_PROGRESS", USER)
    yield
    ids = present(symbolic(stack, wanted), wanted)
    works = [Work("CREATE", id_, wanted.body(id_)["Type"], wanted) for id_ in ids]
    failed = yield from in_layers(world, stack, works, "create")
    if not failed:
        _complete(world, stack, "CREATE_COMPLETE")
        return
    reason = _failed(stack, failed)
    if on_failure == "DO_NOTHING":
        stack.enter("CREATE_FAILED", reason)
    elif on_failure == "DELETE":
        yield from deletion(world, stack, reason=f"{reason} Delete requested by user.")
    else:
        yield from creation_rollback(world, stack, f"{reason} Rollback requested by user.")


def creation_rollback(world: World, stack: Stack, reason: str) -> Steps:
    """Deletes what was created."""
    stack.enter("ROLLBACK_IN_PROGRESS", reason)
    yield
    failed = yield from _demolition(world, stack, "rollback")
    stack.enter("ROLLBACK_FAILED" if failed else "ROLLBACK_COMPLETE", _failed(stack, failed, "delete"))


def update(world: World, stack: Stack, wanted: Deployment, on_failure: str, name: str = "UPDATE") -> Steps:
    """Changes a stack to what is wanted; what is no longer wanted is deleted once all else is done.

    `name` begins its statuses: a nested stack that was updated is rolled back by another update.
    """
    changes = planned(stack, wanted)
    stack.deployment = wanted
    stack.enter(f"{name}_IN_PROGRESS", USER)
    yield
    replaced = {change.logical_id for change in changes if change.replacement == "True"}
    works = [
        Work("CREATE", change.logical_id, change.kind, wanted)
        if change.action == "Add"
        else Work("UPDATE", change.logical_id, change.kind, wanted, change.resource, change.logical_id in replaced)
        for change in changes
        if change.action == "Add" or (change.action == "Modify" and change.certain(replaced))
    ]
    stack.touched |= {work.logical_id for work in works if work.verb == "UPDATE" and work.logical_id in stack.settled}
    failed = yield from in_layers(world, stack, works, "update")
    if failed or stack.cancelled:
        reason = _failed(stack, failed)
        if on_failure == "DO_NOTHING" and not stack.cancelled:
            stack.enter("UPDATE_FAILED", reason)
        else:
            yield from update_rollback(world, stack, reason or USER)
        return
    stack.enter(f"{name}_COMPLETE_CLEANUP_IN_PROGRESS")
    yield
    removed = [change.resource for change in changes if change.action == "Remove" and change.resource]
    failed = yield from _cleanup(world, stack, removed)
    reason = "Update successful. One or more resources could not be deleted." if failed else ""
    _complete(world, stack, f"{name}_COMPLETE", reason)


def update_rollback(world: World, stack: Stack, reason: str) -> Steps:
    """Brings a stack back to what it was before an update."""
    stack.enter("UPDATE_ROLLBACK_IN_PROGRESS", reason)
    stack.cancelled = False
    yield
    yield from _retreat(world, stack)


def continued_rollback(world: World, stack: Stack, skipped: list[str]) -> Steps:
    """Goes on with a rollback that has failed; what is skipped is taken for done."""
    stack.enter("UPDATE_ROLLBACK_IN_PROGRESS", USER)
    for id_ in skipped:
        stack.touched.discard(id_)
        stack.put(replace(stack.resources[id_], status="UPDATE_COMPLETE", reason="", updated=stack.clock.now))
    yield
    yield from _retreat(world, stack)


def deletion(
    world: World,
    stack: Stack,
    retained: Iterable[str] = (),
    *,
    force: bool = False,
    reason: str = USER,
) -> Steps:
    """Deletes a stack; `force`: even if not all of its resources could be deleted."""
    stack.enter("DELETE_IN_PROGRESS", reason)
    yield
    failed = yield from _demolition(world, stack, "delete", set(retained))
    if failed and not force:
        stack.enter("DELETE_FAILED", _failed(stack, failed, "delete"))
    else:
        stack.enter(GONE)


def change_set_creation(world: World, stack: Stack, change_set: ChangeSet) -> Steps:
    """Finds out what a change set would change; it fails where that is nothing, or not valid."""
    yield
    change_set.status = "CREATE_IN_PROGRESS"
    yield
    changes = planned(stack, change_set.wanted)
    change_set.changes = changes
    refusal = world.validate(stack, change_set) or nested(world, stack, change_set)
    refusal = refusal or ("" if _differs(stack, change_set) else world.script.no_change)
    if refusal:
        change_set.status, change_set.reason = "FAILED", refusal
    else:
        change_set.status, change_set.execution = "CREATE_COMPLETE", "AVAILABLE"


def execution(stack: Stack, change_set: ChangeSet, steps: Steps) -> Steps:
    """Steps that are those of a change set."""
    change_set.execution = "EXECUTE_IN_PROGRESS"
    yield from steps
    done = stack.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    change_set.execution = "EXECUTE_COMPLETE" if done else "EXECUTE_FAILED"


def _differs(stack: Stack, change_set: ChangeSet) -> bool:
    """Whether there is anything to do: other outputs are enough, other words in the template are not."""
    if change_set.changes or change_set.kind == "CREATE":
        return True
    before, after = (d.template.section("Outputs") for d in (stack.deployment, change_set.wanted))
    return before != after


def _complete(world: World, stack: Stack, status: str, reason: str = "") -> None:
    take_outputs(world, stack)
    stack.settle()
    stack.enter(status, reason)


def take_outputs(world: World, stack: Stack) -> None:
    """Evaluates the outputs of what is there now, and what is exported of them."""
    found = outputs(stack, actual(stack, world.exports()))
    stack.outputs = {name: str(body.get("Value", "")) for name, body in found.items()}
    stack.exports = {
        str(body["Export"]["Name"]): stack.outputs[name] for name, body in found.items() if "Export" in body
    }


def _retreat(world: World, stack: Stack) -> Steps:
    back = [
        Work("UPDATE", id_, stack.settled[id_].kind, stack.settled[id_].applied, stack.resources[id_])
        for id_ in sorted(stack.touched & stack.settled.keys())
        if stack.resources[id_] is not stack.settled[id_]
    ]
    failed = yield from wave(world, stack, back, "rollback")
    for work in back:
        if work.logical_id not in failed:
            _restore(stack, work.logical_id)
    if failed:
        stack.enter("UPDATE_ROLLBACK_FAILED", _failed(stack, failed))
        return
    stack.enter("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
    yield
    added = [there for id_, there in stack.resources.items() if id_ not in stack.settled and there.exists]
    yield from _cleanup(world, stack, added)
    stack.deployment = stack.stable
    stack.settle()
    stack.enter("UPDATE_ROLLBACK_COMPLETE")


def _restore(stack: Stack, id_: str) -> None:
    """Gives a resource back what it was, and leaves what had replaced it to be deleted."""
    stack.touched.discard(id_)
    was, now = stack.settled[id_], stack.resources[id_]
    if was.physical_id != now.physical_id:
        stack.leftovers = [there for there in stack.leftovers if there.logical_id != id_] + [now]
    stack.resources[id_] = replace(now, physical_id=was.physical_id, applied=was.applied)


def _cleanup(world: World, stack: Stack, resources: list[Resource]) -> Outcome:
    """Deletes what a stack no longer has, and what was replaced, which leaves the resource of that name in place."""
    failed = yield from _ended(world, stack, resources)
    kept = {there.logical_id: stack.resources[there.logical_id] for there in stack.leftovers}
    failed += yield from _ended(world, stack, stack.leftovers)
    stack.resources |= kept
    return failed


def _ended(world: World, stack: Stack, resources: list[Resource]) -> Outcome:
    works = [_end(stack, there) for there in sorted(resources, key=lambda there: there.logical_id)]
    return (yield from wave(world, stack, [work for work in works if work], "cleanup"))


def _demolition(world: World, stack: Stack, during: str, retained: set[str] | None = None) -> Outcome:
    """Deletes the resources of a stack, what depends on others first."""
    there = {id_: resource for id_, resource in stack.resources.items() if resource.exists}
    for _, resource in sorted(stack.resources.items()):
        if not resource.physical_id and resource.status != GONE:
            stack.put(replace(resource, status=GONE, reason="", updated=stack.clock.now))
    failed: list[str] = []
    for layer in reversed(layers(stack.deployment.template, there)):
        works = [_end(stack, there[id_], retained or set()) for id_ in layer]
        failed += yield from wave(world, stack, [work for work in works if work], during)
    return failed


def _end(stack: Stack, there: Resource, retained: Iterable[str] = ()) -> Work | None:
    """The work of deleting a resource; None for one that stays, which is told at once."""
    policy = there.applied.body(there.logical_id).get("DeletionPolicy")
    if there.logical_id in retained or policy == "Retain":
        stack.put(replace(there, status="DELETE_SKIPPED", reason="", updated=stack.clock.now))
        return None
    return Work("DELETE", there.logical_id, there.kind, there.applied, there)


def _failed(stack: Stack, ids: list[str], verb: str = "") -> str:
    """What CloudFormation says of the resources that have failed, by what was being done with them."""
    by_verb: dict[str, list[str]] = {}
    for id_ in sorted(ids):
        by_verb.setdefault(verb or stack.resources[id_].status.partition("_")[0].lower(), []).append(id_)
    told = (f"The following resource(s) failed to {name}: [{', '.join(by_verb[name])}]." for name in sorted(by_verb))
    return " ".join(told)
