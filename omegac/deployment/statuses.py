"""Every status a stack can have, and what `deploy` and `delete` do about it; `docs/statuses.md` is made from this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

Deploying: TypeAlias = Literal[
    "create", "update", "wait", "recreate", "roll back", "continue the rollback", "refuse"
]  # fmt: skip
"""What `deploy` does first, as the status has it; all but the first two and the last look at the stack anew then."""

Deleting: TypeAlias = Literal["nothing", "delete", "wait", "delete what is left"]


class Status(NamedTuple):
    """What a status means, and what follows from it."""

    meaning: str
    deploying: Deploying
    deleting: Deleting = "delete"
    rests: bool = True
    """Whether no operation is under way."""
    good: bool = False
    """Whether an operation that ends so has done what it was asked to."""
    way_out: str = ""
    """What to do where a deployment cannot go on by itself."""


ABSENT = "absent"
"""The status of a stack that there is not; all others are CloudFormation's own names."""

_FOLLOWED = "it is followed until it ends; then the stack is looked at anew"
_ROLLED_BACK = "the stack is as it was before the operation that failed"
_PAUSED = (
    "rolled back first, with consent, and by name for what that loses; with `--no-rollback` it is updated from here"
)

STATUSES: Mapping[str, Status] = {
    ABSENT: Status("there is no such stack", "create", "nothing"),
    "REVIEW_IN_PROGRESS": Status("made by a change set that was never executed: it is empty", "create", good=True),
    "CREATE_IN_PROGRESS": Status("is being created", "wait", "wait", rests=False, way_out=_FOLLOWED),
    "CREATE_COMPLETE": Status("created", "update", good=True),
    "CREATE_FAILED": Status("its creation failed, and rollback was off", "roll back", way_out=_PAUSED),
    "ROLLBACK_IN_PROGRESS": Status(
        "its creation failed, and is being undone", "wait", "wait", rests=False, way_out=_FOLLOWED
    ),
    "ROLLBACK_FAILED": Status(
        "its creation failed, and could not be undone: something is left of it",
        "refuse",
        "delete what is left",
        way_out="delete it with `omegac delete`, which names what cannot be deleted",
    ),
    "ROLLBACK_COMPLETE": Status(
        "its creation failed and was undone: CloudFormation can only delete it",
        "recreate",
        way_out="deleted with consent, if it carries the tag of its service and holds nothing; then created",
    ),
    "UPDATE_IN_PROGRESS": Status("is being updated", "wait", "wait", rests=False, way_out=_FOLLOWED),
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": Status(
        "updated; what was replaced is being removed", "wait", "wait", rests=False, way_out=_FOLLOWED
    ),
    "UPDATE_COMPLETE": Status("updated", "update", good=True),
    "UPDATE_FAILED": Status("its update failed, and rollback was off", "roll back", way_out=_PAUSED),
    "UPDATE_ROLLBACK_IN_PROGRESS": Status(
        "its update failed or was cancelled, and is being undone", "wait", "wait", rests=False, way_out=_FOLLOWED
    ),
    "UPDATE_ROLLBACK_FAILED": Status(
        "its update failed, and could not be undone",
        "continue the rollback",
        way_out="the rollback is continued, with consent; what blocks it again is named, and skipped with `--skip`",
    ),
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": Status(
        "its update was undone; what it had made is being removed", "wait", "wait", rests=False, way_out=_FOLLOWED
    ),
    "UPDATE_ROLLBACK_COMPLETE": Status(f"its update failed or was cancelled: {_ROLLED_BACK}", "update"),
    "DELETE_IN_PROGRESS": Status("is being deleted", "wait", "wait", rests=False, way_out=_FOLLOWED),
    "DELETE_FAILED": Status(
        "its deletion failed: some of it is left",
        "refuse",
        "delete what is left",
        way_out="end the deletion with `omegac delete`, which names what cannot be deleted; then deploy",
    ),
    "DELETE_COMPLETE": Status("deleted", "create", "nothing", good=True),
    "IMPORT_IN_PROGRESS": Status("resources are being imported", "wait", "wait", rests=False, way_out=_FOLLOWED),
    "IMPORT_COMPLETE": Status("resources were imported", "update", good=True),
    "IMPORT_ROLLBACK_IN_PROGRESS": Status(
        "an import failed, and is being undone", "wait", "wait", rests=False, way_out=_FOLLOWED
    ),
    "IMPORT_ROLLBACK_FAILED": Status(
        "an import failed, and could not be undone",
        "refuse",
        "delete what is left",
        way_out="see its events, mend what they name, and undo the import in CloudFormation's console",
    ),
    "IMPORT_ROLLBACK_COMPLETE": Status(f"an import failed: {_ROLLED_BACK}", "update"),
}


def status(name: str) -> Status:
    """What a status means; one that CloudFormation has added since is an operation under way by its name, or a rest."""
    known = STATUSES.get(name)
    if known:
        return known
    if name.endswith("_IN_PROGRESS"):
        return Status("of a kind that this version of omegac does not know", "wait", "wait", rests=False)
    return Status(
        "of a kind that this version of omegac does not know", "refuse", way_out="look at it in CloudFormation"
    )
