"""One execution environment of a function: its process, the Runtime API that it asks, and its log as it comes."""

from __future__ import annotations

import math
import os
import time
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import ExitStack
from select import select
from signal import SIGKILL
from types import TracebackType
from typing import Self

from omegac.child import Child, Command
from omegac.running.runtime_api import Ended, Event, RuntimeApi, Word
from omegac.running.runtime_folder import CLIENT
from omegac.running.setting import Setting

_CHUNK = 65536
_GLANCE = 0.01
"""Seconds between two looks at whether the process has ended, or has more memory than it may."""


class Environment:
    """A process that runs the handler, from when `with` begins."""

    def __init__(self, setting: Setting, log: Callable[[str], None]) -> None:
        self._setting = setting
        self._log = log
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with self._open:
            self._api = self._open.enter_context(RuntimeApi())
            self._pipe, theirs = os.pipe()
            self._open.callback(os.close, self._pipe)
            scratch = self._setting.scratch
            words = [scratch.python, "-m", CLIENT, self._setting.handler]
            variables = {**self._setting.variables, "AWS_LAMBDA_RUNTIME_API": self._api.address}
            try:
                command = Command(words, scratch.code, variables, [scratch.hold], theirs)
                self._child = self._open.enter_context(Child(command))
            finally:
                os.close(theirs)
            self._open = self._open.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def hand(self, event: Event) -> None:
        """Gives an event to the runtime, which waits for it."""
        self._api.hand(event)

    def hear(self, seconds: float) -> Word | Ended | None:
        """What the runtime says next, or that it has ended; None where neither comes in time.

        One that has had more memory than it may is ended, as Lambda would have ended it before it said anything.
        """
        heard = self._next(time.monotonic() + seconds)
        if not self._is_too_large():
            return heard
        self._child.kill()
        while select([self._pipe], [], [], 0)[0] and self._pass_on():
            pass
        return Ended(-SIGKILL, of_memory=True)

    def _next(self, deadline: float) -> Word | Ended | None:
        while (left := deadline - time.monotonic()) > 0 and not self._is_too_large():
            ended = self._child.code is not None
            ready = select([self._api.bell, self._pipe], [], [], 0 if ended else min(left, _GLANCE))[0]
            if self._pipe in ready and self._pass_on():
                continue  # what was written before a word was said comes before it
            if self._api.bell in ready:
                return self._api.hear()
            if ended:
                return Ended(self._child.wait())
        return None

    def _is_too_large(self) -> bool:
        return (self.peak or 0) > self._setting.memory

    @property
    def peak(self) -> int | None:
        """The most memory that the process was seen to have, in MB; None where the system does not tell of it."""
        kibibytes = self._child.peak
        return math.ceil(kibibytes / 1024) if kibibytes else None

    def _pass_on(self) -> bool:
        """Passes on a stretch of the log; whether there was any."""
        written = os.read(self._pipe, _CHUNK)
        # The client sets CR between the lines of an error, which is one entry of a log.
        self._log(self._decoder.decode(written).replace("\r\n", "\n").replace("\r", "\n"))
        if not written:
            time.sleep(_GLANCE)  # at its end, a pipe can always be read from
        return bool(written)
