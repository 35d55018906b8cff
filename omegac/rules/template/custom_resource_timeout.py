"""How long CloudFormation waits for the answer of a custom resource."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.literals import outcomes
from omegac.diagnostics import Diagnostic, fault
from omegac.template import Body

_OWN_TYPE = "Custom::"
_LONGEST = 14_400
"""What CloudFormation itself says when it refuses a time; its reference still has 3,600."""


def check(body: Body) -> Iterator[Diagnostic]:
    """Times that CloudFormation refuses."""
    for name, resource in body.resources():
        kind = str(resource.value.get("Type"))
        if kind != "AWS::CloudFormation::CustomResource" and not kind.startswith(_OWN_TYPE):
            continue
        for timeout in outcomes(body.root, resource, "Properties", "ServiceTimeout"):
            seconds = timeout.number
            if seconds is not None and not (1 <= seconds <= _LONGEST and seconds.is_integer()):
                message = f"CloudFormation waits for {name} a whole number of seconds from 1 to {_LONGEST:,}"
                yield fault("OM5405", message, timeout.value, hint="without a ServiceTimeout it is one hour")
