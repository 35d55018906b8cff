"""More signals awaited than there will be instances to send one."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.literals import Outcome, jointly, outcomes
from omegac.diagnostics import Diagnostic, fault
from omegac.source import Traced
from omegac.template import Body


def check(body: Body) -> Iterator[Diagnostic]:
    """Auto Scaling groups that are created with fewer instances than CloudFormation is to hear of."""
    for name, group in body.resources("AWS::AutoScaling::AutoScalingGroup"):
        initial = list(_initial(body, group))
        for count in outcomes(body.root, group, "CreationPolicy", "ResourceSignal", "Count"):
            for size in initial:
                if count.number is not None and count.number > (size.number or 0) and jointly([count], [size]):
                    instances = f"{size.known} instance{'' if size.number == 1 else 's'}"
                    message = (
                        f"{name} waits for {count.known} signals, but begins with {instances}:"
                        " its creation fails when the time is over"
                    )
                    hint = "make Count what DesiredCapacity is, or MinSize where that is absent"
                    yield fault("OM5208", message, count.value, hint=hint)
                    break


def _initial(body: Body, group: Traced) -> Iterator[Outcome]:
    """How many instances a group may begin with: DesiredCapacity, and where that is absent MinSize."""
    for desired in outcomes(body.root, group, "Properties", "DesiredCapacity"):
        if desired.number is not None:
            yield desired
        elif desired.absent:
            smallest = outcomes(body.root, group, "Properties", "MinSize")
            yield from (size for size in smallest if size.number is not None and jointly([size], [desired]))
