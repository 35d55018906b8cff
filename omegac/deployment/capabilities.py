"""What has to be acknowledged of a template when its change set is created.

The source of each fact that has no other is the description of `Capabilities` in the API reference, CreateChangeSet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_NAMES: Mapping[str, str] = {
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
}
"""The property by which a type gets a name of its own (template reference of each).

The same properties of other types, such as `UserName` of an access key, tell whom it is for; and `PolicyName` of
AWS::IAM::Policy, which it must have, names what is embedded in a role.
"""

_IAM = "AWS::IAM::"
_NESTED = frozenset(["AWS::CloudFormation::Stack", "AWS::Serverless::Application"])
_LOOP = "Fn::ForEach::"
_MODULE = "::MODULE"


def capabilities(template: Mapping[str, Any]) -> tuple[str, ...]:
    """The capabilities that a template needs, sorted; of the two for IAM the one that holds for all of it.

    What a nested stack or a macro brings is not known here, so that everything is acknowledged for them: their
    resources are the business of the same operation.
    """
    resources = list(_resources(template.get("Resources", {})))
    macros = bool(template.get("Transform")) or _transforms(template)
    expanded = macros or any(_brings_more(resource) for resource in resources)
    needed = []
    if expanded:
        # The reference says that it has no effect on a change set: but nested stacks with macros fail
        # without it (github.com/aws/copilot-cli, pull request 1024).
        needed.append("CAPABILITY_AUTO_EXPAND")
    if expanded or any(_has_name(resource) for resource in resources):
        needed.append("CAPABILITY_NAMED_IAM")
    elif any(_type(resource).startswith(_IAM) for resource in resources):
        # The reference lists eight types. Types came later that give rights as well, such as AWS::IAM::RolePolicy; and
        # to acknowledge more than is needed is no fault.
        needed.append("CAPABILITY_IAM")
    return tuple(needed)


def _resources(section: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every resource, those in a loop of AWS::LanguageExtensions among them: its third argument is a section."""
    for name, resource in section.items():
        if name.startswith(_LOOP) and isinstance(resource, list):
            for part in resource:
                yield from _resources(part) if isinstance(part, Mapping) else ()
        elif isinstance(resource, Mapping):
            yield resource


def _type(resource: Mapping[str, Any]) -> str:
    return str(resource.get("Type", ""))


def _brings_more(resource: Mapping[str, Any]) -> bool:
    """Whether a resource stands for others: a nested stack, or a module, which is expanded as a macro is."""
    return _type(resource) in _NESTED or _type(resource).endswith(_MODULE)


def _has_name(resource: Mapping[str, Any]) -> bool:
    """Whether a resource of IAM has a name of its own, or may have one by a condition."""
    properties = resource.get("Properties")
    return isinstance(properties, Mapping) and _NAMES.get(_type(resource)) in properties


def _transforms(value: Any) -> bool:
    """Whether a macro works on a part of a template."""
    if isinstance(value, Mapping):
        return "Fn::Transform" in value or any(map(_transforms, value.values()))
    return isinstance(value, list) and any(map(_transforms, value))
