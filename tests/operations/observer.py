"""Sees every call of a command as it arrives at the endpoint, and judges whether it may be made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from omegac.deployment.talk import Choice, Record, Standing
from omegac.operations.stack import SERVICE_TAG
from tests.endpoint import ANY, Call, Endpoint, Stack
from tests.endpoint.faults import Fault
from tests.endpoint.wire import Refusal
from tests.operations.scene import Witness
from tests.operations.somebody import Somebody

MOST_CALLS = 400
"""More of them in one command are a loop without end."""
NAME = "shop"
GONE = "DELETE_COMPLETE"
DATA = frozenset({"AWS::DynamoDB::Table", "AWS::Logs::LogGroup", "AWS::SQS::Queue"})
"""The types among the test's resources that hold what no template can make again."""
DELETERS = frozenset({"delete", "deploy", "diff"})
OURS = "omegac-"


class Person(Witness):
    """Whoever is asked: types each name that is asked for, or none, and remembers what was agreed to."""

    def __init__(
        self, answer: str | None = None, *, types: bool = False, interrupts: int = 0, chooses: str = "detach"
    ) -> None:
        super().__init__(answer)
        self._types = types
        self._interrupts = interrupts
        self._chooses = chooses
        self.agreed = False
        self.typed: set[str] = set()

    def confirm(self, question: str) -> bool:
        agreed = super().confirm(question)
        self.agreed = self.agreed or agreed
        return agreed

    def name(self, question: str, name: str) -> bool:
        self.questions.append(question)
        if self._types:
            self.typed.add(name)
        return self._types

    def choose(self, choice: Choice) -> str:
        self.questions.append(choice.question)
        return self._chooses if self._chooses in choice.answers else choice.answers[0]

    def say(self, record: Record) -> None:
        super().say(record)
        if isinstance(record, Standing):
            self._interrupts -= 1
            if not self._interrupts:
                raise KeyboardInterrupt


class Command(NamedTuple):
    """A command, and what its caller has agreed to."""

    name: str
    person: Person
    yes: bool = False
    named: frozenset[str] = frozenset()
    force: bool = False

    @property
    def agreed(self) -> bool:
        return self.yes or self.person.agreed or bool(self.person.typed)

    def gives_up(self, logical_id: str) -> bool:
        """Whether the loss of a resource, or of the whole stack, was agreed to by name."""
        by_name = self.person.typed | self.named
        return logical_id in by_name or (self.name == "delete" and NAME in by_name)


class Deed(NamedTuple):
    """An operation that a command has begun, known by its token."""

    command: Command
    held: dict[str, str]
    """The resources with data that were there before, by their physical ids."""


class Seen(NamedTuple):
    """What a look at a stack has told."""

    status: str
    tags: frozenset[str]
    protected: bool


