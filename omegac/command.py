"""A command of the spec, which is run without a shell: its words."""

from __future__ import annotations

import re
import shlex

from omegac.diagnostics import Rejected, fault
from omegac.source import Traced

_QUOTED = re.compile(r"""\\.|"(?:\\.|[^"\\])*"|'[^']*'""", re.DOTALL)
"""What stands for itself, to a shell."""
_FOR_A_SHELL = re.compile(r".*(?:;|&&|\|\|).*|[&|].*|.*&|\d*[<>].*")
"""What a shell takes for no word, or for the end of a command. A single `&` or `|` within a word is taken as it is, as
URLs and patterns have them."""
_OPERATOR = re.compile(r"[;&|<>]+")


def words_of(command: Traced, name: str = "the command") -> list[str]:
    """The words of a command, which is a list of them or a text that is split as a shell splits it.

    Raises `Rejected` where there are none, and for what only a shell would make something of: `rm -rf a && cp b a` has
    one command remove everything that it names.
    """
    if not isinstance(command.value, str):
        words = [str(word) for word in command.value]
    else:
        text = command.value.strip().replace("\\\n", " ")  # as a shell joins lines
        operator = _operator(text)
        if operator:
            message = f"{name} is run without a shell, which {operator} is for"
            hint = 'give it one, as ["sh", "-c", "…"], or put in quotes what is to be taken as it is'
            raise Rejected([fault("OM1106", message, command, hint=hint)])
        try:
            words = shlex.split(text)
        except ValueError as error:
            message = f"{name} does not split into words: {str(error).lower()}"
            raise Rejected([fault("OM1106", message, command, hint="write it as a list of words")]) from None
    if not words:
        hint = "its first word names the program"
        raise Rejected([fault("OM1106", f"{name} has no words", command, hint=hint)])
    return words


def _operator(text: str) -> str | None:
    """The first of a text that is not in quotes."""
    written = _QUOTED.sub("_", text)
    if "\n" in written:
        return "a new line"
    word = next(filter(_FOR_A_SHELL.fullmatch, written.split()), "")
    found = _OPERATOR.search(word)
    return found[0] if found else None
