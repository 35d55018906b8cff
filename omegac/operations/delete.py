"""`omegac delete`: shows what goes and what stays, asks, and follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from omegac.cloud import Answer
from omegac.deployment.changes import Change, summed_up
from omegac.deployment.nesting import going
from omegac.deployment.talk import Note, Planned, Result
from omegac.diagnostics import Rejected, fault
from omegac.operations.change_set import change_sets
from omegac.operations.consent import Declined
from omegac.operations.failures import explain
from omegac.operations.following import Detached, run
from omegac.operations.nesting import looked_into
from omegac.operations.origins import places_of
from omegac.operations.recovery import require_unprotected, wait
from omegac.operations.site import Site
from omegac.operations.stack import Stack, look, resources_of, template_of
from omegac.operations.tokens import PREFIX, digest_of_template

_MOST_LOOKS = 6


class Deletion(NamedTuple):
    """How a stack is deleted."""

    force: bool = False
    """Whether it need not be omegac's."""
    retain: Sequence[str] = ()
    """The resources to leave behind that a deletion has failed at before."""
    folder: Path = Path()
    """Where the spec is."""


def delete(site: Site, deletion: Deletion) -> Result:
    """Deletes a stack. Raises `Rejected` and `CloudError`; all else is in the result."""
    try:
        for _ in range(_MOST_LOOKS):
            stack = look(site.cloud, site.stack)
            if stack.state.deleting == "wait":
                wait(site, stack)
            else:
                return _delete(site, stack, deletion)
    except Declined:
        return Result("delete", site.stack, "declined")
    except Detached:
        return Result("delete", site.stack, "detached")
    raise Rejected([fault("OM6107", f"others work on {site.stack} all the time", hint="delete it once they rest")])


def _delete(site: Site, stack: Stack, deletion: Deletion) -> Result:
    if stack.state.deleting == "nothing":
        site.talk.say(Note(f"there is no stack {stack.name}"))
        return Result("delete", stack.name, "unchanged", stack.status)
    if not deletion.force:
        _require_own(site, stack)
    require_unprotected(stack)
    resources = resources_of(site.cloud, stack)
    _require_failed(stack, resources, deletion.retain)
    template = template_of(site.cloud, stack) or {}
    _ask(site, stack, _goes(resources, template, deletion.retain))
    how = {"RetainResources": list(deletion.retain)} if deletion.retain else {}
    ended = run(site, stack, "delete_stack", **how)
    if ended.status == "DELETE_COMPLETE":
        return Result("delete", stack.name, "done", ended.status)
    explain(site, stack, ended, places_of(site.cloud, stack, digest_of_template(template), deletion.folder))
    if not deletion.retain:
        failed = [each for each in resources_of(site.cloud, stack) if each["ResourceStatus"] == "DELETE_FAILED"]
        options = " ".join(f"--retain {name}" for name in sorted(each["LogicalResourceId"] for each in failed))
        site.talk.say(Note(f"to leave behind what cannot be deleted: omegac delete --stack {stack.name} {options}"))
    return Result("delete", stack.name, "failed", ended.status)


def _require_failed(stack: Stack, resources: Sequence[Answer], retained: Sequence[str]) -> None:
    """Raises `Rejected` for what is to be left behind without need: CloudFormation leaves what it failed to delete."""
    if not retained:
        return
    hint = "what is to outlive its stack is given `DeletionPolicy: Retain` in the spec, and deployed so"
    if stack.status != "DELETE_FAILED":
        message = f"{stack.name} is {stack.status}: --retain is for a stack whose deletion has failed"
        raise Rejected([fault("OM6101", message, hint=hint)])
    failed = {each["LogicalResourceId"] for each in resources if each["ResourceStatus"] == "DELETE_FAILED"}
    wrong = [name for name in retained if name not in failed]
    if wrong:
        message = (
            f"--retain {wrong[0]}: it is not among what {stack.name} failed to delete, {', '.join(sorted(failed))}"
        )
        raise Rejected([fault("OM6101", message, hint=hint)])


def _require_own(site: Site, stack: Stack) -> None:
    """Raises `Rejected` for a stack that is not omegac's: one under review has no tag yet, but named change sets."""
    if stack.service is not None:
        return
    if not stack.is_deployed:
        names = [change_set["ChangeSetName"] for change_set in change_sets(site.cloud, stack)]
        if all(name.startswith(PREFIX) for name in names):
            return
    hint = "look at it with `omegac status`; if it really may go, add --force"
    raise Rejected([fault("OM6102", f"{stack.name} was not made by omegac", hint=hint)])


def _ask(site: Site, stack: Stack, goes: Sequence[Change]) -> None:
    changes = looked_into(site.cloud, summed_up(goes))
    site.talk.say(Planned(stack.name, None, changes))
    site.consent.tell_idle([stack.name, *(change.name for change in changes.at_risk)], "--accept-loss")
    left = [change for change in changes.at_risk if change.name not in site.consent.named]
    lost = [name for change in left for name in change.within or (change.name,)]
    if lost:
        question = f"with {stack.name} goes what {', '.join(lost)} {'holds' if len(lost) == 1 else 'hold'}"
        site.consent.need_name(question, stack.name, "--accept-loss")
    else:
        site.consent.need(f"delete {stack.name} in {site.cloud.region}?")


def _goes(resources: Sequence[Answer], template: Mapping[str, Any], retained: Sequence[str]) -> list[Change]:
    """What becomes of each resource, as changes that remove it."""
    goes = going(resources, template)
    return [change._replace(keeps="retain") if change.logical_id in retained else change for change in goes]
