"""Target groups that take one target, and have more.

Elastic Load Balancing API Reference, CreateTargetGroup: those of the types lambda and alb.
"""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.literals import jointly, least, outcomes
from omegac.diagnostics import Diagnostic, fault
from omegac.template import Body

_SINGLE = {"alb": "load balancer", "lambda": "function"}


def check(body: Body) -> Iterator[Diagnostic]:
    """Groups of functions or load balancers with more than one."""
    for name, group in body.resources("AWS::ElasticLoadBalancingV2::TargetGroup"):
        for targets in outcomes(body.root, group, "Properties", "Targets"):
            count = least(body.root, targets)
            for kind in outcomes(body.root, group, "Properties", "TargetType"):
                if count > 1 and kind.text in _SINGLE and jointly([kind], [targets]):
                    message = (
                        f"{name} has {count} targets, but one of the type {kind.text} takes a single"
                        f" {_SINGLE[kind.text]}: the load balancer refuses the second"
                    )
                    hint = "make a group of each, and forward to them by weights"
                    yield fault("OM5303", message, targets.value, hint=hint, at_key=True)
