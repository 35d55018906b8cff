"""Durations in the policies of resources (AWS CloudFormation Template Reference, UpdatePolicy and CreationPolicy)."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.durations import seconds
from omegac.cloudformation.literals import Outcome, outcomes
from omegac.diagnostics import Diagnostic, fault
from omegac.template import Body

_GROUP = "AWS::AutoScaling::AutoScalingGroup"
_SIGNALLED = (_GROUP, "AWS::CloudFormation::WaitCondition", "AWS::EC2::Instance")
_HOURS = {
    ("UpdatePolicy", "AutoScalingRollingUpdate", "PauseTime"): ((_GROUP,), 1),
    ("CreationPolicy", "ResourceSignal", "Timeout"): (_SIGNALLED, 12),
}
"""Where there are durations, in resources of which types, and the hours they may have."""


def check(body: Body) -> Iterator[Diagnostic]:
    """Durations that CloudFormation does not take."""
    for route, (types, hours) in _HOURS.items():
        for name, resource in body.resources(*types):
            for duration in outcomes(body.root, resource, *route):
                yield from _refused(duration, f"{route[-1]} of {name}", hours)


def _refused(duration: Outcome, what: str, hours: int) -> Iterator[Diagnostic]:
    if not isinstance(duration.known, str | int | float):
        return
    text = str(duration.known)
    length = seconds(text)
    if length is None:
        message = f'{what} is "{text}", which is no duration: CloudFormation refuses it'
        yield fault("OM5204", message, duration.value, hint="write it as PT#H#M#S; fifteen minutes are PT15M")
    elif length > hours * 3600:
        message = f"{what} is {text}: CloudFormation refuses to wait for longer than PT{hours}H"
        yield fault("OM5204", message, duration.value, hint=f"write PT{hours}H or less")
