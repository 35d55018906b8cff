"""A shell on a server without SSH: what the Session Manager's agent needs, and not the broad managed policy."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.construct import Construct, Fact, Statement
from omegac.spec import Entry, Spec

# These actions take no resource but "*" (AWS Systems Manager guide, instance permissions for Session Manager).
_AGENT = [
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
]


def contribute(entry: Entry, _spec: Spec) -> Iterator[Fact]:
    """The agent's rights."""
    yield Statement("Session", {"Effect": "Allow", "Action": _AGENT, "Resource": "*"}, entry.origin)


CONSTRUCT = Construct(("server",), contribute)
