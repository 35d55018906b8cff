"""An instance type is one that EC2 offers, as far as omegac knows."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.offerings import instance_types
from omegac.diagnostics import Diagnostic, fault
from omegac.spelling import nearest
from omegac.template import Compilation


def check(compilation: Compilation) -> Iterator[Diagnostic]:
    """Servers with an instance type, where it is known when building, that no region had when omegac was released."""
    for entry in compilation.spec.of("server"):
        given = entry.at("instance_type")
        if given.origin.via == "default" or not isinstance(given.value, str) or given.value in instance_types():
            continue
        near = nearest(given.value, instance_types())
        hint = f'did you mean "{near}"?' if near else "if it is a new one, name this code under `lint`, with the reason"
        yield fault("OM1111", f'omegac knows no instance type "{given.value}"', given, hint=hint)
