"""`omegac status`, `omegac outputs` and `omegac events`: what a stack is, and what has happened to it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from omegac.cloud import NotAllowed
from omegac.deployment.statuses import status as meaning_of
from omegac.deployment.talk import Described, Happened, Note, Outputs, Result
from omegac.operations.change_set import change_sets
from omegac.operations.failures import explain
from omegac.operations.following import Detached, Ended, Operation, follow, told, under_way
from omegac.operations.origins import places_of
from omegac.operations.outputs import outputs_of
from omegac.operations.site import Site
from omegac.operations.stack import Stack, absent, existing, look, resources_of
from omegac.operations.tokens import digest_in


def status(site: Site) -> Result:
    """Says how a stack stands, and its outputs."""
    stack = look(site.cloud, site.stack)
    site.talk.say(Described(stack.name, _facts(site, stack)))
    if stack.outputs:
        site.talk.say(Outputs(stack.name, outputs_of(site, stack)))
    return Result("status", stack.name, "done", stack.status)


def outputs(site: Site) -> Result:
    """Says a stack's outputs. Raises `Rejected` where there is no such stack."""
    stack = existing(site.cloud, site.stack)
    site.talk.say(Outputs(stack.name, outputs_of(site, stack)))
    return Result("outputs", stack.name, "done", stack.status)


def events(site: Site, folder: Path, *, follow_on: bool) -> Result:
    """Says the events of a stack's last operation, to its end where it is followed, and why it failed if it did."""
    stack = look(site.cloud, site.stack)
    if not stack.answer:
        raise absent(stack)
    operation = under_way(site.cloud, stack)
    if follow_on and not stack.state.rests:
        try:
            ended = follow(site, operation)
        except Detached:
            return Result("events", stack.name, "detached")
    else:
        # Of what rests, nothing more is to come: to wait for it could take for ever.
        ended = _so_far(site, operation)
    if not follow_on and not stack.state.rests:
        site.talk.say(Note("it is not over: follow it with --follow"))
        return Result("events", stack.name, "done", ended.status)
    if meaning_of(ended.status).good:
        return Result("events", stack.name, "done", ended.status)
    explain(site, stack, ended, places_of(site.cloud, stack, digest_in(operation.token), folder))
    return Result("events", stack.name, "failed" if follow_on else "done", ended.status)


def _so_far(site: Site, operation: Operation) -> Ended:
    """What has happened in an operation up to now."""
    happened = told(site.cloud, operation)
    for event in happened:
        site.talk.say(Happened(event))
    return Ended(operation.stack.status, happened)


def _waiting(site: Site, stack: Stack) -> list[str]:
    """The names of the change sets that can be executed, as far as whoever asks may know them."""
    try:
        return sorted(
            each["ChangeSetName"]
            for each in change_sets(site.cloud, stack)
            if each.get("ExecutionStatus") == "AVAILABLE"
        )
    except NotAllowed:
        return []


def _facts(site: Site, stack: Stack) -> dict[str, Any]:
    """What is told of a stack."""
    facts: dict[str, Any] = {"status": stack.status, "meaning": stack.state.meaning}
    if not stack.answer:
        return facts
    answer = stack.answer
    if answer.get("StackStatusReason"):
        facts["reason"] = answer["StackStatusReason"]
    if stack.is_deployed:
        facts["service"] = stack.service or "not omegac's"
    waiting = _waiting(site, stack)
    if waiting:
        facts["change sets"] = waiting
    facts |= {
        "region": site.cloud.region,
        "id": stack.id,
        "created": answer["CreationTime"].isoformat(timespec="seconds"),
    }
    if answer.get("LastUpdatedTime"):
        facts["updated"] = answer["LastUpdatedTime"].isoformat(timespec="seconds")
    facts["protected"] = stack.is_protected
    facts["resources"] = dict(
        sorted(Counter(each["ResourceStatus"] for each in resources_of(site.cloud, stack)).items())
    )
    if stack.state.way_out:
        facts["next deployment"] = stack.state.way_out
    return facts
