"""`omegac diff`: what a deployment would change, with nothing left behind."""

from __future__ import annotations

from omegac.deployment.changes import Changes
from omegac.deployment.comparison import changes_between
from omegac.deployment.talk import Note, Planned, Result
from omegac.diagnostics import Rejected, fault
from omegac.operations.change_set import Moved, discard
from omegac.operations.release import Release
from omegac.operations.site import Site
from omegac.operations.stack import Stack, look, template_of

_MOST_LOOKS = 6


def diff(site: Site, release: Release) -> Result:
    """What a change set says, which is made for it and removed again."""
    for _ in range(_MOST_LOOKS):
        stack = look(site.cloud, site.stack)
        try:
            return _diff(site, stack, release)
        except Moved as moved:
            site.talk.say(Note(f"{stack.name} has changed meanwhile, and is looked at anew: {moved}"))
            site.pace.pause(0)
    raise Rejected([fault("OM6107", f"others work on {site.stack} all the time", hint="compare once they rest")])


def _diff(site: Site, stack: Stack, release: Release) -> Result:
    if stack.state.deploying not in {"create", "update"}:
        hint = "compare the templates alone, with --template-only"
        message = f"{stack.name}: {stack.state.meaning}: no change set can be made for it"
        raise Rejected([fault("OM6101", message, hint=hint)])
    plan = release.plan(site, stack, sends=False)
    if plan is None:
        return _said(site, stack, Changes(()))
    discard(site.cloud, stack, plan.made)
    return _said(site, stack, plan.changes)


def diff_templates(site: Site, release: Release) -> Result:
    """What differs between the template that is deployed and the compiled one; nothing is written anywhere."""
    stack = look(site.cloud, site.stack)
    deployed = template_of(site.cloud, stack) if stack.is_deployed else None
    return _said(site, stack, changes_between(deployed or {}, release.compilation.root.value))


def _said(site: Site, stack: Stack, changes: Changes) -> Result:
    site.talk.say(Planned(stack.name, None, changes))
    return Result("diff", stack.name, "planned" if changes.resources or changes.remarks else "unchanged", stack.status)
