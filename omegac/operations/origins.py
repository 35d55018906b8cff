"""The map of a template that was deployed, out of the store that it was kept in."""

from __future__ import annotations

from pathlib import Path

from omegac.cloud import Cloud, CloudError
from omegac.construct import ARTIFACT_BUCKET
from omegac.deployment.places import NOWHERE, Places
from omegac.diagnostics import Rejected
from omegac.operations.publish import map_key
from omegac.operations.stack import Stack
from omegac.operations.store import store_at


def places_of(cloud: Cloud, stack: Stack, digest: str | None, folder: Path) -> Places:
    """The places of a template's values by its digest, in the sources under a folder; `NOWHERE` without its map."""
    bucket, service = stack.parameter(ARTIFACT_BUCKET), stack.service
    if not (bucket and service and digest):
        return NOWHERE
    try:
        text = store_at(cloud, bucket).text(map_key(service, digest))
    except (CloudError, Rejected):
        return NOWHERE
    return Places(text, folder) if text else NOWHERE
