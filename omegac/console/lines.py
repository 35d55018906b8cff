"""What an operation says, line by line: for logs, and for terminals that can do no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TextIO

from omegac.console import changes
from omegac.console.questions import Questions
from omegac.console.secrets import Secrets
from omegac.console.sentences import amount, duration, ending, event_line, facts_lines
from omegac.console.writer import Writer
from omegac.deployment.talk import (
    Described,
    Found,
    Happened,
    Note,
    Outputs,
    Planned,
    Record,
    Result,
    Standing,
    Upload,
)
from omegac.report.columns import visible
from omegac.report.text import as_text

_QUIET = timedelta(minutes=1)
"""After so long without a line one is written, as some that run commands end those that are silent."""

_LOG_WIDTH = 1_000


class Streams(NamedTuple):
    """What a console reads and writes."""

    stdin: TextIO | None
    """None where nobody is to be asked."""
    stdout: TextIO
    stderr: TextIO
    colour: bool = False
    product: tuple[type[Record], ...] = (Planned, Outputs, Described)
    """The kinds of records that the command is run for: they go to standard output, and all else to standard error."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


class Lines(Questions):
    """Writes what a command is run for to standard output, and all else to standard error."""

    def __init__(self, streams: Streams) -> None:
        super().__init__(streams.stdin, Writer(streams.stderr), Secrets())
        self.product = Writer(streams.stdout)
        self.kinds = streams.product
        self.colour = streams.colour
        self.clock = streams.clock
        self._began: datetime | None = None
        self._latest: datetime | None = None

    def say(self, record: Record) -> None:
        """Shows a record."""
        self.show(self.secrets.hidden(record))

    def show(self, record: Record) -> None:
        """Shows a record that holds no secret."""
        if isinstance(record, Standing):
            self._break_silence(record)
            return
        text = self.text(record)
        if text and isinstance(record, self.kinds):
            self.product.write(text)
        # What is asked about is shown where it is asked.
        asked = isinstance(record, Planned) and self.answers and not self._is_seen
        if text and (asked or not isinstance(record, self.kinds)):
            self.tell(text)

    def tell(self, text: str) -> None:
        """Writes what is said beside the product."""
        self._latest = self.clock()
        self.speech.write(text)

    def text(self, record: Record) -> str:
        """A record as text; empty where it says nothing new."""
        match record:
            case Note(text=text):
                return "".join(f"{visible(line)}\n" for line in text.split("\n"))
            case Upload(what=what, sent=sent, size=size):
                return f"uploaded {visible(what)} ({amount(size)})\n" if sent >= size else ""
            case Planned(changes=planned):
                return changes.as_text(planned, colour=self._is_coloured(record), width=self._width)
            case Outputs(values=values):
                return "".join(f"{key}={self._plain(values[key])}\n" for key in sorted(values))
            case Described(stack=stack, facts=facts):
                return "".join(f"{line}\n" for line in (visible(stack), *facts_lines(facts, "  ")))
            case Happened(event=event):
                line = event_line(event)
                return f"\x1b[31m{line}\x1b[0m\n" if self.colour and event.failed else f"{line}\n"
            case Found(diagnostic=diagnostic):
                return as_text([diagnostic], colour=self.colour)
            case Result():
                said = ending(record)
                return f"{visible(said)}\n" if said else ""
        return ""

    @property
    def _is_seen(self) -> bool:
        """Whether standard output is a terminal."""
        return self.product.is_terminal

    @property
    def _width(self) -> int:
        """Columns for changes: a log has no end of them, and nothing is to be missing there."""
        return min(self.speech.size[0], 120) if self.speech.is_terminal else _LOG_WIDTH

    def _is_coloured(self, record: Record) -> bool:
        """Whether a record goes to where colours are seen."""
        return self.colour and (self._is_seen or self.answers or not isinstance(record, self.kinds))

    def _plain(self, value: str) -> str:
        """A value as it is, but for what would do harm to a terminal."""
        return visible(value) if self._is_seen else value

    def _break_silence(self, standing: Standing) -> None:
        now = self.clock()
        self._began = self._began or now
        if now - (self._latest or self._began) >= _QUIET:
            self.tell(
                visible(f"{standing.stack} is still {standing.status} after {duration(now - self._began)}") + "\n"
            )
