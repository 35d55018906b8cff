"""A group that asks its load balancer for an instance's health before the instance can have started.

Amazon EC2 Auto Scaling API Reference, CreateAutoScalingGroup: HealthCheckGracePeriod is 0 seconds by default.
"""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.literals import jointly, outcomes
from omegac.diagnostics import Diagnostic, fault
from omegac.source import Traced
from omegac.template import Body

_FROM_OUTSIDE = {"ELB", "VPC_LATTICE"}
_HINT = "make HealthCheckGracePeriod the seconds that an instance takes to start and pass its first checks"


def check(body: Body) -> Iterator[Diagnostic]:
    """Groups with health checks from outside and no grace period."""
    if any(body.resources("AWS::AutoScaling::LifecycleHook")):
        return  # a hook may hold an instance back until it is ready
    for name, group in body.resources("AWS::AutoScaling::AutoScalingGroup"):
        if _has_hooks(body, group):
            continue
        periods = outcomes(body.root, group, "Properties", "HealthCheckGracePeriod")
        none = [period for period in periods if period.absent or period.number == 0]
        for kind in outcomes(body.root, group, "Properties", "HealthCheckType"):
            asked = _FROM_OUTSIDE.intersection((kind.text or "").replace(" ", "").split(","))
            if asked and jointly([kind], none):
                message = (
                    f"{name} asks {'its load balancer' if 'ELB' in asked else 'VPC Lattice'} for an instance's health"
                    " from its first second: one that is slow to start is replaced again and again"
                )
                yield fault("OM5209", message, kind.value, hint=_HINT)


def _has_hooks(body: Body, group: Traced) -> bool:
    found = outcomes(body.root, group, "Properties", "LifecycleHookSpecificationList")
    return any(not hooks.absent for hooks in found)
