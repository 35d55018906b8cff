"""Security groups of the instance beside network interfaces, which have their own.

EC2 refuses the launch: "Network interfaces and an instance-level security groups may not be specified on the same
request" (Amazon EC2 API Reference, RunInstances, SecurityGroupId); an Auto Scaling group, the launch template.
"""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.literals import Outcome, jointly
from omegac.cloudformation.places import LAUNCHERS, launched_with
from omegac.diagnostics import Diagnostic, fault
from omegac.template import Body

_GROUPS = {"AWS::EC2::Instance": "GroupSet", "AWS::EC2::LaunchTemplate": "Groups"}
"""Where a network interface has its security groups."""


def check(body: Body) -> Iterator[Diagnostic]:
    """Launch templates and instances with both."""
    for name, launcher in body.resources(*LAUNCHERS):
        interfaces = list(filter(_is_some, launched_with(body.root, launcher, "NetworkInterfaces")))
        for key in ("SecurityGroupIds", "SecurityGroups"):
            for groups in filter(_is_some, launched_with(body.root, launcher, key)):
                if jointly([groups], interfaces):
                    message = f"{name} has {key} beside NetworkInterfaces: EC2 refuses to launch such an instance"
                    hint = f"name the groups in {_GROUPS[launcher.value['Type']]} of each network interface"
                    yield fault("OM5102", message, groups.value, hint=hint, at_key=True)


def _is_some(outcome: Outcome) -> bool:
    """Whether there is a list that is not empty."""
    return outcome.present and outcome.known not in ([], "")
