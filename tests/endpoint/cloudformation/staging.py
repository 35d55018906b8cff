"""Stacks that a test puts there as they are to be, with no operation that led to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.endpoint.cloudformation import statuses
from tests.endpoint.cloudformation.naming import physical_id
from tests.endpoint.cloudformation.operations import take_outputs
from tests.endpoint.cloudformation.parameters import Value
from tests.endpoint.cloudformation.scopes import present, symbolic
from tests.endpoint.cloudformation.state import GONE, Deployment, Resource, Stack, Steps
from tests.endpoint.cloudformation.templates import Template, lenient
from tests.endpoint.cloudformation.world import World


@dataclass(frozen=True)
class Staged:
    """What a test says of a stack; None for what it does not say.

    `resources` gives statuses by logical id, for a template's resources or without one; the others' statuses follow
    from the stack's.
    """

    template: str | dict[str, Any] | None = None
    parameters: Mapping[str, str] | None = None
    tags: Mapping[str, str] | None = None
    resources: Mapping[str, str] | None = None
    outputs: Mapping[str, str] | None = None
    protected: bool | None = None
    reason: str = ""
    role: str = ""


def stage(world: World, stack: Stack, status: str, what: Staged, then: Iterable[str]) -> None:
    """Makes a stack what a test says."""
    _deploy(world, stack, what)
    if what.protected is not None:
        stack.protected = what.protected
    if what.role:
        stack.options = {**stack.options, "RoleARN": what.role}
    status = status or stack.status
    if what.template is not None or what.resources is not None or status != stack.status:
        _populate(stack, status, what.resources or {})
    if what.outputs is not None:
        stack.outputs = dict(what.outputs)
    elif what.template is not None or what.parameters is not None:
        take_outputs(world, stack)
    if status != stack.status or not stack.events:
        if not stack.operation[0]:
            stack.begin("CREATE_STACK", "")
        stack.enter(status, what.reason)
    if then:
        world.start(stack, _course(stack, then))


def _deploy(world: World, stack: Stack, what: Staged) -> None:
    was = stack.deployment
    template = was.template if what.template is None else lenient(what.template)
    texts = {name: str(body["Default"]) for name, body in template.section("Parameters").items() if "Default" in body}
    texts |= (
        {name: value.text for name, value in was.parameters.items()} if what.parameters is None else what.parameters
    )
    values = {name: _value(world, template, name, text) for name, text in texts.items()}
    tags = was.tags if what.tags is None else dict(what.tags)
    stack.deployment = Deployment(template, values, tags)


def _value(world: World, template: Template, name: str, text: str) -> Value:
    body = template.section("Parameters").get(name, {})
    kind = str(body.get("Type", "String"))
    stored = world.parameter(text) if kind.startswith("AWS::SSM::Parameter::Value<") else None
    return Value(text, kind, stored, str(body.get("NoEcho", "")).lower() == "true")


def _populate(stack: Stack, status: str, given: Mapping[str, str]) -> None:
    """Gives the stack its resources; those of a failed rollback will go back to what they were."""
    wanted = stack.deployment
    common = statuses.of_resources(status)
    ids = [] if status == "REVIEW_IN_PROGRESS" else present(symbolic(stack, wanted), wanted)
    resources = {}
    for id_ in sorted({*ids, *given}):
        kind = str(wanted.body(id_).get("Type", "Custom::Resource"))
        there = stack.resources.get(id_)
        name = there.physical_id if there and there.exists else physical_id(stack, id_, kind)
        own = given.get(id_, common)
        name = "" if own == "CREATE_FAILED" else name
        resources[id_] = Resource(id_, kind, name, own, stack.clock.now, applied=wanted)
    stack.resources, stack.leftovers = resources, []
    stack.stable = wanted
    stack.settled = {id_: replace(there, status="UPDATE_COMPLETE") for id_, there in resources.items() if there.exists}
    stack.touched = {id_ for id_, there in resources.items() if there.status == "UPDATE_FAILED"}
    if status == GONE:
        stack.deleted = stack.clock.now


def _course(stack: Stack, then: Iterable[str]) -> Steps:
    """The statuses that follow, one at each tick."""
    for status in then:
        yield
        stack.enter(status)
