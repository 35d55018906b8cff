"""An Auto Scaling group that does not say where its instances are to be."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.literals import jointly, outcomes
from omegac.diagnostics import Diagnostic, fault
from omegac.template import Body

# Amazon EC2 Auto Scaling API Reference, CreateAutoScalingGroup: "At least one Availability Zone or VPC Subnet is
# required"; a group made after an instance is placed like it.
_PLACES = ("VPCZoneIdentifier", "AvailabilityZones", "AvailabilityZoneIds", "InstanceId")
_HINT = 'name subnets in VPCZoneIdentifier; AvailabilityZones: {"Fn::GetAZs": ""} means those of the default VPC'


def check(body: Body) -> Iterator[Diagnostic]:
    """Groups with neither subnets nor Availability Zones."""
    for name, group in body.resources("AWS::AutoScaling::AutoScalingGroup"):
        places = ([*outcomes(body.root, group, "Properties", key)] for key in _PLACES)
        if jointly(*([place for place in each if place.absent] for each in places)):
            message = f"{name} has neither VPCZoneIdentifier nor AvailabilityZones: Auto Scaling refuses to make it"
            yield fault("OM5201", message, group, hint=_HINT, at_key=True)
