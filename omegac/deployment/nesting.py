"""What is lost inside of nested stacks, where no change set tells of it: found in what is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from omegac.deployment.changes import NESTED, Action, Change, Changes, in_order, kept
from omegac.deployment.holdings import held_by

Findings: TypeAlias = Mapping[str, tuple[Change, ...] | None]
"""By the names of nested stacks, what may be lost inside of each; None where that is not to be known."""


def unseen(changes: Changes) -> Iterator[Change]:
    """The nested stacks that have to be looked into: those with which data goes, for all that is known of them."""
    return (change for change in changes.at_risk if change.type == NESTED)


def going(
    resources: Iterable[Mapping[str, Any]],
    template: Mapping[str, Any],
    action: Action = "remove",
    stack: tuple[str, ...] = (),
) -> Iterator[Change]:
    """What becomes of each resource of a stack that goes; resources are as ListStackResources has them."""
    bodies = template.get("Resources") or {}
    for resource in resources:
        name, type_ = resource["LogicalResourceId"], resource["ResourceType"]
        body = bodies.get(name)
        yield Change(
            action,
            name,
            type_,
            resource.get("PhysicalResourceId"),
            keeps=kept(action, body, None),
            holds_data=held_by(type_, body) is not None,
            stack=stack,
        )


def completed(changes: Changes, found: Findings) -> Changes:
    """The changes with what was found inside of nested stacks; one with nothing to lose inside is no loss."""
    named = {change.name for change in changes.at_risk}
    resources = in_order(_completed(change, found, named) for change in changes.resources)
    remarks = [remark for change in resources if (remark := _remark(change))]
    return Changes(resources, (*changes.remarks, *remarks))


def _completed(change: Change, found: Findings, named: set[str]) -> Change:
    """One change; what the change set itself tells to be lost is not told, nor asked for, twice."""
    inside = found.get(change.name)
    if inside is None:
        return change
    within = tuple(sorted(each.name for each in inside if each.name not in named))
    return change._replace(within=within, holds_data=bool(within))


def _remark(change: Change) -> str | None:
    if not change.untold:
        return f"with {change.name} goes what {', '.join(change.within)} {_hold(change)}" if change.within else None
    told = f"what changes within {change.name} is not told"
    if change.within:
        return f"{told}: it may take away what {', '.join(change.within)} {_hold(change)}"
    return f"{told}, nor what it holds" if change.holds_data else f"{told}, but nothing in it holds data"


def _hold(change: Change) -> str:
    return "holds" if len(change.within) == 1 else "hold"
