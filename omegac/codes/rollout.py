"""54xx to 56xx: versions and functions of Lambda, cfn-init, CodeDeploy."""

from __future__ import annotations

from omegac.codes import deploying, initialising, versions

CODES = {**versions.CODES, **initialising.CODES, **deploying.CODES}
