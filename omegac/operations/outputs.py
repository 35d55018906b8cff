"""The outputs of a stack as they may be shown: without what CloudFormation keeps from no one there, but elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omegac.cloud import CloudError
from omegac.deployment.disclosure import has_secrets, shown
from omegac.deployment.talk import Note
from omegac.diagnostics import Rejected
from omegac.operations.site import Site
from omegac.operations.stack import Stack, template_of


def outputs_of(site: Site, stack: Stack) -> Mapping[str, str]:
    """A stack's outputs, hidden those that its template makes from a secret parameter; it is asked for only then."""
    if not stack.outputs or not has_secrets(stack.parameters):
        return stack.outputs
    template = _template(site, stack)
    if template is None:
        why = "only the template would tell which are made from a secret, and it is not to be had"
        site.talk.say(Note(f"the outputs of {stack.name} are not shown: {why}"))
    return shown(template, stack.outputs)


def _template(site: Site, stack: Stack) -> Mapping[str, Any] | None:
    try:
        return template_of(site.cloud, stack)
    except (CloudError, Rejected):
        return None
