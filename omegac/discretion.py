"""Keeps what a spec has for its secret parameters out of what is said about the spec."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from omegac.diagnostics import Diagnostic, Rejected


def discreet(diagnostics: Iterable[Diagnostic], specs: Iterable[Path]) -> tuple[Diagnostic, ...]:
    """The diagnostics as they may be shown: what stands in the specs for a parameter with `no_echo` is hidden.

    Of a spec that cannot be read as a whole, no line is quoted in which such a value may stand.
    """
    found: Sequence[Diagnostic] = tuple(diagnostics)
    if not found:
        return ()
    from omegac.console.secrets import Secrets
    from omegac.deployment.disclosure import withheld

    secrets = Secrets()
    for spec in specs:
        found, texts = withheld(spec, found)
        for text in texts:
            secrets.add(text)
    return tuple(secrets.hidden(each) for each in found)


@contextmanager
def discretion(spec: Path) -> Iterator[None]:
    """Has what is refused within be told so."""
    try:
        yield
    except Rejected as rejected:
        raise Rejected(discreet(rejected.diagnostics, [spec])) from None
