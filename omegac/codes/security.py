"""4xxx: security."""

from __future__ import annotations

from omegac.codes.code import Code

CODES = {
    "OM4001": Code("a secret in userdata"),
    "OM4002": Code("what looks like an access key in userdata", "warning"),
}
