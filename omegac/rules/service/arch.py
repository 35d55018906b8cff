"""An instance type has one architecture, and so has an image."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omegac.diagnostics import Diagnostic, fault
from omegac.template import Compilation

# A g behind the generation stands for Graviton (Amazon EC2, instance type naming conventions); A1 came before the rule.
_GRAVITON = r"(a1|[a-z]+[0-9]+g[a-z]*)\."


def check(compilation: Compilation) -> Iterator[Diagnostic]:
    """Servers whose instance type, where it is known, cannot boot their image."""
    for entry in compilation.spec.of("server"):
        instance_type, arch = entry.at("instance_type"), entry.at("arch")
        if isinstance(instance_type.value, str):
            real = "arm64" if re.match(_GRAVITON, instance_type.value) else "x86_64"
            if real != arch.value:
                message = f"{instance_type.value} is {real}, and the image of {entry.name} is {arch.value}"
                yield fault("OM1110", message, instance_type, hint=f"write `arch: {real}`, or another instance type")
