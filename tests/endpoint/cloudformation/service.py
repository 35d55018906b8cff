"""CloudFormation's side of the query protocol: which operation is called, and what passes while it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from tests.endpoint.cloudformation import change_sets, changing, describing, events, template_reading
from tests.endpoint.cloudformation.world import World
from tests.endpoint.query import answered, parsed, refused
from tests.endpoint.wire import Answer, Params, Refusal, Request

NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"

_Operation: TypeAlias = Callable[[World, Params, str], Params | None]
"""An operation: what is said, in which region, and what it gives."""

_OPERATIONS: dict[str, _Operation] = {
    "CancelUpdateStack": changing.cancel_update_stack,
    "ContinueUpdateRollback": changing.continue_update_rollback,
    "CreateChangeSet": changing.create_change_set,
    "DeleteChangeSet": changing.delete_change_set,
    "DeleteStack": changing.delete_stack,
    "DescribeChangeSet": change_sets.describe_change_set,
    "DescribeEvents": events.describe_events,
    "DescribeStackEvents": events.describe_stack_events,
    "DescribeStackResource": describing.describe_stack_resource,
    "DescribeStackResources": describing.describe_stack_resources,
    "DescribeStacks": describing.describe_stacks,
    "ExecuteChangeSet": changing.execute_change_set,
    "GetTemplate": template_reading.get_template,
    "GetTemplateSummary": template_reading.get_template_summary,
    "ListChangeSets": change_sets.list_change_sets,
    "ListStackResources": describing.list_stack_resources,
    "RollbackStack": changing.rollback_stack,
    "SignalResource": changing.signal_resource,
    "UpdateTerminationProtection": changing.update_termination_protection,
    "ValidateTemplate": template_reading.validate_template,
}

_WITHOUT_RESULT = {"CancelUpdateStack", "DeleteStack", "SignalResource"}

_LOOKS = {"DescribeChangeSet", "DescribeEvents", "DescribeStackEvents", "DescribeStacks"}
"""What is asked again and again while something goes on: each time, a tick passes."""


class CloudFormation:
    """The operations over a world of stacks."""

    name = "cloudformation"

    def __init__(self, world: World) -> None:
        self.world = world

    def parse(self, request: Request) -> tuple[str, Params]:
        return parsed(request)

    def perform(self, operation: str, params: Params, request: Request) -> Answer:
        if operation not in _OPERATIONS:
            raise Refusal("InvalidAction", f"Could not find operation {operation} for version 2010-05-15")
        try:
            result = _OPERATIONS[operation](self.world, params, request.scope[0])
            return answered(operation, None if operation in _WITHOUT_RESULT else result, NAMESPACE)
        finally:
            if (
                operation in _LOOKS
                and not params.get("NextToken")
                and not self.world.stale
                and self.world.script.ticking
            ):
                self.world.tick()

    def refuse(self, refusal: Refusal, request: Request) -> Answer:  # noqa: ARG002 (every service takes these)
        return refused(refusal, NAMESPACE)
