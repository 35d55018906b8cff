"""What CloudFormation knows of a stack: its resources, its events, its change sets, and what is deployed in it."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeAlias
from uuid import NAMESPACE_URL, uuid5

from tests.endpoint.cloudformation.parameters import Value
from tests.endpoint.cloudformation.templates import EMPTY, Template
from tests.endpoint.query import timestamp

Steps: TypeAlias = Generator[None, None, None]
"""Something that goes on: it pauses where a tick has to pass."""

Event: TypeAlias = dict[str, Any]
"""An event, under the names that DescribeEvents gives to what it says."""

STACK = "AWS::CloudFormation::Stack"

GONE = "DELETE_COMPLETE"


class Clock:
    """The time of this world; it moves with what happens, so that each run tells the same times."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self._numbers = count(1)

    def pass_by(self, milliseconds: int) -> datetime:
        self.now += timedelta(milliseconds=milliseconds)
        return self.now

    def identifier(self) -> str:
        """A name that no other thing has."""
        return str(uuid5(NAMESPACE_URL, str(next(self._numbers))))


@dataclass(frozen=True)
class Deployment:
    """What was asked to be there."""

    template: Template = EMPTY
    parameters: Mapping[str, Value] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    def body(self, logical_id: str) -> dict[str, Any]:
        """What the template says of a resource; nothing of one that it does not have."""
        body: dict[str, Any] = self.template.resources.get(logical_id, {})
        return body


@dataclass(frozen=True)
class Resource:
    """A resource as it is; a change makes another. `applied` is the deployment that made it so."""

    logical_id: str
    kind: str
    physical_id: str
    status: str
    updated: datetime
    reason: str = ""
    applied: Deployment = Deployment()

    @property
    def exists(self) -> bool:
        return self.status not in {GONE, "DELETE_SKIPPED"} and bool(self.physical_id)


@dataclass
class ChangeSet:
    """A change set; `kind` is CREATE or UPDATE."""

    id: str
    name: str
    kind: str
    created: datetime
    wanted: Deployment
    options: dict[str, Any]
    """What else was said when it was created: capabilities, role, description."""
    status: str = "CREATE_PENDING"
    execution: str = "UNAVAILABLE"
    reason: str = ""
    changes: list[Any] = field(default_factory=list)
    """What it would change, once that is known (see `planning`)."""
    operation: str = ""
    parent: str = ""
    """The change set that this one is nested in."""
    root: str = ""
    nested: dict[str, str] = field(default_factory=dict)
    """The change sets of stacks nested in its own, by their logical ids."""


@dataclass
class Stack:
    """A stack; what is done with it goes through `enter`, `put` and `record`, which tell of it."""

    id: str
    name: str
    region: str
    created: datetime
    clock: Clock
    status: str = "REVIEW_IN_PROGRESS"
    reason: str = ""
    updated: datetime | None = None
    deleted: datetime | None = None
    deployment: Deployment = field(default_factory=Deployment)
    stable: Deployment = field(default_factory=Deployment)
    """What was deployed when the stack was last complete, to which an update rolls back."""
    settled: dict[str, Resource] = field(default_factory=dict)
    """The resources of that time."""
    resources: dict[str, Resource] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    """The resources that a rollback has to bring back to what they were."""
    leftovers: list[Resource] = field(default_factory=list)
    """What was replaced, or has replaced what will come back: to be deleted in the end."""
    cancelled: bool = False
    outputs: dict[str, str] = field(default_factory=dict)
    exports: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    protected: bool = False
    parent: str = ""
    root: str = ""
    events: list[Event] = field(default_factory=list)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)
    change_set: str = ""
    running: Steps | None = None
    before: Stack | None = None
    """The stack as it was before its last change; None if it was not there."""
    token: str = ""
    operation: tuple[str, str] = ("", "")
    """The type and the id of the operation that was begun last."""

    def remember(self) -> None:
        """Keeps what the stack is now, for an answer that comes too late."""
        past = copy(self)
        past.resources, past.events = dict(self.resources), list(self.events)
        past.change_sets = {id_: copy(change_set) for id_, change_set in self.change_sets.items()}
        past.before = None
        self.before = past

    def begin(self, operation: str, token: str) -> None:
        """Begins an operation, under which events will be told."""
        self.operation, self.token, self.cancelled = (operation, self.clock.identifier()), token, False

    def settle(self) -> None:
        """Takes what is there now for what a later update rolls back to; what was deleted is no longer listed."""
        self.resources = {id_: resource for id_, resource in self.resources.items() if resource.exists}
        self.stable, self.settled = self.deployment, dict(self.resources)
        self.touched, self.leftovers = set(), []

    def enter(self, status: str, reason: str = "") -> None:
        """Changes the status, and tells so."""
        self.status, self.reason = status, reason
        if status == GONE:
            self.deleted = self.clock.now
        elif status.startswith(("UPDATE", "ROLLBACK", "DELETE")):
            self.updated = self.clock.now
        self.record(Resource(self.name, STACK, self.id, status, self.clock.now, reason))

    def put(self, resource: Resource, properties: str = "") -> None:
        """Changes a resource, and tells so."""
        self.resources[resource.logical_id] = resource
        self.record(resource, properties)

    def record(self, resource: Resource, properties: str = "") -> None:
        """Adds an event about a resource, or about the stack itself."""
        now = self.clock.pass_by(1)
        own = resource.physical_id == self.id
        unique = self.clock.identifier() if own else f"{resource.logical_id}-{resource.status}-{timestamp(now)}"
        event: Event = {
            "EventId": unique,
            "StackId": self.id,
            "StackName": self.name,
            "OperationId": self.operation[1] or None,
            "OperationType": self.operation[0] or None,
            "EventType": _event_type(resource, own=own),
            "LogicalResourceId": resource.logical_id,
            "PhysicalResourceId": resource.physical_id,
            "ResourceType": resource.kind,
            "Timestamp": now,
            "ResourceStatus": resource.status,
            "ResourceStatusReason": resource.reason or None,
            "ResourceProperties": properties or None,
            "ClientRequestToken": self.token or None,
        }
        if own:
            event["OperationStatus"] = _operation_status(resource.status)
        self.events.append(event)


def _event_type(resource: Resource, *, own: bool) -> str:
    if own:
        return "STACK_EVENT"
    return "PROVISIONING_ERROR" if resource.status.endswith("_FAILED") else "PROGRESS_EVENT"


def _operation_status(status: str) -> str:
    """How an operation goes, by the stack's status: to roll back is to have failed."""
    if status.endswith("_IN_PROGRESS"):
        return "IN_PROGRESS"
    return "FAILED" if status.endswith("_FAILED") else "SUCCEEDED"
