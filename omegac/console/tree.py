"""The resources of an operation as a tree, at any moment: what is done, what goes on, what failed, and for how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

from omegac.console.sentences import duration
from omegac.deployment.causes import cleaned, follows
from omegac.deployment.events import Event
from omegac.report.columns import visible, width

Mood: TypeAlias = Literal["failed", "running", "done", "cancelled"]

_MARKS: dict[Mood, str] = {"failed": "✗", "running": "…", "done": "✓", "cancelled": "-"}
_NAMES: dict[Mood, str] = {"failed": "failed", "running": "in progress", "done": "done", "cancelled": "cancelled"}
_ELLIPSIS = "…"
_STATUS_WIDTH = len("CREATE_IN_PROGRESS")
_ELAPSED_WIDTH = len("59m 59s")
_NAMES_SHARE = 3
"""Names take that part of the width at most."""


class Line(NamedTuple):
    """A line of the tree."""

    text: str
    mood: Mood


class _Row:
    """What is known of one resource."""

    def __init__(self, event: Event) -> None:
        self.path = event.path
        self.type = event.type
        self.began = event.time
        self.failure: Event | None = None
        self.last = event
        self.see(event)

    def see(self, event: Event) -> None:
        # A resource may be taken up several times: created, then deleted by the rollback.
        if event.time < self.last.time:
            self.began = min(self.began, event.time) if _verb(event) == _verb(self.last) else self.began
        else:
            again = event.status.endswith("IN_PROGRESS") and not self.running
            if again or _verb(event) != _verb(self.last):
                self.began = event.time
            self.last = event
        if event.failed and not follows(event):
            self.failure = self.failure or event
        elif event.status == "DELETE_COMPLETE" and self.failure and self.failure.status == "DELETE_FAILED":
            self.failure = None  # CloudFormation tries to delete several times.

    @property
    def running(self) -> bool:
        return self.last.status.endswith("IN_PROGRESS")

    @property
    def mood(self) -> Mood:
        if self.failure:
            return "failed"
        if self.running:
            return "running"
        return "cancelled" if self.last.failed else "done"

    def elapsed(self, now: datetime) -> str:
        return duration((now if self.running else self.last.time) - self.began)


class Tree:
    """What has been seen of one operation."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, ...], _Row] = {}
        """By their paths, in the order that they came in."""
        self._root: _Row | None = None
        self._stack: tuple[str, str] | None = None
        self._began: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show yet."""
        return not self._rows and self._root is None

    def see(self, event: Event) -> None:
        """Takes an event up."""
        self._began = min(self._began or event.time, event.time)
        if not event.is_stack:
            row = self._rows.get(event.path)
            if row:
                row.see(event)
            else:
                self._rows[event.path] = _Row(event)
        elif not event.stack_path:
            if self._root:
                self._root.see(event)
            else:
                self._root = _Row(event)
            self._stack = event.logical_id, self._root.last.status

    def stand(self, stack: str, status: str) -> None:
        """Takes the status of the stack itself up, which may be known before its event has come."""
        self._stack = stack, status

    def lines(self, now: datetime, columns: int, most: int | None = None) -> list[Line]:
        """The tree in lines of so many columns; where they would be more than `most`, the gravest alone."""
        rows = self._nested()
        names = ["  " * (len(row.path) - 1) + visible(row.path[-1]) for row in rows]
        whole = [line for lines in self._shown(rows, names, now, columns) for line in lines]
        head = self._head(now, columns)
        if most is None or len(head) + len(whole) <= most:
            return [*head, *whole]
        return [*head, *self._gravest(rows, now, columns, most - len(head))][: max(most, 0)]

    def _nested(self) -> list[_Row]:
        """The rows in the order that they came in, each followed by those of its nested stack."""
        order: dict[tuple[str, ...], int] = {}
        for path in self._rows:
            for depth in range(1, len(path) + 1):
                order.setdefault(path[:depth], len(order))
        paths = sorted(self._rows, key=lambda path: [order[path[:depth]] for depth in range(1, len(path) + 1)])
        return [self._rows[path] for path in paths]

    def _head(self, now: datetime, columns: int) -> list[Line]:
        if self._stack is None:
            return []
        name, status = self._stack
        running = status.endswith("IN_PROGRESS")
        end = now if running or not self._root else self._root.last.time
        elapsed = f"  {duration(end - self._began)}" if self._began else ""
        wrong = "ROLLBACK" in status or status.endswith("_FAILED")
        mood: Mood = "failed" if wrong else "running" if running else "done"
        return [Line(_cut(f"{name}  {status}{elapsed}", columns), mood)]

    def _shown(self, rows: list[_Row], names: list[str], now: datetime, columns: int) -> Iterator[list[Line]]:
        """The lines of each row, by names that stand in a column of their own."""
        most = max(columns // _NAMES_SHARE, 8)
        room = min(max(map(width, names), default=0), most)
        for row, name in zip(rows, names, strict=True):
            elapsed = f"{row.elapsed(now):>{_ELAPSED_WIDTH}}"
            # The mark stands before the name, which an inner one's spaces are a part of.
            inner = len(name) - len(name.lstrip())
            called = f"{' ' * inner}{_MARKS[row.mood]} {_cut(name, most).lstrip():<{max(room - inner, 0)}}"
            lines = [f"  {called}  {row.last.status:<{_STATUS_WIDTH}} {elapsed}  {row.type}"]
            if row.failure and row.failure.reason:
                lines.append(f"      {' ' * inner}{cleaned(row.failure.reason)}")
            yield [Line(_cut(line, columns), row.mood) for line in lines]

    def _gravest(self, rows: list[_Row], now: datetime, columns: int, most: int) -> list[Line]:
        """Failures, then what goes on, then the latest that is done, as there is room; and how many more there are."""
        grave: dict[Mood, int] = {"failed": 0, "running": 1, "done": 2, "cancelled": 3}
        latest = sorted(rows, key=lambda row: row.last.time, reverse=True)
        ordered = sorted(latest, key=lambda row: grave[row.mood])
        names = [visible("/".join(row.path)) for row in ordered]
        shown: list[Line] = []
        for index, lines in enumerate(self._shown(ordered, names, now, columns)):
            if len(shown) + len(lines) > most - 1:
                left = Counter(each.mood for each in ordered[index:])
                told = ", ".join(f"{left[mood]} {_NAMES[mood]}" for mood in _NAMES if left[mood])
                return [*shown, Line(_cut(f"  {_ELLIPSIS} and {left.total()} more: {told}", columns), "done")]
            shown += lines
        return shown


def _verb(event: Event) -> str:
    return event.status.partition("_")[0]


def _cut(text: str, columns: int) -> str:
    """The beginning of a text that fits."""
    text = visible(text)
    if width(text) <= columns:
        return text
    while text and width(text) > columns - 1:
        text = text[:-1]
    return text + _ELLIPSIS if columns > 0 else ""
