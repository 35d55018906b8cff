"""Whose word an operation needs before it goes on: asked at a terminal, or given beforehand by options."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from omegac.deployment.talk import Note, Talk
from omegac.diagnostics import Rejected, fault
from omegac.spelling import nearest

_TOO_LITTLE = "this needs consent by name, as --yes is too little"


class Declined(Exception):  # noqa: N818 (an answer, and no error)
    """Somebody was asked, and said no: nothing has been done since."""


class Consent(NamedTuple):
    """What was agreed to beforehand, and whom to ask for all else."""

    talk: Talk
    yes: bool = False
    """Every question with a yes or a no has its yes, but none that asks for a name."""
    named: frozenset[str] = frozenset()
    """What was named beforehand, each a consent to the loss of it."""

    def need(self, question: str) -> None:
        """Asks for a yes. Raises `Declined` at a no, and `Rejected` where nobody is there to ask."""
        if self.yes:
            return
        if not self.talk.answers:
            message = f"this needs a yes, and there is nobody to ask: {question}"
            raise Rejected([fault("OM6103", message, hint="run it at a terminal, or agree beforehand with --yes")])
        if not self.talk.confirm(question):
            raise Declined

    def need_name(self, question: str, name: str, option: str) -> None:
        """Asks for a name to be typed, which --yes does not stand for. Raises as `need` does."""
        self.need_names([(question, name)], option)

    def need_names(self, losses: Iterable[tuple[str, str]], option: str) -> None:
        """The same for several, each a question and a name; where nobody is there to ask, all are told at once."""
        still = [(question, name) for question, name in losses if name not in self.named]
        if still and not self.talk.answers:
            questions = "; ".join(question for question, _ in still)
            options = " ".join(f"{option} {name}" for _, name in still)
            hint = f"run it at a terminal, or agree beforehand with {options}"
            raise Rejected([fault("OM6104", f"{_TOO_LITTLE}: {questions}", hint=hint)])
        for question, name in still:
            if not self.talk.name(question, name):
                raise Declined

    def tell_idle(self, names: Iterable[str], option: str) -> None:
        """Says which names were agreed to in vain, as they are none of those with which something is lost.

        That is no fault: a pipeline keeps an option over many deployments. But a name may be mistyped.
        """
        lost = frozenset(names)
        for name in sorted(self.named - lost):
            near = nearest(name, lost - self.named)
            meant = f'; did you mean "{near}"?' if near else ""
            self.talk.say(Note(f"{option} {name} agrees to nothing, as no data is lost with that{meant}"))
