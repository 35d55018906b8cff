"""A stack as CloudFormation describes it, read anew at each look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from omegac.cloud import Answer, Cloud, NotAllowed, Refused
from omegac.deployment.statuses import ABSENT, Status, status
from omegac.diagnostics import Rejected, fault

SERVICE_TAG = "omegac:service"
"""The tag of a stack that omegac made or was told to take over; its value is the spec's `service`."""


class Stack(NamedTuple):
    """A stack, or that there is none of a name."""

    name: str
    answer: Answer
    """Of DescribeStacks; empty where there is no such stack."""

    @property
    def id(self) -> str:
        """Its ARN, which no later stack of the same name shares; its name where there is none."""
        return str(self.answer.get("StackId", self.name))

    @property
    def status(self) -> str:
        return str(self.answer.get("StackStatus", ABSENT))

    @property
    def state(self) -> Status:
        """What its status means."""
        return status(self.status)

    @property
    def exists(self) -> bool:
        """Whether there is anything that could hold resources."""
        return self.status not in {ABSENT, "DELETE_COMPLETE"}

    @property
    def is_deployed(self) -> bool:
        """Whether a template was ever deployed to it, so that it is updated, and not created."""
        return self.exists and self.status != "REVIEW_IN_PROGRESS"

    @property
    def tags(self) -> Mapping[str, str]:
        return {tag["Key"]: tag["Value"] for tag in self.answer.get("Tags", ())}

    @property
    def own_tags(self) -> Mapping[str, str]:
        """The tags that may be given again: those of AWS are its own business."""
        return {key: value for key, value in self.tags.items() if not key.startswith("aws:")}

    @property
    def service(self) -> str | None:
        """The service that its tag names; None for a stack that is not omegac's."""
        return self.tags.get(SERVICE_TAG)

    @property
    def parameters(self) -> list[Mapping[str, str]]:
        """As DescribeStacks has them: `ParameterKey`, `ParameterValue`, and `ResolvedValue` of those from SSM."""
        return list(self.answer.get("Parameters", ()))

    def parameter(self, name: str) -> str | None:
        """The value that a parameter was given."""
        values = (each.get("ParameterValue") for each in self.parameters if each["ParameterKey"] == name)
        return next(values, None)

    @property
    def outputs(self) -> Mapping[str, str]:
        outputs = {output["OutputKey"]: output["OutputValue"] for output in self.answer.get("Outputs", ())}
        return dict(sorted(outputs.items()))

    @property
    def is_protected(self) -> bool:
        """Whether termination protection keeps it from being deleted."""
        return bool(self.answer.get("EnableTerminationProtection"))

    @property
    def moment(self) -> tuple[str, str]:
        """What differs as soon as another operation has begun, even where its status does not."""
        return self.status, str(self.answer.get("LastUpdatedTime", self.answer.get("CreationTime", "")))


def look(cloud: Cloud, name: str) -> Stack:
    """The stack of a name or an id as it stands. Raises `CloudError`."""
    try:
        answer = cloud.call("cloudformation", "describe_stacks", StackName=name)["Stacks"][0]
    except NotAllowed:
        raise
    except Refused as refused:
        # The one text that CloudFormation has for it: "Stack with id NAME does not exist".
        if "does not exist" in refused.message:
            return Stack(name, {})
        raise
    return Stack(answer["StackName"], answer)


def existing(cloud: Cloud, name: str) -> Stack:
    """The same of a stack that has to be there. Raises `Rejected` where it is not."""
    stack = look(cloud, name)
    if not stack.exists:
        raise absent(stack)
    return stack


def absent(stack: Stack) -> Rejected:
    """What to say of a stack that has to be there, and is not."""
    hint = "look at its name, the region and the account"
    return Rejected([fault("OM6108", f"there is no stack {stack.name}", hint=hint)])


def template_of(cloud: Cloud, stack: Stack, change_set: str | None = None) -> Mapping[str, Any] | None:
    """The template that a stack, or a change set, was made from, as it was sent; None where there is none.

    During a first creation under review there is no template of the stack, only of the change set.
    """
    which = {"ChangeSetName": change_set} if change_set else {}
    try:
        body = cloud.call(
            "cloudformation", "get_template", StackName=stack.id, TemplateStage="Original", **which
        )["TemplateBody"]  # fmt: skip
    except NotAllowed:
        raise
    except Refused:
        return None
    if not isinstance(body, str):
        return dict(body)
    from omegac.load import load
    from omegac.source import Source

    template = load(Source(stack.name, body), disputes=False).value if body.strip() else None
    return template if isinstance(template, dict) else None


def resources_of(cloud: Cloud, stack: Stack) -> list[Answer]:
    """Its resources, as ListStackResources has them, those that are gone left out."""
    pages = cloud.pages("cloudformation", "list_stack_resources", StackName=stack.id)
    listed = [resource for page in pages for resource in page.get("StackResourceSummaries", ())]
    return [resource for resource in listed if resource["ResourceStatus"] != "DELETE_COMPLETE"]
