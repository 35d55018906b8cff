"""The security group of a server: who may reach which port."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from omegac.cloudformation.intrinsics import is_intrinsic
from omegac.construct import Construct, Declaration, Fact, Plan, SecurityGroup, resource, tags
from omegac.diagnostics import Diagnostic, Rejected, fault
from omegac.source import Traced, derived
from omegac.spec import Entry, Spec

# An address and how many of its bits count; EC2 itself clears the others (AuthorizeSecurityGroupIngress, CidrIp).
_PART = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})"
_IPV4 = re.compile(rf"(?:{_PART}\.){{3}}{_PART}/(?:3[0-2]|[12]?[0-9])")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*/(?:12[0-8]|1[01][0-9]|[1-9]?[0-9])")
_ID = re.compile("(?:sg|pl)-[0-9a-f]+")


def contribute(entry: Entry, _spec: Spec) -> Iterator[Fact]:
    """The group's id. Raises `Rejected` where a source is none."""
    faults = [each for source in _sources(entry.at("ingress")) for each in _source_faults(entry, source)]
    if faults:
        raise Rejected(faults)
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


def _sources(ingress: Traced) -> Iterator[Traced]:
    """The sources of an ingress that lists them."""
    for item in ingress.elements() if isinstance(ingress.value, list) else ():
        yield item.at("from") if _is_long(item) else item


def _is_long(item: Traced) -> bool:
    return isinstance(item.value, dict) and not is_intrinsic(item.value)


def _source_faults(entry: Entry, source: Traced) -> Iterator[Diagnostic]:
    text = source.value
    if not isinstance(text, str) or any(form.fullmatch(text) for form in (_IPV4, _IPV6, _ID)):
        return
    if _IPV4.fullmatch(f"{text}/32"):
        hint = f"one address alone is {text}/32"
    elif text.isalnum() and not text.isdigit():
        hint = f"a group of this spec is !GetAtt {text}.GroupId; everybody is `ingress: public`"
    else:
        hint = "it is a CIDR block such as 10.0.0.0/8, a security group's sg-… or a prefix list's pl-…"
    yield fault("OM1106", f'"{text}" cannot be a source of {entry.name}', source, hint=hint)


def _rules(entry: Entry) -> Iterator[dict[str, Any]]:
    ingress, port = entry.at("ingress"), entry.at("port")
    if ingress.value == "public":
        for key, block in (("CidrIp", "0.0.0.0/0"), ("CidrIpv6", "::/0")):
            yield _rule({key: derived(block, ingress)}, port, f"{entry.name} from anywhere")
        return
    for item, source in zip(ingress.elements(), _sources(ingress), strict=True):
        own = item.get("description") if _is_long(item) else None
        other = item.get("port") if _is_long(item) else None
        yield _rule(_peer(source), other or port, own or f"{entry.name} from a known peer")


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
