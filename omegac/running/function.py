"""A function run as Lambda runs it: its handler, by AWS's own runtime client, in a process that stays warm.

Lambda's rules that are met: ten seconds to begin in; a second beginning, in the time of the event, where the first has
failed; the timeout of each event; the limit of its memory; a fresh process after a timeout or an end; its log's lines
(AWS Lambda guide, execution environment; the last as they stand in many a log that was made public).
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from signal import strsignal
from types import TracebackType
from typing import NamedTuple, Self
from uuid import uuid4

from omegac.running.environment import Environment
from omegac.running.log import Log
from omegac.running.runtime_api import Ended, Event, Word
from omegac.running.setting import Setting

INIT_SECONDS = 10
_FAILURES = ("error", "init error")
_READY = Word("ready")


class Invocation(NamedTuple):
    """What came of an event."""

    payload: bytes
    """The result, or the shape of the error, as JSON."""
    failed: bool = False
    peak: int | None = None
    """The most memory that the process has had until then, in MB, where the system tells."""


class _Begun(NamedTuple):
    """How a process began."""

    word: Word | Ended | None
    """None where it took too long."""
    milliseconds: float | None = None
    """How long it took, where that is not part of the event's own time."""
    since: float | None = None
    """When the event's own time began, on the monotonic clock, where it took a part of it."""


class Function:
    """A function, whose process begins with its first event and ends with `with`."""

    def __init__(self, setting: Setting, log: Callable[[str], None]) -> None:
        self._setting = setting
        self._log = Log(log)
        self._environment: Environment | None = None
        self._open = ExitStack()

    def invoke(self, payload: bytes) -> Invocation:
        """Hands it an event, and waits for what comes of it."""
        begun = self._begin() if self._environment is None else _Begun(_READY)
        since = begun.since or time.monotonic()
        event = Event(str(uuid4()), payload, self._setting.arn, self._left(since))
        self._log.line(f"START RequestId: {event.id} Version: $LATEST")
        word, stays = self._answer(event) if begun.word == _READY else (begun.word, False)
        milliseconds = (time.monotonic() - since) * 1000
        invocation = self._invocation(word, event)
        if not stays:
            self._stop()
        facts = {
            "Duration": f"{milliseconds:.2f} ms",
            "Billed Duration": f"{math.ceil(milliseconds + (begun.milliseconds or 0))} ms",
            "Memory Size": f"{self._setting.memory} MB",
            "Max Memory Used": f"{invocation.peak} MB" if invocation.peak else None,
            "Init Duration": f"{begun.milliseconds:.2f} ms" if begun.milliseconds else None,
        }
        self._log.line(f"END RequestId: {event.id}")
        self._log.facts(f"REPORT RequestId: {event.id}\t", facts | _status(word))
        return invocation

    def _begin(self) -> _Begun:
        since = time.monotonic()
        word = self._start().hear(INIT_SECONDS)
        if word == _READY:
            return _Begun(word, (time.monotonic() - since) * 1000)
        self._report_beginning("init", since, word)
        self._stop()
        since = time.monotonic()
        word = self._start().hear(self._left(since))
        if word != _READY:
            self._report_beginning("invoke", since, word)
        return _Begun(word, since=since)

    def _report_beginning(self, phase: str, since: float, word: Word | Ended | None) -> None:
        facts = {"Init Duration": f"{(time.monotonic() - since) * 1000:.2f} ms", "Phase": phase}
        self._log.facts("INIT_REPORT ", facts | _status(word))

    def _left(self, since: float) -> float:
        """The seconds left of an event's time, which began then."""
        return self._setting.timeout - (time.monotonic() - since)

    def _answer(self, event: Event) -> tuple[Word | Ended | None, bool]:
        """What a process that waits for an event says of it, and whether it then waits for the next."""
        environment = self._environment or self._start()
        environment.hand(event)
        word = environment.hear(event.seconds)
        return word, isinstance(word, Word) and environment.hear(event.seconds) == _READY

    def _invocation(self, word: Word | Ended | None, event: Event) -> Invocation:
        used = self._environment.peak if self._environment else None
        if isinstance(word, Ended) and word.of_memory and used:
            used = self._setting.memory  # in Lambda there is no more
        if isinstance(word, Word) and word.kind not in _FAILURES:
            return Invocation(word.payload, peak=used)
        if isinstance(word, Word):
            payload = word.payload
        elif word is None:
            said = f"Task timed out after {self._setting.timeout:.2f} seconds"
            now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            self._log.line(f"{now} {event.id} {said}")
            payload = _shape("Sandbox.Timedout", f"RequestId: {event.id} Error: {said}")
        else:
            said = f"RequestId: {event.id} Error: {_end(word.code)}"
            self._log.line(f"{said}\n{_kind(word)}")
            payload = _shape(_kind(word), said)
        return Invocation(payload, failed=True, peak=used)

    def _start(self) -> Environment:
        self._environment = self._open.enter_context(Environment(self._setting, self._log.write))
        return self._environment

    def _stop(self) -> None:
        self._open.close()
        self._environment = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()


def _shape(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def _status(word: Word | Ended | None) -> dict[str, str]:
    """What a report says of a word, unless that came from the handler."""
    if word is None:
        return {"Status": "timeout"}
    if isinstance(word, Ended) or word.kind == "init error":
        return {"Status": "error", "Error Type": _kind(word)}
    return {}


def _kind(word: Word | Ended) -> str:
    """The type of an error."""
    if isinstance(word, Ended):
        return "Runtime.OutOfMemory" if word.of_memory else "Runtime.ExitError"
    try:
        return str(json.loads(word.payload)["errorType"])
    except (ValueError, TypeError, KeyError, RecursionError):  # whatever the runtime, it may tell anything
        return "Runtime.Unknown"


def _end(code: int) -> str:
    """How a process ended, as Lambda says it."""
    if code == 0:
        return "Runtime exited without providing a reason"
    if code < 0:
        return f"Runtime exited with error: signal: {(strsignal(-code) or str(-code)).lower()}"
    return f"Runtime exited with error: exit status {code}"
