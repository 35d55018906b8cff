"""What is worth a sentence beside the changes of a stack, without its full stop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from omegac.cloudformation.intrinsics import named

_IMAGE = "AWS::EC2::Image::Id"
_MASK = "****"
"""What CloudFormation shows in the place of a value that is never to be shown."""


def moved_images(
    stack_parameters: Iterable[Mapping[str, Any]],
    change_set_parameters: Iterable[Mapping[str, Any]],
    planned: Mapping[str, Any] | None = None,
) -> tuple[str, ...]:
    """The machine images that are others since the stack was deployed, by the parameters that lead to them.

    Both take what `Parameters` of a stack and of a change set hold. With the template, what boots from an image is
    named, and a parameter that leads to anything but an image is left out.
    """
    old = _resolved(stack_parameters)
    new = _resolved(change_set_parameters)
    return tuple(
        f"the image of {_users(planned, name) or name} moves from {old[name]} to {new[name]}"
        for name in sorted(old.keys() & new.keys())
        if old[name] != new[name] and _is_image(planned, name)
    )


def retained_parameters(
    retained: Mapping[str, str], planned: Mapping[str, Any], deployed: Mapping[str, Any] | None = None
) -> tuple[str, ...]:
    """The parameters that keep the stack's value although the template's default is another.

    `retained` has the values that are taken over from the stack. Where the deployed template is known, only a default
    that is new is worth a word: a value that was given against the same default was meant. Neither is told of a secret.
    """
    defaults, before = _defaults(planned), _defaults(deployed or {})
    hidden = {
        name for name in retained if retained[name] == _MASK or _is_secret(planned.get("Parameters", {}).get(name, {}))
    }
    return tuple(
        f"{name} stays as it is, though its default is another now"
        if name in hidden
        else f"{name} stays {retained[name]}, though the default is now {defaults[name]}"
        for name in sorted(retained.keys() & defaults.keys())
        if defaults[name] not in {retained[name], before.get(name)} and (name in before or name not in hidden)
    )


def hourly_costs(added: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The resources that are added and cost money by the hour, each a name and a type."""
    listed = ", ".join(f"{name} ({resource_type})" for name, resource_type in added)
    return (f"costs by the hour: {listed}",) if listed else ()


def section_differences(
    deployed: Mapping[str, Any], planned: Mapping[str, Any], sections: Iterable[str]
) -> tuple[str, ...]:
    """What differs between two templates in some of their sections, resources left out."""
    found = []
    for section in sorted(sections):
        one, other = deployed.get(section), planned.get(section)
        if section == "Resources":
            one, other = _loops(one), _loops(other)
        if one != other:
            found.append(f"{section} of the template: {_difference(one, other)}")
    return tuple(found)


def _loops(resources: Any) -> dict[str, Any]:
    """The entries of `Resources` that stand for several, as `Fn::ForEach` does."""
    return {name: body for name, body in (resources or {}).items() if not isinstance(body, Mapping)}


def _difference(before: Any, after: Any) -> str:
    if not isinstance(before or {}, Mapping) or not isinstance(after or {}, Mapping):
        return "added" if before is None else "removed" if after is None else "changed"
    one, other = before or {}, after or {}
    told = {
        "added": [name for name in other if name not in one],
        "changed": [name for name in other if name in one and one[name] != other[name]],
        "removed": [name for name in one if name not in other],
    }
    return "; ".join(f"{', '.join(sorted(names))} {verb}" for verb, names in told.items() if names)


def _resolved(parameters: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {each["ParameterKey"]: each["ResolvedValue"] for each in parameters if each.get("ResolvedValue")}


def _defaults(template: Mapping[str, Any]) -> dict[str, str]:
    """The defaults, as CloudFormation writes them."""
    return {
        name: _text(body["Default"])
        for name, body in template.get("Parameters", {}).items()
        if isinstance(body, Mapping) and "Default" in body
    }


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_secret(body: Mapping[str, Any]) -> bool:
    return str(body.get("NoEcho", "")).lower() == "true"


def _is_image(planned: Mapping[str, Any] | None, name: str) -> bool:
    body = (planned or {}).get("Parameters", {}).get(name)
    return _IMAGE in str(body.get("Type", "")) if isinstance(body, Mapping) else planned is None


def _users(planned: Mapping[str, Any] | None, parameter: str) -> str:
    """The resources that refer to a parameter, in the template's order."""
    resources = (planned or {}).get("Resources", {})
    return ", ".join(name for name, body in resources.items() if parameter in set(_names(body)))


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, child in value.items():
            yield from (reference.name for reference in named(key, child))
            yield from _names(child)
    elif isinstance(value, list):
        for child in value:
            yield from _names(child)
