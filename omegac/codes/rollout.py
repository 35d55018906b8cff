"""54xx to 56xx: versions and functions of Lambda, cfn-init, CodeDeploy."""

from __future__ import annotations

from omegac.codes.code import Code

CODES: dict[str, Code] = {}
