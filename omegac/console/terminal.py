"""What an operation says on a terminal: a tree that is drawn anew in its place, and all else above it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from omegac.console.lines import Lines, Streams
from omegac.console.sentences import amount
from omegac.console.tree import Line, Mood, Tree
from omegac.deployment.talk import Happened, Note, Record, Standing, Upload
from omegac.report.columns import visible, width

_SGR: dict[Mood, str] = {"failed": "31", "running": "33", "done": "32", "cancelled": "2"}
"""Select Graphic Rendition (ECMA-48): red, yellow, green, faint."""
_BAR = 20
"""Columns of an upload's bar."""


class Terminal(Lines):
    """Keeps a block at the bottom of the screen; what scrolls away is only what was said for good."""

    def __init__(self, streams: Streams) -> None:
        super().__init__(streams)
        self._tree = Tree()
        self._stack_id = ""
        self._uploads: dict[str, Upload] = {}
        self._drawn: list[Line] = []
        self._ahead = timedelta()
        """By how much the clock of events is ahead of this one."""

    def show(self, record: Record) -> None:
        """Takes up what the block is about; notes are said above it, and all else once the tree has been left there."""
        match record:
            case Happened(event=event):
                if not event.stack_path and event.stack_id != self._stack_id:
                    self._settle()
                    self._stack_id = event.stack_id
                self._tree.see(event)
                self._draw()
            case Standing(stack=stack, status=status, ahead=ahead):
                self._ahead = ahead
                self._tree.stand(stack, status)
                self._draw()
            case Upload(what=what, sent=sent, size=size) if sent < size:
                self._uploads[what] = record
                self._draw()
            case Upload(what=what):
                self._uploads.pop(what, None)
                self.tell(self.text(record))
            case Note():
                self.tell(self.text(record))
                self._draw()
            case _:
                self._settle()
                super().show(record)

    def tell(self, text: str) -> None:
        """Writes above the block, which is then to be drawn again."""
        super().tell(self._erased() + text)

    def make_room(self) -> None:
        """Takes the block away, so that a question stands where it was."""
        self.speech.write(self._erased())

    @property
    def _now(self) -> datetime:
        """The time, by the clock of events."""
        return self.clock() + self._ahead

    def _settle(self) -> None:
        """Leaves the whole tree where the block was, and begins another."""
        columns, _ = self.speech.size
        lines = [] if self._tree.is_empty else self._tree.lines(self._now, columns - 1)
        self.speech.write(self._erased() + self._painted(lines))
        self._tree = Tree()
        self._uploads.clear()

    def _draw(self) -> None:
        """Draws the block anew, in one go, so that nothing flickers."""
        columns, rows = self.speech.size
        bars = [_bar(upload, columns - 1) for upload in self._uploads.values()]
        room = max(rows - 1, 0)  # The cursor stands in the line below.
        lines = [*bars, *self._tree.lines(self._now, columns - 1, max(room - len(bars), 0))][:room]
        erased = self._erased()
        self._drawn = lines
        self.speech.write(erased + self._painted(lines))

    def _erased(self) -> str:
        """What takes the block away, however many lines it takes on a terminal that may have become narrower."""
        columns, _ = self.speech.size
        height = sum(max(-(-width(line.text) // columns), 1) for line in self._drawn)
        self._drawn = []
        # Cursor up, erase to the end of the screen (ECMA-48: CUU, ED).
        return f"\x1b[{height}A\r\x1b[J" if height else ""

    def _painted(self, lines: Iterable[Line]) -> str:
        if not self.colour:
            return "".join(f"{line.text}\n" for line in lines)
        return "".join(f"\x1b[{_SGR[line.mood]}m{line.text}\x1b[0m\n" for line in lines)


def _bar(upload: Upload, columns: int) -> Line:
    """An upload, as far as it has come."""
    full = upload.sent * _BAR // max(upload.size, 1)
    bar = "█" * full + "░" * (_BAR - full)
    text = f"{bar} {amount(upload.sent)} of {amount(upload.size)}  {visible(upload.what)}"
    return Line(text[: max(columns, 0)], "running")
