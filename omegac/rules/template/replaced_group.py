"""A group that each update is to replace, although its name is taken: by itself."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.literals import jointly, outcomes
from omegac.diagnostics import Diagnostic, fault
from omegac.template import Body

_POLICY = ("UpdatePolicy", "AutoScalingReplacingUpdate", "WillReplace")


def check(body: Body) -> Iterator[Diagnostic]:
    """Auto Scaling groups with a name of their own and `WillReplace`."""
    for name, group in body.resources("AWS::AutoScaling::AutoScalingGroup"):
        replaced = [each for each in outcomes(body.root, group, *_POLICY) if each.truth]
        for own in outcomes(body.root, group, "Properties", "AutoScalingGroupName"):
            if own.text and jointly([own], replaced):
                message = (
                    f"an update is to make {name} anew before the old group goes, but both would be named {own.text}:"
                    " it fails"
                )
                hint = "leave AutoScalingGroupName out, so that CloudFormation makes a name for each"
                yield fault("OM5210", message, own.value, hint=hint)
