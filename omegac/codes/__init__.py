"""The table of diagnostics: each code, how grave it is, what it means and what to do about it.

Thousands: 1 the spec, 2 userdata, 3 limits, 4 security, 5 the template, 6 deployment; one module each.
"""

from __future__ import annotations

from omegac.codes import ec2, limits, rollout, security, spec, template, userdata
from omegac.codes.code import Code, Severity

__all__ = ["CODES", "Code", "Severity"]

CODES: dict[str, Code] = {
    **spec.CODES,
    **userdata.CODES,
    **limits.CODES,
    **security.CODES,
    **template.CODES,
    **ec2.CODES,
    **rollout.CODES,
}
