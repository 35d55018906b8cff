"""What a test wants CloudFormation to do: which resources fail or wait, how long things take, what is found invalid."""

from __future__ import annotations

from dataclasses import dataclass, field

DIDNT_CONTAIN_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a change set."
)
NO_UPDATES = "No updates are to be performed."
"""The two ways in which a change set without changes is said to have failed."""


@dataclass
class Failure:
    """A resource that fails; `during` is create, update, cleanup, rollback or delete, or "" for any of them."""

    logical_id: str
    status: str = ""
    reason: str = 'Resource handler returned message: "Invalid request" (HandlerErrorCode: InvalidRequest)'
    during: str = ""
    times: int = 1
    stack: str = ""

    def __post_init__(self) -> None:
        if self.during not in {"", "create", "update", "cleanup", "rollback", "delete"}:
            raise ValueError(f"nothing fails during {self.during}")

    def meets(self, logical_id: str, during: str, stack: str) -> bool:
        return (
            self.times != 0
            and self.logical_id == logical_id
            and self.during in {"", during}
            and self.stack in {"", stack}
        )


@dataclass(frozen=True)
class Invalid:
    """What validation finds in a change set before anything is deployed; `mode` FAIL makes the change set fail."""

    logical_id: str
    kind: str
    path: str
    reason: str
    name: str = "PROPERTY_VALIDATION"
    mode: str = "FAIL"


@dataclass
class Script:
    """What a test has written; its attributes can be set at any time."""

    steps: int = 1
    """How many ticks a resource takes."""
    ticking: bool = True
    """Whether each look at a stack, its events or a change set is a tick."""
    no_change: str = DIDNT_CONTAIN_CHANGES
    nests: bool = True
    """Whether IncludeNestedStacks is heeded, which not every local cloud does."""
    keep_obsolete: bool = False
    """Whether the change sets that an execution leaves behind stay, as OBSOLETE, or are deleted."""
    events_page: int = 100
    changes_page: int = 100
    resources_page: int = 100
    failures: list[Failure] = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    """The resources that take until they are released or signalled."""
    signals: dict[str, str] = field(default_factory=dict)
    invalid: list[Invalid] = field(default_factory=list)
    refusal: str = ""
    """Why the next change set fails."""

    def failure(self, logical_id: str, during: str, stack: str) -> Failure | None:
        """The failure that a resource meets now; it counts as met."""
        found = next((failure for failure in self.failures if failure.meets(logical_id, during, stack)), None)
        if found:
            found.times -= 1
        return found
