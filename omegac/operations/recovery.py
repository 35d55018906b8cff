"""What brings a stack to where it can be deployed: waiting for others, undoing failures, clearing away what is empty.

Each step takes the stack as it was looked at; after it, the stack is looked at anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile

from omegac.cloud import Answer, NotAllowed
from omegac.deployment.events import Event, event_of
from omegac.deployment.holdings import held_by
from omegac.deployment.talk import Note
from omegac.diagnostics import Diagnostic, Rejected, fault
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
    resources = resources_of(site.cloud, stack)
    if stack.status == "UPDATE_FAILED":
        made = _made_since_rest(site, stack)
        _give_up(site, stack, [each for each in resources if made is None or each["LogicalResourceId"] in made])
        site.consent.need(f"{stack.name}: {stack.state.meaning}. Undo the update first?")
        return run(site, stack, "rollback_stack")
    # RollbackStack would delete it too, as there is no good state to return to (API reference, RollbackStack).
    require_own(stack)
    require_unprotected(stack)
    _give_up(site, stack, resources)
    site.consent.need(f"{stack.name}: {stack.state.meaning}. Delete all that it has created, and create it anew?")
    return run(site, stack, "delete_stack")


def _give_up(site: Site, stack: Stack, resources: Iterable[Answer]) -> None:
    """Asks for the name of each resource that goes with data."""
    named = [(each["LogicalResourceId"], held_by(each["ResourceType"])) for each in resources if _is_held(each)]
    losses = [(f"{stack.name} has created {name}, and deleting it loses {what}", name) for name, what in named if what]
    site.consent.need_names(losses, "--accept-loss")


def _made_since_rest(site: Site, stack: Stack) -> set[str] | None:
    """The resources that were made, or made anew, since a stack was last complete; None where that is not told."""
    events = _events(site, stack)
    try:
        since = list(takewhile(lambda event: not _is_rest(event), events))
        first = {event.logical_id: event for event in since}  # the oldest of each comes last
        made = {(event.logical_id, event.physical_id) for event in since if event.physical_id}
        made -= {(name, event.physical_id) for name, event in first.items()}
        # A resource that is being created has no physical id at first, and one that is replaced has the old one. A
        # local cloud tells none at first of what it only updates, or calls an update: there, older events know it.
        if any(first[name].status.startswith("UPDATE") and not first[name].physical_id for name, _ in made):
            made -= {(event.logical_id, event.physical_id) for event in events}
    except NotAllowed:
        return None
    return {name for name, _ in made}


def _events(site: Site, stack: Stack) -> Iterator[Event]:
    """All events of a stack, newest first."""
    for page in site.cloud.pages("cloudformation", "describe_stack_events", StackName=stack.id):
        yield from (event_of(raw, ()) for raw in page.get("StackEvents", ()))


def _is_rest(event: Event) -> bool:
    """Whether a stack was complete then: several updates may have failed since."""
    return event.is_stack and event.status.endswith("_COMPLETE")


def continue_rollback(site: Site, stack: Stack, skip: Sequence[str]) -> Diagnostic | None:
    """Goes on with a rollback that failed, and gives what blocks it again. What is skipped counts as rolled back.

    Raises `Rejected` where something is to be skipped that does not block it.
    """
    blocking = _blocking(site, stack)
    _require_blocked(stack, skip, blocking)
    for name, reason in blocking.items():
        site.talk.say(Note(f"the rollback is blocked by {name}: {reason}"))
    skipped = f", leaving {', '.join(skip)} as it is" if skip else ""
    site.consent.need(f"{stack.name}: {stack.state.meaning}. Go on with the rollback{skipped}?")
    ended = run(site, stack, "continue_update_rollback", **({"ResourcesToSkip": list(skip)} if skip else {}))
    if ended.status != "UPDATE_ROLLBACK_FAILED":
        return None
    blocking = _blocking(site, stack)
    reasons = [f"{name}: {reason}" for name, reason in blocking.items()]
    message = "\n".join([f"the rollback of {stack.name} is blocked by {', '.join(blocking)}", *reasons])
    hint = "mend them, or leave them as they are, so that the stack is wrong about them: " + _to_skip(blocking)
    return fault("OM6206", message, hint=hint)


def _blocking(site: Site, stack: Stack) -> Mapping[str, str]:
    """What could not be rolled back, each with its reason: only that may be skipped (ContinueUpdateRollback)."""
    failed = [each for each in resources_of(site.cloud, stack) if each["ResourceStatus"] == "UPDATE_FAILED"]
    reasons = {each["LogicalResourceId"]: each.get("ResourceStatusReason", "no reason given") for each in failed}
    return dict(sorted(reasons.items()))


def _require_blocked(stack: Stack, skip: Sequence[str], blocking: Mapping[str, str]) -> None:
    """Raises `Rejected` for what does not block the rollback; resources of nested stacks have a dot, and pass."""
    wrong = [name for name in skip if name not in blocking and "." not in name]
    if wrong:
        message = f"--skip {wrong[0]}: {wrong[0]} does not block the rollback of {stack.name}"
        hint = f"what does: {_to_skip(blocking)}" if blocking else "leave it out"
        raise Rejected([fault("OM6206", message, hint=hint)])


def _to_skip(names: Iterable[str]) -> str:
    return " ".join(f"--skip {name}" for name in names)


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


def _is_held(resource: Answer) -> bool:
    """Whether a resource is there, or may be: one that was never made has no physical id."""
    return bool(resource.get("PhysicalResourceId")) and resource["ResourceStatus"] != "DELETE_SKIPPED"
