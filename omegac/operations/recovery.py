"""What brings a stack to where it can be deployed: waiting for others, undoing failures, clearing away what is empty.

Each step takes the stack as it was looked at; after it, the stack is looked at anew.
"""

from __future__ import annotations

from collections.abc import Sequence

from omegac.deployment.holdings import held_by
from omegac.deployment.talk import Note
from omegac.diagnostics import Rejected, fault
from omegac.operations.following import Ended, follow, run, under_way
from omegac.operations.site import Site
from omegac.operations.stack import Stack, resources_of


def wait(site: Site, stack: Stack) -> Ended:
    """Follows what is under way, whoever began it."""
    site.consent.need(f"{stack.name} {stack.state.meaning}. Wait for the end of that, and go on then?")
    site.talk.say(Note(f"{stack.name} {stack.state.meaning}: waiting for the end of that"))
    return follow(site, under_way(site.cloud, stack))


def recreate(site: Site, stack: Stack) -> Ended:
    """Deletes a stack whose creation has failed, if it is omegac's own and holds nothing. Raises `Rejected` if not."""
    require_own(stack)
    require_unprotected(stack)
    held = sorted(resource["LogicalResourceId"] for resource in resources_of(site.cloud, stack) if _is_held(resource))
    if held:
        message = f"{stack.name}: {stack.state.meaning}. It still holds {', '.join(held)}"
        hint = f"look at what it holds, then delete it with `omegac delete --stack {stack.name}`"
        raise Rejected([fault("OM6101", message, hint=hint)])
    site.consent.need(f"{stack.name}: {stack.state.meaning}. It holds nothing. Delete it, and create it anew?")
    return run(site, stack, "delete_stack")


def roll_back(site: Site, stack: Stack) -> Ended:
    """Undoes an operation that failed while its rollback was off."""
    if stack.status == "UPDATE_FAILED":
        site.consent.need(f"{stack.name}: {stack.state.meaning}. Undo the update first?")
        return run(site, stack, "rollback_stack")
    # RollbackStack would delete it too, as there is no good state to return to (API reference, RollbackStack).
    require_own(stack)
    require_unprotected(stack)
    for resource in resources_of(site.cloud, stack):
        what, name = held_by(resource["ResourceType"]), resource["LogicalResourceId"]
        if what and _is_held(resource):
            question = f"{stack.name} has created {name}, and deleting it loses {what}"
            site.consent.need_name(question, name, "--accept-loss")
    site.consent.need(f"{stack.name}: {stack.state.meaning}. Delete all that it has created, and create it anew?")
    return run(site, stack, "delete_stack")


def continue_rollback(site: Site, stack: Stack, skip: Sequence[str]) -> Ended:
    """Goes on with a rollback that failed. What is skipped counts as rolled back, whatever it is.

    Raises `Rejected` with the resources that block it again.
    """
    skipped = f", leaving {', '.join(skip)} as it is" if skip else ""
    site.consent.need(f"{stack.name}: {stack.state.meaning}. Go on with the rollback{skipped}?")
    ended = run(site, stack, "continue_update_rollback", **({"ResourcesToSkip": list(skip)} if skip else {}))
    if ended.status == "UPDATE_ROLLBACK_FAILED":
        # Only a resource in UPDATE_FAILED may be skipped (API reference, ContinueUpdateRollback).
        failed = [each for each in resources_of(site.cloud, stack) if each["ResourceStatus"] == "UPDATE_FAILED"]
        names = sorted(resource["LogicalResourceId"] for resource in failed)
        reasons = (
            f"{each['LogicalResourceId']}: {each.get('ResourceStatusReason', 'no reason given')}" for each in failed
        )
        message = "\n".join([f"the rollback of {stack.name} is blocked by {', '.join(names)}", *reasons])
        hint = "mend them, or leave them as they are, so that the stack is wrong about them: " + " ".join(
            f"--skip {name}" for name in names
        )
        raise Rejected([fault("OM6206", message, hint=hint)])
    return ended


def require_own(stack: Stack) -> None:
    """Raises `Rejected` for a stack that does not carry omegac's tag."""
    if stack.service is None:
        hint = f"look at it; if it may go, delete it with `omegac delete --stack {stack.name} --force`"
        message = f"{stack.name}: {stack.state.meaning}. It was not made by omegac, which will not delete it"
        raise Rejected([fault("OM6102", message, hint=hint)])


def require_service(stack: Stack, service: str, *, adopt: bool) -> None:
    """Raises `Rejected` for a stack that another service's tag is on, or nobody's, unless it is to be taken over."""
    parent = stack.answer.get("ParentId")
    if parent:
        hint = f"deploy the stack that it is part of: {parent}"
        raise Rejected([fault("OM6102", f"{stack.name} is nested in another stack", hint=hint)])
    if adopt or not stack.is_deployed or stack.service == service:
        return
    whose = f"of the service {stack.service}" if stack.service else "not made by omegac"
    hint = "choose another --stack; or take this one over with --adopt: what is not in the spec goes from it"
    raise Rejected([fault("OM6102", f"{stack.name} is {whose}", hint=hint)])


def require_unprotected(stack: Stack) -> None:
    """Raises `Rejected` for a stack that termination protection keeps from being deleted."""
    if stack.is_protected:
        command = "aws cloudformation update-termination-protection --no-enable-termination-protection"
        hint = f"if it really may go: {command} --stack-name {stack.name}"
        raise Rejected([fault("OM6106", f"{stack.name} is protected from being deleted", hint=hint)])


def _is_held(resource: object) -> bool:
    """Whether a resource is there, or may be: one that was never made has no physical id."""
    return (
        isinstance(resource, dict)
        and bool(resource.get("PhysicalResourceId"))
        and (resource["ResourceStatus"] not in {"DELETE_COMPLETE", "DELETE_SKIPPED"})
    )
