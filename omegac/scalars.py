"""What a scalar without quotes stands for in YAML 1.2, and whether YAML 1.1 would read it as something else.

The usual scalar, a word or a whole number, is told from the rest without a regular expression: compiling these
takes longer than reading a spec.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NOTHING = frozenset(["", "~", "null", "Null", "NULL"])
_OLD_TRUTH = frozenset(
    [*("yes", "Yes", "YES", "no", "No", "NO"), *("on", "On", "ON", "off", "Off", "OFF")],
)
_NUMBERS_BEGIN_WITH = "+-.0123456789"
_REASONS = {
    "octal": "YAML 1.1 may read it as an octal number",
    "sexagesimal": "YAML 1.1 reads it as a number to the base of sixty",
    "number": "YAML readers disagree on whether it is a number, or on which",
}


class Disputed(NamedTuple):
    """A scalar that YAML's readers read differently, or that would lose digits."""

    reason: str
    or_else: str = ""
    """What may be meant by it, if not text."""


def meaning(text: str) -> Any:
    """A plain scalar's value: None, a boolean, a number or text; or a `Disputed`."""
    if text in _TRUTH:
        return _TRUTH[text]
    if text in _NOTHING:
        return None
    if text in _OLD_TRUTH:
        truth = "true" if text.lower() in ("yes", "on") else "false"
        return Disputed("YAML 1.1 reads it as a boolean, YAML 1.2 as text", truth)
    return _number(text) if text[0] in _NUMBERS_BEGIN_WITH else text


def _number(text: str) -> Any:
    """A number, or what only looks like one."""
    digits = text[1:] if text[0] in "+-" else text
    if digits.isascii() and digits.isdecimal() and (digits[0] != "0" or digits == "0") and len(text) <= 18:
        return int(text)
    if _hexadecimal().fullmatch(text) and len(text) <= 17:
        return int(text, 16)
    if _decimal().fullmatch(text):
        number = float(text)
        return number if repr(number) == text else Disputed(f"as a number it becomes {number!r}", repr(number))
    kind = _disputed().fullmatch(text)
    return Disputed(_REASONS[kind.lastgroup or "number"]) if kind else text


@cache
def _hexadecimal() -> re.Pattern[str]:
    return re.compile(r"0x[0-9a-fA-F]+")


@cache
def _decimal() -> re.Pattern[str]:
    return re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+][0-9]+)?")


@cache
def _disputed() -> re.Pattern[str]:
    return re.compile(
        r"""(?P<octal> [-+]?0o?[0-9_]+ )
          | (?P<sexagesimal> [-+]?[0-9][0-9_]*(?: :[0-5]?[0-9] )+ (?: \.[0-9_]* )? )
          | (?P<number> [-+]? (?: 0b[01_]+ | 0x[0-9a-fA-F_]+ | [0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?
                                | \.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)? | \.(?:inf|Inf|INF) ) | \.(?:nan|NaN|NAN) )""",
        re.VERBOSE,
    )
