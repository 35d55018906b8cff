"""A rolling update that leaves no instance in service for a while."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.diagnostics import Diagnostic, fault
from omegac.template import Compilation


def check(compilation: Compilation) -> Iterator[Diagnostic]:
    """Servers with instances, none of which stays in service during an update."""
    for entry in compilation.spec.of("server"):
        size = entry.at("size")
        if isinstance(size.value, dict) and size.value["min"] == size.value["max"] == 1:
            message = f"an update of {entry.name} takes its one instance away before the new one is up"
            yield fault("OM5003", message, size, hint="write `size: 1`, which leaves room for the new one")
