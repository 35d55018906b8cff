"""What is wrong, where, and the way out: finding a problem is apart from printing it (`report`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from omegac.codes import CODES, Severity
from omegac.source import Origin, Span, Traced


class Related(NamedTuple):
    """Another place that has to do with a diagnostic, and what it is."""

    span: Span
    text: str


class Foreign(NamedTuple):
    """What another program says of its own rule, whose code is not in `codes`."""

    severity: Severity
    meaning: str
    url: str


class Fix(NamedTuple):
    """A change of a source that mends a fault without any doubt about what is meant."""

    span: Span
    text: str
    """What stands there instead."""


class Diagnostic(NamedTuple):
    """One finding. Its severity and meaning are those of its code in `codes`, if that is not another program's."""

    code: str
    message: str
    origin: Origin | None = None
    hint: str | None = None
    """The way out."""
    related: tuple[Related, ...] = ()
    at_key: bool = False
    """The fault lies in the key, not in the value."""
    foreign: Foreign | None = None
    fix: Fix | None = None

    @property
    def severity(self) -> Severity:
        return (self.foreign or CODES[self.code]).severity

    @property
    def meaning(self) -> str:
        """What the code stands for, in one line."""
        return (self.foreign or CODES[self.code]).meaning

    @property
    def span(self) -> Span | None:
        """The place to show: of the value or its key, or else of the nearest thing it was made from."""
        for origin in self.origin.chain() if self.origin else ():
            span = (self.at_key and origin.key) or origin.span
            if span:
                return span
        return None


class Rejected(Exception):  # noqa: N818 (the field says that a template is rejected; it is no error of the program)
    """Input that a pass refuses, with all the diagnostics it found."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(f"{d.code}: {d.message}" for d in self.diagnostics))


def fault(
    code: str,
    message: str,
    at: Traced | Origin | Span | None = None,
    *,
    hint: str | None = None,
    related: Iterable[Related] = (),
    at_key: bool = False,
) -> Diagnostic:
    """A diagnostic at a value, an origin or a bare span."""
    if isinstance(at, Traced):
        at = at.origin
    elif isinstance(at, Span):
        at = Origin(at)
    return Diagnostic(code, message, at, hint, tuple(related), at_key)


def suggestion(name: str, known: Iterable[str]) -> str | None:
    """A hint with the nearest known name, or None if none is near."""
    from omegac.spelling import nearest

    near = nearest(name, known)
    return f'did you mean "{near}"?' if near else None
