"""A server whose script says nothing to CloudFormation: a broken instance then counts as a success."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.diagnostics import Diagnostic, fault
from omegac.template import Compilation


def check(compilation: Compilation) -> Iterator[Diagnostic]:
    """Servers that were to wait for signals if their script sends any, and it does not."""
    for entry in compilation.spec.of("server"):
        policy = ("UpdatePolicy", "AutoScalingRollingUpdate", "WaitOnResourceSignals")
        waits = compilation.root.find("Resources", f"{entry.stem}Group", *policy)
        if entry.at("signal").value == "auto" and not (waits and waits.value):
            message = f"the script of {entry.name} never signals, so CloudFormation will not wait for its instances"
            hint = 'let it extend "omegac/server.sh", call aws cloudformation signal-resource, or write signal: "off"'
            yield fault("OM2106", message, entry.get("userdata") or entry.body, hint=hint)
