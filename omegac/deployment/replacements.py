"""Which properties of a resource cannot be changed in place, from the table that `scripts/replacements.py` writes."""

from __future__ import annotations

from functools import cache

from omegac import shipped
from omegac.deployment.properties import Recreation, tokens

_PERHAPS = "?"
"""Ends the path of a property for whose change a resource is only sometimes made anew."""
_CUSTOM = "AWS::CloudFormation::CustomResource"


def recreates(resource_type: str, path: str) -> Recreation:
    """Whether a resource is made anew for a change at a JSON pointer.

    Only `Properties` can ask for that. Of a type that the table does not know, nobody can say. The function behind a
    custom resource may answer any change with another physical id, which makes it another resource.
    """
    section, *route = tokens(path) or [""]
    if section == "Type":
        return "always"
    if section != "Properties":
        return "never"
    custom = resource_type == _CUSTOM or resource_type.startswith("Custom::")
    table = _create_only(_CUSTOM if custom else resource_type)
    if table is None:
        return "conditionally"
    steps = [step for step in route if not step.isdecimal()]
    found = {_met(steps, entry) for entry in table}
    if "always" in found:
        return "always"
    return "conditionally" if custom or "conditionally" in found else "never"


def _met(steps: list[str], entry: str) -> Recreation:
    """What one entry of the table says of a change; that of a value around the property may leave it as it was."""
    immutable = entry.removesuffix(_PERHAPS).split("/")
    if any(step != other for step, other in zip(steps, immutable, strict=False)):
        return "never"
    return "conditionally" if entry.endswith(_PERHAPS) or len(steps) < len(immutable) else "always"


@cache
def _create_only(resource_type: str) -> tuple[str, ...] | None:
    found = _types().get(resource_type)
    return None if found is None else tuple(found.split())


@cache
def _types() -> dict[str, str]:
    import json

    types: dict[str, str] = json.loads(shipped.text("schemas/replacements.json"))["types"]
    return types
