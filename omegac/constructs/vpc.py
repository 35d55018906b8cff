"""A function's place inside the network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from omegac.construct import Construct, Declaration, Fact, Interfaces, Plan, Statement, resource, tags
from omegac.diagnostics import Rejected, fault
from omegac.source import Traced, because
from omegac.spec import Entry, Spec

# What Lambda does to attach a function to a VPC; these actions take no resource but "*" (AWS Lambda guide, VPC access).
_ATTACH = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
]


def contribute(entry: Entry, spec: Spec) -> Iterator[Fact]:
    """The subnets and security groups, and the right to attach to them."""
    vpc = _vpc(entry)
    if vpc is None:
        return
    yield Interfaces(_subnets(vpc, spec), _given(vpc, "security_groups") or [_own_group(entry)])
    yield Statement("Vpc", {"Effect": "Allow", "Action": _ATTACH, "Resource": "*"}, vpc.origin)


def lower(entry: Entry, plan: Plan) -> Iterator[Declaration]:
    """A security group of its own, unless others are given."""
    vpc = _vpc(entry)
    if vpc is None or _given(vpc, "security_groups"):
        return
    network = plan.spec.network
    properties = {
        "GroupDescription": f"Function {entry.name}",
        "VpcId": network.get("vpc") if network else None,
        "Tags": tags(plan.spec),
    }
    yield resource(f"{entry.stem}SecurityGroup", "AWS::EC2::SecurityGroup", properties, vpc.origin)


def _vpc(entry: Entry) -> Traced | None:
    vpc = entry.get("vpc")
    return vpc if vpc and vpc.value is not False else None


def _given(vpc: Traced, key: str) -> Traced | None:
    return vpc.get(key) if isinstance(vpc.value, dict) else None


def _subnets(vpc: Traced, spec: Spec) -> Any:
    given = _given(vpc, "subnets") or (spec.network.get("private_subnets") if spec.network else None)
    if given is None:
        hint = "write network.private_subnets, or subnets here; a function in a public subnet reaches nothing outside"
        raise Rejected([fault("OM1110", "a function inside a VPC needs private subnets", vpc, hint=hint)])
    return because(given, vpc)


def _own_group(entry: Entry) -> dict[str, Any]:
    return {"Fn::GetAtt": [f"{entry.stem}SecurityGroup", "GroupId"]}


CONSTRUCT = Construct(("function",), contribute, lower)
