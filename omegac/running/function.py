"""A function run as Lambda runs it: its handler, by AWS's own runtime client, in a process that stays warm.

Lambda's rules that are met: ten seconds to begin in, or else a second beginning in the time of the event; the timeout
of each event; a fresh process after a timeout or an end; its log's lines (AWS Lambda guide, execution environment).
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
        begun = self._begin() if self._environment is None else _Begun(Word("ready"))
        since = begun.since or time.monotonic()
        event = Event(str(uuid4()), payload, self._setting.arn, self._left(since))
        self._log.line(f"START RequestId: {event.id} Version: $LATEST")
        word = self._answer(event) if begun.word == Word("ready") else begun.word
        milliseconds = (time.monotonic() - since) * 1000
        invocation = self._invocation(word, event)
        self._report(event, invocation, milliseconds, begun.milliseconds)
        return invocation

    def _begin(self) -> _Begun:
        since = time.monotonic()
        word = self._start().hear(INIT_SECONDS)
        if word is not None:
            return _Begun(word, (time.monotonic() - since) * 1000)
        self._stop()
        self._log.line(f"INIT_REPORT Init Duration: {INIT_SECONDS * 1000:.2f} ms\tPhase: init\tStatus: timeout")
        since = time.monotonic()
        word = self._start().hear(self._left(since))
        return _Begun(word, since=since)

    def _left(self, since: float) -> float:
        """The seconds left of an event's time, which began then."""
        return self._setting.timeout - (time.monotonic() - since)

    def _answer(self, event: Event) -> Word | Ended | None:
        """What a process that waits for an event says of it. It is done with it once it waits for the next."""
        environment = self._environment or self._start()
        environment.hand(event)
        word = environment.hear(event.seconds)
        if isinstance(word, Word) and environment.hear(event.seconds) != Word("ready"):
            self._stop()
        return word

    def _invocation(self, word: Word | Ended | None, event: Event) -> Invocation:
        used = self._environment.peak if self._environment else None
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
            self._log.line(f"{said}\nRuntime.ExitError")
            payload = _shape("Runtime.ExitError", said)
        if not isinstance(word, Word) or word.kind == "init error":
            self._stop()
        return Invocation(payload, failed=True, peak=used)

    def _report(self, event: Event, done: Invocation, milliseconds: float, init: float | None) -> None:
        facts = {
            "Duration": f"{milliseconds:.2f} ms",
            "Billed Duration": f"{math.ceil(milliseconds + (init or 0))} ms",
            "Memory Size": f"{self._setting.memory} MB",
            "Max Memory Used": f"{done.peak} MB" if done.peak else None,
            "Init Duration": f"{init:.2f} ms" if init else None,
        }
        told = "".join(f"\t{name}: {fact}" for name, fact in facts.items() if fact)
        self._log.line(f"END RequestId: {event.id}\nREPORT RequestId: {event.id}{told}")

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


def _end(code: int) -> str:
    """How a process ended, as Lambda says it."""
    if code == 0:
        return "Runtime exited without providing a reason"
    if code < 0:
        return f"Runtime exited with error: signal: {(strsignal(-code) or str(-code)).lower()}"
    return f"Runtime exited with error: exit status {code}"
