"""Listeners that forward to target groups of another kind of load balancer (CreateListener, IncompatibleProtocols)."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.literals import ITEMS, Outcome, jointly, outcomes
from omegac.cloudformation.places import actions
from omegac.diagnostics import Diagnostic, fault
from omegac.template import Body

_LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
_KINDS = {
    "application": ("HTTP", "HTTPS"),
    "gateway": ("GENEVE",),
    "network": ("QUIC", "TCP", "TCP_QUIC", "TCP_UDP", "TLS", "UDP"),
}
_KIND = {protocol: kind for kind, protocols in _KINDS.items() for protocol in protocols}
"""The kind of load balancer that speaks a protocol."""
_ARNS = (("TargetGroupArn",), ("ForwardConfig", "TargetGroups", ITEMS, "TargetGroupArn"))


def check(body: Body) -> Iterator[Diagnostic]:
    """Pairs of a listener and a group that no load balancer speaks both protocols of."""
    for name, listener in body.resources(_LISTENER):
        spoken = [each for each in outcomes(body.root, listener, "Properties", "Protocol") if each.text in _KIND]
        for route in _ARNS if spoken else ():
            for arn in actions(body.root, listener, *route):
                yield from _mismatch(body, name, spoken, arn)


def _mismatch(body: Body, name: str, spoken: list[Outcome], arn: Outcome) -> Iterator[Diagnostic]:
    group = body.root.find("Resources", arn.reference.name) if arn.reference else None
    if not (arn.reference and group and isinstance(group.value, dict) and group.value.get("Type") == _GROUP):
        return
    for understood in outcomes(body.root, group, "Properties", "Protocol"):
        for protocol in spoken:
            kind, other = _KIND[protocol.text or ""], _KIND.get(understood.text or "")
            if other and kind != other and jointly([protocol], [arn], [understood]):
                target = arn.reference.name
                message = (
                    f"{name} speaks {protocol.text}, but forwards to {target}, which speaks {understood.text}:"
                    " the load balancer refuses the pair"
                )
                hint = f"an {kind} load balancer" if kind == "application" else f"a {kind} load balancer"
                yield fault("OM5310", message, arn.value, hint=f"{hint} forwards by {' or '.join(_KINDS[kind])}")
