"""Writes to a stream, come what may: whoever reads may go away, an operation goes on."""

from __future__ import annotations

import os
from typing import TextIO


class Writer:
    """A stream whose faults are nobody's business."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._deaf = False

    def write(self, text: str) -> None:
        """Writes a text at once. Where that fails, as at a broken pipe or a lost terminal, nothing more is tried."""
        if self._deaf:
            return
        encoding = self.stream.encoding or "utf-8"
        try:
            self.stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self.stream.flush()
        except (OSError, ValueError):  # ValueError: the stream has been closed
            self._deaf = True
            self._discard()

    @property
    def is_terminal(self) -> bool:
        """Whether somebody may be looking."""
        try:
            return self.stream.isatty()
        except ValueError:
            return False

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines of the terminal, or what is usual where it does not tell."""
        try:
            columns, lines = os.get_terminal_size(self.stream.fileno())
        except (OSError, ValueError):
            columns, lines = 0, 0
        return columns or 80, lines or 24

    def _discard(self) -> None:
        """Lets what is still held back go nowhere, as it would fail again when the program ends."""
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.stream.fileno())
            os.close(nowhere)
        except (OSError, ValueError):
            return
