"""What a change set does to a stack: planned anew, or as it was planned before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from omegac.cloud import Answer, Cloud, Refused
from omegac.deployment.changes import Changes, changes_of
from omegac.deployment.remarks import moved_images, retained_parameters
from omegac.deployment.versions import Gap, gaps
from omegac.diagnostics import Rejected, fault
from omegac.operations.change_set import Moved, Request, create, discard, is_empty, pages_of, tells_of_a_move
from omegac.operations.following import Cancellation
from omegac.operations.nesting import described, looked_into
from omegac.operations.refusals import refusals
from omegac.operations.site import Site
from omegac.operations.stack import Stack, look, template_of
from omegac.operations.tokens import digest_of_template


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
    """The functions that change, or may, without a version of them, or the other way round."""

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
    made = create(cloud, stack, request)
    if made is None:
        return None
    try:
        pages = pages_of(site, made)
        if is_empty(pages[0]):
            discard(cloud, stack, made)
            return None
        _require_made(site, request, pages[0])
        retained = [each["ParameterKey"] for each in request.parameters if each.get("UsePreviousValue")]
        return _plan(cloud, stack, _Planned(request.template, request.digest, retained), pages)
    except BaseException as error:
        discard(cloud, stack, made)
        if isinstance(error, Refused) and tells_of_a_move(error):
            raise Moved(error.message) from error
        raise


def reviewed(site: Site, stack: Stack, name: str) -> Plan:
    """A change set that was made before, as it is now. Raises `Rejected` where it can be executed no longer."""
    try:
        # By the stack's name: not every local cloud finds the name of a change set by an id.
        pages = pages_of(site, {"Id": name, "StackId": stack.name})
    except Refused as refused:
        if not tells_of_a_move(refused):
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


def _require_made(site: Site, request: Request, first: Answer) -> None:
    if first.get("Status") == "FAILED":
        raise Rejected(refusals(site.cloud, first, request.places))


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
    return {change["LogicalResourceId"] for change in _changes(pages) if _is_idle(change, nested)}


def _is_idle(change: Answer, nested: Mapping[str, Sequence[Answer]]) -> bool:
    """Whether a change is that of a nested stack in which nothing changes, but for those in it that are idle too."""
    told = nested.get(change.get("ChangeSetId", ""))
    if not told:
        return False
    inner = _changes(told)
    return is_empty(told[0]) or (bool(inner) and all(_is_idle(each, nested) for each in inner))


def _changes(pages: Sequence[Answer]) -> list[Answer]:
    return [change.get("ResourceChange", {}) for page in pages for change in page.get("Changes", ())]
