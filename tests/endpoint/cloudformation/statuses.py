"""Every status of a stack, and what CloudFormation lets be done in it."""

from __future__ import annotations

UPDATABLE = frozenset(
    {
        "CREATE_COMPLETE",
        "CREATE_FAILED",  # rollback was disabled: the resources are there to be repaired
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_FAILED",
        "UPDATE_ROLLBACK_COMPLETE",
    }
)
"""Where an update may begin."""

UNDELETABLE = frozenset(
    {
        "IMPORT_IN_PROGRESS",
        "IMPORT_ROLLBACK_IN_PROGRESS",
        "ROLLBACK_IN_PROGRESS",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_IN_PROGRESS",
    }
)
"""Where a deletion may not begin."""

STATUSES = (
    UPDATABLE
    | UNDELETABLE
    | {
        "CREATE_IN_PROGRESS",
        "DELETE_COMPLETE",
        "DELETE_FAILED",
        "DELETE_IN_PROGRESS",
        "IMPORT_ROLLBACK_FAILED",
        "REVIEW_IN_PROGRESS",
        "ROLLBACK_COMPLETE",
        "ROLLBACK_FAILED",
        "UPDATE_ROLLBACK_FAILED",
    }
)


def of_resources(status: str) -> str:
    """The status that a stack's resources most likely have, for a status of the stack."""
    if status in {"ROLLBACK_COMPLETE", "DELETE_COMPLETE"}:
        return "DELETE_COMPLETE"
    verb = status.partition("_")[0]
    return f"{verb}_COMPLETE" if verb in {"CREATE", "UPDATE", "IMPORT"} else "CREATE_COMPLETE"
