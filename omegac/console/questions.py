"""Asks questions of whoever sits at the terminal; where nobody does, each has the safe answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TextIO

from omegac.console.secrets import Secrets
from omegac.console.writer import Writer
from omegac.deployment.talk import Choice
from omegac.report.columns import visible

_ATTEMPTS = 3
"""How often a choice is asked for; then the safe one is taken."""


class Questions:
    """The part of a talk that asks: on `speech`, with answers from `stdin`; that is None where nobody is there."""

    def __init__(self, stdin: TextIO | None, speech: Writer, secrets: Secrets) -> None:
        self._stdin = stdin
        self.speech = speech
        self.secrets = secrets

    @property
    def answers(self) -> bool:
        """Whether there is somebody to ask."""
        return self._stdin is not None

    def confirm(self, question: str) -> bool:
        """Asks for a yes."""
        return (self._ask(f"{question} [y/N] ") or "").casefold() in ("y", "yes")

    def name(self, question: str, name: str) -> bool:
        """Asks that a name be typed."""
        return self._ask(f"{question}: type {name} to confirm: ") == name

    def choose(self, choice: Choice) -> str:
        """Asks for one of several answers; the first is the safe one."""
        first, *_ = choice.answers
        for _ in range(_ATTEMPTS):
            answer = self._ask(f"{choice.question} [{'/'.join(choice.answers)}] ")
            if not answer:
                break
            meant = [each for each in choice.answers if each.casefold().startswith(answer.casefold())]
            if len(meant) == 1 or answer in meant:
                return answer if answer in meant else meant[0]
        return first

    def value(self, parameter: str, description: str, *, secret: bool) -> str | None:
        """Asks for the value of a parameter; a secret one is hidden from then on."""
        prompt = f"{parameter} ({description}): " if description else f"{parameter}: "
        value = self._ask(prompt, echo=not secret)
        if secret and value:
            self.hide(value)
        return value

    def hide(self, secret: str) -> None:
        """From now on, a text never shows in what is said."""
        self.secrets.add(secret)

    def make_room(self) -> None:
        """Called before a question is asked."""

    def _ask(self, prompt: str, *, echo: bool = True) -> str | None:
        """The answer without the spaces around it; None where there is none."""
        if self._stdin is None:
            return None
        self.make_room()
        try:
            # What is typed before the question is seen must not be shown either.
            with nullcontext() if echo else _unseen(self._stdin):
                self.speech.write(visible(self.secrets.hidden_in(prompt)))
                line = self._stdin.readline()
        except (OSError, ValueError):
            return None
        if not line.endswith("\n") or not echo:
            self.speech.write("\n")
        return line.strip() if line else None


@contextmanager
def _unseen(stdin: TextIO) -> Iterator[None]:
    """Has the terminal not show what is typed. Raises `OSError` where it cannot be hidden."""
    import termios

    try:
        before = termios.tcgetattr(stdin.fileno())
        silent = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
        termios.tcsetattr(stdin.fileno(), termios.TCSAFLUSH, silent)
    except termios.error as error:
        raise OSError(*error.args) from error
    try:
        yield
    finally:
        termios.tcsetattr(stdin.fileno(), termios.TCSADRAIN, before)
