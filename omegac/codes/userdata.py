"""2xxx: userdata: rendering it, converting it, and what its script says."""

from __future__ import annotations

from omegac.codes import expressions, rendering, scripts

CODES = {**rendering.CODES, **expressions.CODES, **scripts.CODES}
