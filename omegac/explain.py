"""What a code means, why it is so and what to do, as text for a terminal; all from the table in `codes`."""

from __future__ import annotations

import re

from omegac.codes import CODES, HUNDREDS
from omegac.diagnostics import suggestion

_WIDTH = 80
_FOREIGN = re.compile(r"[EWI][0-9]{4}")
"""The form of cfn-lint's codes."""


class UnknownCode(LookupError):  # noqa: N818 (it says what the user gave, not what the program does wrong)
    """A code that is not in the table."""


def explained(code: str) -> str:
    """All that the table has on a code, in capitals or not, with or without `OM`. Raises `UnknownCode`."""
    known = code_of(code)
    entry = CODES[known]
    parts = [
        f"{entry.severity}[{known}]: {entry.meaning}",
        wrapped(entry.explanation, _WIDTH),
        f"This gets it:\n\n{_indented(entry.bad)}",
        f"And this does not:\n\n{_indented(entry.good)}",
    ]
    return "\n\n".join(parts) + "\n"


def listed() -> str:
    """Every code with its severity and its meaning, by the hundred."""
    parts = []
    for hundred, about in HUNDREDS.items():
        lines = [
            f"  {code}  {entry.severity:<7}  {entry.meaning}"
            for code, entry in sorted(CODES.items())
            if code.startswith(hundred)
        ]
        if lines:
            parts.append("\n".join([about, *lines]) + "\n")
    return "\n".join([*parts, "`omegac explain CODE` tells more of one.\n"])


def code_of(text: str) -> str:
    """The code that is meant. Raises `UnknownCode` where there is none."""
    code = text.strip().upper()
    code = f"OM{code}" if code.isdecimal() else code
    if code in CODES:
        return code
    if _FOREIGN.fullmatch(code):
        raise UnknownCode(f"{code} is a code of cfn-lint's own: `omegac lint` prints the address of its documentation")
    related = [known for known in CODES if known[:4] == code[:4]]
    near = suggestion(code, related) or suggestion(code, CODES)
    raise UnknownCode(f'there is no code "{text}": {near or "`omegac explain` lists them all"}')


def wrapped(paragraphs: str, width: int) -> str:
    """Paragraphs, each of them broken into lines of a width."""
    from textwrap import fill

    return "\n\n".join(
        fill(" ".join(paragraph.split()), width, break_long_words=False, break_on_hyphens=False)
        for paragraph in paragraphs.strip().split("\n\n")
    )


def _indented(example: str) -> str:
    from textwrap import indent

    return indent(example.rstrip("\n"), "    ")
