"""Whose word an operation needs before it goes on: asked at a terminal, or given beforehand by options."""

from __future__ import annotations

from typing import NamedTuple

from omegac.deployment.talk import Talk
from omegac.diagnostics import Rejected, fault

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
        if name in self.named:
            return
        if not self.talk.answers:
            hint = f"run it at a terminal, or agree to this one beforehand with {option} {name}"
            raise Rejected(
                [fault("OM6104", f"this needs consent by name, as --yes is too little: {question}", hint=hint)]
            )
        if not self.talk.name(question, name):
            raise Declined
