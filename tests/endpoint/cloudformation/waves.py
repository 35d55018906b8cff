"""Work on the resources of a stack, many at a time: each begins, takes its ticks, and is done, or fails."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from tests.endpoint.cloudformation.intrinsics import resolved
from tests.endpoint.cloudformation.naming import physical_id
from tests.endpoint.cloudformation.scopes import actual
from tests.endpoint.cloudformation.state import GONE, STACK, Deployment, Resource, Stack
from tests.endpoint.cloudformation.templates import layers

if TYPE_CHECKING:
    from .world import World

Outcome: TypeAlias = Generator[None, None, list[str]]
"""Steps that end with the logical ids of what has failed."""

REPLACING = "Requested update requires the creation of a new physical resource; hence creating one."


@dataclass(frozen=True)
class Work:
    """What is to be done with a resource; `to` is the deployment that it will then be of."""

    verb: str
    logical_id: str
    kind: str
    to: Deployment
    there: Resource | None = None
    replacing: bool = False


def in_layers(world: World, stack: Stack, works: Iterable[Work], during: str) -> Outcome:
    """Does all that is to be made or changed, in the order of its dependencies, until something fails."""
    by_id = {work.logical_id: work for work in works}
    for layer in layers(stack.deployment.template, by_id):
        failed = yield from wave(world, stack, [by_id[id_] for id_ in layer], during)
        if failed or stack.cancelled:
            return failed
    return []


def wave(world: World, stack: Stack, works: list[Work], during: str) -> Outcome:
    """Does some works at once. After the first that fails, what is still being made or changed is cancelled."""
    if not works:
        return []
    for work in works:
        _begin(world, stack, work)
    for _ in range(world.script.steps):
        yield
    while not stack.cancelled and any(_waits(world, stack, work, during) for work in works):
        yield
    failed: list[str] = []
    cancels = during in {"create", "update"}
    for work in works:
        reason = _failure(world, stack, work, during)
        if cancels and (stack.cancelled or failed):
            _cancel(stack, work)
        elif reason:
            _fail(stack, work, *reason)
            failed.append(work.logical_id)
        else:
            _finish(stack, work)
    return failed


def _now(stack: Stack, work: Work) -> Resource:
    """The resource as it is while the work goes on."""
    if work.verb == "DELETE" and work.there:
        return replace(work.there, updated=stack.clock.now)
    return replace(stack.resources[work.logical_id], updated=stack.clock.now)


def _begin(world: World, stack: Stack, work: Work) -> None:
    started = Resource(work.logical_id, work.kind, "", f"{work.verb}_IN_PROGRESS", stack.clock.now, applied=work.to)
    if work.verb == "CREATE":
        properties = json.dumps(resolved(work.to.body(work.logical_id).get("Properties", {}), actual(stack, {})))
        stack.put(started, properties)
        if work.kind == STACK:
            child = world.nest(stack, work)
            name = child.id if child else ""
        else:
            name = physical_id(stack, work.logical_id, work.kind)
        if name:
            stack.put(replace(started, physical_id=name, reason="Resource creation Initiated"), properties)
        return
    assert work.there is not None
    reason = REPLACING if work.replacing else ""
    stack.put(replace(started, physical_id=work.there.physical_id, applied=work.there.applied, reason=reason))
    if work.kind == STACK:
        world.carry_on(stack, work)


def _finish(stack: Stack, work: Work) -> None:
    now = _now(stack, work)
    if work.verb == "DELETE":
        stack.put(replace(now, status=GONE))
        return
    name = now.physical_id
    if work.replacing and work.there:
        name = physical_id(stack, work.logical_id, work.kind)
        stack.leftovers.append(work.there)
    stack.put(replace(now, physical_id=name, status=f"{work.verb}_COMPLETE", reason="", applied=work.to))


def _fail(stack: Stack, work: Work, status: str, reason: str) -> None:
    """Fails; what could not be made has no name, but a stack has."""
    now = _now(stack, work)
    name = "" if work.verb == "CREATE" and work.kind != STACK else now.physical_id
    stack.put(replace(now, physical_id=name, status=status or f"{work.verb}_FAILED", reason=reason))


def _cancel(stack: Stack, work: Work) -> None:
    reason = f"Resource {'creation' if work.verb == 'CREATE' else 'update'} cancelled"
    stack.put(replace(_now(stack, work), status=f"{work.verb}_FAILED", reason=reason))


def _waits(world: World, stack: Stack, work: Work, during: str) -> bool:
    """Whether a work is not done with its ticks: its resource is held, or is a stack that is not done."""
    child = world.child(stack, work.logical_id)
    if child and child.running:
        return True
    held = during in {"create", "update"} and work.logical_id in world.script.held
    return held and work.logical_id not in world.script.signals


def _failure(world: World, stack: Stack, work: Work, during: str) -> tuple[str, str] | None:
    """How a work fails, if it does: the status if it is a special one, and the reason."""
    if scripted := world.script.failure(work.logical_id, during, stack.name):
        return scripted.status, scripted.reason
    if work.kind == STACK:
        return _failure_of_child(world, stack, work)
    signal = world.script.signals.pop(work.logical_id, "")
    return ("", f"Received FAILURE signal with UniqueId {signal.partition(' ')[2]}") if "FAILURE" in signal else None


def _failure_of_child(world: World, stack: Stack, work: Work) -> tuple[str, str] | None:
    child = world.child(stack, work.logical_id)
    if child is None or not child.status.endswith("FAILED"):
        return None
    verb = {"CREATE": "created", "UPDATE": "updated", "DELETE": "deleted"}[work.verb]
    return "", f"Embedded stack {child.id} was not successfully {verb}: {child.reason}"
