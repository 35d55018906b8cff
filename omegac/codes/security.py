"""4xxx: security."""

from __future__ import annotations

from omegac.codes import exposure, logs, rights, secrets

CODES = {**secrets.CODES, **exposure.CODES, **rights.CODES, **logs.CODES}
