"""Change sets: made, described once they are, and not left behind where they are of no use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from omegac.cloud import Answer, Cloud, CloudError, NotAllowed, Refused, Unreachable
from omegac.deployment.hints import way_out
from omegac.deployment.places import NOWHERE, Places
from omegac.diagnostics import Rejected, fault
from omegac.operations.site import Site
from omegac.operations.stack import Stack, look

_NO_CHANGE = ("The submitted information didn't contain changes", "No updates are to be performed")
"""CloudFormation has two texts for it (as of awscli's deployer, which has to know both)."""
_MOVED_CODES = ("AlreadyExistsException", "InvalidChangeSetStatus", "ChangeSetNotFound", "OperationInProgressException")
_OF_THE_STACK = re.compile(
    # "Stack [x] does not exist", "Stack:arn:… is in UPDATE_IN_PROGRESS state and can not be updated": of the stack
    # alone, as a parameter or an export that a template names may not exist either.
    r"\b(Stack|ChangeSet)\b.*(does not exist|already exists|can ?not be (updated|executed))"
)


class Moved(Exception):  # noqa: N818 (an event of the world, and no error)
    """The stack is no longer as it was looked at: all that was planned has to be planned anew."""


class Request(NamedTuple):
    """All that a change set is made from."""

    name: str
    kind: str
    """`CREATE` or `UPDATE`."""
    body: Mapping[str, str]
    """`TemplateBody` or `TemplateURL`."""
    template: Mapping[str, Any]
    digest: str
    """Of the template's text."""
    parameters: Sequence[Mapping[str, Any]]
    capabilities: Sequence[str]
    tags: Mapping[str, str]
    role: str | None = None
    places: Places = NOWHERE
    """Where the template's values come from."""

    def arguments(self) -> Mapping[str, Any]:
        """Those of CreateChangeSet, but for the stack's name."""
        nested = any(resource.get("Type") == "AWS::CloudFormation::Stack" for resource in _resources(self.template))
        return {
            **self.body,
            "ChangeSetName": self.name,
            "ChangeSetType": self.kind,
            "ClientToken": self.name,  # so that a call that is tried again makes no second one
            "Parameters": list(self.parameters),
            "Capabilities": list(self.capabilities),
            "Tags": [{"Key": key, "Value": value} for key, value in sorted(self.tags.items())],
            **({"RoleARN": self.role} if self.role else {}),
            **({"IncludeNestedStacks": True} if nested else {}),
        }


def create(cloud: Cloud, stack: Stack, request: Request) -> Answer | None:
    """Has CloudFormation make one; None where it sees at once that nothing changes.

    Raises `Moved`, and `Rejected` with what it has against the request. Where it is not heard of, it is discarded.
    """
    # By its name where it may not exist: an id is only taken of a stack that does.
    name = stack.id if stack.exists else stack.name
    try:
        return cloud.call("cloudformation", "create_change_set", StackName=name, **request.arguments())
    except NotAllowed:
        raise
    except Refused as refused:
        if any(text in refused.message for text in _NO_CHANGE):
            return None
        raise moved(refused) from refused
    except (Unreachable, KeyboardInterrupt):
        # It may have been made all the same; its name is nobody else's.
        discard(cloud, stack, {"Id": request.name, "StackId": name})
        raise


def pages_of(site: Site, made: Answer) -> list[Answer]:
    """All pages of a change set's description, once it is made or has failed."""
    quiet = 0
    while True:
        first = _page(site.cloud, made)
        if first.get("Status") not in {"CREATE_PENDING", "CREATE_IN_PROGRESS"}:
            break
        site.pace.pause(quiet)
        quiet += 1
    pages = [first]
    while token := pages[-1].get("NextToken"):
        pages.append(_page(site.cloud, made, NextToken=token))
    return pages


def _page(cloud: Cloud, made: Answer, **more: str) -> Answer:
    which = {"ChangeSetName": made["Id"], "StackName": made["StackId"]}
    return cloud.call("cloudformation", "describe_change_set", **which, IncludePropertyValues=True, **more)


def is_empty(first: Answer) -> bool:
    """Whether the first page of a description says that nothing changes."""
    reason = str(first.get("StatusReason", ""))
    return first.get("Status") == "FAILED" and any(text in reason for text in _NO_CHANGE)


def discard(cloud: Cloud, stack: Stack, made: Answer) -> None:
    """Removes a change set, and the empty stack that it has made; what cannot be removed stays, and does no harm."""
    try:
        _remove(cloud, stack, made)
    except KeyboardInterrupt:  # whoever presses Ctrl-C wants nothing to stay
        _remove(cloud, stack, made)
        raise


def _remove(cloud: Cloud, stack: Stack, made: Answer) -> None:
    try:
        cloud.call("cloudformation", "delete_change_set", ChangeSetName=made["Id"], StackName=made["StackId"])
        if not stack.exists:
            now = look(cloud, made["StackId"])
            unused = now.status == "REVIEW_IN_PROGRESS" and not now.is_protected
            if unused and not change_sets(cloud, now):
                cloud.call("cloudformation", "delete_stack", StackName=now.id)
    except CloudError:
        return


def change_sets(cloud: Cloud, stack: Stack) -> list[Answer]:
    """The change sets of a stack, as ListChangeSets has them."""
    pages = cloud.pages("cloudformation", "list_change_sets", StackName=stack.id)
    return [change_set for page in pages for change_set in page.get("Summaries", ())]


def moved(refused: Refused) -> Exception:
    """What a refusal means: that the stack has moved, or that CloudFormation does not take what it was given."""
    if tells_of_a_move(refused):
        return Moved(refused.message)
    message = f"CloudFormation refuses it: {refused.message}"
    return Rejected([fault("OM6202", message, hint=way_out(refused.message))])


def tells_of_a_move(refused: Refused) -> bool:
    """Whether a call was refused because the stack, or its change set, is no longer as it was looked at."""
    if isinstance(refused, NotAllowed):
        return False
    return refused.code.startswith(_MOVED_CODES) or bool(_OF_THE_STACK.search(refused.message))


def _resources(template: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for resource in (template.get("Resources") or {}).values():
        if isinstance(resource, dict):
            yield resource
