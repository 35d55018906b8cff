"""The size of userdata: refused where it cannot fit, warned of where it may not."""

from __future__ import annotations

from collections.abc import Iterator

from omegac.cloudformation.bounds import USERDATA_LIMIT, bounds
from omegac.diagnostics import Diagnostic, fault
from omegac.template import Compilation


def check(compilation: Compilation) -> Iterator[Diagnostic]:
    """Launch templates whose userdata is, or may turn out, larger than EC2 takes."""
    template = compilation.root.value
    resources = compilation.root.get("Resources")
    for name, body in resources.items() if resources else ():
        script = body.find("Properties", "LaunchTemplateData", "UserData", "Fn::Base64")
        if script is None or body.value.get("Type") != "AWS::EC2::LaunchTemplate":
            continue
        size = bounds(script.value, template)
        hint = "keep the script short: put what is long into the artifact, which the script fetches anyway"
        if size.low > USERDATA_LIMIT:
            message = f"the userdata of {name} has at least {size.low:,} bytes: EC2 takes {USERDATA_LIMIT:,}"
            yield fault("OM3001", message, script, hint=hint)
        elif size.high > USERDATA_LIMIT:
            message = f"the userdata of {name} may have up to {size.high:,} bytes: EC2 takes {USERDATA_LIMIT:,}"
            bound = "give the parameters in it a max_length or allowed_values, or " + hint
            yield fault("OM3002", message, script, hint=bound)
