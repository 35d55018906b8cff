"""The security group of a server: who may reach which port."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from omegac.cloudformation.intrinsics import is_intrinsic
from omegac.construct import Construct, Declaration, Fact, Plan, SecurityGroup, resource, tags
from omegac.source import Traced, derived
from omegac.spec import Entry, Spec


def contribute(entry: Entry, _spec: Spec) -> Iterator[Fact]:
    """The group's id."""
    yield SecurityGroup({"Fn::GetAtt": [f"{entry.stem}SecurityGroup", "GroupId"]})


def lower(entry: Entry, plan: Plan) -> Iterator[Declaration]:
    """The group. Its description is create-only, so it names what never changes without a new group.

    No egress rule is written: that means anywhere, and in the default VPC none can be (cfn-lint E3021).
    """
    network = plan.spec.network
    properties = {
        "GroupDescription": f"Server {entry.stem}",
        "SecurityGroupIngress": list(_rules(entry)),
        "Tags": tags(plan.spec),
        "VpcId": network.get("vpc") if network else None,
    }
    yield resource(f"{entry.stem}SecurityGroup", "AWS::EC2::SecurityGroup", properties, entry.origin)


def _rules(entry: Entry) -> Iterator[dict[str, Any]]:
    ingress, port = entry.at("ingress"), entry.at("port")
    if ingress.value == "public":
        for key, block in (("CidrIp", "0.0.0.0/0"), ("CidrIpv6", "::/0")):
            yield _rule({key: derived(block, ingress)}, port, f"{entry.name} from anywhere")
        return
    for item in ingress.elements():
        long = isinstance(item.value, dict) and not is_intrinsic(item.value)
        source = item.at("from") if long else item
        own = item.get("description") if long else None
        yield _rule(
            _peer(source), (item.get("port") if long else None) or port, own or f"{entry.name} from a known peer"
        )


def _rule(peer: dict[str, Any], port: Traced, description: Any) -> dict[str, Any]:
    return {"Description": description, "FromPort": port, "IpProtocol": "tcp", "ToPort": port, **peer}


def _peer(source: Traced) -> dict[str, Any]:
    """A source under the key that it has by its form; an intrinsic is a security group's id."""
    text = source.value if isinstance(source.value, str) else ""
    if text.startswith("pl-"):
        return {"SourcePrefixListId": source}
    if "/" in text:
        return {"CidrIpv6" if ":" in text else "CidrIp": source}
    return {"SourceSecurityGroupId": source}


CONSTRUCT = Construct(("server",), contribute, lower)
