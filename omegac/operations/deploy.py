"""`omegac deploy`: a state machine over the statuses of a stack, one look and one step at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from omegac.cloud import CloudError
from omegac.deployment.places import NOWHERE, Places
from omegac.deployment.statuses import Deploying, status
from omegac.deployment.talk import Found, Note, Outcome, Outputs, Planned, Result
from omegac.diagnostics import Rejected, fault
from omegac.operations.change_set import Moved, discard
from omegac.operations.consent import Declined
from omegac.operations.execution import execute
from omegac.operations.failures import explain
from omegac.operations.following import Detached, Ended, Operation, bookmark, follow, patiently
from omegac.operations.origins import places_of
from omegac.operations.outputs import outputs_of
from omegac.operations.planning import Plan, reviewed
from omegac.operations.recovery import continue_rollback, recreate, require_service, roll_back, wait
from omegac.operations.release import Release
from omegac.operations.site import Site
from omegac.operations.stack import Stack, look
from omegac.operations.tokens import token_for

_MOST_LOOKS = 12
"""After so many steps, a stack is not what a deployment can wait for: others work on it all the time."""
_DEPLOYED = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
_UNDONE = {"DELETE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}
"""Where what was cancelled comes to."""


class Manner(NamedTuple):
    """How a deployment is done."""

    plan_only: bool = False
    """Whether to stop with the change set made."""
    rollback: bool = True
    """Whether what fails is undone."""
    skip: Sequence[str] = ()
    """The resources that a rollback may leave as they are."""
    adopt: bool = False
    """Whether a stack that is not omegac's is taken over."""
    protect: bool | None = None
    """Termination protection; None leaves it as it is."""


class Subject(NamedTuple):
    """What is deployed."""

    service: str
    plan: Callable[[Site, Stack], Plan | None]
    """Gives the change set for a stack as it stands; None where nothing changes."""
    places: Callable[[Site, Plan], Places]
    """Gives the places of the template's values."""
    reviewed: str | None = None
    """The name of a change set that was made before; None where each plan is made for this deployment alone."""


def of_release(release: Release) -> Subject:
    """What was compiled just now."""
    return Subject(
        release.service,
        release.plan,
        lambda _site, _plan: release.places,
    )


def of_change_set(service: str, name: str, folder: Path) -> Subject:
    """Exactly what a change set does that was made before, out of a spec in a folder."""
    return Subject(
        service,
        lambda site, stack: reviewed(site, stack, name),
        lambda site, plan: _places(site, plan, folder),
        name,
    )


def _places(site: Site, plan: Plan, folder: Path) -> Places:
    """The places of what was planned before; to look for them in vain is no reason to hide why it failed."""
    try:
        return places_of(site.cloud, patiently(site, lambda: look(site.cloud, plan.stack_id)), plan.digest, folder)
    except CloudError:
        return NOWHERE


def deploy(site: Site, subject: Subject, manner: Manner) -> Result:
    """Brings a stack to what is deployed. Raises `Rejected` and `CloudError`; all else is in the result."""
    deployment = _Deployment(site, subject, manner)
    try:
        return deployment.run()
    except Declined:
        return Result("deploy", site.stack, "declined")
    except Detached:
        return Result("deploy", site.stack, "detached")


