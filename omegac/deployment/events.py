"""What CloudFormation tells of an operation: one event, and the history of them that one operation has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from omegac.deployment.statuses import STATUSES

STACK = "AWS::CloudFormation::Stack"


class Event(NamedTuple):
    """One thing that happened to a resource, or to a stack itself."""

    id: str
    time: datetime
    """Aware of its zone."""
    stack_id: str
    stack_path: tuple[str, ...]
    """Logical ids of the nested stacks down to the one it happened in; none for the root."""
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str | None
    token: str | None
    """Of the call that began the operation."""
    detailed_status: str | None

    @property
    def is_stack(self) -> bool:
        """Whether it speaks of the very stack that it belongs to."""
        return self.type == STACK and self.physical_id == self.stack_id

    @property
    def failed(self) -> bool:
        """Whether something did not succeed."""
        return self.status.endswith("_FAILED")

    @property
    def path(self) -> tuple[str, ...]:
        """Logical ids down to what it speaks of; that of a stack itself is the path to the stack."""
        return self.stack_path if self.is_stack else (*self.stack_path, self.logical_id)


def event_of(raw: Mapping[str, Any], path: tuple[str, ...]) -> Event:
    """An event as botocore gives it, in the stack at a path."""
    return Event(
        raw["EventId"],
        raw["Timestamp"],
        raw["StackId"],
        path,
        raw.get("LogicalResourceId", ""),
        raw.get("PhysicalResourceId", ""),
        raw.get("ResourceType", ""),
        raw.get("ResourceStatus", ""),
        raw.get("ResourceStatusReason") or None,
        raw.get("ClientRequestToken") or None,
        raw.get("DetailedStatus") or None,
    )


class Bookmark(NamedTuple):
    """The newest event of a stack from before the operation."""

    id: str
    time: datetime


class Nested(NamedTuple):
    """A nested stack that the operation has a part in."""

    stack_id: str
    path: tuple[str, ...]
    since: datetime
    """When the operation came to it; what is older belongs to another."""


class History:
    """What has been seen of one operation, read anew from the newest event on at each look.

    DescribeStackEvents gives the newest first, page by page, with no way to ask for one operation alone, and what it
    gives may be behind: pages overlap when something happens between them, and an event may come later than one that
    happened after it.
    """

    def __init__(self, stack_id: str, token: str | None = None, bookmark: Bookmark | None = None) -> None:
        self.stack_id = stack_id
        self.token = token
        """None takes all that has happened since the bookmark, whoever began it."""
        self.bookmark = bookmark
        self._seen: set[tuple[str, str]] = set()
        self._new: list[Event] = []
        """As they were read: newest first."""
        self._taken: list[Event] = []

    def read(self, page: Iterable[Mapping[str, Any]], nested: Nested | None = None) -> bool:
        """Takes a page of the stack's events, or of a nested one's; gives whether the next page is to be read too.

        It is not where a page reaches what was before the operation, or brings nothing new. Once the outcome is known,
        pages are read down to the beginning, so that nothing that came late is left out.
        """
        came = began = False
        for raw in page:
            event = event_of(raw, nested.path if nested else ())
            began = began or (event.time < nested.since if nested else self._precedes(event))
            belongs = event.time >= nested.since if nested else self._belongs(event, began=began)
            if belongs and (event.stack_id, event.id) not in self._seen:
                came = True
                self._seen.add((event.stack_id, event.id))
                self._new.append(event)
        return not began and (came or not self._seen or self.outcome is not None)

    def take(self) -> tuple[Event, ...]:
        """The events that have come since the last time, oldest first."""
        fresh = _in_time(reversed(self._new))
        self._new = []
        self._taken += fresh
        return tuple(fresh)

    @property
    def events(self) -> tuple[Event, ...]:
        """All events of the operation that are known, oldest first."""
        return tuple(_in_time([*self._taken, *reversed(self._new)]))

    @property
    def outcome(self) -> str | None:
        """The status that the stack has come to rest in; None as long as the operation goes on."""
        own = [event.status for event in self.events if event.is_stack and not event.stack_path]
        status = STATUSES.get(own[-1]) if own else None
        # A change set that makes a stack leaves it under review; its execution has not begun then.
        return own[-1] if status and status.rests and own[-1] != "REVIEW_IN_PROGRESS" else None

    @property
    def nested(self) -> tuple[Nested, ...]:
        """The nested stacks whose events belong to the operation, outer ones first.

        One that is only removed is left out, as nothing of the service is in it any longer; but not where the stack
        around it is deleted too.
        """
        events = self.events
        deleted = {event.stack_id for event in events if event.is_stack and event.status == "DELETE_IN_PROGRESS"}
        since: dict[tuple[str, ...], datetime] = {}
        found: dict[str, Nested] = {}
        for event in events:
            if event.type != STACK or event.is_stack:
                continue
            first = since.setdefault(event.path, event.time)
            removed = event.status.startswith("DELETE_") and event.stack_id not in deleted
            if event.physical_id.startswith("arn:") and not removed:
                found.setdefault(event.physical_id, Nested(event.physical_id, event.path, first))
        return tuple(sorted(found.values(), key=lambda each: (len(each.path), each.since, each.path)))

    def _belongs(self, event: Event, *, began: bool) -> bool:
        """Whether an event of the stack itself is one of the operation; `began` says that its beginning is passed."""
        if self.token and event.token:
            return event.token == self.token
        if self.bookmark is None:
            return not self.token  # An event without a token tells by its time alone whose it is.
        newer = event.time > self.bookmark.time
        return newer or (event.time == self.bookmark.time and event.id != self.bookmark.id and not began)

    def _precedes(self, event: Event) -> bool:
        """Whether an event is from before the operation, as all below it are."""
        if self.bookmark and (event.id == self.bookmark.id or event.time < self.bookmark.time):
            return True
        # Of another operation, but not of a later one.
        other = bool(self.token and event.token and event.token != self.token)
        return other and any(own.time >= event.time for own in (*self._taken, *self._new) if not own.stack_path)


def _in_time(events: Iterable[Event]) -> list[Event]:
    """By time; those of one moment stay in the order that they are in."""
    return sorted(events, key=lambda event: event.time)
