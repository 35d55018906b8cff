"""Where resource types keep what several of them have: what instances are launched with, what a listener does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from omegac.cloudformation.literals import ITEMS, Outcome, outcomes
from omegac.source import Traced

LAUNCHERS: Mapping[str, tuple[str, ...]] = {
    "AWS::AutoScaling::LaunchConfiguration": ("Properties",),
    "AWS::EC2::Instance": ("Properties",),
    "AWS::EC2::LaunchTemplate": ("Properties", "LaunchTemplateData"),
}
"""The types that say what an EC2 instance is launched with, and where they do."""

ROUTERS: Mapping[str, tuple[str, ...]] = {
    "AWS::ElasticLoadBalancingV2::Listener": ("Properties", "DefaultActions"),
    "AWS::ElasticLoadBalancingV2::ListenerRule": ("Properties", "Actions"),
}
"""The types that say what a load balancer does with a request, and where they do."""


def launched_with(root: Traced, launcher: Traced, *route: str) -> Iterator[Outcome]:
    """What a setting of the instances that a resource launches can be."""
    return outcomes(root, launcher, *LAUNCHERS[launcher.value["Type"]], *route)


def actions(root: Traced, router: Traced, *route: str) -> Iterator[Outcome]:
    """The actions of a listener or a rule, or what stands at a route from each."""
    return outcomes(root, router, *ROUTERS[router.value["Type"]], ITEMS, *route)
