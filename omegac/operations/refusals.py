"""Why CloudFormation would not make a change set, or an operation failed, as it tells by DescribeEvents."""

from __future__ import annotations

from omegac.cloud import Answer, Cloud, CloudError
from omegac.deployment.causes import diagnostics, refusal
from omegac.deployment.places import Places
from omegac.diagnostics import Diagnostic


def refusals(cloud: Cloud, change_set: Answer, places: Places) -> tuple[Diagnostic, ...]:
    """What is wrong with what a change set was made from, each at its place."""
    found = _failed_events(cloud, {"ChangeSetName": change_set["ChangeSetId"]})
    return diagnostics((), places, found) or (refusal(str(change_set.get("StatusReason", "")), places),)


def validations(cloud: Cloud, stack_id: str) -> list[Answer]:
    """The failed validations of a stack's operations, as OperationEvents; none where they may not be read."""
    return _failed_events(cloud, {"StackName": stack_id})


def _failed_events(cloud: Cloud, which: dict[str, str]) -> list[Answer]:
    # Newer than much else of CloudFormation: boto3, a local cloud or a policy may not know it yet.
    if not cloud.knows("cloudformation", "describe_events"):
        return []
    try:
        pages = cloud.pages("cloudformation", "describe_events", Filters={"FailedEvents": True}, **which)
        return [event for page in pages for event in page.get("OperationEvents", ())]
    except CloudError:
        return []
