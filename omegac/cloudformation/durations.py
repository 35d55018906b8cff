"""Durations as CloudFormation takes them in its policies: ISO 8601, in the form PT#H#M#S."""

from __future__ import annotations

import re

_UNITS = {"W": 604_800, "D": 86_400, "H": 3_600, "M": 60, "S": 1}
# Days, weeks and fractions are ISO 8601 too: what CloudFormation does not promise to take is not called wrong here.
_PART = r"[0-9]+(?:\.[0-9]+)?"
_FORM = rf"P(?=[0-9T])(?:{_PART}[WD])*(?:T(?=[0-9])(?:{_PART}H)?(?:{_PART}M)?(?:{_PART}S)?)?"
_AMOUNT = rf"({_PART})([WDHMS])"


def seconds(text: str) -> float | None:
    """How long a duration is; None if the text is none."""
    if not re.fullmatch(_FORM, text):
        return None
    return sum(float(amount) * _UNITS[unit] for amount, unit in re.findall(_AMOUNT, text))
