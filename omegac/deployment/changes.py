"""What a deployment would do to each resource, in order of danger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from omegac.deployment.details import Bodies, changed_properties, context, firmest
from omegac.deployment.holdings import costs_by_the_hour, held_by
from omegac.deployment.properties import PropertyChange, Recreation, at
from omegac.deployment.remarks import hourly_costs, section_differences
from omegac.deployment.scripts import is_readable, script_difference, userdata_path

__all__ = ["NESTED", "Action", "Change", "Changes", "Keeping", "PropertyChange", "Recreation", "changes_of"]

NESTED = "AWS::CloudFormation::Stack"

Action: TypeAlias = Literal[
    "add", "change", "replace", "perhaps replace", "remove", "import", "synchronise", "undetermined"
]
Keeping: TypeAlias = Literal["delete", "retain", "snapshot"]
Pages: TypeAlias = Sequence[Mapping[str, Any]]

_DANGER: tuple[Action, ...] = (
    "remove",
    "replace",
    "undetermined",
    "perhaps replace",
    "change",
    "import",
    "synchronise",
    "add",
)
_VANISHING = frozenset(["perhaps replace", "remove", "replace", "undetermined"])
"""What may take away the resource that is there."""
_STAYING = frozenset(["change", "synchronise"])
"""What leaves the resource that is there, but not as it is."""
_SAFETY: tuple[Keeping, ...] = ("delete", "snapshot", "retain")
_KEEPING: Mapping[str, Keeping] = {
    "Retain": "retain",
    "RetainExceptOnCreate": "retain",
    "Snapshot": "snapshot",
}
_POLICY_ACTIONS: Mapping[str, Keeping] = {
    "Delete": "delete",
    "ReplaceAndDelete": "delete",
    "ReplaceAndRetain": "retain",
    "ReplaceAndSnapshot": "snapshot",
    "Retain": "retain",
    "Snapshot": "snapshot",
}


class Change(NamedTuple):
    """What happens to one resource."""

    action: Action
    logical_id: str
    type: str
    physical_id: str | None = None
    properties: tuple[PropertyChange, ...] = ()
    script: tuple[str, ...] = ()
    """Its userdata as a unified difference by lines; empty where there is none."""
    keeps: Keeping | None = None
    """What becomes of the resource that was there: None where it stays, or nothing was."""
    holds_data: bool = False
    costs_by_the_hour: bool = False
    stack: tuple[str, ...] = ()
    """The logical ids of the nested stacks down to it."""
    untold: bool = False
    """Whether it is a nested stack, and no change set tells what changes within."""
    within: tuple[str, ...] = ()
    """What holds data inside of it, as a nested stack, and is not kept; by names as `name` has them."""

    @property
    def name(self) -> str:
        """Its logical id, after those of the nested stacks down to it."""
        return "/".join((*self.stack, self.logical_id))

    @property
    def vanishes(self) -> bool:
        """Whether the resource that is there goes, or may go."""
        return self.action in _VANISHING

    @property
    def loses_data(self) -> bool:
        """Whether data goes with it, or may go."""
        return (self.vanishes or self.untold) and self.holds_data and self.keeps not in {"retain", "snapshot"}

    @property
    def loss(self) -> str:
        """What is lost with it, in a sentence without its full stop."""
        held = f"the data of {', '.join(self.within)}" if self.within else "data"
        if self.untold:
            return f"what changes within {self.name} ({self.type}) is not told, and it holds {held}, which may be lost"
        return f"{self.name} ({self.type}) holds {held}, which is lost"


class Changes(NamedTuple):
    """All that a deployment would do."""

    resources: tuple[Change, ...]
    """In order of danger."""
    remarks: tuple[str, ...] = ()
    """What else is to be known, in sentences without their full stop."""

    @property
    def at_risk(self) -> tuple[Change, ...]:
        """The changes with which data is lost, or may be."""
        return tuple(change for change in self.resources if change.loses_data)


def changes_of(
    pages: Pages,
    deployed: Mapping[str, Any] | None,
    planned: Mapping[str, Any],
    nested: Mapping[str, Pages] | None = None,
) -> Changes:
    """What a change set would do, from all pages of its description, and of those of nested stacks by their ids.

    The templates, that of the stack and that of the change set, tell what the descriptions leave out.
    """
    # A change set tells nothing of outputs, not even where it changes nothing else.
    remarks = section_differences(deployed, planned, ["Outputs"]) if deployed else ()
    return summed_up(_changes(pages, deployed or {}, planned, nested or {}, ()), remarks)


def summed_up(found: Iterable[Change], remarks: Iterable[str] = ()) -> Changes:
    """Changes in order of danger, and what can be said of all of them."""
    resources = in_order(found)
    added = [(each.name, each.type) for each in resources if each.action == "add" and each.costs_by_the_hour]
    return Changes(resources, (*remarks, *hourly_costs(added)))


def in_order(found: Iterable[Change]) -> tuple[Change, ...]:
    """Changes, the most dangerous first."""
    return tuple(sorted(found, key=_danger))


def modification(found: Iterable[PropertyChange]) -> Action:
    """What becomes of a resource whose properties change."""
    actions: Mapping[Recreation, Action] = {"never": "change", "conditionally": "perhaps replace", "always": "replace"}
    return actions[firmest(each.recreates for each in found)]


def kept(action: Action, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Keeping | None:
    """What becomes of a resource that may go, by the policies of its template.

    Removal asks for its DeletionPolicy, replacement for its UpdateReplacePolicy. If the new template has another, or it
    is not known which of the two will be asked for, the one that saves least is taken.
    """
    if action not in _VANISHING:
        return None
    policies = []
    if action in {"remove", "undetermined"}:
        policies.append(_deletion(before or {}))
    if action != "remove":
        policies += [_KEEPING.get(str(body.get("UpdateReplacePolicy")), "delete") for body in (before, after) if body]
    return min(policies, key=_SAFETY.index, default="delete")


def _deletion(body: Mapping[str, Any]) -> Keeping:
    policy = body.get("DeletionPolicy")
    if policy is None:
        # CloudFormation's reference of DeletionPolicy: only these have another default than Delete.
        alone = body.get("Type") == "AWS::RDS::DBInstance" and "DBClusterIdentifier" not in body.get("Properties", {})
        return "snapshot" if alone or body.get("Type") == "AWS::RDS::DBCluster" else "delete"
    return _KEEPING.get(str(policy), "delete")


def _changes(
    pages: Pages,
    deployed: Mapping[str, Any],
    planned: Mapping[str, Any],
    nested: Mapping[str, Pages],
    stack: tuple[str, ...],
) -> Iterator[Change]:
    for page in pages:
        for each in page.get("Changes", ()):
            change = each.get("ResourceChange")
            if not change:
                continue
            name = change["LogicalResourceId"]
            bodies = Bodies(
                context(change.get("BeforeContext")),
                context(change.get("AfterContext")),
                deployed.get("Resources", {}).get(name),
                planned.get("Resources", {}).get(name),
            )
            inner = change.get("ChangeSetId")
            found = _change(change, bodies, stack)
            hidden = found.type == NESTED and found.action in _STAYING and inner not in nested
            yield found._replace(untold=hidden)
            if inner in nested:
                rest = {key: value for key, value in nested.items() if key != inner}
                yield from _changes(nested[inner], {}, {}, rest, (*stack, name))


def _change(change: Mapping[str, Any], bodies: Bodies, stack: tuple[str, ...]) -> Change:
    resource_type = change.get("ResourceType", "")
    modified = change["Action"] in {"Modify", "Dynamic", "SyncWithActual"}
    properties = changed_properties(change, bodies) if modified else ()
    action = _action(change, properties)
    return Change(
        action,
        change["LogicalResourceId"],
        resource_type,
        change.get("PhysicalResourceId"),
        properties,
        _script(resource_type, bodies) if modified else (),
        _keeping(change, action, bodies),
        held_by(resource_type, bodies.before or bodies.after) is not None,
        costs_by_the_hour(resource_type, bodies.after or bodies.before),
        stack,
    )


def _action(change: Mapping[str, Any], properties: Iterable[PropertyChange]) -> Action:
    match change["Action"], change.get("Replacement"):
        case "Add", _:
            return "add"
        case "Remove", _:
            return "remove"
        case "Import", _:
            return "import"
        case "SyncWithActual", _:
            return "synchronise"
        case "Modify", "True":
            return "replace"
        case "Modify", "Conditional":
            return "perhaps replace"
        case "Modify", "False":
            return "change"
        case "Modify", _:
            return modification(properties)
        case _:
            return "undetermined"


def _keeping(change: Mapping[str, Any], action: Action, bodies: Bodies) -> Keeping | None:
    told = _POLICY_ACTIONS.get(change.get("PolicyAction", ""))
    if action not in _VANISHING or told:
        return told if action in _VANISHING else None
    typed = {"Type": change.get("ResourceType"), **(bodies.before or {})}
    return kept(action, typed, bodies.after)


def _script(resource_type: str, bodies: Bodies) -> tuple[str, ...]:
    """The script's difference as an instance will have it where the change set tells both sides, else as written."""
    path = userdata_path(resource_type)
    told = (bodies.told_before, bodies.told_after)
    if path and all(body is not None and is_readable(at(body, path)) for body in told):
        return script_difference(resource_type, *told)
    return script_difference(resource_type, bodies.deployed, bodies.planned)


def _danger(change: Change) -> tuple[int, int, tuple[str, ...], str]:
    """Loss of data first, then what goes with data that is kept, then the rest; by names where the danger is one."""
    held = 0 if change.loses_data else 1 if change.vanishes and change.holds_data else 2
    return held, _DANGER.index(change.action), change.stack, change.logical_id
