"""A template as CloudFormation takes it: well-formed, complete in itself, within the capabilities that are given."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any

from tests.endpoint.cloudformation.intrinsics import references
from tests.endpoint.wire import Refusal, invalid

IAM_NAMES = {
    "AWS::IAM::AccessKey": "",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Policy": "",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::UserToGroupAddition": "",
}
"""The types that need a capability, and the property by which one of them gets a name of its own."""


@dataclass(frozen=True)
class Template:
    """A template, as it was sent, and what is in it; `body` is empty for a text that is not JSON."""

    text: str = ""
    body: dict[str, Any] = field(default_factory=dict, compare=False)

    def section(self, name: str) -> dict[str, Any]:
        return self.body.get(name) or {}

    @property
    def resources(self) -> dict[str, Any]:
        return self.section("Resources")

    @cached_property
    def dependencies(self) -> dict[str, set[str]]:
        """What each resource needs to be there before it."""
        ids = self.resources.keys()
        return {
            id_: {name for name, _ in references(body) if name in ids and name != id_} | _depends_on(body)
            for id_, body in self.resources.items()
        }

    @property
    def capabilities(self) -> list[str]:
        """The capability that its resources of IAM require."""
        bodies = [body for body in self.resources.values() if body.get("Type") in IAM_NAMES]
        named = any(IAM_NAMES[body["Type"]] in body.get("Properties", {}) for body in bodies)
        return ["CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"] if bodies else []

    @property
    def capabilities_reason(self) -> str | None:
        kinds = sorted({body["Type"] for body in self.resources.values() if body.get("Type") in IAM_NAMES})
        return f"The following resource(s) require capabilities: [{', '.join(kinds)}]" if kinds else None


EMPTY = Template()


def lenient(source: str | dict[str, Any] | None) -> Template:
    """A template that a test says is deployed: an object, JSON, or any other text, of which nothing is known."""
    if isinstance(source, dict):
        return Template(json.dumps(source), source)
    try:
        return Template(source, json.loads(source)) if source else EMPTY
    except ValueError:
        return Template(source or "")


def taken(text: str) -> Template:
    """A template that a call brings, once it has been checked as far as CloudFormation does without its parameters."""
    try:
        body = json.loads(text)
    except ValueError as error:
        place = f"(line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise invalid(f"Template format error: JSON not well-formed. {place}") from None
    if not isinstance(body, dict):
        raise invalid("Template format error: unsupported structure.")
    if not body.get("Resources"):
        raise invalid("Template format error: At least one Resources member must be defined.")
    template = Template(text, body)
    for id_, resource in template.resources.items():
        if not isinstance(resource, dict) or "Type" not in resource:
            raise invalid(
                f"Template format error: [/Resources/{id_}] Every Resources object must contain a Type member."
            )
    _check_types(template)
    _check_references(template)
    _check_order(template)
    return template


def check_capabilities(template: Template, given: Iterable[str]) -> None:
    """Refuses what would need a capability that was not given; that for names includes the other."""
    given = set(given)
    allowed = given | ({"CAPABILITY_IAM"} if "CAPABILITY_NAMED_IAM" in given else set())
    if missing := [capability for capability in template.capabilities if capability not in allowed]:
        raise Refusal("InsufficientCapabilitiesException", f"Requires capabilities : [{', '.join(missing)}]")


def _depends_on(body: dict[str, Any]) -> set[str]:
    named = body.get("DependsOn", [])
    return {named} if isinstance(named, str) else set(named)


def _check_types(template: Template) -> None:
    """Refuses a type that no registry could have: its name has two parts at least."""
    kinds = {str(body["Type"]) for body in template.resources.values()}
    if unknown := sorted(kind for kind in kinds if "::" not in kind):
        raise invalid(f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]")


def _check_references(template: Template) -> None:
    names = template.section("Parameters").keys() | template.resources.keys()
    for section in ("Resources", "Outputs"):
        found = sorted(set(references(template.section(section))))
        if wrong := [name for name, attribute in found if attribute and name not in template.resources]:
            raise invalid(f"Template error: instance of Fn::GetAtt references undefined resource {wrong[0]}")
        needed = {name for name, _ in found if not name.startswith("AWS::")}
        if section == "Resources":
            needed |= {name for body in template.resources.values() for name in _depends_on(body)}
        if missing := sorted(needed - names):
            raise invalid(
                f"Template format error: Unresolved resource dependencies [{', '.join(missing)}]"
                f" in the {section} block of the template"
            )


def _check_order(template: Template) -> None:
    try:
        TopologicalSorter(template.dependencies).prepare()
    except CycleError as error:
        circle = ", ".join(sorted(set(error.args[1])))
        raise invalid(f"Circular dependency between resources: [{circle}]") from None


def layers(template: Template, wanted: Iterable[str]) -> list[list[str]]:
    """Resources in the order in which they can be made: those of one layer need none of each other."""
    ids = set(wanted)
    order = TopologicalSorter({id_: template.dependencies.get(id_, set()) for id_ in template.resources})
    order.prepare()
    found: list[list[str]] = []
    while order.is_active():
        ready = sorted(order.get_ready())
        order.done(*ready)
        found.append([id_ for id_ in ready if id_ in ids])
    known = {id_ for layer in found for id_ in layer}
    return [*([sorted(ids - known)] if ids - known else []), *(layer for layer in found if layer)]
