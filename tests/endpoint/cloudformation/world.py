"""Every stack there is: found by name or id, begun, nested in each other, and moved on by ticks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from tests.endpoint.cloudformation.intrinsics import resolved
from tests.endpoint.cloudformation.operations import creation, deletion, update, update_rollback
from tests.endpoint.cloudformation.parameters import Value, bound
from tests.endpoint.cloudformation.scopes import actual
from tests.endpoint.cloudformation.script import Failure, Script
from tests.endpoint.cloudformation.state import GONE, ChangeSet, Clock, Deployment, Resource, Stack, Steps
from tests.endpoint.cloudformation.templates import taken
from tests.endpoint.cloudformation.waves import Work
from tests.endpoint.wire import Refusal, invalid

_PATH_STYLE = re.compile(r"https?://(?:s3[.-][^/]+|127\.0\.0\.1:\d+|localhost:\d+)/([^/]+)/([^?]+)")
_HOST_STYLE = re.compile(r"https://([^/]+?)\.s3[.-][^/]+/([^?]+)")


class World:
    """The stacks of an account, in all regions."""

    def __init__(
        self,
        account: Callable[[], str],
        read: Callable[[str, str], bytes | None],
        parameter: Callable[[str], str | None],
    ) -> None:
        self.account = account
        self.parameter = parameter
        self.clock = Clock()
        self.script = Script()
        self.stacks: dict[str, Stack] = {}
        self.stale = False
        """Whether the call that is being answered sees each stack as it was before its last change."""
        self.disordered = False
        """Whether it is told events with each two neighbours in the other order."""
        self._read = read
        self._going: list[tuple[Stack, Steps]] = []

    def look(self, name: str, region: str, *, gone: bool = True) -> Stack | None:
        """A stack by its id, or by its name unless it was deleted."""
        found = self.stacks.get(name)
        if found is None:
            same = [s for s in self.stacks.values() if s.name == name and s.region == region and s.status != GONE]
            found = same[-1] if same else None
        if found and self.stale:
            found = found.before
        return None if found is None or (found.status == GONE and not gone) else found

    def find(self, name: str, region: str, message: str = "Stack with id {} does not exist") -> Stack:
        """The same, refused in the words of the operation if there is no such."""
        found = self.look(name, region)
        if found is None:
            raise invalid(message.format(name))
        return found

    def new(self, name: str, region: str) -> Stack:
        """A stack that has nothing yet."""
        id_ = f"arn:aws:cloudformation:{region}:{self.account()}:stack/{name}/{self.clock.identifier()}"
        stack = Stack(id_, name, region, self.clock.now, self.clock)
        self.stacks[id_] = stack
        return stack

    def start(self, stack: Stack, steps: Steps, *, alone: bool = True) -> None:
        """Begins what goes on; `alone`: in place of whatever else is done with the stack."""
        if alone:
            self._going = [entry for entry in self._going if entry[1] is not stack.running]
            stack.running = steps
        self._going.append((stack, steps))
        self._advance(stack, steps)

    def tick(self) -> None:
        """Moves everything on by one step."""
        self.clock.pass_by(1000)
        for stack, steps in list(self._going):
            if (stack, steps) in self._going:
                stack.remember()
                self._advance(stack, steps)

    @property
    def going(self) -> bool:
        """Whether anything is going on."""
        return bool(self._going)

    def _advance(self, stack: Stack, steps: Steps) -> None:
        try:
            next(steps)
        except StopIteration:
            self._going.remove((stack, steps))
            if stack.running is steps:
                stack.running = None

    def exports(self) -> dict[str, str]:
        """What the stacks export to each other."""
        return {
            name: value
            for stack in self.stacks.values()
            if stack.status != GONE
            for name, value in stack.exports.items()
        }

    def fetch(self, url: str) -> str:
        """The template at an address in S3."""
        found = _PATH_STYLE.match(url) or _HOST_STYLE.match(url)
        if not found:
            raise invalid("TemplateURL must be a supported URL.")
        body = self._read(found[1], found[2])
        if body is None:
            raise invalid("S3 error: The specified key does not exist.")
        if len(body) > 1_048_576:
            raise invalid("Template may not exceed 1000000 bytes in size.")
        return body.decode()

    def child(self, parent: Stack, logical_id: str) -> Stack | None:
        """The stack that is a resource of another."""
        resource = parent.resources.get(logical_id)
        return self.stacks.get(resource.physical_id) if resource else None

    def nest(self, parent: Stack, work: Work) -> Stack | None:
        """Begins to create a stack that is a resource; None if it cannot be."""
        wanted = self._inner(parent, work, {})
        if wanted is None:
            return None
        suffix = self.clock.identifier().replace("-", "")[:12].upper()
        stack = self.new(f"{parent.name}-{work.logical_id}-{suffix}", parent.region)
        stack.parent, stack.root = parent.id, parent.root or parent.id
        stack.begin("CREATE_STACK", parent.token)
        self.start(stack, creation(self, stack, wanted, "DO_NOTHING"))
        return stack

    def carry_on(self, parent: Stack, work: Work) -> None:
        """Begins to update, roll back or delete a stack that is a resource."""
        stack = self.child(parent, work.logical_id)
        if stack is None:
            return
        stack.remember()
        if work.verb == "DELETE":
            stack.begin("DELETE_STACK", parent.token)
            self.start(stack, deletion(self, stack))
            return
        back = parent.status == "UPDATE_ROLLBACK_IN_PROGRESS"
        stack.begin("ROLLBACK" if back else "UPDATE_STACK", parent.token)
        if back and stack.status == "UPDATE_FAILED":
            self.start(stack, update_rollback(self, stack, ""))
        elif wanted := self._inner(parent, work, stack.deployment.parameters):
            name = "UPDATE_ROLLBACK" if back else "UPDATE"
            self.start(stack, update(self, stack, wanted, "DO_NOTHING", name))

    def _inner(self, parent: Stack, work: Work, before: Mapping[str, Value]) -> Deployment | None:
        """What a stack is to have that is a resource of another; if that is not valid, the resource will fail."""
        try:
            return self.wanted_within(parent, work.logical_id, work.to, before)
        except Refusal as refusal:
            self.script.failures.append(Failure(work.logical_id, reason=refusal.message, stack=parent.name))
            return None

    def wanted_within(
        self, parent: Stack, logical_id: str, wanted: Deployment, before: Mapping[str, Value]
    ) -> Deployment:
        """What a deployment wants of a stack that is a resource; refused if that is not valid."""
        body = resolved(wanted.body(logical_id).get("Properties", {}), actual(parent, self.exports(), wanted))
        given = [
            {"ParameterKey": name, "ParameterValue": ",".join(value) if isinstance(value, list) else str(value)}
            for name, value in body.get("Parameters", {}).items()
        ]
        template = taken(self.fetch(str(body.get("TemplateURL", ""))))
        return Deployment(template, bound(template, given, before, self.parameter), parent.deployment.tags)

    def validate(self, stack: Stack, change_set: ChangeSet) -> str:
        """Tells what a test says is invalid in a change set, and why it therefore fails, if it does."""
        found, self.script.invalid = self.script.invalid, []
        for fault in found:
            stack.record(Resource(fault.logical_id, fault.kind, "", "", self.clock.now))
            stack.events[-1] |= {
                "EventType": "VALIDATION_ERROR",
                "OperationId": change_set.operation,
                "OperationType": "CREATE_CHANGESET",
                "PhysicalResourceId": None,
                "ResourceStatus": None,
                "ClientRequestToken": None,
                "ValidationFailureMode": fault.mode,
                "ValidationName": fault.name,
                "ValidationStatus": "FAILED",
                "ValidationStatusReason": fault.reason,
                "ValidationPath": fault.path,
            }
        refusal, self.script.refusal = self.script.refusal, ""
        checks = sorted({_CHECKS.get(fault.name, fault.name) for fault in found if fault.mode == "FAIL"})
        if refusal or not checks:
            return refusal
        return (
            f"The following hook(s)/validation failed: [{', '.join(checks)}]. To troubleshoot Early Validation errors,"
            " use the DescribeEvents API for detailed failure information."
        )


_CHECKS = {
    "NAME_CONFLICT_VALIDATION": "AWS::EarlyValidation::ResourceExistenceCheck",
    "PROPERTY_VALIDATION": "AWS::EarlyValidation::PropertyValidation",
}
"""What the reason of a failed change set calls a validation."""
