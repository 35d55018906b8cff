"""Change sets: made, awaited, described, executed, and not left behind where they are of no use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from omegac.cloud import Answer, Cloud, CloudError, NotAllowed, Refused, Unreachable
from omegac.deployment.changes import Changes, changes_of
from omegac.deployment.hints import way_out
from omegac.deployment.places import NOWHERE, Places
from omegac.deployment.remarks import moved_images, retained_parameters
from omegac.deployment.versions import Gap, gaps
from omegac.diagnostics import Rejected, fault
from omegac.operations.following import Cancellation, Detached
from omegac.operations.nesting import described, looked_into
from omegac.operations.refusals import refusals
from omegac.operations.site import Site
from omegac.operations.stack import Stack, look, template_of
from omegac.operations.tokens import digest_of_template

_NO_CHANGE = ("The submitted information didn't contain changes", "No updates are to be performed")
"""CloudFormation has two texts for it (as of awscli's deployer, which has to know both)."""
_MOVED_CODES = ("AlreadyExistsException", "InvalidChangeSetStatus", "ChangeSetNotFound", "OperationInProgressException")
_OF_THE_STACK = re.compile(
    # "Stack [x] does not exist", "Stack:arn:… is in UPDATE_IN_PROGRESS state and can not be updated": of the stack
    # alone, as a parameter or an export that a template names may not exist either.
    r"\b(Stack|ChangeSet)\b.*(does not exist|already exists|can ?not be (updated|executed))"
)
_TRIES = 3
"""How often an execution is begun again that AWS may not have heard of."""


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


class _Planned(NamedTuple):
    """What a change set was made from, as far as it is known afterwards."""

    template: Mapping[str, Any]
    digest: str
    retained: Sequence[str]
    """The parameters that keep the stack's values."""


class Plan(NamedTuple):
    """A change set that can be executed."""

    stack: Stack
    """The one it was made for, as it stood before."""
    stack_id: str
    name: str
    id: str
    digest: str
    """Of the template's text."""
    changes: Changes
    creates: bool
    """Whether it creates the stack."""
    gaps: tuple[Gap, ...]
    """The functions of which it publishes no version, though they change."""

    @property
    def made(self) -> Answer:
        """As CreateChangeSet has answered."""
        return {"Id": self.id, "StackId": self.stack_id}

    def cancellation(self, cloud: Cloud) -> Cancellation:
        """How its execution is called off."""
        if not self.creates:
            return Cancellation("undoes the update", lambda: self._cancel(cloud, "cancel_update_stack"))
        return Cancellation(
            "deletes the stack",
            # Of a stack that is complete, DeleteStack would take all that is in use by now.
            lambda: look(cloud, self.stack_id).status == "CREATE_IN_PROGRESS" and self._cancel(cloud, "delete_stack"),
        )

    def _cancel(self, cloud: Cloud, operation: str) -> bool:
        cloud.call("cloudformation", operation, StackName=self.stack_id)
        return True


def make(site: Site, stack: Stack, request: Request) -> Plan | None:
    """Makes a change set and waits for it; None where there is nothing to change.

    Raises `Moved`, and `Rejected` with what CloudFormation has against it. Nothing is left behind but a plan.
    """
    cloud = site.cloud
    made = _create(cloud, stack, request)
    if made is None:
        return None
    try:
        pages = _described(site, made)
        if _is_empty(pages[0]):
            discard(cloud, stack, made)
            return None
        _require_made(site, request, pages[0])
        retained = [each["ParameterKey"] for each in request.parameters if each.get("UsePreviousValue")]
        return _plan(cloud, stack, _Planned(request.template, request.digest, retained), pages)
    except BaseException as error:
        discard(cloud, stack, made)
        if isinstance(error, Refused) and _tells_of_a_move(error):
            raise Moved(error.message) from error
        raise


def reviewed(site: Site, stack: Stack, name: str) -> Plan:
    """A change set that was made before, as it is now. Raises `Rejected` where it can be executed no longer."""
    try:
        # By the stack's name: not every local cloud finds the name of a change set by an id.
        pages = _described(site, {"Id": name, "StackId": stack.name})
    except Refused as refused:
        if not _tells_of_a_move(refused):
            raise
        hint = "plan anew, with `omegac deploy --plan`"
        raise Rejected([fault("OM6105", f"{stack.name} has no change set {name}", hint=hint)]) from refused
    first = pages[0]
    if first.get("Status") != "CREATE_COMPLETE" or first.get("ExecutionStatus") != "AVAILABLE":
        reason = first.get("StatusReason") or "a change set can be executed once, and only before the stack changes"
        message = f"the change set {name} is {first.get('ExecutionStatus')}: {reason}"
        raise Rejected([fault("OM6105", message, hint="plan anew, with `omegac deploy --plan`, and review that")])
    template = template_of(site.cloud, stack, first["ChangeSetId"]) or {}
    return _plan(site.cloud, stack, _Planned(template, digest_of_template(template), ()), pages)


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


def execute(site: Site, plan: Plan, token: str, *, rollback: bool) -> None:
    """Begins the execution of a plan, once, whatever becomes of the call. Raises `Moved` and `Detached`."""
    for quiet in range(_TRIES):
        try:
            _begin(site.cloud, plan, token, rollback=rollback)
        except Unreachable:
            if _has_begun(site.cloud, plan):
                return
            if quiet == _TRIES - 1:
                raise
            site.pace.pause(quiet)
        except KeyboardInterrupt:
            if _has_begun(site.cloud, plan):
                raise Detached from None
            raise
        else:
            return


def _begin(cloud: Cloud, plan: Plan, token: str, *, rollback: bool) -> None:
    try:
        cloud.call(
            *("cloudformation", "execute_change_set"),
            ChangeSetName=plan.id,
            StackName=plan.stack.id,
            ClientRequestToken=token,
            DisableRollback=not rollback,  # said in any case: what it is by default differs in what AWS writes
        )
    except NotAllowed:
        raise
    except Refused as refused:
        if refused.code != "TokenAlreadyExistsException" and not _has_begun(cloud, plan):
            raise _moved(refused) from refused


def _has_begun(cloud: Cloud, plan: Plan) -> bool:
    """Whether the change set is being executed, or was: its name is nobody else's."""
    try:
        answer = cloud.call(
            "cloudformation", "describe_change_set", ChangeSetName=plan.id, StackName=plan.stack.id
        )  # fmt: skip
    except CloudError:
        return False
    return str(answer.get("ExecutionStatus", "")).startswith("EXECUTE_")


def _create(cloud: Cloud, stack: Stack, request: Request) -> Answer | None:
    # By its name where it may not exist: an id is only taken of a stack that does.
    name = stack.id if stack.exists else stack.name
    try:
        return cloud.call("cloudformation", "create_change_set", StackName=name, **request.arguments())
    except NotAllowed:
        raise
    except Refused as refused:
        if any(text in refused.message for text in _NO_CHANGE):
            return None
        raise _moved(refused) from refused
    except (Unreachable, KeyboardInterrupt):
        # It may have been made all the same; its name is nobody else's.
        discard(cloud, stack, {"Id": request.name, "StackId": name})
        raise


def _moved(refused: Refused) -> Exception:
    """What a refusal means: that the stack has moved, or that CloudFormation does not take what it was given."""
    if _tells_of_a_move(refused):
        return Moved(refused.message)
    message = f"CloudFormation refuses it: {refused.message}"
    return Rejected([fault("OM6202", message, hint=way_out(refused.message))])


def _tells_of_a_move(refused: Refused) -> bool:
    if isinstance(refused, NotAllowed):
        return False
    return refused.code.startswith(_MOVED_CODES) or bool(_OF_THE_STACK.search(refused.message))


def _require_made(site: Site, request: Request, first: Answer) -> None:
    if first.get("Status") == "FAILED":
        raise Rejected(refusals(site.cloud, first, request.places))


def _described(site: Site, made: Answer) -> list[Answer]:
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


def _is_empty(first: Answer) -> bool:
    reason = str(first.get("StatusReason", ""))
    return first.get("Status") == "FAILED" and any(text in reason for text in _NO_CHANGE)


def _plan(cloud: Cloud, stack: Stack, request: _Planned, pages: Sequence[Answer]) -> Plan:
    first = pages[0]
    deployed = template_of(cloud, stack) if stack.is_deployed else None
    planned = request.template
    nested = described(cloud, pages)
    changes = looked_into(cloud, changes_of(pages, deployed, planned, nested))
    kept = {name: stack.parameter(name) or "" for name in request.retained}
    left_out = gaps(pages, planned, _idle(pages, nested)) if stack.is_deployed else ()
    remarks = (
        *(gap.remark for gap in left_out),
        *moved_images(stack.parameters, first.get("Parameters", ()), planned),
        *retained_parameters(kept, planned, deployed),
    )
    changes = changes._replace(remarks=(*remarks, *changes.remarks))
    return Plan(
        stack,
        first["StackId"],
        first["ChangeSetName"],
        first["ChangeSetId"],
        request.digest,
        changes,
        not stack.is_deployed,
        left_out,
    )


def _idle(pages: Sequence[Answer], nested: Mapping[str, Sequence[Answer]]) -> set[str]:
    """The nested stacks, by their logical ids, in which nothing changes: a change set has them all the same."""
    changes = (change.get("ResourceChange", {}) for page in pages for change in page.get("Changes", ()))
    return {
        change["LogicalResourceId"]
        for change in changes
        if (told := nested.get(change.get("ChangeSetId", ""))) and _is_empty(told[0])
    }


def change_sets(cloud: Cloud, stack: Stack) -> list[Answer]:
    """The change sets of a stack, as ListChangeSets has them."""
    pages = cloud.pages("cloudformation", "list_change_sets", StackName=stack.id)
    return [change_set for page in pages for change_set in page.get("Summaries", ())]


def _resources(template: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for resource in (template.get("Resources") or {}).values():
        if isinstance(resource, dict):
            yield resource
