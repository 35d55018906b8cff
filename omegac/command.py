"""A command of the spec, which is run without a shell: its words."""

from __future__ import annotations

import re
import shlex

from omegac.diagnostics import Rejected, fault
from omegac.source import Traced

_WORD = re.compile(r"""(?:[^\s"'\\]|\\.|"(?:\\.|[^"\\])*"|'[^']*')+""", re.DOTALL)
"""A word as it is written, with its quotes."""
_OPERATOR = re.compile(r"&&?|\|\|?|;+|\d*[<>].*|.*[^\\];", re.DOTALL)
"""What a shell takes for no word, or for the end of a command, where it is not in quotes. What has such a character
within, as a URL may, is taken as it is."""


def words_of(command: Traced, name: str = "the command") -> list[str]:
    """The words of a command, which is a list of them or a text that is split as a shell splits it.

    Raises `Rejected` where there are none, and for what only a shell would make something of: `rm -rf a && cp b a` has
    one command remove everything that it names.
    """
    if not isinstance(command.value, str):
        words = [str(word) for word in command.value]
    else:
        operator = next(filter(_OPERATOR.fullmatch, _WORD.findall(command.value)), None)
        if operator:
            message = f"{name} is run without a shell, which {operator} is for"
            hint = 'give it one, as ["sh", "-c", "…"], or put in quotes what is to be taken as it is'
            raise Rejected([fault("OM1106", message, command, hint=hint)])
        try:
            words = shlex.split(command.value)
        except ValueError as error:
            message = f"{name} does not split into words: {str(error).lower()}"
            raise Rejected([fault("OM1106", message, command, hint="write it as a list of words")]) from None
    if not words:
        hint = "its first word names the program"
        raise Rejected([fault("OM1106", f"{name} has no words", command, hint=hint)])
    return words
