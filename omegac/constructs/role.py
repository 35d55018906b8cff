"""The role of a function or server: one for each, trusted by one service, allowed what its entry needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from omegac.construct import Construct, Declaration, Fact, Plan, RoleName, Statement, resource, tags
from omegac.diagnostics import Rejected, Related, fault
from omegac.source import Traced, derived, settle
from omegac.spec import Entry, Spec

_TRUSTED = {"function": "lambda.amazonaws.com", "server": "ec2.amazonaws.com"}
_OF_ITS_OWN = ("allow", "permissions_boundary", "managed_policies")
_LOST = "would be lost, as the role is not omegac's"


def contribute(entry: Entry, _spec: Spec) -> Iterator[Fact]:
    """The role's name, and what the spec allows."""
    given = entry.get("role")
    if given:
        _refuse_lost_keys(entry, given)
        yield RoleName(_name(given), given)
        return
    yield RoleName({"Ref": f"{entry.stem}Role"}, {"Fn::GetAtt": [f"{entry.stem}Role", "Arn"]})
    allow = entry.get("allow")
    for statement in allow.elements() if allow else ():
        body = {
            "Effect": "Allow",
            "Action": statement.at("actions"),
            "Resource": statement.at("resources"),
            "Condition": statement.get("condition"),
        }
        yield Statement("Allow", body, statement.origin)


def lower(entry: Entry, plan: Plan) -> Iterator[Declaration]:
    """The role, unless the entry uses one that is there already."""
    if entry.get("role"):
        return
    trust = {"Effect": "Allow", "Principal": {"Service": _TRUSTED[entry.kind]}, "Action": "sts:AssumeRole"}
    policies: dict[str, list[Any]] = {}
    for statement in plan.facts.all(Statement):
        policies.setdefault(statement.policy, []).append(settle(statement.body, statement.origin))
    properties = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "ManagedPolicyArns": entry.get("managed_policies"),
        "PermissionsBoundary": entry.get("permissions_boundary"),
        "Policies": [
            {"PolicyName": name, "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
            for name, statements in sorted(policies.items())
        ]
        or None,
        "Tags": tags(plan.spec),
    }
    yield resource(f"{entry.stem}Role", "AWS::IAM::Role", properties, entry.origin)


def _name(role: Traced) -> Any:
    """A role's name: what follows the last slash of an ARN."""
    if isinstance(role.value, str) and role.value.startswith("arn:"):
        return derived(role.value.rsplit("/", 1)[-1], role)
    return role


def _refuse_lost_keys(entry: Entry, role: Traced) -> None:
    hint = "give that role the permissions, or leave `role` out"
    see = role.origin.key or role.origin.span
    related = [Related(see, "the role")] if see else []
    faults = [
        fault("OM1110", f'{entry.name}: "{key}" {_LOST}', at, hint=hint, related=related, at_key=True)
        for key in _OF_ITS_OWN
        if (at := entry.get(key)) is not None
    ]
    if faults:
        raise Rejected(faults)


CONSTRUCT = Construct(("function", "server"), contribute, lower)
