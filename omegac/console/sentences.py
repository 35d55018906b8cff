"""Records as text for people, but for those that a tree shows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from omegac.deployment.causes import cleaned
from omegac.deployment.events import Event
from omegac.deployment.talk import Outcome, Result
from omegac.report.columns import visible

_STATUS_WIDTH = len("CREATE_IN_PROGRESS")
_LOOKS = {"diff", "events", "outputs", "publish", "status"}
"""The commands that do nothing to a stack."""
_ENDINGS: Mapping[Outcome, str] = {
    "done": "done",
    "unchanged": "nothing to change",
    "declined": "nothing was done, as it was not confirmed",
    "refused": "refused",
    "failed": "failed",
    "cancelled": "cancelled",
    "interrupted": "interrupted, and nothing that it began goes on",
    "detached": "goes on",
    "lost": "lost sight of, and goes on",
}
_UNITS = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def event_line(event: Event) -> str:
    """An event in one line, with what a log is searched for."""
    name = "/".join(event.path) or event.logical_id
    reason = f"  {cleaned(event.reason)}" if event.reason else ""
    return visible(f"{moment(event.time)}  {event.status:<{_STATUS_WIDTH}}  {name}  {event.type}{reason}")


def moment(time: datetime) -> str:
    """A time, in UTC to the second."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def duration(time: timedelta) -> str:
    """How long something took, or has taken so far; never less than nothing, as clocks differ."""
    seconds = max(int(time.total_seconds()), 0)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h {minutes:02}m"
    return f"{minutes}m {seconds:02}s" if minutes else f"{seconds}s"


def amount(count: int) -> str:
    """A number of bytes."""
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count} bytes"


def ending(result: Result) -> str:
    """How an operation ended, and how it goes on from there; nothing where what it has shown is all there is to say."""
    operation, stack, outcome, status, change_set = result
    if operation in _LOOKS and outcome in {"done", "planned"}:
        return ""
    where = f"{operation} of {stack}" if stack else operation
    stands = f" ({status})" if status else ""
    if outcome == "planned":
        executed = f"`omegac deploy --stack {stack} --change-set {change_set}` executes it"
        return f"{where}: planned" + (f" as {change_set}; {executed}" if change_set else "")
    again = f"; `omegac events --stack {stack} --follow` takes it up again" if outcome in {"detached", "lost"} else ""
    return f"{where}: {_ENDINGS[outcome]}{stands}{again}"


def facts_lines(facts: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """What is told of a stack, a line for each fact."""
    room = max((len(name) for name in facts), default=0) + 1
    for name, value in facts.items():
        if isinstance(value, Mapping) and value:
            yield visible(f"{indent}{name}:")
            yield from facts_lines(value, f"{indent}  ")
        else:
            yield visible(f"{indent}{f'{name}:':<{room}} {_fact(value)}".rstrip())


def _fact(value: Any) -> str:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, Mapping):
        return "none"
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
