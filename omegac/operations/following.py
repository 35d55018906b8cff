"""Follows an operation on a stack until it ends, however long it takes and however often a look at it fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from omegac.cloud import Cloud, CloudError, NotAllowed, Refused, Unreachable
from omegac.deployment.events import Bookmark, Event, History, Nested, event_of
from omegac.deployment.statuses import status
from omegac.deployment.talk import Choice, Happened, Note, Standing, Talk, Terminated
from omegac.diagnostics import Rejected, fault
from omegac.operations.site import Site
from omegac.operations.stack import Stack, look
from omegac.operations.tokens import token

_T = TypeVar("_T")
_UNTIL_OVERTAKEN = 10
"""At so many looks a stack rests that is not as it was, and no event has told of it, before others are taken to have
put an operation of their own in the place of the one that is followed: a deletion ends whatever is under way."""


class Detached(Exception):  # noqa: N818 (somebody wanted it)
    """Nobody follows the operation any longer; it goes on."""


class Lost(Rejected):
    """The operation can be looked at no longer; it goes on."""


class Cancellation(NamedTuple):
    """How an operation is called off."""

    effect: str
    """What comes of it, after "which"."""
    act: Callable[[], bool]
    """Calls it off; false where it has ended meanwhile, and nothing is done."""


class Operation(NamedTuple):
    """What is followed: an operation that has begun, or is about to."""

    stack: Stack
    """As it stood before the operation, with the id that it has or, for one that is deleted, had."""
    token: str | None
    """Of the call that began it; None for one that others began."""
    bookmark: Bookmark | None
    """The newest event from before it; None where there was none."""
    cancellation: Cancellation | None = None
    """None where it cannot be called off."""


class Ended(NamedTuple):
    """How an operation ended."""

    status: str
    events: tuple[Event, ...]
    """Of the operation, oldest first."""
    own: bool = True
    """Whether it was the operation that ended so, and not another one that others have put in its place."""
    cancelled: bool = False
    """Whether somebody at the terminal has called it off."""


def bookmark(cloud: Cloud, stack: Stack) -> Bookmark | None:
    """The newest event of a stack, before an operation begins."""
    if not stack.exists:
        return None
    try:
        page = cloud.call("cloudformation", "describe_stack_events", StackName=stack.id)
    except NotAllowed:
        return None
    events = [event_of(raw, ()) for raw in page.get("StackEvents", ())]
    return Bookmark(events[0].id, events[0].time) if events else None


def under_way(cloud: Cloud, stack: Stack) -> Operation:
    """The operation that is under way on a stack, or was the last one, whoever began it.

    It is that of the newest event; where its events carry no token, it begins with the stack's last own rest.
    """
    newest: Event | None = None
    try:
        for page in cloud.pages("cloudformation", "describe_stack_events", StackName=stack.id):
            for raw in page.get("StackEvents", ()):
                event = event_of(raw, ())
                newest = newest or event
                before = event.token != newest.token if newest.token else event.is_stack and status(event.status).rests
                if before and event is not newest:
                    return Operation(stack, newest.token, Bookmark(event.id, event.time))
    except NotAllowed:
        pass
    return Operation(stack, newest.token if newest else None, None)


def told(cloud: Cloud, operation: Operation) -> tuple[Event, ...]:
    """What has happened in an operation up to now, oldest first."""
    history = History(operation.stack.id, operation.token, operation.bookmark)
    for page in cloud.pages("cloudformation", "describe_stack_events", StackName=operation.stack.id):
        if not history.read(page.get("StackEvents", ())):
            break
    return history.take()


def run(site: Site, stack: Stack, operation: str, **arguments: Any) -> Ended:
    """Calls an operation that works on a stack, such as `delete_stack`, and follows it. Raises as `follow` does."""
    name = token()
    before = bookmark(site.cloud, stack)
    try:
        site.cloud.call("cloudformation", operation, StackName=stack.id, ClientRequestToken=name, **arguments)
    except Refused as refused:
        # The answer to the first try was lost, and botocore has tried again.
        if not refused.code.startswith("TokenAlreadyExists"):
            raise
    except KeyboardInterrupt:
        if look(site.cloud, stack.id).moment != stack.moment:
            raise Detached from None
        raise
    return follow(site, Operation(stack, name, before))


def follow(site: Site, operation: Operation) -> Ended:
    """Follows an operation to its end. Raises `Detached` and `Lost`."""
    follower, cancelled = _Follower(site, operation), False
    while True:
        try:
            return follower.to_the_end()._replace(cancelled=cancelled)
        except Terminated:
            raise Detached from None
        except KeyboardInterrupt:
            cancelled = _interrupted(operation, site.talk) or cancelled


def _interrupted(operation: Operation, talk: Talk) -> bool:
    """Asks what to do, and gives whether it was cancelled: a second interruption, or nobody to ask, detaches."""
    how = operation.cancellation
    effect = f"cancel it, which {how.effect}, " if how else ""
    question = f"{operation.stack.name} is still being worked on: detach from it, {effect}or go on?"
    try:
        answer = talk.choose(Choice(question, ("detach", "cancel", "go on") if how else ("detach", "go on")))
        if answer == "cancel" and how:
            return _cancelled(how, talk)
    except KeyboardInterrupt:
        answer = "detach"
    if answer == "detach":
        raise Detached
    return False


def _cancelled(how: Cancellation, talk: Talk) -> bool:
    try:
        done = how.act()
    except CloudError as error:
        talk.say(Note(f"it cannot be cancelled: {error}"))
        return False
    talk.say(Note("it is being cancelled" if done else "it is over already: there is nothing to cancel"))
    return done


def patiently(site: Site, act: Callable[[], _T]) -> _T:
    """Does what can be done twice, until it is heard of, or nothing is for too long. Raises `CloudError`."""
    begun, quiet = time.monotonic(), 0
    while True:
        try:
            return act()
        except Unreachable:
            if time.monotonic() - begun > site.pace.patience:
                raise
        site.pace.pause(quiet)
        quiet += 1


class _Follower:
    """One operation as it is followed: what was seen of it so far."""

    def __init__(self, site: Site, operation: Operation) -> None:
        self._cloud = site.cloud
        self._talk = site.talk
        self._pace = site.pace
        self._operation = operation
        self._history = History(operation.stack.id, operation.token, operation.bookmark)
        self._blind = False
        """Whether the events may not be read."""
        self._quiet = 0
        self._resting = 0
        """At how many looks, since the last event, the stack has rested, and not as it was."""

    def to_the_end(self) -> Ended:
        """Looks until the operation has ended."""
        heard = time.monotonic()
        while True:
            try:
                ended = self._look()
                heard = time.monotonic()
                if ended:
                    return ended
            except Unreachable as unreachable:
                if time.monotonic() - heard > self._pace.patience:
                    raise _lost(self._operation.stack, unreachable) from unreachable
            except CloudError as error:
                raise _lost(self._operation.stack, error) from error
            self._pace.pause(self._quiet)
            self._quiet += 1

    def _look(self) -> Ended | None:
        """Sees what is new; the end, if it has come."""
        # The stack first: events that are read after it tell at least as much as it did.
        stack = look(self._cloud, self._operation.stack.id)
        self._talk.say(Standing(stack.name, stack.status, self._cloud.ahead))
        if not self._blind:
            self._see()
        outcome = self._history.outcome
        if outcome:
            return Ended(outcome, self._history.events)
        if stack.state.rests and stack.moment != self._operation.stack.moment:
            if self._blind:
                return Ended(stack.status, self._history.events)
            self._resting += 1
            if self._resting > _UNTIL_OVERTAKEN:
                return self._overtaken(stack)
        return None

    def _overtaken(self, stack: Stack) -> Ended:
        """How it ended for others: all that has happened since before the operation is told, whoever began it."""
        self._history = History(self._operation.stack.id, None, self._operation.bookmark)
        self._see()
        return Ended(stack.status, self._history.events, own=False)

    def _see(self) -> None:
        """Reads all events that are new, of the stack and of those nested in it."""
        try:
            self._read(self._operation.stack.id)
            for nested in self._history.nested:
                self._read(nested.stack_id, nested)
        except NotAllowed:
            self._talk.say(Note("without cloudformation:DescribeStackEvents, only the stack's own status is shown"))
            self._blind = True
        finally:
            # What was read is shown, though a later page was not to be had.
            for event in self._history.take():
                self._quiet = self._resting = 0
                self._talk.say(Happened(event))

    def _read(self, stack_id: str, nested: Nested | None = None) -> None:
        for page in self._cloud.pages("cloudformation", "describe_stack_events", StackName=stack_id):
            if not self._history.read(page.get("StackEvents", ()), nested):
                return


def _lost(stack: Stack, error: CloudError) -> Lost:
    hint = f"it goes on without omegac; see how with `omegac events --stack {stack.name} --follow`"
    return Lost([fault("OM6205", f"lost sight of {stack.name}: {error}", hint=hint)])
