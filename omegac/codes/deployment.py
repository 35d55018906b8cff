"""6xxx: deployment."""

from __future__ import annotations

from omegac.codes import failures, running, states, targets

CODES = {**targets.CODES, **states.CODES, **failures.CODES, **running.CODES}
