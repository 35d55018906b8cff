"""Logs that are kept, and paid for, until somebody deletes them."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.literals import outcomes
from omegac.diagnostics import Diagnostic, fault
from omegac.template import Body

_DELIVERY = "DELIVERY"
"""The class of log groups whose retention cannot be chosen (Amazon CloudWatch Logs, Log classes)."""


def check(body: Body) -> Iterator[Diagnostic]:
    """Log groups without a retention."""
    for name, group in body.resources("AWS::Logs::LogGroup"):
        kind = group.find("Properties", "LogGroupClass")
        retentions = outcomes(body.root, group, "Properties", "RetentionInDays")
        if all(days.absent for days in retentions) and not (kind and kind.value == _DELIVERY):
            message = f"{name} keeps for ever what is logged"
            yield fault("OM4401", message, group, hint="write RetentionInDays, such as 30", at_key=True)
