"""The log of a function, in which each line of Lambda's own begins a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping


class Log:
    """Where a function and Lambda write in turn."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._within_a_line = False

    def write(self, text: str) -> None:
        """What the function writes, as it comes."""
        if text:
            self._write(text)
            self._within_a_line = not text.endswith("\n")

    def line(self, text: str) -> None:
        """A line of Lambda's own."""
        self.write(f"\n{text}\n" if self._within_a_line else f"{text}\n")

    def facts(self, about: str, facts: Mapping[str, str | None]) -> None:
        """A line of Lambda's own with what is known, a tab between each."""
        self.line(about + "\t".join(f"{name}: {fact}" for name, fact in facts.items() if fact))
