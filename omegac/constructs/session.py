"""A shell on a server without SSH: what the Session Manager's agent needs, and not the broad managed policy."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.construct import Construct, Fact, Statement
from omegac.spec import Entry, Spec

# These actions take no resource but "*" (Service Authorization Reference, Amazon Session Manager Message Gateway).
_CHANNELS = [
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
]
_INSTANCES = "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:instance/*"


def contribute(entry: Entry, _spec: Spec) -> Iterator[Fact]:
    """The agent's rights: to tell of its own instance, and to open channels."""
    tell = {"Effect": "Allow", "Action": ["ssm:UpdateInstanceInformation"], "Resource": {"Fn::Sub": _INSTANCES}}
    yield Statement("Session", tell, entry.origin)
    yield Statement("Session", {"Effect": "Allow", "Action": _CHANNELS, "Resource": "*"}, entry.origin)


CONSTRUCT = Construct(("server",), contribute)
