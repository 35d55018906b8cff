"""What goes wrong on purpose: faults that a test has scripted for calls to come, and functions it wants called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

from tests.endpoint.wire import NOTHING, Answer, Refusal

Kind: TypeAlias = Literal[
    "throttling",
    "500",
    "503",
    "cut",
    "cut-body",
    "slow",
    "access-denied",
    "expired-token",
    "unknown-operation",
    "validation",
    "stale",
    "disordered",
]

ANY = "*"
"""In place of an operation: whichever is called."""


@dataclass
class Fault:
    """A fault of the next calls of an operation; `done`: the call is carried out, and its answer is what gets lost."""

    operation: str
    kind: Kind
    times: int = 1
    after: int = 0
    done: bool = False
    text: str = ""
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"no kind of fault: {self.kind}")

    @property
    def prevents(self) -> bool:
        """Whether the call has no effect."""
        return self.kind not in {"slow", "stale", "disordered", "cut-body"} and not self.done

    def answer(self, call: str, refuse: Callable[[Refusal], Answer], answer: Answer = NOTHING) -> Answer:
        """What is said in place of an answer, which is there if the call was carried out."""
        if self.kind == "cut":
            return NOTHING
        if self.kind == "cut-body":
            return replace(answer, cut=len(answer.body) // 2)
        refusal = self.refusal(call)
        return refuse(refusal) if refusal else answer

    def refusal(self, call: str) -> Refusal | None:
        """The refusal in AWS's words, for the kinds that are one."""
        match self.kind:
            case "throttling":
                return Refusal("Throttling", self.text or "Rate exceeded")
            case "500":
                return Refusal("InternalFailure", self.text or "An internal error occurred", 500)
            case "503":
                return Refusal("ServiceUnavailable", self.text or "Service is unable to handle request.", 503)
            case "access-denied":
                return Refusal("AccessDenied", self.text or _denied(call), 403)
            case "expired-token":
                return Refusal(
                    "ExpiredToken", self.text or "The security token included in the request is expired", 403
                )
            case "unknown-operation":
                message = f"Could not find operation {call.partition(':')[2]} for version 2010-05-15"
                return Refusal("InvalidAction", self.text or message)
            case "validation":
                return Refusal("ValidationError", self.text or "1 validation error detected")
        return None


def _denied(call: str) -> str:
    return (
        f"User: arn:aws:iam::123456789012:user/tester is not authorized to perform: {call}"
        " because no identity-based policy allows the action"
    )


@dataclass
class Hook:
    """A function that is called when a call of an operation arrives, before it is served."""

    operation: str
    function: Callable[[], object]
    times: int
    after: int


Due: TypeAlias = Fault | Hook


class Script:
    """The faults and hooks that are yet to come."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.hooks: list[Hook] = []

    def fault(self, operation: str) -> Fault | None:
        """The first fault that is due for a call; it counts as used, and the later ones wait."""
        return next((fault for fault in self.faults if _due(fault, operation)), None)

    def functions(self, operation: str) -> list[Callable[[], object]]:
        """The functions that are due for a call, in the order in which they were given."""
        return [hook.function for hook in self.hooks if _due(hook, operation)]


def _due(scripted: Due, operation: str) -> bool:
    """Whether one is due now; it is counted down."""
    if scripted.operation not in {ANY, operation} or not scripted.times:
        return False
    if scripted.after:
        scripted.after -= 1
        return False
    scripted.times -= 1
    return True
