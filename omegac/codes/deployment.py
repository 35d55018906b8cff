"""6xxx: deployment."""

from __future__ import annotations

from omegac.codes import failures, states, targets

CODES = {**targets.CODES, **states.CODES, **failures.CODES}
