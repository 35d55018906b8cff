"""What an operation says as JSON, an object a line, for programs; nothing is asked.

Each has a `type`. Keys may be added, and types, but none is taken away or changes its meaning:

- `note`: `text`
- `upload`: `what`, `sent` and `size` in bytes
- `planned`: `stack`, `change_set` or null, and `changes`: `resources`, `remarks`, `summary`
- `event`: `id`, `time`, `stack_id`, `path` (logical ids down to it), `logical_id`, `physical_id`, `resource_type`,
  `status`, and `reason`, `token` and `detailed_status` or null
- `status`: `stack`, `status`, each time that it has changed
- `diagnostic`: what `omegac lint --format json` has for each
- `outputs`: `stack`, `values`
- `stack`: `stack`, `facts`
- `result`: `version`, `operation`, `stack`, `outcome`, `status` or null, `change_set` or null; once, the last line
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, TextIO

from omegac.console import changes
from omegac.console.questions import Questions
from omegac.console.secrets import Secrets
from omegac.console.writer import Writer
from omegac.deployment.events import Event
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
from omegac.report import json_v1

VERSION = 1


class JsonLines(Questions):
    """Writes each record to standard output."""

    def __init__(self, stdout: TextIO) -> None:
        super().__init__(None, Writer(stdout), Secrets())
        self._status: Standing | None = None
        self._has_ended = False

    def say(self, record: Record) -> None:
        """Shows a record, unless the result has been said."""
        if self._has_ended:
            return
        if isinstance(record, Standing):
            if self._status and record[:2] == self._status[:2]:
                return
            self._status = record
        self._has_ended = isinstance(record, Result)
        plain = as_plain(self.secrets.hidden(record))
        self.speech.write(json.dumps(plain, ensure_ascii=False, default=_written) + "\n")


def as_plain(record: Record) -> dict[str, Any]:
    """A record as plain JSON."""
    match record:
        case Note():
            return {"type": "note", **record._asdict()}
        case Upload():
            return {"type": "upload", **record._asdict()}
        case Planned():
            return {"type": "planned", **record._asdict(), "changes": changes.as_record(record.changes)}
        case Happened(event=event):
            return {"type": "event", **_event(event)}
        case Standing():
            return {"type": "status", "stack": record.stack, "status": record.status}
        case Found(diagnostic=diagnostic):
            return {"type": "diagnostic", **json_v1.record(diagnostic)}
        case Outputs(stack=stack, values=values):
            return {"type": "outputs", "stack": stack, "values": dict(sorted(values.items()))}
        case Described(stack=stack, facts=facts):
            return {"type": "stack", "stack": stack, "facts": dict(facts)}
        case Result():
            return {"type": "result", "version": VERSION, **record._asdict()}


def _event(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "time": _written(event.time),
        "stack_id": event.stack_id,
        "path": list(event.path),
        "logical_id": event.logical_id,
        "physical_id": event.physical_id,
        "resource_type": event.type,
        "status": event.status,
        "reason": event.reason,
        "token": event.token,
        "detailed_status": event.detailed_status,
    }


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(value)
