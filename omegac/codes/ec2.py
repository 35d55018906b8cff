"""51xx to 53xx: EC2 and launch templates, Auto Scaling, load balancers."""

from __future__ import annotations

from omegac.codes import balancing, launching, scaling

CODES = {**launching.CODES, **scaling.CODES, **balancing.CODES}
