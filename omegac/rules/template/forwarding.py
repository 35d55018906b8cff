"""To how many target groups an action forwards, and by which weights.

Elastic Load Balancing API Reference, TargetGroupTuple; User Guide for Application Load Balancers, Quotas: target
groups per action, which cannot be raised.
"""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.literals import ITEMS, Outcome, least, outcomes
from omegac.cloudformation.places import ROUTERS, actions
from omegac.diagnostics import Diagnostic, fault
from omegac.template import Body

_LARGEST_WEIGHT = 999
_MOST_GROUPS = 5


def check(body: Body) -> Iterator[Diagnostic]:
    """Actions with more target groups, or a larger weight, than a load balancer takes."""
    for name, router in body.resources(*ROUTERS):
        for groups in actions(body.root, router, "ForwardConfig", "TargetGroups"):
            count = least(body.root, groups)
            if count > _MOST_GROUPS:
                message = f"{name} forwards to {count} target groups: the load balancer takes {_MOST_GROUPS} at most"
                hint = "divide them among several rules"
                yield fault("OM5302", message, groups.value, hint=hint, at_key=True)
            for weight in outcomes(body.root, groups, ITEMS, "Weight"):
                yield from _weight(name, weight)


def _weight(name: str, weight: Outcome) -> Iterator[Diagnostic]:
    if weight.number is not None and not 0 <= weight.number <= _LARGEST_WEIGHT:
        message = f"{name} forwards with weight {weight.known}: the load balancer takes 0 to {_LARGEST_WEIGHT}"
        hint = "only the ratio of the weights counts: divide them all by the same number"
        yield fault("OM5301", message, weight.value, hint=hint)
