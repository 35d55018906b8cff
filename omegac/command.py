"""A command of the spec, which is run without a shell: its words."""

from __future__ import annotations

import re
import shlex

from omegac.diagnostics import Rejected, fault
from omegac.source import Traced

_QUOTED = re.compile(r"""\\.|"(?:\\.|[^"\\])*"|'[^']*'""", re.DOTALL)
"""What stands for itself, to a shell."""
_FOR_A_SHELL = re.compile(r".*(?:;|&&|\|\|).*|[&|#].*|.*&|[^|]*\||\d*[<>].*")
"""What a shell takes for no word, or for the end of a command. A single `&` or `|` within a word is taken as it is, as
URLs and patterns have them."""
_OPERATORS = (re.compile(r";|&&|\|\|"), re.compile(r"[&|<>]+|#"))
"""The parts of such a word that are told, the ones that end a command first."""


def words_of(command: Traced, name: str = "the command") -> list[str]:
    """The words of a command, which is a list of them or a text that is split as a shell splits it.

    Raises `Rejected` where there are none, and for what only a shell would make something of: `rm -rf a && cp b a` has
    one command remove everything that it names.
    """
    if not isinstance(command.value, str):
        words = [str(word) for word in command.value]
    else:
        text = _QUOTED.sub(_joined, command.value)
        _refuse_operators(text, command, name)
        try:
            words = shlex.split(text)
        except ValueError as error:
            message = f"{name} does not split into words: {str(error).lower()}"
            raise Rejected([fault("OM1106", message, command, hint="write it as a list of words")]) from None
    if not words:
        hint = "its first word names the program"
        raise Rejected([fault("OM1106", f"{name} has no words", command, hint=hint)])
    return words


def _joined(quoted: re.Match[str]) -> str:
    """What is quoted, without the ends of lines that a shell takes out, as it joins them."""
    text = quoted[0]
    if text.startswith('"'):
        return re.sub(r"\\(.)", lambda escaped: "" if escaped[1] == "\n" else escaped[0], text, flags=re.DOTALL)
    return "" if text == "\\\n" else text


def _refuse_operators(text: str, command: Traced, name: str) -> None:
    """Raises `Rejected` for what in a command, its lines joined, is for a shell."""
    written = _QUOTED.sub("_", text).strip()
    word = next(filter(_FOR_A_SHELL.fullmatch, written.split()), "")
    operator = next((found[0] for each in _OPERATORS if (found := each.search(word))), None)
    hint = 'give it one, as ["sh", "-c", "…"], or put in quotes what is to be taken as it is'
    if "\n" in written and operator is None:
        operator, hint = "a new line", 'indent all lines alike below ">-", end them in a backslash, or give it a shell'
    if operator:
        raise Rejected([fault("OM1106", f"{name} is run without a shell, which {operator} is for", command, hint=hint)])