class Observer:
    """Watches one walk; `violations` has what should not have been."""

    def __init__(self, endpoint: Endpoint, somebody: Somebody) -> None:
        self._endpoint = endpoint
        self._somebody = somebody
        self._command = Command("", Person())
        self._deeds: dict[str, Deed] = {}
        self._told: dict[str, list[Seen]] = {}
        self._read: dict[str, int] = {}
        self._left = 0
        self._making = False
        self.faults: list[Fault] = []
        self.violations: list[str] = []
        self.calls: list[Call] = []
        """Those of the command."""
        self.hit: list[tuple[str, str]] = []
        """The operations of the command that a fault befell, with its kind."""
        self.made: set[str] = set()
        """The ids of the stacks that omegac's change sets have made in this command."""
        self.disturbed = False
        """Whether somebody has changed something under the command."""
        self.known: set[str] = set()
        """The ids of change sets from before the command."""
        endpoint.before(ANY, self._arrived, times=10**9)

    def begin(self, command: Command) -> None:
        """Watches the calls of a command from now on."""
        self._command = command
        self._told, self._making = {}, False
        self.calls, self.hit, self.made, self.disturbed = [], [], set(), False
        self._left = sum(fault.times for fault in self.faults)
        self.known = {change_set for stack in self._endpoint.stacks for change_set in stack.change_sets}

    def end(self) -> list[str]:
        """Takes the command for ended, though what it has begun may still go on; gives what should not have been."""
        self._remember_made()
        self._look_for_losses()
        found, self.violations = self.violations, []
        return found

    def called(self, operation: str) -> bool:
        return any(call.operation == operation for call in self.calls)

    @property
    def writes(self) -> set[str]:
        """The writing operations of CloudFormation that the command has called."""
        return {call.operation for call in self.calls if call.writes and call.service == "cloudformation"}

    @property
    def live(self) -> Stack | None:
        """The stack of the name, if there is one."""
        same = [stack for stack in self._endpoint.stacks if stack.name == NAME and stack.status != GONE]
        return same[-1] if same else None

    def _arrived(self) -> None:
        if self._somebody.acts:
            return
        call = self._endpoint.calls[-1]
        self.calls.append(call)
        self._remember_made()
        self._count_faults(call)
        self._limit()
        self.disturbed = self._somebody.disturb(call.operation) or self.disturbed
        if call.service == "cloudformation":
            self._judge(call)

    def _count_faults(self, call: Call) -> None:
        left = sum(fault.times for fault in self.faults)
        if left < self._left:
            self.hit += [
                (call.operation, fault.kind) for fault in self.faults if fault.operation in {ANY, call.operation}
            ]
        self._left = left

    def _limit(self) -> None:
        """Lets what is held go at last, and ends what does not end."""
        if len(self.calls) == MOST_CALLS // 4:
            self._endpoint.script.held.clear()
        if len(self.calls) == MOST_CALLS:
            self.violations.append(f"{self._command.name} does not end: {[each.operation for each in self.calls[-8:]]}")
            self.faults.append(self._endpoint.fault(ANY, "expired-token", times=10**9))

    def _remember_made(self) -> None:
        """Notes the stack that came of a change set."""
        live = self.live
        if self._making and live:
            self.made.add(live.id)
        self._making = False

    def _judge(self, call: Call) -> None:
        stack = self._stack(call)
        if call.operation == "CreateChangeSet":
            self._making = self.live is None
        if stack is None:
            return
        if call.operation == "DescribeStacks":
            self._told.setdefault(stack.id, []).append(_seen(stack))
        if call.operation == "DeleteStack":
            self._judge_deletion(stack)
        token = call.params.get("ClientRequestToken")
        if call.writes and token:
            held = _held(stack)
            if call.operation == "ContinueUpdateRollback":
                # It goes on with what CloudFormation has begun by itself: that what the update had made goes.
                held = {id_: name for id_, name in held.items() if id_ in _settled(stack)}
            self._deeds.setdefault(token, Deed(self._command, held))

    def _stack(self, call: Call) -> Stack | None:
        try:
            return self._endpoint.find(call.params.get("StackName", ""))
        except Refusal:
            return None

    def _judge_deletion(self, stack: Stack) -> None:
        command = self._command
        told = self._told.get(stack.id, [])[-1:]
        if "stale" in {kind for _, kind in self.hit}:
            told = self._told.get(stack.id, [])
        if stack.status == GONE or command.name == "":
            return
        if command.name not in DELETERS or not told:
            self.violations.append(f"{command.name} deletes {stack.id} unseen")
        elif all(seen.protected for seen in told):
            self.violations.append(f"{command.name} deletes a protected stack")
        elif stack.id in self.made and all(seen.status == "REVIEW_IN_PROGRESS" for seen in told):
            return
        elif not command.agreed:
            self.violations.append(f"{command.name} deletes a stack without a yes")
        elif command.name == "diff":
            self.violations.append("diff deletes a stack that it has not made")
        elif not any(SERVICE_TAG in seen.tags for seen in told) and not command.force and not _is_own_review(stack):
            self.violations.append(f"{command.name} deletes a stack that is not omegac's")

    def _look_for_losses(self) -> None:
        """Holds what was deleted against what was agreed to."""
        for stack in self._endpoint.stacks:
            fresh = stack.events[self._read.get(stack.id, 0) :]
            self._read[stack.id] = len(stack.events)
            for event in fresh:
                deed = self._deeds.get(event["ClientRequestToken"] or "")
                lost = deed and event["ResourceStatus"] == GONE and event["PhysicalResourceId"] in deed.held
                if deed and lost and not deed.command.gives_up(event["LogicalResourceId"]):
                    self.violations.append(f"{deed.command.name} lost {event['LogicalResourceId']} unasked")


def _is_own_review(stack: Stack) -> bool:
    """Whether a stack has nothing but change sets that omegac made."""
    names = [change_set.name for change_set in stack.change_sets.values()]
    return stack.status == "REVIEW_IN_PROGRESS" and all(name.startswith(OURS) for name in names)


def _seen(stack: Stack) -> Seen:
    return Seen(stack.status, frozenset(stack.deployment.tags), stack.protected)


def _held(stack: Stack) -> dict[str, str]:
    return {there.physical_id: there.logical_id for there in _there(stack) if there.kind in DATA}


def _settled(stack: Stack) -> set[str]:
    return {resource.physical_id for resource in stack.settled.values()}


def _there(stack: Stack) -> Iterator[Any]:
    yield from (resource for resource in (*stack.resources.values(), *stack.leftovers) if resource.exists)