class _Deployment:
    """One deployment: each step takes the stack as it was looked at, and gives the result once there is one."""

    def __init__(self, site: Site, subject: Subject, manner: Manner) -> None:
        self._site = site
        self._subject = subject
        self._manner = manner

    def run(self) -> Result:
        """Looks and steps until there is a result."""
        for _ in range(_MOST_LOOKS):
            stack = look(self._site.cloud, self._site.stack)
            try:
                result = self._step(stack)
            except Moved as moved:
                self._site.talk.say(Note(f"{stack.name} has changed meanwhile, and is looked at anew: {moved}"))
                self._refuse_other_than_reviewed(stack)
                self._site.pace.pause(0)
                continue
            if result:
                return result
        message = f"others work on {self._site.stack} all the time: it could not be deployed in {_MOST_LOOKS} attempts"
        raise Rejected([fault("OM6107", message, hint="see who does, with `omegac events`, and deploy once they rest")])

    def _step(self, stack: Stack) -> Result | None:
        """What the stack's status asks for; None where it has to be looked at anew."""
        site = self._site
        what: Deploying = stack.state.deploying
        if what == "refuse":
            raise Rejected([fault("OM6101", f"{stack.name}: {stack.state.meaning}", hint=stack.state.way_out)])
        if what == "wait":
            wait(site, stack)
            return None
        require_service(stack, self._subject.service, adopt=self._manner.adopt)
        if what == "recreate":
            recreate(site, stack)
        elif what == "continue the rollback":
            return self._continue_rollback(stack)
        elif what == "roll back" and self._manner.rollback:
            roll_back(site, stack)
        else:
            return self._change(stack)
        return None

    def _continue_rollback(self, stack: Stack) -> Result | None:
        blocked = continue_rollback(self._site, stack, self._manner.skip)
        if blocked is None:
            return None
        self._site.talk.say(Found(blocked))
        return Result("deploy", self._site.stack, "failed", "UPDATE_ROLLBACK_FAILED")

    def _refuse_other_than_reviewed(self, stack: Stack) -> None:
        """A change set that was reviewed is never replaced by another."""
        name = self._subject.reviewed
        if name:
            message = f"{stack.name} has changed since the change set {name} was made"
            raise Rejected([fault("OM6105", message, hint="plan anew, with `omegac deploy --plan`, and review that")])

    def _change(self, stack: Stack) -> Result:
        """Plans, shows, asks, executes and follows."""
        plan = self._subject.plan(self._site, stack)
        if plan is None:
            return self._protected("unchanged", stack)
        self._site.talk.say(Planned(stack.name, plan.name, plan.changes))
        if self._manner.plan_only:
            return Result("deploy", stack.name, "planned", stack.status, plan.name)
        operation = self._begun(plan)
        ended = follow(self._site, operation)
        if not ended.own:
            return self._overtaken(ended)
        if ended.status in _DEPLOYED:
            return self._deployed(operation.stack, ended.status)
        if ended.cancelled and ended.status in _UNDONE:
            return Result("deploy", self._site.stack, "cancelled", ended.status)
        explain(self._site, operation.stack, ended, self._subject.places(self._site, plan))
        if status(ended.status).way_out:
            self._site.talk.say(Note(f"next deployment: {status(ended.status).way_out}"))
        return Result("deploy", self._site.stack, "failed", ended.status)

    def _begun(self, plan: Plan) -> Operation:
        """Asks for what is needed, and executes; a plan that was made for this deployment alone goes if it cannot."""
        site = self._site
        try:
            self._ask(plan)
            stack = look(site.cloud, plan.stack_id)
            token = token_for(plan.digest)
            before = bookmark(site.cloud, stack)
            execute(site, plan, token, rollback=self._manner.rollback)
        except BaseException:
            if not self._subject.reviewed:
                discard(site.cloud, plan.stack, plan.made)
            raise
        return Operation(stack, token, before, plan.cancellation(site.cloud))

    def _ask(self, plan: Plan) -> None:
        consent = self._site.consent
        lost = plan.changes.at_risk
        if not plan.creates:  # else the names were for what had to be deleted first
            consent.tell_idle((change.name for change in lost), "--accept-loss")
        consent.need_names(((change.loss, change.name) for change in lost), "--accept-loss")
        consent.need(f"deploy this to {plan.stack.name} in {self._site.cloud.region}?")

    def _overtaken(self, ended: Ended) -> Result:
        """Says that others have put an end to the deployment."""
        message = f"others have worked on {self._site.stack} while it was deployed; it has come to {ended.status}"
        hint = "see what they did, with `omegac events`, and deploy again"
        self._site.talk.say(Found(fault("OM6107", message, hint=hint)))
        return Result("deploy", self._site.stack, "failed", ended.status)

    def _deployed(self, stack: Stack, status: str) -> Result:
        """What comes of a deployment that is done: that the stack cannot be looked at makes no failure of it."""
        site = self._site
        try:
            now = patiently(site, lambda: look(site.cloud, stack.id))
        except CloudError as error:
            site.talk.say(Note(f"it is deployed, but its outputs are not to be had: {error}"))
            now = stack._replace(answer={**stack.answer, "StackStatus": status, "Outputs": ()})
        return self._protected("done", now)

    def _protected(self, outcome: Outcome, stack: Stack) -> Result:
        """Says the outputs, and sets termination protection as it is wanted: without it, nothing is done well."""
        site, wanted = self._site, self._manner.protect
        site.talk.say(Outputs(stack.name, outputs_of(site, stack)))
        if wanted is not None and wanted != stack.is_protected:
            call = partial(site.cloud.call, "cloudformation", "update_termination_protection")
            turned = "on" if wanted else "off"
            try:
                patiently(site, partial(call, StackName=stack.id, EnableTerminationProtection=wanted))
            except CloudError as error:
                message = f"{stack.name} is deployed, but its termination protection is not turned {turned}: {error}"
                hint = "whoever deploys needs the right to cloudformation:UpdateTerminationProtection; deploy again"
                site.talk.say(Found(fault("OM6008", message, hint=hint)))
                outcome = "failed"
            else:
                site.talk.say(Note(f"termination protection is {turned}"))
        return Result("deploy", site.stack, outcome, stack.status)
