"""What a change set says of one resource's properties, and what the templates say where it is silent.

CloudFormation gives the contexts of a resource and the values of a property as JSON in strings. It cuts large values,
leaves all of them out unless asked, and writes a mark where only the deployment will tell.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from omegac.deployment.properties import ABSENT, PropertyChange, Recreation, at, differences, escaped
from omegac.deployment.replacements import recreates

UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}"
"""CloudFormation's mark for a value that only the deployment will tell."""
TEMPLATE = "the template"

_CUT = "..."
_LARGE = 100
"""CloudFormation says that it cuts large values, but not where: what is shorter than this is taken as whole."""
_FIRMNESS: tuple[Recreation, ...] = ("never", "conditionally", "always")
_RECREATIONS: Mapping[str, Recreation] = {"Never": "never", "Conditionally": "conditionally", "Always": "always"}
_ACTIONS: Mapping[str, Literal["add", "change", "remove"]] = {"Add": "add", "Modify": "change", "Remove": "remove"}


class Bodies(NamedTuple):
    """A resource as it is and as it will be: as the change set tells, and as the templates have it."""

    told_before: Mapping[str, Any] | None
    told_after: Mapping[str, Any] | None
    deployed: Mapping[str, Any] | None
    planned: Mapping[str, Any] | None

    @property
    def before(self) -> Mapping[str, Any] | None:
        """What is known of the resource that is there."""
        return self.told_before if self.deployed is None else self.deployed

    @property
    def after(self) -> Mapping[str, Any] | None:
        """What is known of the resource that will be there."""
        return self.told_after if self.planned is None else self.planned


def context(text: Any) -> Mapping[str, Any] | None:
    """A resource out of its context in a change set; None where there is none, or one that was cut."""
    found = _parsed(text) if isinstance(text, str) else text
    return found if isinstance(found, Mapping) else None


def changed_properties(change: Mapping[str, Any], bodies: Bodies) -> tuple[PropertyChange, ...]:
    """The properties that a change of a resource is about, in the order that the change set names them."""
    details = change.get("Details") or ()
    if not details:
        return tuple(compared(change.get("ResourceType", ""), *_pair(bodies)))
    targets: dict[str, list[Mapping[str, Any]]] = {}
    for detail in details:
        targets.setdefault(_path(detail.get("Target", {})), []).append(detail)
    return tuple(
        each._replace(recreates=_recreation(found), causes=_causes(found))
        for path, found in targets.items()
        for each in _target(path, [detail.get("Target", {}) for detail in found], bodies)
    )


def compared(resource_type: str, before: Any, after: Any) -> Iterator[PropertyChange]:
    """What differs between two bodies of a resource, and whether the resource is made anew for it."""
    for each in differences(before or {}, after or {}):
        yield each._replace(recreates=recreates(resource_type, each.path), causes=(TEMPLATE,))


def firmest(found: Iterable[Recreation]) -> Recreation:
    """The word that counts of several."""
    return max(found, key=_FIRMNESS.index, default="never")


def _pair(bodies: Bodies) -> tuple[Any, Any]:
    if bodies.told_before is not None and bodies.told_after is not None:
        return bodies.told_before, bodies.told_after
    return bodies.deployed, bodies.planned


def _path(target: Mapping[str, Any]) -> str:
    if target.get("Path"):
        return str(target["Path"])
    attribute = target.get("Attribute", "Properties")
    if attribute == "Tags":
        return "/Properties/Tags"
    name = target.get("Name") if attribute == "Properties" else None
    return f"/{attribute}/{escaped(name)}" if name else f"/{attribute}"


def _target(path: str, targets: list[Mapping[str, Any]], bodies: Bodies) -> Iterator[PropertyChange]:
    """What changes at a path. Where the change set only names the property, all that differs in it."""
    told = [target for target in targets if "BeforeValue" in target or "AfterValue" in target]
    if not told and not any(target.get("AttributeChangeType") for target in targets):
        one, other = (at(body or {}, path) for body in _pair(bodies))
        found = list(differences(one, other, path))
        yield from found or [PropertyChange(path, "change")]
        return
    target = {key: value for each in (*targets, *told) for key, value in each.items()}
    before = _value(
        target.get("BeforeValue", ABSENT), at(bodies.told_before or {}, path), at(bodies.deployed or {}, path)
    )
    after = _value(target.get("AfterValue", ABSENT), at(bodies.told_after or {}, path), at(bodies.planned or {}, path))
    if not told and before == after:
        before = after = None  # the same expression, whose value is another
    action = _ACTIONS.get(target.get("AttributeChangeType", ""), "change")
    yield PropertyChange(path, action, None if action == "add" else before, None if action == "remove" else after)


def _value(told: Any, inside: Any, written: Any) -> Any:
    """A value by the best of its witnesses: the resource's context, then the property's own, then the template."""
    if UNKNOWN in (told, inside):
        return None
    if inside is not ABSENT:
        return inside
    if told is not ABSENT:
        value = _parsed(told)
        return value if written is ABSENT or not _is_cut(value, written) else written
    return None if written is ABSENT else written


def _is_cut(value: Any, written: Any) -> bool:
    """Whether a value is the beginning of the longer one that the template has, or of some JSON."""
    if not isinstance(value, str):
        return False
    if isinstance(written, str):
        return len(value) >= _LARGE and value != written and written.startswith(value.removesuffix(_CUT))
    return value[:1] in {"{", "["}


def _parsed(text: str) -> Any:
    """A mapping or a list out of its JSON; any other value is given as the text that it is."""
    if text[:1] not in {"{", "["}:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _recreation(details: Iterable[Mapping[str, Any]]) -> Recreation:
    """What is certain to ask for another resource does so only if its value is certain to change."""
    return firmest(
        "conditionally" if found == "always" and detail.get("Evaluation") == "Dynamic" else found
        for detail in details
        for found in [_RECREATIONS.get(detail.get("Target", {}).get("RequiresRecreation", ""), "never")]
    )


def _causes(details: list[Mapping[str, Any]]) -> tuple[str, ...]:
    """Why a property changes, each cause once.

    For a reference to what changes, CloudFormation gives a second detail that says the template changed ("Example
    change sets for CloudFormation stacks", in its guide): that one is left out.
    """
    named = [detail for detail in details if detail.get("ChangeSource") != "DirectModification"]
    static = [detail for detail in details if detail.get("Evaluation") != "Dynamic"]
    shown = [detail for detail in details if detail in named or detail in static or not named]
    return tuple(dict.fromkeys(map(_cause, shown)))


def _cause(detail: Mapping[str, Any]) -> str:
    entity = detail.get("CausingEntity", "")
    match detail.get("ChangeSource"):
        case "ParameterReference":
            return f"parameter {entity}"
        case "ResourceReference" | "ResourceAttribute":
            return f"{entity}, which changes"
        case "Automatic":
            return "the nested stack, whose template may have changed"
        case "NoModification":
            return "the template, which now says what is there already"
        case _:
            return TEMPLATE
