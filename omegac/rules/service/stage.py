"""What a stage is deployed with: every value is for a parameter that the template has."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.diagnostics import Diagnostic, fault, suggestion
from omegac.template import Compilation


def check(compilation: Compilation) -> Iterator[Diagnostic]:
    """Values of the stage for parameters that there are not."""
    deployment = compilation.spec.deployment
    values = deployment.get("parameters") if deployment else None
    known = compilation.root.value.get("Parameters", {})
    for name, value in values.items() if values else ():
        if name not in known:
            hint = suggestion(name, known) or f"parameters of this template: {', '.join(known)}"
            yield fault("OM1205", f'there is no parameter "{name}" to deploy with', value, hint=hint, at_key=True)
