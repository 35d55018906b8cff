"""cfn-lint: asked in processes of its own, and what it answered remembered.

A process of its own isolates it from the configuration of whatever folder a command runs in, lets it be ended when
it takes too long, and lets several templates be checked at once. Only what runs in that process imports it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from omegac import memo
from omegac.codes import Severity
from omegac.source import Route


class Question(NamedTuple):
    """A template, and the regions that it is for."""

    template: str
    """Its text, JSON or YAML."""
    regions: tuple[str, ...]

    def key(self) -> str:
        """What its answer is remembered under: for a day, as some rules compare dates with the clock."""
        from time import gmtime, strftime

        day = strftime("%Y-%m-%d", gmtime())
        return memo.key("cfn-lint", memo.library("cfnlint"), day, *self.regions, "", self.template)


class Finding(NamedTuple):
    """What one of cfn-lint's rules says of a place in a template."""

    rule: str
    severity: Severity
    meaning: str
    url: str
    message: str
    route: Route


DEFAULT_REGION = "us-east-1"
UNKNOWN_REGION = "OM5007"
"""The code, omegac's own, of a finding on a region rather than on the template."""

Answer: TypeAlias = tuple[Finding, ...] | None
"""Its findings, or None where it did not answer in time."""


class Linter:
    """The processes that cfn-lint runs in; they can be started before there is anything to ask."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        """How long one template may take."""
        self._workers: list[_Worker] = []

    @property
    def running(self) -> int:
        """How many processes there are."""
        return len(self._workers)

    def start(self, count: int) -> None:
        """Has as many processes ready as there will be templates, but no more than the machine has processors."""
        for _ in range(len(self._workers), min(count, os.cpu_count() or 1)):
            self._workers.append(_Worker())

    def stop(self) -> None:
        """Ends all processes."""
        for worker in self._workers:
            worker.stop()
        self._workers.clear()

    def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """The answer to each question, what is remembered among them."""
        answers: dict[Question, Answer] = {}
        for question in questions:
            remembered = memo.recall("cfn-lint", question.key())
            if remembered is not None:
                answers[question] = _findings(json.loads(remembered))
        new = [question for question in dict.fromkeys(questions) if question not in answers]
        if new:
            answers |= self._ask(new)
        return [answers[question] for question in questions]

    def _ask(self, questions: list[Question]) -> dict[Question, Answer]:
        self.start(len(questions))
        answers: dict[Question, Answer] = {}
        waiting, idle = questions[::-1], list(self._workers)
        busy: dict[_Worker, Question] = {}
        while waiting or busy:
            while waiting and idle:
                worker, question = idle.pop(), waiting.pop()
                worker.ask(question, self.seconds)
                busy[worker] = question
            for worker in _ready(list(busy)):
                question = busy.pop(worker)
                answer = worker.answer()
                if answer is None:
                    answers[question] = None
                    worker = self._replaced(worker)  # noqa: PLW2901 (the one that is late is no more)
                else:
                    answers[question] = _findings(answer)
                    memo.remember("cfn-lint", question.key(), json.dumps(answer).encode())
                idle.append(worker)
        return answers

    def _replaced(self, worker: _Worker) -> _Worker:
        worker.stop()
        self._workers.remove(worker)
        self._workers.append(_Worker())
        return self._workers[-1]


def _ready(busy: list[_Worker]) -> list[_Worker]:
    """Those that have answered, or whose time is over; waits for the first of them."""
    from select import select
    from time import monotonic

    left = max(min(worker.deadline for worker in busy) - monotonic(), 0)
    answered = select(busy, [], [], left)[0]
    return answered or [worker for worker in busy if worker.deadline <= monotonic()]


class _Worker:
    """One process, which answers a line of JSON for each line of JSON."""

    def __init__(self) -> None:
        import sys
        from subprocess import PIPE, Popen
        from tempfile import TemporaryFile

        self._said: Any = TemporaryFile()  # noqa: SIM115 (a pipe that nobody reads would fill up; `stop` closes it)
        # -P: a file beside the spec that is named like a module must not be imported.
        command = [sys.executable, "-P", "-c", f"from {__name__} import serve; serve()"]
        self.process = Popen(command, stdin=PIPE, stdout=PIPE, stderr=self._said)  # noqa: S603 (our own program)
        self._output: Any = self.process.stdout

        self.deadline = 0.0

    def fileno(self) -> int:
        """What to wait for until it answers."""
        number: int = self._output.fileno()
        return number

    def ask(self, question: Question, seconds: float) -> None:
        """Hands a question over, to be answered in so many seconds."""
        from time import monotonic

        stream: Any = self.process.stdin
        try:
            stream.write(json.dumps(question).encode() + b"\n")
            stream.flush()
        except BrokenPipeError:
            self._failed()
        self.deadline = monotonic() + seconds

    def answer(self) -> list[Any] | None:
        """What it says to the question, or None where it says nothing in time."""
        from select import select

        if not select([self], [], [], 0)[0]:
            return None
        line = self._output.readline()
        if not line:
            self._failed()
        answer: list[Any] = json.loads(line)
        return answer

    def _failed(self) -> None:
        self.process.wait()
        self._said.seek(0)
        raise RuntimeError(f"cfn-lint failed:\n{self._said.read().decode(errors='replace').strip()}")

    def stop(self) -> None:
        """Ends the process, whatever it is at."""
        self.process.kill()
        self.process.communicate()
        self._said.close()


def _findings(answer: list[Any]) -> tuple[Finding, ...]:
    return tuple(Finding._make([*fields, tuple(route)]) for *fields, route in answer)


def serve() -> None:
    """What runs in a process of its own: answers questions until there are no more."""
    import gc
    import sys

    gc.disable()  # looking for garbage, of which there is little, would take a fifth of the time
    _runner((DEFAULT_REGION,))  # while the first question is still being made
    for line in sys.stdin.buffer:
        template, regions = json.loads(line)
        sys.stdout.write(json.dumps(_answer(template, regions)) + "\n")
        sys.stdout.flush()


def _answer(template: str, regions: list[str]) -> list[Any]:
    """All findings, sorted: each as the fields of a `Finding`."""
    from cfnlint.decode.decode import decode_str
    from cfnlint.helpers import REGIONS

    known = [region for region in regions if region in REGIONS]
    unknown = [_unknown(region) for region in regions if region not in known]
    # Not the data that we have: in a template without positions, findings are lost, as place tells them apart.
    decoded, matches = decode_str(template)
    if decoded is not None and not matches:
        matches = list(_runner(tuple(known or [DEFAULT_REGION])).validate_template(decoded))
    return sorted([*unknown, *map(_fields, matches)], key=json.dumps)


def _fields(match: Any) -> list[Any]:
    rule = match.rule
    severity = "warning" if rule.id.startswith("W") else "error"
    route = [step for step in getattr(match, "path", None) or () if isinstance(step, (str, int))]
    return [rule.id, severity, rule.shortdesc, rule.source_url, match.message, route]


def _unknown(region: str) -> list[Any]:
    message = f"cfn-lint does not know the region {region}: the template was checked as for {DEFAULT_REGION}"
    return [UNKNOWN_REGION, "warning", "", "", message, []]


@cache
def _runner(regions: tuple[str, ...]) -> Any:
    from cfnlint.config import ConfigMixIn
    from cfnlint.runner import Runner

    # A file of configuration that is empty: otherwise the one in the working folder would apply, without a word.
    return Runner(ConfigMixIn([], regions=list(regions), config_file=os.devnull))
