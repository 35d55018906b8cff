"""What a template would change of a stack, told from the two templates alone, without asking CloudFormation.

Whether a resource is made anew, and what follows from that for those that refer to it, is as CloudFormation has it.
What only the deployment knows is not seen: values of parameters, what a transform makes of a template, and drift.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from omegac.cloudformation.intrinsics import Reference, is_intrinsic
from omegac.cloudformation.references import references
from omegac.deployment.changes import Change, Changes, PropertyChange, kept, modification, summed_up
from omegac.deployment.details import compared
from omegac.deployment.holdings import costs_by_the_hour, held_by
from omegac.deployment.properties import escaped
from omegac.deployment.remarks import section_differences
from omegac.deployment.replacements import recreates
from omegac.deployment.scripts import script_difference

_Body: TypeAlias = Mapping[str, Any]
_Found: TypeAlias = dict[str, tuple[PropertyChange, ...]]
"""What changes of each resource that both templates have."""

_MOVING = {("AWS::EC2::LaunchTemplate", "LatestVersionNumber"), ("AWS::SSM::Parameter", "Value")}
"""The attributes that are others after a change in place."""
_ANSWERED = ("AWS::CloudFormation::CustomResource", "AWS::CloudFormation::Stack", "Custom::")
"""Begin the types of which any attribute may be another after a change."""


def changes_between(deployed: Mapping[str, Any], planned: Mapping[str, Any]) -> Changes:
    """What the planned template changes of the deployed one."""
    old, new = _bodies(deployed), _bodies(planned)
    found: _Found = {
        name: tuple(compared(old[name].get("Type", ""), old[name], body)) for name, body in new.items() if name in old
    }
    _spread(found, old, [each for each in references(dict(planned)) if each.route[0] == "Resources"], new)
    changes = [_modified(name, old[name], new[name], found[name]) for name in found if found[name]]
    changes += [_single("remove", name, old[name], None) for name in old if name not in new]
    changes += [_single("add", name, None, new[name]) for name in new if name not in old]
    return summed_up(changes, _remarks(deployed, planned))


def _bodies(template: Mapping[str, Any]) -> dict[str, _Body]:
    resources = template.get("Resources", {})
    return {name: body for name, body in resources.items() if isinstance(body, Mapping)}


def _modified(name: str, before: _Body, after: _Body, properties: tuple[PropertyChange, ...]) -> Change:
    resource_type = after.get("Type", "")
    action = modification(properties)
    script = script_difference(resource_type, before, after) if before.get("Type") == resource_type else ()
    return _single(action, name, before, after)._replace(properties=properties, script=script)


def _single(action: Any, name: str, before: _Body | None, after: _Body | None) -> Change:
    there, to_be = before or after or {}, after or before or {}
    return Change(
        action,
        name,
        to_be.get("Type", ""),
        keeps=kept(action, before, after),
        holds_data=held_by(there.get("Type", ""), there) is not None,
        costs_by_the_hour=costs_by_the_hour(to_be.get("Type", ""), to_be),
    )


def _spread(found: _Found, old: Mapping[str, _Body], uses: list[Reference], new: Mapping[str, _Body]) -> None:
    """Adds to each resource what changes of it because another one does, until nothing more follows."""
    grown = True
    while grown:
        grown = False
        for use in uses:
            user = str(use.route[1])
            if user not in found or not _moves(use, found, old):
                continue
            change = _following(use, new[user])
            known = {each.path: each for each in found[user]}
            if change.path not in known:
                found[user] = (*found[user], change)
                grown = True


def _moves(use: Reference, found: _Found, old: Mapping[str, _Body]) -> bool:
    """Whether what a reference stands for is another, or may be, after the changes that are known."""
    if use.kind not in {"ref", "attribute"} or not found.get(use.name):
        return False
    if modification(found[use.name]) != "change":
        return True
    resource_type = old[use.name].get("Type", "")
    if use.kind == "ref":
        return False
    return resource_type.startswith(_ANSWERED) or (resource_type, use.attribute) in _MOVING


def _following(use: Reference, body: _Body) -> PropertyChange:
    """The change of the value that a reference stands in: what it will be, only the deployment tells."""
    path, value = "", body
    for step in use.route[2:]:
        if is_intrinsic(value):
            break
        path, value = f"{path}/{escaped(str(step))}", value[step]  # type: ignore[index]
    source = use.name if use.attribute is None else f"{use.name}.{use.attribute}"
    firm = recreates(body.get("Type", ""), path)
    return PropertyChange(
        path, "change", recreates="never" if firm == "never" else "conditionally", causes=(f"{source}, which changes",)
    )


def _remarks(deployed: Mapping[str, Any], planned: Mapping[str, Any]) -> Iterator[str]:
    """What differs outside of resources, and what cannot be told from a template."""
    yield from section_differences(deployed, planned, {*deployed, *planned})
    if planned.get("Transform"):
        yield "the template is transformed when it is deployed: what comes of that is not compared"
