"""What an operation says while it goes on, as records, and what it asks; who shows them is not its business."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

from omegac.deployment.changes import Changes
from omegac.deployment.events import Event
from omegac.diagnostics import Diagnostic


class Note(NamedTuple):
    """Something done, or known, in a sentence without its full stop."""

    text: str


class Upload(NamedTuple):
    """How much of a file has been sent, in bytes."""

    what: str
    sent: int
    size: int


class Planned(NamedTuple):
    """What a change set would do."""

    stack: str
    change_set: str | None
    """Its name; None where there is none, as nothing was written."""
    changes: Changes


class Happened(NamedTuple):
    """An event of the operation that is followed."""

    event: Event


class Standing(NamedTuple):
    """The status of the followed stack, seen anew; it is said at each look, so that a clock can go on."""

    stack: str
    status: str
    ahead: timedelta = timedelta()
    """By how much the clock of AWS, which events are told by, is ahead of this machine's."""


class Found(NamedTuple):
    """A diagnostic."""

    diagnostic: Diagnostic


class Outputs(NamedTuple):
    """A stack's outputs by their keys."""

    stack: str
    values: Mapping[str, str]


class Described(NamedTuple):
    """A stack as it stands, by the names of what is told of it."""

    stack: str
    facts: Mapping[str, Any]


Outcome: TypeAlias = Literal[
    "done", "unchanged", "planned", "declined", "refused", "failed", "cancelled", "interrupted", "detached", "lost"
]


class Terminated(KeyboardInterrupt):
    """Whoever runs omegac has told it to end (SIGTERM): an interruption after which nobody is asked any more."""

    code = 143
    """The exit code of what a signal ends that has none of its own for it, as shells have it."""


class Result(NamedTuple):
    """The last record of an operation, and the only one of its kind."""

    operation: str
    """The command: `deploy`, `delete` and so on."""
    stack: str
    outcome: Outcome
    status: str | None = None
    """The stack's own, where it is known."""
    change_set: str | None = None
    """The name of one that waits to be executed."""


Record: TypeAlias = Note | Upload | Planned | Happened | Standing | Found | Outputs | Described | Result


class Choice(NamedTuple):
    """A question with several answers; the first letter of each is enough."""

    question: str
    answers: tuple[str, ...]


class Talk(Protocol):
    """Whoever an operation talks to: a person at a terminal, a log, a program."""

    @property
    def answers(self) -> bool:
        """Whether there is somebody to ask; where not, every question is answered with the safe answer."""
        ...

    def say(self, record: Record) -> None:
        """Shows a record."""
        ...

    def confirm(self, question: str) -> bool:
        """Asks for a yes; anything else, and nobody there, is a no."""
        ...

    def name(self, question: str, name: str) -> bool:
        """Asks that a name be typed, as a yes comes too easily; anything else, and nobody there, is a no."""
        ...

    def choose(self, choice: Choice) -> str:
        """Asks for one of several answers; where nobody is there, the first, which is the safe one."""
        ...

    def value(self, parameter: str, description: str, *, secret: bool) -> str | None:
        """Asks for the value of a parameter, without an echo where it is secret; None where nobody is there."""
        ...

    def hide(self, secret: str) -> None:
        """From now on, a text never shows in what is said."""
        ...
