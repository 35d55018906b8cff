"""Volumes that are not encrypted, or only where the account sees to it."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.literals import ITEMS, Outcome, outcomes
from omegac.cloudformation.places import LAUNCHERS, launched_with
from omegac.diagnostics import Diagnostic, fault
from omegac.source import Traced
from omegac.template import Body

_COPIED = frozenset(["SnapshotId", "SourceVolumeId"])
"""What a volume may be made from; it is encrypted if that is."""
_HINT = "write Encrypted: true; without a KmsKeyId it is the account's own key, which costs nothing"


def check(body: Body) -> Iterator[Diagnostic]:
    """Every volume of which it does not say that it is encrypted, if it is not made from another."""
    for name, resource in body.resources("AWS::EC2::Volume"):
        for volume in outcomes(body.root, resource, "Properties"):
            yield from _of_volume(body.root, name, volume, resource)
    for name, launcher in body.resources(*LAUNCHERS):
        for volume in launched_with(body.root, launcher, "BlockDeviceMappings", ITEMS, "Ebs"):
            yield from _of_volume(body.root, f"the volume of {name}", volume, volume.value)


def _of_volume(root: Traced, what: str, volume: Outcome, at: Traced | None) -> Iterator[Diagnostic]:
    if not isinstance(volume.known, dict) or _COPIED & volume.known.keys():
        return
    said = list(outcomes(root, volume, "Encrypted"))
    for encrypted in said:
        if encrypted.truth is False:
            yield fault("OM4103", f"{what} is not encrypted", encrypted.value, hint=_HINT)
    if all(encrypted.absent for encrypted in said):
        # Amazon EBS, Encryption by default: a setting of the account for each region.
        yield fault("OM4103", f"whether {what} is encrypted is left to the account", at, hint=_HINT, at_key=True)
