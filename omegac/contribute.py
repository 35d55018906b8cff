"""The pass in which every construct says what it knows about each entry."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.construct import Contributed, Fact, Facts
from omegac.constructs import gathered
from omegac.diagnostics import Diagnostic, Rejected
from omegac.spec import Entry, Spec


def contribute(spec: Spec) -> Contributed:
    """The facts of all constructs, by entry. Raises `Rejected` with the faults of all of them."""
    faults: list[Diagnostic] = []
    facts = {entry.name: Facts(tuple(_about(entry, spec, faults))) for entry in spec.entries}
    if faults:
        raise Rejected(faults)
    return Contributed(spec, facts)


def _about(entry: Entry, spec: Spec, faults: list[Diagnostic]) -> Iterator[Fact]:
    return gathered(entry.kind, lambda construct: construct.contribute(entry, spec), faults)
